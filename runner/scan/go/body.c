/* What Go's tests check: tests that do nothing, and tests that can never fail. */
#include "scan/go/go.h"

#include "scan/sorted.h"

#include <string.h>

static const char *const FAILS[] = {"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow", NULL};
static const char *const CHECKS[] = {"assert", "check", "consistently", "equal",  "eventually", "expect",
                                     "must",   "panic", "require",      "verify", NULL};
/* What is worth nothing as a test, and its word in the subkind. */
static const struct {
    const char *name, *word;
} IDLE[] = {{"Helper", "helper"}, {"Log", "log"},      {"Logf", "log"},     {"Parallel", "parallel"},
            {"Print", "print"},   {"Printf", "print"}, {"Println", "print"}};

/* Whether a call hands on the test itself, or a function that is not written here: either may fail it. */
static bool hands_on(const tree *t, tree_node call)
{
    tree_node arguments = tree_child(t, call, GO.in.arguments);
    bool runs = tree_text_is(go_called_name(t, call), "Run") || tree_text_is(go_called_name(t, call), "Fuzz");
    for (tree_node i = arguments ? tree_first_named(t, arguments) : 0; i; i = tree_next_named(t, i)) {
        TSSymbol symbol = tree_symbol(t, i);
        if (go_is_testing(t, i))
            return true;
        if (runs && (symbol == GO.identifier || symbol == GO.selector_expression) && !tree_next_named(t, i))
            return true;
    }
    return false;
}

/* Whether a call can fail the test: by what it is called, by what it is called on, or by what it is given. */
static bool can_fail(const go_function *function, const tree *t, tree_node call)
{
    tree_node called = tree_child(t, call, GO.in.function);
    tree_node on = go_called_on(t, call);
    if (!called)
        return false;
    if (tree_text_is_one_of(go_called_name(t, call), FAILS) || hands_on(t, call))
        return true;
    if (on && function->receiver && tree_is(t, on, function->receiver))
        return true;
    tree_text text =
        tree_symbol(t, called) == GO.identifier ? tree_text_of(t, called) : go_called_name(t, call);
    for (size_t i = 0; CHECKS[i]; i++)
        if (tree_text_mentions(text, CHECKS[i]) || (on && tree_is(t, on, CHECKS[i])))
            return true;
    return on && tree_is(t, on, "is");
}

static int64_t count_assertions(const go_function *function, const tree *t)
{
    int64_t count = 0;
    for (tree_node i = function->body; i && i < t->nodes[function->body].after; i++)
        count += tree_symbol(t, i) == GO.call_expression && can_fail(function, t, i);
    return count;
}

/* --- tests that do nothing --- */

static const char *idle_call(const tree *t, tree_node call)
{
    tree_text name = go_called_name(t, call);
    tree_node on = go_called_on(t, call);
    for (size_t i = 0; i < sizeof IDLE / sizeof *IDLE; i++)
        if (tree_text_is(name, IDLE[i].name) && (go_is_testing(t, on) || (on && tree_is(t, on, "fmt"))))
            return IDLE[i].word;
    return NULL;
}

/* The word for a statement that does nothing for the test; NULL: it does something. */
static const char *idle_word(const void *file, tree_node statement)
{
    const tree *t = file;
    TSSymbol symbol = tree_symbol(t, statement);
    if (symbol == GO.return_statement && !tree_first_named(t, statement))
        return "return";
    if (symbol == GO.assignment_statement && t->text[t->nodes[statement].start] == '_')
        return "discard";
    tree_node call = symbol == GO.expression_statement ? tree_first_named(t, statement) : statement;
    return call && tree_symbol(t, call) == GO.call_expression ? idle_call(t, call) : NULL;
}

/* The names of functions that use a mock themselves. */
static void read_mocking(const go_file *file, utr_strs *out)
{
    for (size_t i = 0; i < file->functions.count; i++)
        if (file->functions.items[i].mocks)
            utr_strs_add(out, file->functions.items[i].name);
    sorted_names_end(out);
}

/* Whether the test uses a mock, or calls a function of the file that does. */
static bool reaches_mock(const go_file *file, const go_function *test, const utr_strs *mocking)
{
    const tree *t = file->tree;
    for (tree_node i = test->body; i < t->nodes[test->body].after && mocking->count; i++) {
        tree_node called = tree_symbol(t, i) == GO.call_expression ? tree_child(t, i, GO.in.function) : 0;
        if (called && sorted_names_have(mocking, tree_text_of(t, called)))
            return true;
    }
    return test->mocks;
}

static void add_test(go_file *file, const go_function *function, const utr_strs *mocking, int64_t assertions)
{
    *utr_vec_push(&file->out->tests) = (scan_test){
        .symbol = utr_strdup(function->name),
        .line = file->tree->nodes[function->node].line,
        .last = tree_last_line(file->tree, function->node),
        .assertions = assertions,
        .asserts = assertions > 0,
        .mocks = reaches_mock(file, function, mocking),
    };
}

static void check_test(go_file *file, const go_function *function, const utr_strs *mocking)
{
    tree_node name = tree_child(file->tree, function->node, GO.in.name);
    scan_spot spot = scan_spot_of(file->tree, name);
    int64_t assertions = count_assertions(function, file->tree);
    auto_free char *idle = scan_words_of(file->tree, function->body, idle_word, file->tree);
    if (idle)
        scan_add(file->out, SCAN_EMPTY_TEST, spot, function->name, "%s", idle);
    else if (!assertions)
        scan_add(file->out, SCAN_NO_ASSERT, spot, function->name, "%s", "-");
    add_test(file, function, mocking, assertions);
}

void go_bodies(go_file *file)
{
    auto_strs utr_strs mocking = {0};
    read_mocking(file, &mocking);
    for (size_t i = 0; i < file->functions.count; i++)
        if (file->functions.items[i].is_test && file->functions.items[i].body)
            check_test(file, &file->functions.items[i], &mocking);
}
