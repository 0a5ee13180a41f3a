/* What C's tests check: tests that do nothing, and tests that can never fail. */
#include "scan/c/c.h"

#include <string.h>

static const char *const CHECKS[] = {"abort",  "assert", "check",   "ck_",
                                     "expect", "fail",   "require", "verify"};

static bool can_fail(tree_text name)
{
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++)
        if (tree_text_mentions(name, CHECKS[i]))
            return true;
    return false;
}

static int64_t count_assertions(const tree *t, const c_function *function)
{
    int64_t count = 0;
    for (tree_node i = function->body; i && i < t->nodes[function->body].after; i++)
        count += tree_symbol(t, i) == C.call_expression && can_fail(c_called(t, i));
    return count;
}

typedef bool(c_has)(const c_function *function);

static bool fails(const c_function *function)
{
    return function->fails;
}

static bool mocks(const c_function *function)
{
    return function->mocks;
}

/* Whether a function calls one of the file that has it. */
static bool calls_one(c_file *file, const c_function *function, c_has *has)
{
    const tree *t = file->tree;
    for (tree_node i = function->body; i && i < t->nodes[function->body].after; i++) {
        bool is_call = tree_symbol(t, i) == C.call_expression;
        const c_function *called = is_call ? c_function_named(file, c_called(t, i)) : NULL;
        if (called && has(called))
            return true;
    }
    return false;
}

/* Whether it calls what another file of the project may have. */
static bool calls_a_stranger(c_file *file, const c_function *function)
{
    const tree *t = file->tree;
    for (tree_node i = function->body; i && i < t->nodes[function->body].after; i++) {
        tree_text name = tree_symbol(t, i) == C.call_expression ? c_called(t, i) : (tree_text){"", 0};
        if (name.len && !c_function_named(file, name))
            return true;
    }
    return false;
}

/* What calls what can fail can fail, too; so through some helpers, which is as deep as tests go. */
static void find_what_fails(c_file *file)
{
    enum { DEPTH = 4 };
    for (size_t i = 0; i < file->functions.count; i++) {
        c_function *function = &file->functions.items[i];
        function->fails = count_assertions(file->tree, function) > 0 ||
                          (file->has_helpers && calls_a_stranger(file, function));
    }
    for (int round = 0; round < DEPTH; round++)
        for (size_t i = 0; i < file->functions.count; i++) {
            c_function *function = &file->functions.items[i];
            function->fails = function->fails || calls_one(file, function, fails);
        }
}

/* --- tests that do nothing --- */

/* The word for a statement that does nothing for the test; NULL: it does something. */
static const char *idle_word(const void *file, tree_node statement)
{
    static const char *const PRINTS[] = {"print_message", "printf", "puts", NULL};
    const tree *t = file;
    if (tree_symbol(t, statement) == C.return_statement && !tree_first_named(t, statement))
        return "return";
    tree_node inner =
        tree_symbol(t, statement) == C.expression_statement ? tree_first_named(t, statement) : 0;
    if (inner && tree_symbol(t, inner) == C.cast_expression &&
        tree_text_starts(tree_text_of(t, inner), "(void)"))
        return "discard";
    tree_text called =
        inner && tree_symbol(t, inner) == C.call_expression ? c_called(t, inner) : (tree_text){"", 0};
    return tree_text_is_one_of(called, PRINTS) ? "print" : NULL;
}

static void add_test(c_file *file, const c_function *function)
{
    *utr_vec_push(&file->out->tests) = (scan_test){
        .symbol = utr_strdup(function->name),
        .line = file->tree->nodes[function->node].line,
        .last = tree_last_line(file->tree, function->node),
        .assertions = count_assertions(file->tree, function),
        .asserts = function->fails,
        .mocks = function->mocks || calls_one(file, function, mocks),
    };
}

static void check_test(c_file *file, const c_function *function)
{
    scan_spot spot = scan_spot_of(file->tree, function->name_node);
    auto_free char *idle = scan_words_of(file->tree, function->body, idle_word, file->tree);
    if (idle)
        scan_add(file->out, SCAN_EMPTY_TEST, spot, function->name, "%s", idle);
    else if (!function->fails)
        scan_add(file->out, SCAN_NO_ASSERT, spot, function->name, "%s", "-");
    add_test(file, function);
}

void c_bodies(c_file *file)
{
    find_what_fails(file);
    for (size_t i = 0; i < file->functions.count; i++)
        if (file->functions.items[i].is_test && file->functions.items[i].body)
            check_test(file, &file->functions.items[i]);
}
