/* The blocks of a file: calls that open tests, groups and hooks. */
#include "scan/javascript/js.h"

#include "scan/sorted.h"

#include <string.h>

const char *const JS_OPENERS[] = {"context", "describe", "it", "specify", "suite", "test", NULL};

static const struct {
    const char *word;
    js_sort sort;
} WORDS[] = {
    {"after", JS_HOOK},      {"afterAll", JS_HOOK},   {"afterEach", JS_HOOK}, {"before", JS_HOOK},
    {"beforeAll", JS_HOOK},  {"beforeEach", JS_HOOK}, {"context", JS_GROUP},  {"describe", JS_GROUP},
    {"fdescribe", JS_GROUP}, {"fit", JS_TEST},        {"it", JS_TEST},        {"specify", JS_TEST},
    {"suite", JS_GROUP},     {"test", JS_TEST},       {"xcontext", JS_GROUP}, {"xdescribe", JS_GROUP},
    {"xit", JS_TEST},        {"xspecify", JS_TEST},   {"xtest", JS_TEST},
};

/* The sort of a word, or -1. */
static int sort_of(const tree *t, tree_node word)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (tree_is(t, word, WORDS[i].word))
            return (int)WORDS[i].sort;
    return -1;
}

/* `t.test("x", ...)` within a test: a subtest of node:test. */
static bool is_subtest(const js_file *file, tree_node call)
{
    tree_node on = js_called_on(file, call);
    return on && tree_is(file->tree, on, "t") && tree_text_is(js_called(file, call), "test");
}

static tree_node body_of(const js_file *file, tree_node function)
{
    return js_is_function(file, function) ? tree_child(file->tree, function, file->g->in.body) : 0;
}

static void read_arguments(const js_file *file, js_block *block)
{
    tree_node first = js_argument(file, block->call, 0);
    for (tree_node i = first; i; i = tree_next_named(file->tree, i)) {
        TSSymbol symbol = tree_symbol(file->tree, i);
        bool by_name = i != first && (symbol == file->g->identifier || symbol == file->g->member_expression ||
                                      symbol == file->g->call_expression);
        if (symbol == file->g->object)
            block->options = i;
        block->has_function = block->has_function || by_name || js_is_function(file, i);
        if (js_is_function(file, i))
            block->body = body_of(file, i);
    }
}

/* A call that opens something: the outermost of `it.skip.each(table)("title", fn)`, told by its title or its
 * function. */
static bool opens(const js_file *file, tree_node call, js_sort sort)
{
    tree_node first = js_argument(file, call, 0);
    tree_node parent = file->tree->nodes[call].parent;
    TSSymbol around = tree_symbol(file->tree, parent);
    bool is_called =
        around == file->g->call_expression && file->tree->nodes[call].field == file->g->in.function;
    if (is_called || around == file->g->member_expression)
        return false;
    if (sort == JS_HOOK || js_is_function(file, first))
        return first != 0;
    TSSymbol title = first ? tree_symbol(file->tree, first) : 0;
    return first && (title == file->g->string || title == file->g->template_string ||
                     js_is_function(file, js_argument(file, call, 1)));
}

static char *symbol_of(const js_file *file, const js_block *block)
{
    tree_node first = js_argument(file, block->call, 0);
    tree_text title = js_string(file, first);
    if (!title.len && first && !js_is_function(file, first))
        title = tree_text_of(file->tree, first);
    const char *around = block->parent ? file->blocks.items[block->parent - 1].symbol : NULL;
    enum { MOST = 500 };
    int len = (int)(title.len < MOST ? title.len : MOST);
    /* A title for each depth, so that groups nested without end stay linear. */
    if (!around || strlen(around) > MOST)
        return utr_format("%.*s", len, title.data);
    return utr_format("%s > %.*s", around, len, title.data);
}

/* The innermost block before the call that holds it. */
static size_t parent_of(const js_file *file, tree_node call, size_t candidate)
{
    while (candidate && !tree_holds(file->tree, file->blocks.items[candidate - 1].call, call))
        candidate = file->blocks.items[candidate - 1].parent;
    return candidate;
}

static void add_block(js_file *file, tree_node call, tree_node base, js_sort sort)
{
    js_block block = {.sort = sort, .call = call, .base = base};
    block.parent = parent_of(file, call, file->blocks.count);
    block.depth = block.parent ? file->blocks.items[block.parent - 1].depth + 1 : 0;
    read_arguments(file, &block);
    block.symbol = sort == JS_HOOK ? NULL : symbol_of(file, &block);
    *utr_vec_push(&file->blocks) = block;
}

static void check_call(js_file *file, tree_node call)
{
    tree_node base = js_base_of(file, call);
    int sort = base ? sort_of(file->tree, base) : -1;
    if (sort < 0 && base && is_subtest(file, call))
        sort = JS_TEST;
    if (sort >= 0 && opens(file, call, (js_sort)sort))
        add_block(file, call, base, (js_sort)sort);
}

static void check_function(js_file *file, tree_node n)
{
    tree_node name = tree_child(file->tree, n, file->g->in.name);
    tree_node function = n;
    if (tree_symbol(file->tree, n) == file->g->variable_declarator)
        function = tree_child(file->tree, n, file->g->in.value);
    if (name && js_is_function(file, function))
        *utr_vec_push(&file->functions) =
            (js_function){.node = n, .name = name, .body = body_of(file, function)};
}

void js_blocks_read(js_file *file)
{
    const js_grammar *g = file->g;
    for (tree_node i = 1; i < file->tree->count; i++) {
        TSSymbol symbol = tree_symbol(file->tree, i);
        if (symbol == g->call_expression && file->tree->nodes[i].named)
            check_call(file, i);
        else if (symbol == g->function_declaration || symbol == g->method_definition ||
                 symbol == g->variable_declarator)
            check_function(file, i);
    }
}

js_block *js_any_block_at(js_file *file, tree_node n)
{
    size_t before = sorted_up_to(file->blocks.items, file->blocks.count, sizeof *file->blocks.items, n);
    size_t found = parent_of(file, n, before);
    return found ? &file->blocks.items[found - 1] : NULL;
}

js_block *js_block_at(js_file *file, tree_node n)
{
    js_block *block = js_any_block_at(file, n);
    while (block && block->sort == JS_HOOK)
        block = block->parent ? &file->blocks.items[block->parent - 1] : NULL;
    return block;
}

js_function *js_function_at(js_file *file, tree_node n)
{
    size_t before =
        sorted_up_to(file->functions.items, file->functions.count, sizeof *file->functions.items, n);
    /* Functions lie within functions, but seldom deep. */
    for (size_t i = before; i && before - i < 64; i--)
        if (tree_holds(file->tree, file->functions.items[i - 1].node, n))
            return &file->functions.items[i - 1];
    return NULL;
}
