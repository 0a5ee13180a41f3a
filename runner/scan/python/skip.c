#include "base/text.h"
#include "scan/python/condition.h"
#include "scan/python/context.h"
#include "scan/python/python.h"
#include "scan/python/syntax.h"

#include <string.h>

enum { MOST_AROUND = 64 };

/* What switches a test off that it decorates, or whose module or class has it in pytestmark. */
typedef struct {
    const char *name;
    scan_kind kind;
    python_mark_rule rule;
} mark;

static const mark MARKS[] = {
    {"pytest.mark.skip", SCAN_SKIP, PYTHON_ALWAYS},
    {"pytest.mark.skipif", SCAN_SKIP, PYTHON_WHERE_TRUE},
    {"pytest.mark.xfail", SCAN_XFAIL, PYTHON_WHERE_GIVEN},
    {"unittest.skip", SCAN_SKIP, PYTHON_ALWAYS},
    {"unittest.skipIf", SCAN_SKIP, PYTHON_WHERE_TRUE},
    {"unittest.skipUnless", SCAN_SKIP, PYTHON_WHERE_FALSE},
    {"unittest.expectedFailure", SCAN_XFAIL, PYTHON_ALWAYS},
};

/* What does so where it is called. */
static const struct {
    const char *name;
    scan_kind kind;
    bool conditional; /* wherever it stands */
} CALLS[] = {
    {"pytest.skip", SCAN_SKIP, false},
    {"pytest.importorskip", SCAN_SKIP, true},
    {"pytest.xfail", SCAN_XFAIL, false},
};

/* What one of them has in its text. */
static const char *const WORDS[] = {"skip", "Skip", "xfail", "expectedFailure"};

typedef struct {
    python_file *f;
    const tree *t;
    unsigned char *contexts;         /* NULL until something asks for them */
    tree_node decorated, definition; /* the last that began, and what its decorators stand in front of */
} search;

typedef struct {
    const char *form, *name;
    scan_kind kind;
    bool conditional;
} found;

/* What stands in a decorator concerns what that stands in front of. */
static tree_node concerned(const search *s, tree_node n)
{
    return n > s->decorated && n < s->definition ? s->definition : n;
}

static void add(const search *s, const found *what, tree_node n)
{
    scan_finding *finding =
        scan_add(s->f->out, what->kind, scan_spot_of(s->t, n), python_symbol_at(s->f, concerned(s, n)),
                 "%s/%s/%s", what->form, what->name, what->conditional ? "cond" : "uncond");
    finding->conditional = what->conditional;
}

static bool has_word(tree_text text)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (memmem(text.data, text.len, WORDS[i], strlen(WORDS[i])))
            return true;
    return false;
}

static unsigned context_of(search *s, tree_node n)
{
    if (!s->contexts)
        s->contexts = python_contexts_new(s->t);
    return s->contexts[n];
}

static bool happens(search *s, tree_node n)
{
    return !(context_of(s, n) & PYTHON_CONDITIONAL);
}

static const mark *mark_of(const search *s, tree_node name_expression)
{
    char name[PYTHON_NAME_SIZE];
    if (!python_name_of(s->f, name_expression, name, sizeof name))
        return NULL;
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (strcmp(MARKS[i].name, name) == 0)
            return &MARKS[i];
    return NULL;
}

/* Whether an assignment is one to pytestmark, in the body of a class or the module. */
static bool is_pytestmark(search *s, tree_node assignment)
{
    tree_node left = tree_child(s->t, assignment, PY_FIELD(left));
    return left && tree_is(s->t, left, "pytestmark") && !(context_of(s, assignment) & PYTHON_IN_FUNCTION);
}

/* Out of parentheses, of as many as anybody writes. */
static tree_node out_of_parentheses(const tree *t, tree_node n)
{
    for (int i = 0; i < MOST_AROUND && tree_symbol(t, t->nodes[n].parent) == PY(parenthesized_expression);
         i++)
        n = t->nodes[n].parent;
    return n;
}

/* Whether an expression is assigned to pytestmark, alone or in one list or tuple. */
static bool is_in_pytestmark(search *s, tree_node expression)
{
    const tree *t = s->t;
    tree_node n = out_of_parentheses(t, expression);
    TSSymbol around = tree_symbol(t, t->nodes[n].parent);
    if (around == PY(list) || around == PY(tuple) || around == PY(expression_list))
        n = out_of_parentheses(t, t->nodes[n].parent);
    for (int i = 0; i < MOST_AROUND && t->nodes[n].field == PY_FIELD(right); i++, n = t->nodes[n].parent) {
        TSSymbol statement = tree_symbol(t, t->nodes[n].parent);
        if (statement != PY(assignment) && statement != PY(augmented_assignment))
            return false;
        if (is_pytestmark(s, t->nodes[n].parent))
            return true;
    }
    return false;
}

