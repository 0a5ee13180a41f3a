#include "scan/c/c.h"

#include "base/text.h"
#include "scan/grammars/grammars.h"
#include "scan/sorted.h"

#include <ctype.h>
#include <string.h>

c_grammar C;

static void prepare(void)
{
    const TSLanguage *grammar = tree_sitter_c();
#define C_FIND(name) C.name = tree_symbol_named(grammar, #name);
    C_SYMBOLS(C_FIND)
#undef C_FIND
#define C_FIND(name) C.in.name = tree_field_named(grammar, #name);
    C_FIELDS(C_FIND)
#undef C_FIND
}

static const TSLanguage *grammar_of(const char *path)
{
    (void)path;
    return tree_sitter_c();
}

static bool knows(const char *path, const scan_settings *settings)
{
    (void)settings;
    static const char *const OTHERS[] = {"node_modules", NULL};
    static const char *const TESTS[] = {"test", "tests", NULL};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (scan_lies_below(path, OTHERS))
        return false;
    return (utr_text_starts(name, "test_") && utr_text_ends(name, ".c")) || utr_text_ends(name, "_test.c") ||
           (utr_text_ends(name, ".c") && scan_lies_below(path, TESTS));
}

tree_text c_called(const tree *t, tree_node call)
{
    tree_node function = tree_child(t, call, C.in.function);
    return function && tree_symbol(t, function) == C.identifier ? tree_text_of(t, function)
                                                                : (tree_text){"", 0};
}

/* --- functions --- */

c_function *c_function_at(c_file *file, tree_node n)
{
    size_t count =
        sorted_up_to(file->functions.items, file->functions.count, sizeof *file->functions.items, n);
    c_function *found = count ? &file->functions.items[count - 1] : NULL;
    return found && tree_holds(file->tree, found->node, n) ? found : NULL;
}

static int compare(tree_text text, const char *name)
{
    int order = strncmp(text.data, name, text.len);
    return order ? order : -(name[text.len] != '\0');
}

