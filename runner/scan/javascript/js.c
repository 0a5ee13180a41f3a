#include "scan/javascript/js.h"

#include "base/text.h"
#include "scan/grammars/grammars.h"

#include <string.h>

/* JavaScript is read by TSX's grammar, which is JavaScript and more. */
static js_grammar TSX, TYPESCRIPT;

static void fill_in(js_grammar *out, const TSLanguage *grammar)
{
#define JS_FIND(name) out->name = tree_symbol_named(grammar, #name);
    JS_SYMBOLS(JS_FIND)
#undef JS_FIND
#define JS_FIND(name) out->in.name = tree_field_named(grammar, #name);
    JS_FIELDS(JS_FIND)
#undef JS_FIND
}

static void prepare(void)
{
    fill_in(&TSX, tree_sitter_tsx());
    fill_in(&TYPESCRIPT, tree_sitter_typescript());
}

static bool is_typescript(const char *path)
{
    return utr_text_ends(path, "ts");
}

static const TSLanguage *grammar_of(const char *path)
{
    return is_typescript(path) ? tree_sitter_typescript() : tree_sitter_tsx();
}

/* --- which files --- */

/* As the runners have it: x.test.js, x.spec.ts, x_test.mjs, test-x.cjs; and what lies in folders of tests. */
static bool knows(const char *path, const scan_settings *settings)
{
    (void)settings;
    static const char *const OTHERS[] = {"node_modules", "bower_components", NULL};
    static const char *const TESTS[] = {"__tests__", "test", "tests", NULL};
    static const char *const ENDS[] = {".test", ".spec", "_test", "-test", "_spec", NULL};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (scan_lies_below(path, OTHERS) || utr_text_ends(name, ".d.ts"))
        return false;
    auto_free char *stem = utr_strndup(name, (size_t)(strrchr(name, '.') - name));
    for (size_t i = 0; ENDS[i]; i++)
        if (utr_text_ends(stem, ENDS[i]))
            return true;
    return utr_text_starts(stem, "test-") || strcmp(stem, "test") == 0 || scan_lies_below(path, TESTS);
}

/* --- what a call says --- */

tree_text js_called(const js_file *file, tree_node call)
{
    tree_node function = tree_child(file->tree, call, file->g->in.function);
    TSSymbol symbol = function ? tree_symbol(file->tree, function) : 0;
    if (symbol == file->g->identifier)
        return tree_text_of(file->tree, function);
    tree_node property =
        symbol == file->g->member_expression ? tree_child(file->tree, function, file->g->in.property) : 0;
    return property ? tree_text_of(file->tree, property) : (tree_text){"", 0};
}

tree_node js_called_on(const js_file *file, tree_node call)
{
    tree_node function = tree_child(file->tree, call, file->g->in.function);
    return function && tree_symbol(file->tree, function) == file->g->member_expression
               ? tree_child(file->tree, function, file->g->in.object)
               : 0;
}

tree_node js_base_of(const js_file *file, tree_node expression)
{
    tree_node n = expression;
    for (int i = 0; i < SCAN_MOST_AROUND && n; i++) {
        TSSymbol symbol = tree_symbol(file->tree, n);
        if (symbol == file->g->identifier)
            return n;
        if (symbol == file->g->member_expression)
            n = tree_child(file->tree, n, file->g->in.object);
        else if (symbol == file->g->call_expression)
            n = tree_child(file->tree, n, file->g->in.function);
        else
            n = 0;
    }
    return 0;
}

tree_node js_argument(const js_file *file, tree_node call, size_t n)
{
    tree_node arguments = tree_child(file->tree, call, file->g->in.arguments);
    tree_node i = arguments ? tree_first_named(file->tree, arguments) : 0;
    while (i && n--)
        i = tree_next_named(file->tree, i);
    return i;
}

bool js_is_function(const js_file *file, tree_node n)
{
    TSSymbol symbol = n ? tree_symbol(file->tree, n) : 0;
    const js_grammar *g = file->g;
    return n && (symbol == g->arrow_function || symbol == g->function_expression ||
                 symbol == g->generator_function || symbol == g->function_declaration ||
                 symbol == g->method_definition);
}

/* Whether what stands below n, on the way up from `from`, may not be reached. */
static bool is_condition(const js_file *file, tree_node n, tree_node from)
{
    TSSymbol symbol = tree_symbol(file->tree, n);
    const js_grammar *g = file->g;
    if (symbol == g->if_statement) {
        tree_node condition = tree_child(file->tree, n, g->in.condition);
        bool always = condition && tree_is(file->tree, condition, "(true)");
        return !always || file->tree->nodes[from].field != g->in.consequence;
    }
    return symbol == g->ternary_expression || symbol == g->for_statement || symbol == g->for_in_statement ||
           symbol == g->while_statement || symbol == g->do_statement || symbol == g->switch_case ||
           symbol == g->switch_default || symbol == g->catch_clause || symbol == g->binary_expression;
}

bool js_is_conditional(const js_file *file, tree_node n)
{
    tree_node from = n, around = file->tree->nodes[n].parent;
    for (int i = 0; i < SCAN_MOST_AROUND && around && !js_is_function(file, around); i++) {
        if (is_condition(file, around, from))
            return true;
        from = around;
        around = file->tree->nodes[around].parent;
    }
    return false;
}

tree_text js_string(const js_file *file, tree_node n)
{
    TSSymbol symbol = n ? tree_symbol(file->tree, n) : 0;
    tree_text text = n ? tree_text_of(file->tree, n) : (tree_text){"", 0};
    bool is_one = n && (symbol == file->g->string || symbol == file->g->template_string) && text.len >= 2;
    return is_one ? (tree_text){text.data + 1, text.len - 2} : (tree_text){"", 0};
}

const char *js_symbol_at(js_file *file, tree_node n)
{
    const js_block *block = js_block_at(file, n);
    return block ? block->symbol : NULL;
}

static void dispose(js_file *file)
{
    for (size_t i = 0; i < file->blocks.count; i++)
        free(file->blocks.items[i].symbol);
    utr_vec_dispose(&file->blocks);
    utr_vec_dispose(&file->functions);
    utr_strs_dispose(&file->mocks);
}

static void read_source(const scan_source *source, scan_file *out)
{
    if (!scan_parse(source, grammar_of(source->path), NULL, out))
        return;
    js_file file = {.source = source,
                    .out = out,
                    .tree = source->tree,
                    .g = is_typescript(source->path) ? &TYPESCRIPT : &TSX,
                    .has_subtests = memmem(source->text.data, source->text.len, "node:test", 9) != NULL};
    js_blocks_read(&file);
    js_comments(&file);
    js_skips(&file);
    js_mocks(&file);
    js_bodies(&file);
    js_imports(&file);
    dispose(&file);
}

const scan_language SCAN_JAVASCRIPT = {
    .name = "JavaScript",
    .extensions = (const char *const[]){"js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", NULL},
    .prepare = prepare,
    .grammar = grammar_of,
    .knows = knows,
    .read = read_source,
};