/* A mark as it stands, with its arguments or without. Elsewhere than where it works at once, what switches
 * the test off is whoever uses it; a name of unittest's is then no more than a name. */
static void add_mark(search *s, const mark *m, tree_node expression, tree_node arguments)
{
    const tree *t = s->t;
    found what = {"mark", m->name, m->kind, python_is_conditional(t, m->rule, arguments)};
    tree_node holder = t->nodes[out_of_parentheses(t, expression)].parent;
    if (tree_symbol(t, holder) == PY(decorator)) {
        what.form = "decorator";
    } else if (is_in_pytestmark(s, expression)) {
        what.form = "pytestmark";
    } else if (!arguments && utr_text_starts(m->name, "unittest.")) {
        return;
    } else {
        what.conditional = what.conditional || context_of(s, expression) & PYTHON_IN_FUNCTION;
    }
    add(s, &what, expression);
}

/* A mark that is not called: as a decorator under any name, elsewhere under its whole one. */
static void look_at_name(search *s, tree_node n)
{
    const tree *t = s->t;
    TSSymbol around = tree_symbol(t, t->nodes[n].parent);
    bool part = around == PY(attribute) || t->nodes[n].field == PY_FIELD(function);
    if (part || (tree_symbol(t, n) == PY(identifier) && around != PY(decorator)))
        return;
    const mark *m = mark_of(s, n);
    if (m)
        add_mark(s, m, n, 0);
}

/* skipTest on whatever it is: only a test case has it. */
static bool is_skip_test(const tree *t, tree_node function)
{
    tree_node last =
        tree_symbol(t, function) == PY(attribute) ? tree_child(t, function, PY_FIELD(attribute)) : 0;
    return last && tree_is(t, last, "skipTest");
}

static void look_at_call(search *s, tree_node call)
{
    char name[PYTHON_NAME_SIZE] = "";
    tree_node function = tree_child(s->t, call, PY_FIELD(function));
    const mark *m = function ? mark_of(s, function) : NULL;
    if (m)
        add_mark(s, m, call, tree_child(s->t, call, PY_FIELD(arguments)));
    else if (function && is_skip_test(s->t, function))
        add(s, &(found){"call", "skipTest", SCAN_SKIP, !happens(s, call)}, call);
    else if (!function || !python_name_of(s->f, function, name, sizeof name))
        return;
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
        if (strcmp(CALLS[i].name, name) == 0)
            add(s, &(found){"call", name, CALLS[i].kind, CALLS[i].conditional || !happens(s, call)}, call);
}

/* `raise X`, `raise X(...)`, Python 2's `raise X, "..."`. */
static void look_at_raise(search *s, tree_node statement)
{
    const tree *t = s->t;
    char name[PYTHON_NAME_SIZE];
    tree_node n = tree_first_named(t, statement);
    if (n && tree_symbol(t, n) == PY(expression_list))
        n = tree_first_named(t, n);
    if (n && tree_symbol(t, n) == PY(call))
        n = tree_child(t, n, PY_FIELD(function));
    if (!n || !python_name_of(s->f, n, name, sizeof name))
        return;
    if (strcmp(name, "SkipTest") == 0 || utr_text_ends(name, ".SkipTest"))
        add(s, &(found){"raise", "SkipTest", SCAN_SKIP, !happens(s, statement)}, statement);
}

void python_skips(python_file *f)
{
    if (!f->tree || !f->tree->count || !has_word(f->source->text))
        return;
    search s = {.f = f, .t = f->tree};
    for (tree_node n = 1; n < s.t->count; n++) {
        TSSymbol symbol = tree_symbol(s.t, n);
        if (symbol == PY(call))
            look_at_call(&s, n);
        else if (symbol == PY(attribute) || symbol == PY(identifier))
            look_at_name(&s, n);
        else if (symbol == PY(raise_statement))
            look_at_raise(&s, n);
        else if (symbol == PY(decorated_definition))
            s.definition = tree_child(s.t, s.decorated = n, PY_FIELD(definition));
    }
    free(s.contexts);
}