c_function *c_function_named(c_file *file, tree_text name)
{
    size_t low = 0, high = file->by_name.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        c_function *function = &file->functions.items[file->by_name.items[middle]];
        int order = compare(name, function->name);
        if (order == 0)
            return function;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static int by_name(const void *a, const void *b, void *functions)
{
    const c_function *all = functions;
    return strcmp(all[*(const size_t *)a].name, all[*(const size_t *)b].name);
}

static void sort_by_name(c_file *file)
{
    for (size_t i = 0; i < file->functions.count; i++)
        *utr_vec_push(&file->by_name) = i;
    if (file->by_name.count)
        qsort_r(file->by_name.items, file->by_name.count, sizeof *file->by_name.items, by_name,
                file->functions.items);
}

/* --- which are tests --- */

/* The test is the first argument; of Check's, the second. */
static void add_registered(c_file *file, tree_node call)
{
    const tree *t = file->tree;
    tree_node arguments = tree_child(t, call, C.in.arguments);
    tree_node test = arguments ? tree_first_named(t, arguments) : 0;
    if (test && tree_text_starts(c_called(t, call), "tcase"))
        test = tree_next_named(t, test);
    if (test)
        sorted_names_add(&file->registered, tree_text_of(t, test));
}

/* A project's own macros register tests, too: what is named anywhere may be a test that runs. */
static void read_names(c_file *file)
{
    const tree *t = file->tree;
    for (tree_node i = 1; i < t->count; i++) {
        TSSymbol symbol = tree_symbol(t, i);
        if ((symbol != C.identifier && symbol != C.call_expression) || c_is_dead(file, t->nodes[i].start))
            continue;
        if (symbol == C.call_expression && c_is_registration(c_called(t, i)))
            add_registered(file, i);
        else if (symbol == C.identifier && tree_symbol(t, t->nodes[i].parent) != C.function_declarator)
            sorted_names_add(&file->mentioned, tree_text_of(t, i));
    }
    sorted_names_end(&file->registered);
    sorted_names_end(&file->mentioned);
}

/* `void **state`, as cmocka's tests take it. */
static bool takes_state(const tree *t, tree_node declarator)
{
    tree_node parameters = tree_child(t, declarator, C.in.parameters);
    tree_text text = parameters ? tree_text_of(t, parameters) : (tree_text){"", 0};
    return tree_text_starts(text, "(void **") && !memchr(text.data, ',', text.len);
}

/* The declarator of a function that lies below pointers and such. */
static tree_node function_declarator(const tree *t, tree_node definition)
{
    tree_node n = tree_child(t, definition, C.in.declarator);
    while (n && tree_symbol(t, n) != C.function_declarator)
        n = tree_child(t, n, C.in.declarator);
    return n;
}

static bool is_static(const tree *t, tree_node definition)
{
    for (tree_node i = tree_first(t, definition); i; i = tree_next(t, i))
        if (tree_symbol(t, i) == C.storage_class_specifier && tree_is(t, i, "static"))
            return true;
    return false;
}

static void add_function(c_file *file, tree_node definition)
{
    const tree *t = file->tree;
    tree_node declarator = function_declarator(t, definition);
    tree_node name = declarator ? tree_child(t, declarator, C.in.declarator) : 0;
    if (!name || tree_symbol(t, name) != C.identifier || c_is_dead(file, t->nodes[definition].start))
        return;
    tree_text text = tree_text_of(t, name);
    c_function *function = utr_vec_push(&file->functions);
    *function = (c_function){
        .node = definition,
        .name_node = name,
        .body = tree_child(t, definition, C.in.body),
        .name = utr_strndup(text.data, text.len),
        .is_static = is_static(t, definition),
    };
    bool looks_so = utr_text_starts(function->name, "test_") && takes_state(t, declarator);
    bool registered = sorted_names_have(&file->registered, text);
    function->is_test = registered || looks_so;
    if (looks_so && function->is_static && !sorted_names_have(&file->mentioned, text))
        scan_add(file->out, SCAN_UNCOLLECTED_TEST, scan_spot_of(t, name), function->name, "unregistered");
}

static void read_functions(c_file *file)
{
    const tree *t = file->tree;
    for (tree_node i = 1; i < t->count;) {
        bool found = tree_symbol(t, i) == C.function_definition;
        if (found)
            add_function(file, i);
        i = found ? t->nodes[i].after : i + 1;
    }
    sort_by_name(file);
}

static void dispose(c_file *file)
{
    for (size_t i = 0; i < file->functions.count; i++)
        free(file->functions.items[i].name);
    utr_vec_dispose(&file->functions);
    utr_vec_dispose(&file->by_name);
    utr_vec_dispose(&file->dead);
    utr_strs_dispose(&file->registered);
    utr_strs_dispose(&file->mentioned);
}

/* What macros stand for is not known without their headers, so that few files parse wholly. As long as they
 * were understood but for some words, they were read. */
static void forgive_macros(const scan_source *source, scan_file *out)
{
    enum { PART = 10 };
    const tree *t = source->tree;
    size_t wrong = 0;
    for (tree_node i = 1; i < t->count;) {
        if (t->nodes[i].wrong)
            wrong += t->nodes[i].end - t->nodes[i].start;
        i = t->nodes[i].wrong ? t->nodes[i].after : i + 1;
    }
    if (out->state != SCAN_BROKEN || wrong > t->len / PART)
        return;
    out->state = SCAN_READ;
    free(out->why);
    out->why = NULL;
}

static void read_source(const scan_source *source, scan_file *out)
{
    if (!scan_parse(source, tree_sitter_c(), NULL, out))
        return;
    forgive_macros(source, out);
    c_file file = {.source = source, .out = out, .tree = source->tree};
    c_dead_read(&file);
    read_names(&file);
    read_functions(&file);
    c_comments(&file);
    c_skips(&file);
    c_mocks(&file);
    c_bodies(&file);
    dispose(&file);
}

const scan_language SCAN_C = {
    .name = "C",
    .extensions = (const char *const[]){"c", NULL},
    .prepare = prepare,
    .grammar = grammar_of,
    .knows = knows,
    .read = read_source,
};
