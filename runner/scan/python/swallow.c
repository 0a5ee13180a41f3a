/* swallowed: tests whose every assertion stands in a try that hides its failure. */
#include "scan/python/def.h"
#include "scan/python/expression.h"
#include "scan/python/syntax.h"

#include <string.h>

/** What an idle statement of a handler is called, in the order in which a subkind tells it: X(name, word). */
#define IDLE(X)                                                                                              \
    X(IDLE_BREAK, "break")                                                                                   \
    X(IDLE_CONSTANT, "constant")                                                                             \
    X(IDLE_CONTINUE, "continue")                                                                             \
    X(IDLE_LOG, "log")                                                                                       \
    X(IDLE_PASS, "pass")                                                                                     \
    X(IDLE_PRINT, "print")                                                                                   \
    X(IDLE_RETURN, "return")                                                                                 \
    X(IDLE_SKIP, "skip")                                                                                     \
    X(IDLE_WARN, "warn")

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

typedef enum { LET_OUT, ANSWERED, HIDDEN } verdict;

/* What becomes of a failure. */
typedef struct {
    verdict verdict;
    tree_text type; /* by which it is caught; empty: bare */
    unsigned words; /* bit n: IDLE_WORDS[n] */
} fate;

/* A try that is open: what becomes of a failure in its body, the tries around it included. */
typedef struct {
    tree_node after; /* of its body */
    fate fate;
} guard;

typedef struct {
    python_file *f;
    const tree *t;
    UTR_VEC(guard) open; /* from the outside in */
    size_t assertions;
    fate first; /* of the first assertion */
} reading;

/* --- handlers --- */

/* The name of what is caught, where AssertionError is one; empty: it is not. */
static tree_text catching_name(const tree *t, tree_node type)
{
    static const char *const CATCHING[] = {"AssertionError", "BaseException", "Exception", NULL};
    tree_node object = tree_symbol(t, type) == PY(attribute) ? tree_child(t, type, PY_FIELD(object)) : 0;
    tree_text name = python_last_name(t, type);
    bool is_plain = tree_symbol(t, type) == PY(identifier) || (object && tree_is(t, object, "builtins"));
    return is_plain && tree_text_is_one_of(name, CATCHING) ? name : (tree_text){"", 0};
}

/* The expression that says what a handler catches; 0: all. */
static tree_node caught_by(const tree *t, tree_node handler)
{
    tree_node type = tree_first_named(t, handler);
    while (type && (tree_symbol(t, type) == PY(as_pattern) || tree_symbol(t, type) == PY(list_splat)))
        type = tree_first_named(t, type);
    return type && tree_symbol(t, type) == PY(block) ? 0 : python_bare(t, type);
}

/* @param out_type  how it is written, empty for a bare handler */
static bool catches(const tree *t, tree_node handler, tree_text *out_type)
{
    tree_node type = caught_by(t, handler);
    *out_type = (tree_text){"", 0};
    if (!type)
        return true;
    if (tree_symbol(t, type) != PY(tuple)) {
        *out_type = catching_name(t, type);
        return out_type->len;
    }
    for (tree_node i = tree_first_named(t, type); i && !out_type->len; i = tree_next_named(t, i))
        *out_type = catching_name(t, i);
    return out_type->len;
}

static bool is_handler(const tree *t, tree_node n)
{
    return tree_symbol(t, n) == PY(except_clause) || tree_symbol(t, n) == PY(except_group_clause);
}

static tree_node body_of(const tree *t, tree_node handler)
{
    tree_node i = tree_first_named(t, handler);
    while (i && tree_symbol(t, i) != PY(block))
        i = tree_next_named(t, i);
    return i;
}

/* Whether a function is a method of a log: `logger.info`, `self.log.error`. */
static bool is_logging(const tree *t, tree_node function)
{
    static const char *const METHODS[] = {"critical", "debug", "error",   "exception", "fatal",
                                          "info",     "log",   "warning", "warn",      NULL};
    tree_node receiver =
        tree_symbol(t, function) == PY(attribute) ? tree_child(t, function, PY_FIELD(object)) : 0;
    return receiver && tree_text_is_one_of(python_last_name(t, function), METHODS) &&
           tree_text_mentions(tree_text_of(t, receiver), "log");
}

static idle idle_call(const reading *r, tree_node call)
{
    char name[64] = "";
    tree_node function = tree_child(r->t, call, PY_FIELD(function));
    if (!function)
        return IDLE_COUNT;
    if (tree_is(r->t, function, "print"))
        return IDLE_PRINT;
    if (is_logging(r->t, function))
        return IDLE_LOG;
    if (!python_name_of(r->f, function, name, sizeof name))
        return IDLE_COUNT;
    if (strcmp(name, "traceback.print_exc") == 0)
        return IDLE_PRINT;
    if (strcmp(name, "warnings.warn") == 0)
        return IDLE_WARN;
    return strcmp(name, "pytest.skip") == 0 ? IDLE_SKIP : IDLE_COUNT;
}

static idle idle_statement(const reading *r, tree_node statement)
{
    const tree *t = r->t;
    TSSymbol symbol = tree_symbol(t, statement);
    if (t->nodes[statement].wrong)
        return IDLE_COUNT;
    if (symbol == PY(pass_statement))
        return IDLE_PASS;
    if (symbol == PY(continue_statement))
        return IDLE_CONTINUE;
    if (symbol == PY(break_statement))
        return IDLE_BREAK;
    if (symbol == PY(return_statement))
        return IDLE_RETURN;
    if (symbol == PY(print_statement))
        return IDLE_PRINT;
    tree_node n = python_only_expression(t, statement);
    if (!n)
        return IDLE_COUNT;
    if (tree_symbol(t, n) == PY(call))
        return idle_call(r, n);
    return python_is_constant(t, n) ? IDLE_CONSTANT : IDLE_COUNT;
}

