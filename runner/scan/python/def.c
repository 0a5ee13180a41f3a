#include "scan/python/def.h"

#include "base/text.h"
#include "scan/python/expression.h"
#include "scan/python/index.h"
#include "scan/python/syntax.h"
#include "scan/sorted.h"

#include <string.h>

/* Names that a hostile text makes endless are told by their last part alone. */
enum { MOST_SYMBOL = 500, MOST_NAME = 200 };

const char PYTHON_OTHER_NAME[] = "other-name:";
const char PYTHON_OTHER_CLASS[] = "other-class:";
const char PYTHON_OTHER_PLACE[] = "other-place:";
const char PYTHON_ABSTRACT[] = "abstract:";

bool python_def_is_judged(const python_def *def)
{
    return def->is_test || def->neutral == PYTHON_OTHER_NAME;
}

const char *python_def_prefix(const python_def *def)
{
    return def->neutral ? def->neutral : "";
}

tree_text python_def_name(const python_file *f, const python_def *def)
{
    return tree_text_of(f->tree, tree_child(f->tree, def->node, PY_FIELD(name)));
}

tree_node python_def_body(const python_file *f, const python_def *def)
{
    return tree_child(f->tree, def->node, PY_FIELD(body));
}

scan_spot python_def_spot(const python_file *f, const python_def *def)
{
    scan_spot spot = scan_spot_of(f->tree, tree_child(f->tree, def->node, PY_FIELD(name)));
    spot.line = f->tree->nodes[def->node].line;
    return spot;
}

uint32_t python_def_function_around(const python_file *f, const python_def *def)
{
    uint32_t around = def->parent;
    while (around && f->defs.items[around - 1].is_class)
        around = f->defs.items[around - 1].parent;
    return around;
}

bool python_def_is_inside_function(const python_file *f, const python_def *def)
{
    return python_def_function_around(f, def) != 0;
}

/* From a child of a list of bases on: what is a base, no `metaclass=x`. */
static tree_node base_from(const tree *t, tree_node child)
{
    while (child && tree_symbol(t, child) == PY(keyword_argument))
        child = tree_next_named(t, child);
    return child;
}

tree_node python_first_base(const python_file *f, const python_def *class_def)
{
    tree_node bases = tree_child(f->tree, class_def->node, PY_FIELD(superclasses));
    return bases ? base_from(f->tree, tree_first_named(f->tree, bases)) : 0;
}

tree_node python_next_base(const python_file *f, tree_node base)
{
    return base_from(f->tree, tree_next_named(f->tree, base));
}

static char *symbol_below(const python_file *f, uint32_t parent, tree_text name)
{
    const char *around = parent ? f->defs.items[parent - 1].symbol : NULL;
    if (name.len > MOST_NAME)
        name.len = MOST_NAME;
    if (!around || strlen(around) + name.len > MOST_SYMBOL)
        return utr_strndup(name.data, name.len);
    return utr_format("%s.%.*s", around, (int)name.len, name.data);
}

static void read_all(python_file *f)
{
    const tree *t = f->tree;
    uint32_t open = 0; /* 1 + the innermost that has not ended */
    for (tree_node n = 1; n < t->count; n++) {
        bool is_class = tree_symbol(t, n) == PY(class_definition);
        tree_node name =
            is_class || tree_symbol(t, n) == PY(function_definition) ? tree_child(t, n, PY_FIELD(name)) : 0;
        if (!name || t->nodes[name].start == t->nodes[name].end)
            continue;
        while (open && t->nodes[f->defs.items[open - 1].node].after <= n)
            open = f->defs.items[open - 1].parent;
        tree_node parent = t->nodes[n].parent;
        char *symbol = symbol_below(f, open, tree_text_of(t, name));
        *utr_vec_push(&f->defs) = (python_def){
            .node = n,
            .decorated = tree_symbol(t, parent) == PY(decorated_definition) ? parent : 0,
            .parent = open,
            .symbol = symbol,
            .is_class = is_class,
        };
        open = (uint32_t)f->defs.count;
    }
}

/* --- which classes hold tests --- */

/* A base, by name: who has it. */
typedef struct {
    uint32_t class_def, next; /* next: 1 + index of the next one of the same base */
} heir;

typedef struct {
    const python_file *f;
    python_index bases; /* name -> 1 + index of its first heir */
    UTR_VEC(heir) heirs;
    UTR_VEC(uint32_t) fresh; /* found to be cases, their heirs not looked at yet */
    bool *cases;             /* by def */
} case_search;

static void note_case(case_search *s, uint32_t class_def)
{
    if (!s->cases[class_def])
        *utr_vec_push(&s->fresh) = class_def;
    s->cases[class_def] = true;
}

static void note_base(case_search *s, uint32_t class_def, tree_text name)
{
    if (tree_text_ends(name, "TestCase")) {
        note_case(s, class_def);
        return;
    }
    uint32_t *first = name.len ? python_index_at(&s->bases, name) : NULL;
    if (!first)
        return;
    *utr_vec_push(&s->heirs) = (heir){class_def, *first};
    *first = (uint32_t)s->heirs.count;
}

/* Which classes are unittest's cases, directly or through classes of this file. @return by def, for the
 * caller */
