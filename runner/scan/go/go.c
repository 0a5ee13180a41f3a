#include "scan/go/go.h"

#include "base/text.h"
#include "scan/grammars/grammars.h"
#include "scan/sorted.h"

#include <ctype.h>
#include <string.h>

go_grammar GO;

static void prepare(void)
{
    const TSLanguage *grammar = tree_sitter_go();
#define GO_FIND(name) GO.name = tree_symbol_named(grammar, #name);
    GO_SYMBOLS(GO_FIND)
#undef GO_FIND
#define GO_FIND(name) GO.in.name = tree_field_named(grammar, #name);
    GO_FIELDS(GO_FIND)
#undef GO_FIND
}

static const TSLanguage *grammar_of(const char *path)
{
    (void)path;
    return tree_sitter_go();
}

/* What `go test` reads: not below vendor, testdata, and folders that begin with "_" or ".". */
static bool knows(const char *path, const scan_settings *settings)
{
    (void)settings;
    static const char *const OTHERS[] = {"testdata", "vendor", NULL};
    for (const char *part = path, *slash; (slash = strchr(part, '/')); part = slash + 1)
        if (*part == '_' || (*part == '.' && slash - part > 2))
            return false;
    return utr_text_ends(path, "_test.go") && !scan_lies_below(path, OTHERS);
}

tree_text go_called_name(const tree *t, tree_node call)
{
    tree_node function = tree_child(t, call, GO.in.function);
    tree_node field = function && tree_symbol(t, function) == GO.selector_expression
                          ? tree_child(t, function, GO.in.field)
                          : 0;
    return field ? tree_text_of(t, field) : (tree_text){"", 0};
}

tree_node go_called_on(const tree *t, tree_node call)
{
    tree_node function = tree_child(t, call, GO.in.function);
    return function && tree_symbol(t, function) == GO.selector_expression
               ? tree_child(t, function, GO.in.operand)
               : 0;
}

bool go_is_testing(const tree *t, tree_node n)
{
    if (n && tree_symbol(t, n) == GO.call_expression)
        return tree_text_is(go_called_name(t, n), "T");
    return n && (tree_is(t, n, "t") || tree_is(t, n, "b") || tree_is(t, n, "f") || tree_is(t, n, "tb"));
}

go_function *go_function_at(go_file *file, tree_node n)
{
    size_t count =
        sorted_up_to(file->functions.items, file->functions.count, sizeof *file->functions.items, n);
    go_function *found = count ? &file->functions.items[count - 1] : NULL;
    return found && tree_holds(file->tree, found->node, n) ? found : NULL;
}

/* --- which are tests --- */

/* "Test", "TestX", "Test_x", but not "Testimony": as `go test` has it. */
static bool is_test_name(const char *name, const char *prefix)
{
    return utr_text_starts(name, prefix) && !islower((unsigned char)name[strlen(prefix)]);
}

static size_t parameter_count(const tree *t, tree_node parameters)
{
    size_t count = 0;
    for (tree_node i = tree_first(t, parameters); i; i = tree_next(t, i))
        count += tree_symbol(t, i) == GO.parameter_declaration;
    return count;
}

/* Whether the only parameter is of this type. */
static bool takes_only(const tree *t, tree_node function, const char *type)
{
    tree_node parameters = tree_child(t, function, GO.in.parameters);
    tree_node first = parameters ? tree_first_named(t, parameters) : 0;
    tree_node its = first ? tree_child(t, first, GO.in.type) : 0;
    return its && parameter_count(t, parameters) == 1 && tree_is(t, its, type);
}

static bool is_test(const go_file *file, const go_function *function)
{
    const tree *t = file->tree;
    if (tree_symbol(t, function->node) == GO.function_declaration)
        return (is_test_name(function->name, "Test") && takes_only(t, function->node, "*testing.T")) ||
               (is_test_name(function->name, "Fuzz") && takes_only(t, function->node, "*testing.F"));
    tree_node parameters = tree_child(t, function->node, GO.in.parameters);
    return function->receiver && is_test_name(function->name, "Test") && parameters &&
           !parameter_count(t, parameters);
}

static char *receiver_name(const tree *t, tree_node method)
{
    tree_node list = tree_child(t, method, GO.in.receiver);
    tree_node first = list ? tree_first_named(t, list) : 0;
    tree_node name = first ? tree_child(t, first, GO.in.name) : 0;
    tree_text text = name ? tree_text_of(t, name) : (tree_text){"", 0};
    return utr_strndup(text.data, text.len);
}

static void add_function(go_file *file, tree_node node)
{
    const tree *t = file->tree;
    tree_node name = tree_child(t, node, GO.in.name);
    if (!name)
        return;
    tree_text text = tree_text_of(t, name);
    go_function *function = utr_vec_push(&file->functions);
    *function = (go_function){
        .node = node, .body = tree_child(t, node, GO.in.body), .name = utr_strndup(text.data, text.len)};
    if (file->has_suites && tree_symbol(t, node) == GO.method_declaration)
        function->receiver = receiver_name(t, node);
    function->is_test = is_test(file, function);
    if (utr_text_starts(function->name, "Test") && islower((unsigned char)function->name[4]) &&
        takes_only(t, node, "*testing.T"))
        scan_add(file->out, SCAN_UNCOLLECTED_TEST, scan_spot_of(t, name), function->name, "name");
}

static void read_functions(go_file *file)
{
    const tree *t = file->tree;
    for (tree_node i = tree_first(t, 0); i; i = tree_next(t, i))
        if (tree_symbol(t, i) == GO.function_declaration || tree_symbol(t, i) == GO.method_declaration)
            add_function(file, i);
}

static void dispose(go_file *file)
{
    for (size_t i = 0; i < file->functions.count; i++) {
        free(file->functions.items[i].name);
        free(file->functions.items[i].receiver);
    }
    utr_vec_dispose(&file->functions);
    utr_strs_dispose(&file->mocks);
}

static void read_source(const scan_source *source, scan_file *out)
{
    if (!scan_parse(source, tree_sitter_go(), NULL, out))
        return;
    go_file file = {.source = source, .out = out, .tree = source->tree};
    file.has_suites = memmem(source->text.data, source->text.len, "testify/suite\"", 14) != NULL;
    read_functions(&file);
    go_comments(&file);
    go_skips(&file);
    go_mocks(&file);
    go_bodies(&file);
    dispose(&file);
}

const scan_language SCAN_GO = {
    .name = "Go",
    .extensions = (const char *const[]){"go", NULL},
    .prepare = prepare,
    .grammar = grammar_of,
    .knows = knows,
    .read = read_source,
};