/* Whether something below a handler raises, functions that it only defines aside. */
static bool raises(const tree *t, tree_node body)
{
    for (tree_node i = body; i < t->nodes[body].after;) {
        TSSymbol symbol = tree_symbol(t, i);
        if (symbol == PY(raise_statement))
            return true;
        bool is_own = symbol != PY(function_definition) && symbol != PY(class_definition);
        i = is_own ? i + 1 : t->nodes[i].after;
    }
    return false;
}

/* What a handler that catches it does to a failure. */
static fate answer_of(const reading *r, tree_node handler, tree_text type)
{
    fate found = {.verdict = HIDDEN, .type = type};
    tree_node body = body_of(r->t, handler);
    for (tree_node i = body ? python_first_statement(r->t, body) : 0; i; i = python_next_statement(r->t, i)) {
        idle what = idle_statement(r, i);
        if (what == IDLE_COUNT) {
            found.verdict = raises(r->t, body) ? LET_OUT : ANSWERED;
            break;
        }
        found.words |= 1U << what;
    }
    return found.words || found.verdict != HIDDEN ? found : (fate){.verdict = ANSWERED};
}

/* What a try does to a failure in its body, what is around it aside. */
static fate own_fate(const reading *r, tree_node try_statement)
{
    tree_text type;
    for (tree_node i = tree_first_named(r->t, try_statement); i; i = tree_next_named(r->t, i))
        if (is_handler(r->t, i) && catches(r->t, i, &type))
            return answer_of(r, i, type);
    return (fate){.verdict = LET_OUT};
}

/* --- the test --- */

static fate present(const reading *r)
{
    return r->open.count ? r->open.items[r->open.count - 1].fate : (fate){.verdict = LET_OUT};
}

static void enter(reading *r, tree_node try_statement)
{
    tree_node body = tree_child(r->t, try_statement, PY_FIELD(body));
    fate own = own_fate(r, try_statement);
    if (!body)
        return;
    if (own.verdict == LET_OUT)
        own = present(r);
    *utr_vec_push(&r->open) = (guard){r->t->nodes[body].after, own};
}

static bool is_assertion(const tree *t, tree_node n)
{
    if (tree_symbol(t, n) == PY(assert_statement)) {
        tree_node condition = tree_first_named(t, n);
        return condition && !python_is_true(t, condition);
    }
    return tree_symbol(t, n) == PY(call) &&
           (tree_text_starts(python_last_name(t, n), "assert") || python_is_own_fail(t, n));
}

/* Whether a node checks in a way that is no assertion, yet may fail the test where nothing hides it. */
static bool is_other_check(const tree *t, tree_node n)
{
    static const char *const SOFT[] = {"fail", "raises", "warns", "deprecated_call", NULL};
    if (tree_symbol(t, n) == PY(raise_statement)) {
        tree_node raised = tree_first_named(t, n);
        return raised && tree_text_is(python_last_name(t, raised), "AssertionError");
    }
    tree_text name = tree_symbol(t, n) == PY(call) ? python_last_name(t, n) : (tree_text){"", 0};
    return name.len && (tree_text_is_one_of(name, SOFT) || python_says_check(name));
}

/* pytest.fail() raises what `except Exception` lets through. */
static bool gets_through(const reading *r, tree_node check, fate present_fate)
{
    char name[64];
    tree_node function =
        tree_symbol(r->t, check) == PY(call) ? tree_child(r->t, check, PY_FIELD(function)) : 0;
    return present_fate.type.len && !tree_text_is(present_fate.type, "BaseException") && function &&
           python_name_of(r->f, function, name, sizeof name) && strcmp(name, "pytest.fail") == 0;
}

/* @return false where it is not swallowed for sure */
static bool read_node(reading *r, tree_node n)
{
    while (r->open.count && r->open.items[r->open.count - 1].after <= n)
        r->open.count--;
    if (tree_symbol(r->t, n) == PY(try_statement)) {
        enter(r, n);
        return true;
    }
    if (is_assertion(r->t, n)) {
        if (r->assertions++ == 0)
            r->first = present(r);
        return present(r).verdict == HIDDEN;
    }
    return !is_other_check(r->t, n) || (present(r).verdict == HIDDEN && !gets_through(r, n, present(r)));
}

static void tell(const reading *r, const python_def *test)
{
    char words[128] = "";
    size_t len = 0;
    for (int i = 0; i < IDLE_COUNT; i++)
        if (r->first.words & 1U << i)
            len += (size_t)snprintf(words + len, sizeof words - len, "%s%s", len ? "+" : "", IDLE_WORDS[i]);
    tree_text type = r->first.type.len ? r->first.type : (tree_text){"bare", 4};
    (void)scan_add(r->f->out, SCAN_SWALLOWED, python_def_spot(r->f, test), test->symbol, "%sexcept-%.*s/%s",
                   python_def_prefix(test), (int)type.len, type.data, words);
}

static void look_at(reading *r, const python_def *test)
{
    tree_node body = python_def_body(r->f, test);
    r->open.count = 0;
    r->assertions = 0;
    for (tree_node n = body; body && n < r->t->nodes[body].after; n++)
        if (!read_node(r, n))
            return;
    if (r->assertions)
        tell(r, test);
}

void python_swallows(python_file *f)
{
    reading r = {.f = f, .t = f->tree};
    for (size_t i = 0; i < f->defs.count; i++)
        if (python_def_is_judged(&f->defs.items[i]))
            look_at(&r, &f->defs.items[i]);
    utr_vec_dispose(&r.open);
}
