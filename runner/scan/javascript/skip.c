/* Tests that node:test, mocha, jest and vitest skip, or expect to fail. */
#include "scan/javascript/js.h"

#include <string.h>

typedef struct {
    const char *word;
    scan_kind kind;
    const char *if_always, *if_never; /* the conditions that leave no choice; NULL: it takes none */
} skip_word;

/* What follows `it.` and its like. */
static const skip_word MEMBERS[] = {
    {"failing", SCAN_XFAIL, NULL, NULL}, {"fails", SCAN_XFAIL, NULL, NULL},
    {"only", SCAN_SKIP, NULL, NULL},     {"runIf", SCAN_SKIP, "false", "true"},
    {"skip", SCAN_SKIP, NULL, NULL},     {"skipIf", SCAN_SKIP, "true", "false"},
    {"todo", SCAN_SKIP, NULL, NULL},
};

/* Words that say it themselves. */
static const char *const WORDS[] = {"fdescribe", "fit",      "xcontext", "xdescribe",
                                    "xit",       "xspecify", "xtest",    NULL};

/* Options of node:test and vitest. */
static const skip_word OPTIONS[] = {
    {"expectFailure", SCAN_XFAIL, NULL, NULL}, {"fails", SCAN_XFAIL, NULL, NULL},
    {"only", SCAN_SKIP, NULL, NULL},           {"skip", SCAN_SKIP, NULL, NULL},
    {"todo", SCAN_SKIP, NULL, NULL},
};

static const skip_word *word_of(const skip_word *words, size_t count, tree_text text)
{
    for (size_t i = 0; i < count; i++)
        if (tree_text_is(text, words[i].word))
            return &words[i];
    return NULL;
}

/* What is told of one: subkind "call/it.skip/uncond". */
typedef struct {
    scan_kind kind;
    tree_node at;
    const char *symbol;
    const char *form;
    tree_text name;
    bool conditional;
} skip;

static void add(js_file *file, skip one)
{
    scan_add(file->out, one.kind, scan_spot_of(file->tree, one.at), one.symbol, "%s/%.*s/%s", one.form,
             (int)one.name.len, one.name.data, one.conditional ? "cond" : "uncond")
        ->conditional = one.conditional;
}

/* --- it.skip, describe.only, test.todo --- */

/* What `it.skipIf(x)` asks for; empty: `it.skip`, which asks for nothing. */
static tree_text condition_of(const js_file *file, tree_node member)
{
    tree_node call = file->tree->nodes[member].parent;
    bool is_called = tree_symbol(file->tree, call) == file->g->call_expression &&
                     file->tree->nodes[member].field == file->g->in.function;
    tree_node condition = is_called ? js_argument(file, call, 0) : 0;
    return condition ? tree_text_of(file->tree, condition) : (tree_text){"", 0};
}

/* A member of a chain that begins with one of them: `it.concurrent.skip`. */
static void check_member(js_file *file, tree_node member)
{
    tree_node property = tree_child(file->tree, member, file->g->in.property);
    const skip_word *word =
        property ? word_of(MEMBERS, sizeof MEMBERS / sizeof *MEMBERS, tree_text_of(file->tree, property))
                 : NULL;
    tree_node base = word ? js_base_of(file, member) : 0;
    if (!base || !tree_text_is_one_of(tree_text_of(file->tree, base), JS_OPENERS))
        return;
    tree_text condition = condition_of(file, member);
    if (word->if_never && tree_text_is(condition, word->if_never))
        return;
    tree_text base_text = tree_text_of(file->tree, base);
    auto_free char *name = utr_format("%.*s.%s", (int)base_text.len, base_text.data, word->word);
    bool has_choice = word->if_always && !tree_text_is(condition, word->if_always);
    bool conditional = has_choice || js_is_conditional(file, member);
    add(file,
        (skip){word->kind, member, js_symbol_at(file, base), "call", {name, strlen(name)}, conditional});
}

static void check_block(js_file *file, const js_block *block)
{
    tree_text base = tree_text_of(file->tree, block->base);
    if (tree_text_is_one_of(base, WORDS))
        add(file, (skip){SCAN_SKIP, block->base, block->symbol, "call", base,
                         js_is_conditional(file, block->call)});
}

/* --- { skip: true } --- */

static bool is_switched_off(tree_text value)
{
    static const char *const VALUES[] = {"false", "undefined", "null", "\"\"", "''", NULL};
    return tree_text_is_one_of(value, VALUES);
}

static void check_option(js_file *file, const js_block *block, tree_node pair)
{
    const js_grammar *g = file->g;
    tree_node key = tree_child(file->tree, pair, g->in.key);
    tree_node value = tree_child(file->tree, pair, g->in.value);
    const skip_word *word =
        key ? word_of(OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, tree_text_of(file->tree, key)) : NULL;
    if (!word || !value || is_switched_off(tree_text_of(file->tree, value)))
        return;
    bool constant = tree_is(file->tree, value, "true") || js_string(file, value).len;
    add(file, (skip){word->kind, pair, block->symbol, "option", tree_text_of(file->tree, key),
                     !constant || js_is_conditional(file, block->call)});
}

static void check_options(js_file *file, const js_block *block)
{
    for (tree_node i = block->options ? tree_first(file->tree, block->options) : 0; i;
         i = tree_next(file->tree, i))
        if (tree_symbol(file->tree, i) == file->g->pair)
            check_option(file, block, i);
}

/* --- this.skip(), t.todo(), ({skip}) => skip() --- */

/* Whether the block's function takes it out of its context: `({task, skip}) => {}`. */
static bool takes_skip(const js_file *file, const js_block *block)
{
    const tree *t = file->tree;
    tree_node function = block->body ? t->nodes[block->body].parent : 0;
    for (tree_node i = function; i < block->body && i - function < SCAN_MOST_AROUND; i++)
        if (tree_symbol(t, i) == file->g->shorthand_property_identifier_pattern && tree_is(t, i, "skip"))
            return true;
    return false;
}

static void check_call(js_file *file, tree_node call)
{
    static const char *const SKIPS[] = {"skip", "todo", NULL};
    static const char *const CONTEXTS[] = {"context", "ctx", "t", "this", NULL};
    const tree *t = file->tree;
    tree_text name = js_called(file, call);
    const js_block *block = tree_text_is_one_of(name, SKIPS) ? js_any_block_at(file, call) : NULL;
    if (!block)
        return;
    tree_node on = js_called_on(file, call);
    bool is_taken = !on && tree_text_is(name, "skip") && takes_skip(file, block);
    if (!is_taken && (!on || !tree_text_is_one_of(tree_text_of(t, on), CONTEXTS)))
        return;
    tree_node function = tree_child(t, call, file->g->in.function);
    add(file, (skip){SCAN_SKIP, call, js_symbol_at(file, call), "call", tree_text_of(t, function),
                     js_is_conditional(file, call)});
}

void js_skips(js_file *file)
{
    for (size_t i = 0; i < file->blocks.count; i++) {
        check_block(file, &file->blocks.items[i]);
        if (file->blocks.items[i].sort != JS_HOOK)
            check_options(file, &file->blocks.items[i]);
    }
    for (tree_node i = 1; i < file->tree->count; i++) {
        TSSymbol symbol = tree_symbol(file->tree, i);
        if (symbol == file->g->member_expression)
            check_member(file, i);
        else if (symbol == file->g->call_expression && file->tree->nodes[i].named)
            check_call(file, i);
    }
}
