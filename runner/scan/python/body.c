/* empty-test and no-assert: tests whose bodies prove nothing. */
#include "scan/python/def.h"
#include "scan/python/expression.h"
#include "scan/python/syntax.h"

#include <string.h>

/** What an idle statement is called, in the order in which a subkind tells it: X(name, word). */
#define IDLE(X)                                                                                              \
    X(IDLE_ASSERT, "assert")                                                                                 \
    X(IDLE_CONSTANT, "constant")                                                                             \
    X(IDLE_DOCSTRING, "docstring")                                                                           \
    X(IDLE_ELLIPSIS, "ellipsis")                                                                             \
    X(IDLE_PASS, "pass")                                                                                     \
    X(IDLE_PRINT, "print")                                                                                   \
    X(IDLE_RETURN, "return")

typedef enum {
#define IDLE_ENUM(name, word) name,
    IDLE(IDLE_ENUM)
#undef IDLE_ENUM
        IDLE_COUNT /* not idle */
} idle;

static const char *const IDLE_WORDS[] = {
#define IDLE_WORD(name, word) word,
    IDLE(IDLE_WORD)
#undef IDLE_WORD
};

static bool is_string(const tree *t, tree_node n)
{
    return tree_symbol(t, n) == PY(string) || tree_symbol(t, n) == PY(concatenated_string);
}

/* Bytes document nothing. */
static bool is_bytes(const tree *t, tree_node string)
{
    char first = t->text[t->nodes[string].start], second = t->text[t->nodes[string].start + 1];
    return (first | 0x20) == 'b' || ((first | 0x20) == 'r' && (second | 0x20) == 'b');
}

static bool is_print(const tree *t, tree_node n)
{
    tree_node function = tree_symbol(t, n) == PY(call) ? tree_child(t, n, PY_FIELD(function)) : 0;
    return function && tree_is(t, function, "print");
}

static idle idle_expression(const tree *t, tree_node statement, bool first)
{
    tree_node n = python_only_expression(t, statement);
    if (!n)
        return IDLE_COUNT;
    if (is_print(t, n))
        return IDLE_PRINT;
    if (tree_symbol(t, n) == PY(ellipsis))
        return IDLE_ELLIPSIS;
    if (!python_is_constant(t, n))
        return IDLE_COUNT;
    return first && is_string(t, n) && !is_bytes(t, n) ? IDLE_DOCSTRING : IDLE_CONSTANT;
}

/* What a statement is; first: of its body. */
static idle idle_statement(const tree *t, tree_node statement, bool first)
{
    TSSymbol symbol = tree_symbol(t, statement);
    tree_node operand = t->nodes[statement].wrong ? 0 : tree_first_named(t, statement);
    if (t->nodes[statement].wrong)
        return IDLE_COUNT;
    if (symbol == PY(pass_statement))
        return IDLE_PASS;
    if (symbol == PY(print_statement))
        return IDLE_PRINT;
    if (symbol == PY(assert_statement))
        return operand && python_is_true(t, operand) ? IDLE_ASSERT : IDLE_COUNT;
    if (symbol == PY(return_statement))
        return !operand || python_is_literal(t, operand) ? IDLE_RETURN : IDLE_COUNT;
    return idle_expression(t, statement, first);
}

/* Whether a statement is a string with a doctest in it. */
static bool is_doctest(const python_file *f, tree_node statement)
{
    const tree_item *item = &f->tree->nodes[statement];
    tree_node n = python_only_expression(f->tree, statement);
    return n && is_string(f->tree, n) &&
           memmem(f->source->text.data + item->start, item->end - item->start, ">>>", 3);
}

typedef enum { BUSY, EMPTY, DOCTEST } emptiness;

/* @param out_words  bit n: it holds what IDLE_WORDS[n] is for */
static emptiness look_into(const python_file *f, tree_node body, unsigned *out_words)
{
    emptiness found = EMPTY;
    *out_words = 0;
    bool first = true;
    for (tree_node i = python_first_statement(f->tree, body); i; i = python_next_statement(f->tree, i)) {
        idle what = idle_statement(f->tree, i, first);
        if (what == IDLE_COUNT)
            return BUSY;
        if (is_doctest(f, i))
            found = DOCTEST;
        *out_words |= 1U << what;
        first = false;
    }
    return *out_words ? found : BUSY;
}