static bool *find_cases(const python_file *f)
{
    case_search s = {.f = f, .cases = utr_calloc(f->defs.count + 1, sizeof *s.cases)};
    for (uint32_t i = 0; i < f->defs.count; i++) {
        const python_def *def = &f->defs.items[i];
        for (tree_node base = def->is_class ? python_first_base(f, def) : 0; base;
             base = python_next_base(f, base))
            if (tree_symbol(f->tree, base) != PY(call))
                note_base(&s, i, python_last_name(f->tree, base));
    }
    while (s.fresh.count) {
        uint32_t one = s.fresh.items[--s.fresh.count];
        uint32_t next = python_index_get(&s.bases, python_def_name(f, &f->defs.items[one]));
        for (; next; next = s.heirs.items[next - 1].next)
            note_case(&s, s.heirs.items[next - 1].class_def);
    }
    python_index_dispose(&s.bases);
    utr_vec_dispose(&s.heirs);
    utr_vec_dispose(&s.fresh);
    return s.cases;
}

/* --- what is a test --- */

/* As pytest reads python_classes and python_functions: a prefix, or a glob. */
static bool fits(const utr_strs *patterns, tree_text name)
{
    char text[MOST_NAME + 1];
    (void)snprintf(text, sizeof text, "%.*s", (int)name.len, name.data);
    for (size_t i = 0; i < patterns->count; i++) {
        const char *pattern = patterns->items[i];
        if (utr_text_starts(text, pattern) || (strpbrk(pattern, "*?[") && utr_text_glob(pattern, text)))
            return true;
    }
    return false;
}

/* What a decorator calls or names. */
static tree_text decorator_name(const tree *t, tree_node child)
{
    tree_node expression = tree_symbol(t, child) == PY(decorator) ? tree_first_named(t, child) : 0;
    return expression ? python_last_name(t, expression) : (tree_text){"", 0};
}

typedef bool (*name_test)(tree_text name);

static bool makes_no_test(tree_text name)
{
    static const char *const ACCESSORS[] = {"setter", "getter", "deleter", NULL};
    return tree_text_ends(name, "fixture") || tree_text_ends(name, "property") ||
           tree_text_is_one_of(name, ACCESSORS);
}

static bool makes_abstract(tree_text name)
{
    return tree_text_starts(name, "abstract") || tree_text_is(name, "overload");
}

static bool has_decorator(const python_file *f, const python_def *def, name_test fitting)
{
    for (tree_node i = def->decorated ? tree_first(f->tree, def->decorated) : 0; i; i = tree_next(f->tree, i))
        if (fitting(decorator_name(f->tree, i)))
            return true;
    return false;
}

/* Whether only classes and what runs at most once stands between a def and the module. */
static bool stands_in_place(const tree *t, tree_node n)
{
    for (tree_node up = t->nodes[n].parent; up; up = t->nodes[up].parent) {
        TSSymbol symbol = tree_symbol(t, up);
        if (symbol == PY(for_statement) || symbol == PY(while_statement) || symbol == PY(match_statement))
            return false;
    }
    return true;
}

static bool holds_tests(const python_file *f, const bool *cases, uint32_t class_def)
{
    const utr_strs *settings = &f->source->settings->classes;
    tree_text name = python_def_name(f, &f->defs.items[class_def]);
    return cases[class_def] || (settings->count ? fits(settings, name) : tree_text_starts(name, "Test"));
}

static bool is_in_test_classes(const python_file *f, const bool *cases, const python_def *def)
{
    uint32_t around = def->parent;
    while (around && holds_tests(f, cases, around - 1))
        around = f->defs.items[around - 1].parent;
    return !around;
}

typedef enum { NO_TEST, MAYBE_TEST, TEST } test_name;

static test_name judge_name(const python_file *f, const bool *cases, const python_def *def)
{
    const utr_strs *settings = &f->source->settings->functions;
    tree_text name = python_def_name(f, def);
    bool in_case = def->parent && cases[def->parent - 1];
    if (settings->count && !in_case)
        return fits(settings, name) ? TEST : NO_TEST;
    if (tree_text_starts(name, "test_"))
        return TEST;
    return tree_text_starts(name, "test") ? MAYBE_TEST : NO_TEST;
}

static void judge(python_file *f, const bool *cases, python_def *def)
{
    test_name name = judge_name(f, cases, def);
    if (name == NO_TEST || python_def_is_inside_function(f, def) || has_decorator(f, def, makes_no_test))
        return;
    if (!is_in_test_classes(f, cases, def))
        def->neutral = PYTHON_OTHER_CLASS;
    else if (!stands_in_place(f->tree, def->node))
        def->neutral = PYTHON_OTHER_PLACE;
    else if (has_decorator(f, def, makes_abstract))
        def->neutral = PYTHON_ABSTRACT;
    else if (name == MAYBE_TEST)
        def->neutral = PYTHON_OTHER_NAME;
    def->is_test = !def->neutral;
}

void python_defs_read(python_file *f)
{
    if (!f->tree || !f->tree->count)
        return;
    read_all(f);
    bool *cases = find_cases(f);
    for (size_t i = 0; i < f->defs.count; i++)
        if (!f->defs.items[i].is_class)
            judge(f, cases, &f->defs.items[i]);
    free(cases);
}

void python_defs_dispose(python_file *f)
{
    for (size_t i = 0; i < f->defs.count; i++)
        free(f->defs.items[i].symbol);
    utr_vec_dispose(&f->defs);
}

const char *python_symbol_at(const python_file *f, tree_node n)
{
    uint32_t at = (uint32_t)sorted_up_to(f->defs.items, f->defs.count, sizeof *f->defs.items, n);
    while (at && !tree_holds(f->tree, f->defs.items[at - 1].node, n))
        at = f->defs.items[at - 1].parent;
    return at ? f->defs.items[at - 1].symbol : NULL;
}
