/* What JavaScript's tests check: tests that do nothing, that can never fail, or that nobody runs; and imports
 * at the wrong moment. */
#include "scan/javascript/js.h"

#include "scan/sorted.h"

#include <string.h>

/* Blocks that lie within more others than this are looked at with those around them alone, so that blocks
 * nested without end stay linear. */
enum { MOST_WITHIN = 16 };

static const char *const CHECKS[] = {"assert", "check", "expect", "fail", "should", "throws", "verify"};

static bool names_check(tree_text name)
{
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++)
        if (tree_text_mentions(name, CHECKS[i]))
            return true;
    return false;
}

/* What tap and ava call on `t`. */
static const char *const TAP[] = {"deepEqual", "equal",       "false", "falsy",  "is",   "like",
                                  "match",     "not",         "notOk", "ok",     "pass", "regex",
                                  "same",      "strictEqual", "true",  "truthy", NULL};

/* The last name of what something is called on: `assert` of `t.assert.ok()`. A call has none, so that
 * `expect(x).toBe(y)` counts once, by its `expect`. */
static tree_text last_name(const js_file *file, tree_node on)
{
    TSSymbol symbol = tree_symbol(file->tree, on);
    if (symbol == file->g->identifier)
        return tree_text_of(file->tree, on);
    tree_node property =
        symbol == file->g->member_expression ? tree_child(file->tree, on, file->g->in.property) : 0;
    return property ? tree_text_of(file->tree, property) : (tree_text){"", 0};
}

bool js_can_fail(const js_file *file, tree_node call)
{
    tree_node on = js_called_on(file, call);
    tree_text name = js_called(file, call);
    return names_check(name) || (on && names_check(last_name(file, on))) ||
           (on && tree_is(file->tree, on, "t") && tree_text_is_one_of(name, TAP));
}

/* `expect(true).toBe(true)`, `assert(true)`: of a literal alone. */
static bool is_vain(const js_file *file, tree_node call)
{
    tree_node first = js_argument(file, call, 0);
    return first && tree_is(file->tree, first, "true") && !js_argument(file, call, 1);
}

static int64_t count_assertions(const js_file *file, tree_node body)
{
    const tree *t = file->tree;
    int64_t count = 0;
    for (tree_node i = body; i && i < t->nodes[body].after; i++) {
        TSSymbol symbol = tree_symbol(t, i);
        if (symbol == file->g->throw_statement)
            count++;
        else if (symbol == file->g->call_expression && t->nodes[i].named)
            count += js_can_fail(file, i) && !is_vain(file, i);
    }
    return count;
}

/* --- tests that do nothing --- */

/* The word for a statement that does nothing for the test; NULL: it does something. */
static const char *idle_word(const void *of, tree_node statement)
{
    const js_file *file = of;
    const tree *t = file->tree;
    TSSymbol symbol = tree_symbol(t, statement);
    if (symbol == file->g->return_statement && !tree_first_named(t, statement))
        return "return";
    tree_node call = symbol == file->g->expression_statement ? tree_first_named(t, statement) : 0;
    if (!call || tree_symbol(t, call) != file->g->call_expression)
        return NULL;
    tree_node on = js_called_on(file, call);
    if (on && tree_is(t, on, "console"))
        return "log";
    tree_node inner = on && tree_symbol(t, on) == file->g->call_expression ? on : call;
    return names_check(js_called(file, inner)) && is_vain(file, inner) ? "assert" : NULL;
}

/* What a body holds, where that is nothing; NULL: it does something. */
static char *idle_body(const js_file *file, tree_node body)
{
    return tree_symbol(file->tree, body) == file->g->statement_block
               ? scan_words_of(file->tree, body, idle_word, file)
               : NULL;
}

/* --- tests --- */

/* The names of functions that use a mock. */
static void read_mocking(const js_file *file, utr_strs *out)
{
    for (size_t i = 0; i < file->functions.count; i++)
        if (file->functions.items[i].mocks)
            sorted_names_add(out, tree_text_of(file->tree, file->functions.items[i].name));
    sorted_names_end(out);
}

static bool calls_one_of(const js_file *file, tree_node body, const utr_strs *names)
{
    for (tree_node i = body; i && names->count && i < file->tree->nodes[body].after; i++)
        if (tree_symbol(file->tree, i) == file->g->call_expression && file->tree->nodes[i].named &&
            sorted_names_have(names, js_called(file, i)))
            return true;
    return false;
}

/* Whether a hook of the file uses a mock: those of groups aside count for all, which is seldom wrong. */
static bool hooks_mock(const js_file *file, const utr_strs *mocking)
{
    for (size_t i = 0; i < file->blocks.count; i++) {
        const js_block *block = &file->blocks.items[i];
        if (block->sort == JS_HOOK && block->depth < MOST_WITHIN &&
            (block->mocks || calls_one_of(file, block->body, mocking)))
            return true;
    }
    return false;
}