static void tell_empty(python_file *f, const python_def *test, unsigned words)
{
    char text[128] = "";
    size_t len = 0;
    for (int i = 0; i < IDLE_COUNT; i++)
        if (words & 1U << i)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? "+" : "", IDLE_WORDS[i]);
    (void)scan_add(f->out, SCAN_EMPTY_TEST, python_def_spot(f, test), test->symbol, "%s%s",
                   python_def_prefix(test), text);
}

/* --- no-assert --- */

/* What may check something although its name does not say so. */
static bool is_soft_check(tree_text name)
{
    static const char *const SOFT[] = {"fail", "raises", "warns", "deprecated_call", NULL};
    return tree_text_is_one_of(name, SOFT);
}

static bool is_failure(tree_text name)
{
    static const char *const FAILURES[] = {"AssertionError", "NotImplementedError", NULL};
    return tree_text_is_one_of(name, FAILURES);
}

/* Whether a node of a test's body is or may be a check, or could not be read. */
static bool may_check(const tree *t, tree_node n)
{
    TSSymbol symbol = tree_symbol(t, n);
    if (symbol == PY(assert_statement) || t->nodes[n].wrong)
        return true;
    if (symbol == PY(call)) {
        tree_text name = python_last_name(t, n);
        return python_says_check(name) || is_soft_check(name);
    }
    if (symbol == PY(attribute))
        return is_soft_check(python_last_name(t, n));
    tree_node raised = symbol == PY(raise_statement) ? tree_first_named(t, n) : 0;
    return raised && is_failure(python_last_name(t, raised));
}

/* A call of pytest.raises or pytest.warns by another name. */
static bool is_named_check(const python_file *f, tree_node n)
{
    char name[64];
    tree_node function = tree_symbol(f->tree, n) == PY(call) ? tree_child(f->tree, n, PY_FIELD(function)) : 0;
    return function && python_name_of(f, function, name, sizeof name) &&
           (strcmp(name, "pytest.raises") == 0 || strcmp(name, "pytest.warns") == 0);
}

static bool checks(const python_file *f, tree_node body)
{
    for (tree_node i = body; i < f->tree->nodes[body].after; i++)
        if (may_check(f->tree, i))
            return true;
    for (tree_node i = body; i < f->tree->nodes[body].after; i++)
        if (is_named_check(f, i))
            return true;
    return false;
}

static bool is_skip(const tree *t, tree_node statement)
{
    tree_node n = tree_symbol(t, statement) == PY(raise_statement) ? tree_first_named(t, statement)
                                                                   : python_only_expression(t, statement);
    bool may_skip = n && (tree_symbol(t, n) == PY(call) || tree_symbol(t, statement) == PY(raise_statement));
    return may_skip && tree_text_mentions(python_last_name(t, n), "skip");
}

static bool begins_with_string(const char *at)
{
    size_t prefix = strspn(at, "rRbBuU");
    return at[prefix] == '"' || at[prefix] == '\'';
}

/* How many lines behind a test's head do more than say something. */
static size_t count_lines(const python_file *f, const python_def *test, tree_node body)
{
    size_t found = 0;
    size_t last = python_lines_at(&f->lines, f->tree->nodes[body].end - 1);
    for (size_t i = python_lines_at(&f->lines, f->tree->nodes[test->node].start) + 1;
         i <= last && i < f->lines.logical.count; i++)
        found += !begins_with_string(f->source->text.data + f->lines.logical.items[i].start);
    return found;
}

/* Whether a test does nothing but skip. What was condensed away does something else: then there are more
 * lines than statements. */
static bool only_skips(const python_file *f, const python_def *test, tree_node body)
{
    const tree *t = f->tree;
    size_t statements = 0;
    for (tree_node i = python_first_statement(t, body); i; i = python_next_statement(t, i), statements++)
        if (t->nodes[i].wrong || (idle_statement(t, i, false) == IDLE_COUNT && !is_skip(t, i)))
            return false;
    return count_lines(f, test, body) <= statements;
}

static void look_at(python_file *f, const python_def *test)
{
    tree_node body = python_def_body(f, test);
    unsigned words = 0;
    emptiness found = body ? look_into(f, body, &words) : DOCTEST;
    if (found == EMPTY)
        tell_empty(f, test, words);
    if (found == BUSY && !checks(f, body) && !only_skips(f, test, body))
        (void)scan_add(f->out, SCAN_NO_ASSERT, python_def_spot(f, test), test->symbol, "%s-",
                       python_def_prefix(test));
}

void python_bodies(python_file *f)
{
    for (size_t i = 0; i < f->defs.count; i++)
        if (python_def_is_judged(&f->defs.items[i]))
            look_at(f, &f->defs.items[i]);
}