static void tell_of_nested(js_file *file, const js_block *test)
{
    const js_block *around = test->parent ? &file->blocks.items[test->parent - 1] : NULL;
    if (around && around->sort == JS_TEST && !file->has_subtests && !js_called_on(file, test->call))
        scan_add(file->out, SCAN_UNCOLLECTED_TEST, scan_spot_of(file->tree, test->call), test->symbol,
                 "nested");
}

/* `it.todo("x")` has no function either, but says so. */
static bool lacks_function(const js_file *file, const js_block *test)
{
    return !test->has_function && !js_called_on(file, test->call);
}

static void tell_of_body(js_file *file, const js_block *test, int64_t assertions, const char *swallowed)
{
    scan_spot spot = scan_spot_of(file->tree, test->call);
    auto_free char *idle = test->body ? idle_body(file, test->body) : NULL;
    if (lacks_function(file, test))
        scan_add(file->out, SCAN_EMPTY_TEST, spot, test->symbol, "no-body");
    else if (idle)
        scan_add(file->out, SCAN_EMPTY_TEST, spot, test->symbol, "%s", idle);
    else if (test->body && !assertions)
        scan_add(file->out, SCAN_NO_ASSERT, spot, test->symbol, "%s", "-");
    if (swallowed)
        scan_add(file->out, SCAN_SWALLOWED, spot, test->symbol, "%s", swallowed);
}

static void check_test(js_file *file, const js_block *test, bool all_mock, const utr_strs *mocking)
{
    int64_t assertions = test->body ? count_assertions(file, test->body) : 0;
    auto_free char *swallowed = assertions ? js_swallowed(file, test) : NULL;
    tell_of_nested(file, test);
    tell_of_body(file, test, assertions, swallowed);
    *utr_vec_push(&file->out->tests) = (scan_test){
        .symbol = utr_strdup(test->symbol),
        .line = file->tree->nodes[test->call].line,
        .last = tree_last_line(file->tree, test->call),
        .assertions = assertions,
        .asserts = assertions > 0 || (test->has_function && !test->body),
        .mocks = all_mock || test->mocks || calls_one_of(file, test->body, mocking),
        .swallows = swallowed != NULL,
    };
}

void js_bodies(js_file *file)
{
    auto_strs utr_strs mocking = {0};
    read_mocking(file, &mocking);
    bool all_mock = file->mocks_all || hooks_mock(file, &mocking);
    for (size_t i = 0; i < file->blocks.count; i++)
        if (file->blocks.items[i].sort == JS_TEST && file->blocks.items[i].depth < MOST_WITHIN)
            check_test(file, &file->blocks.items[i], all_mock, &mocking);
}

/* --- imports at the wrong moment --- */

static bool is_clean_up(tree_text name)
{
    static const char *const WORDS[] = {"cleanup", "close", "error", "teardown"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (tree_text_mentions(name, WORDS[i]))
            return true;
    return false;
}

/* By node: whether a catch or a finally is around it, up to its function. From the outside in, so that it
 * takes no longer however deep the nesting. The caller frees it. */
static bool *find_handled(const js_file *file)
{
    const tree *t = file->tree;
    bool *handled = utr_calloc(t->count, sizeof *handled);
    for (tree_node i = 1; i < t->count; i++) {
        tree_node around = t->nodes[i].parent;
        TSSymbol symbol = tree_symbol(t, around);
        bool catches = symbol == file->g->catch_clause || symbol == file->g->finally_clause;
        handled[i] = around && (catches || (handled[around] && !js_is_function(file, around)));
    }
    return handled;
}

/* Whether n runs only when something went wrong, or at the end: told by what is around it. */
static bool is_late(js_file *file, const bool *handled, tree_node n)
{
    if (handled[n])
        return true;
    const js_function *function = js_function_at(file, n);
    return function && is_clean_up(tree_text_of(file->tree, function->name));
}

void js_imports(js_file *file)
{
    auto_free bool *handled = NULL;
    for (tree_node i = 1; i < file->tree->count; i++) {
        if (tree_symbol(file->tree, i) != file->g->call_expression || !file->tree->nodes[i].named)
            continue;
        tree_node function = tree_child(file->tree, i, file->g->in.function);
        bool loads =
            function && (tree_is(file->tree, function, "require") || tree_is(file->tree, function, "import"));
        if (loads && !handled)
            handled = find_handled(file);
        if (!loads || !is_late(file, handled, i))
            continue;
        tree_text form = tree_text_of(file->tree, function);
        scan_add(file->out, SCAN_DYNAMIC_IMPORT, scan_spot_of(file->tree, i), js_symbol_at(file, i), "%.*s",
                 (int)form.len, form.data);
    }
}
