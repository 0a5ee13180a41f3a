/*
 * Every test as its source shows it: what can fail it, what it mocks, whether it hides its failures.
 *
 * A test is answered for by what it reaches in its file: fixtures that it names, functions that it or they
 * call, the set-up of its class. Each def has two nodes, its body (what is written in it) and itself (the
 * body and the fixtures that its parameters name); an edge leads from what is used to who uses it. Marks go
 * along the edges, so the whole takes as long as there are edges.
 */
#include "scan/python/def.h"
#include "scan/python/expression.h"
#include "scan/python/syntax.h"
#include "scan/python/use.h"

#include <string.h>

enum { MOCKS = 1, ASSERTS = 2 };

typedef struct {
    uint32_t user, next;  /* next: 1 + the next edge from the same node */
    unsigned char passes; /* which marks go along it */
} edge;

typedef struct {
    const python_file *f;
    const tree *t;
    python_index functions;     /* name -> 1 + def; of several the outermost, of these the first */
    python_index classes;       /* likewise */
    uint32_t *begins, *ends;    /* bytes of each def, its decorators included */
    bool *asserting;            /* by def: something written in it, however deep, can fail a test */
    UTR_VEC(tree_node) answers; /* nodes that raise or can fail a test, in order */
    UTR_VEC(edge) edges;
    uint32_t *first;         /* by node: 1 + its first edge */
    unsigned char *marks;    /* by node */
    UTR_VEC(uint32_t) fresh; /* nodes whose marks have not gone along their edges */
} reading;

static uint32_t node_of_body(size_t def)
{
    return 2 * (uint32_t)def;
}

static uint32_t node_of(size_t def)
{
    return 2 * (uint32_t)def + 1;
}

static void link_some(reading *r, uint32_t user, uint32_t used, unsigned char passes)
{
    *utr_vec_push(&r->edges) = (edge){user, r->first[used], passes};
    r->first[used] = (uint32_t)r->edges.count;
}

static void link_use(reading *r, uint32_t user, uint32_t used)
{
    link_some(r, user, used, MOCKS | ASSERTS);
}

static void mark(reading *r, uint32_t node, unsigned marks)
{
    if ((r->marks[node] | marks) == r->marks[node])
        return;
    r->marks[node] = (unsigned char)(r->marks[node] | marks);
    *utr_vec_push(&r->fresh) = node;
}

static void spread_marks(reading *r)
{
    while (r->fresh.count) {
        uint32_t node = r->fresh.items[--r->fresh.count];
        for (uint32_t i = r->first[node]; i; i = r->edges.items[i - 1].next)
            mark(r, r->edges.items[i - 1].user, r->marks[node] & r->edges.items[i - 1].passes);
    }
}

/* --- what can fail a test --- */

/* Methods of mocks: they say how a mock was used. */
static bool is_of_mocks(tree_text name)
{
    static const char *const OF_MOCKS[] = {
        "assert_any_await",  "assert_any_call",  "assert_awaited",     "assert_called",
        "assert_has_awaits", "assert_has_calls", "assert_not_awaited", "assert_not_called",
    };
    for (size_t i = 0; i < sizeof OF_MOCKS / sizeof *OF_MOCKS; i++)
        if (tree_text_starts(name, OF_MOCKS[i]))
            return true;
    return false;
}

/* A call that fails where something is not as it should be; a function of the file is not, whatever its name.
 */
static bool is_failing_call(const reading *r, tree_node call)
{
    static const char *const EXPECTING[] = {"fail", "raises", "warns", NULL};
    tree_text name = python_last_name(r->t, call);
    bool expects = tree_text_is_one_of(name, EXPECTING);
    if (!expects && !tree_text_starts(name, "assert"))
        return false;
    tree_node function = python_bare(r->t, tree_child(r->t, call, PY_FIELD(function)));
    if (function && tree_symbol(r->t, function) == PY(attribute))
        return expects || !is_of_mocks(name);
    return !python_index_get(&r->functions, name);
}

static bool can_fail(const reading *r, tree_node n)
{
    if (tree_symbol(r->t, n) == PY(assert_statement)) {
        tree_node condition = tree_first_named(r->t, n);
        return condition && !python_is_constant(r->t, condition);
    }
    return tree_symbol(r->t, n) == PY(call) && is_failing_call(r, n);
}

/* A call of a function of the file that is named like a check and can fail. */
static bool is_helping_call(const reading *r, tree_node n, uint32_t test)
{
    static const char *const HELPERS[] = {"assert", "check_", "expect_", "verify_"};
    if (tree_symbol(r->t, n) != PY(call))
        return false;
    tree_text name = python_last_name(r->t, n);
    bool is_named_so = false;
    for (size_t i = 0; i < sizeof HELPERS / sizeof *HELPERS; i++)
        is_named_so = is_named_so || tree_text_starts(name, HELPERS[i]);
    uint32_t helper = is_named_so ? python_index_get(&r->functions, name) : 0;
    return helper && helper - 1 != test && r->asserting[helper - 1];
}

/* Which nodes can fail a test, and in which def each stands. */
static void read_answers(reading *r)
{
    size_t next = 0;
    uint32_t open = 0; /* 1 + the innermost def around n */
    for (tree_node n = 1; n < r->t->count; n++) {
        while (open && r->t->nodes[r->f->defs.items[open - 1].node].after <= n)
            open = r->f->defs.items[open - 1].parent;
        if (next < r->f->defs.count && r->f->defs.items[next].node == n)
            open = (uint32_t)++next;
        bool fails = can_fail(r, n);
        if (fails || tree_symbol(r->t, n) == PY(raise_statement))
            *utr_vec_push(&r->answers) = n;
        if (fails && open) {
            r->asserting[open - 1] = true;
            mark(r, node_of_body(open - 1), ASSERTS);
        }
    }
    for (size_t i = r->f->defs.count; i-- > 0;) {
        uint32_t around = python_def_function_around(r->f, &r->f->defs.items[i]);
        if (around && r->asserting[i])
            r->asserting[around - 1] = true;
    }
}

/* --- what uses what --- */

static size_t depth_of(const reading *r, size_t def)
{
    size_t depth = 0;
    for (uint32_t up = r->f->defs.items[def].parent; up; up = r->f->defs.items[up - 1].parent)
        depth++;
    return depth;
}

static void name_defs(reading *r)
{
    for (size_t i = 0; i < r->f->defs.count; i++) {
        python_index *names = r->f->defs.items[i].is_class ? &r->classes : &r->functions;
        uint32_t *named = python_index_at(names, python_def_name(r->f, &r->f->defs.items[i]));
        if (!*named || depth_of(r, i) < depth_of(r, *named - 1))
            *named = (uint32_t)i + 1;
    }
}

static void link_parameters(reading *r, size_t def)
{
    tree_node list = tree_child(r->t, r->f->defs.items[def].node, PY_FIELD(parameters));
    for (tree_node i = list ? tree_first_named(r->t, list) : 0; i; i = tree_next_named(r->t, i)) {
        tree_node name = i;
        while (name && tree_symbol(r->t, name) != PY(identifier))
            name = tree_first_named(r->t, name);
        tree_text text = name ? tree_text_of(r->t, name) : (tree_text){"", 0};
        uint32_t fixture = python_index_get(&r->functions, text);
        if (fixture)
            link_use(r, node_of(def), node_of(fixture - 1));
        if (python_use_is_mock_fixture(text))
            mark(r, node_of_body(def), MOCKS);
    }
}

static void link_bases(reading *r, size_t def)
{
    for (tree_node i = python_first_base(r->f, &r->f->defs.items[def]); i; i = python_next_base(r->f, i)) {
        uint32_t base = python_index_get(&r->classes, python_last_name(r->t, i));
        if (base)
            link_some(r, node_of(def), node_of(base - 1), MOCKS);
    }
}

static bool sets_up(tree_text name)
{
    static const char *const SET_UP[] = {"setUp", "setUpClass", "setup_class", "setup_method", NULL};
    return tree_text_is_one_of(name, SET_UP);
}

/* A class stands for what is done before each of its tests: what is written in it itself, its set-up, and the
 * mocks in that of its bases. */
static void link_def(reading *r, size_t i)
{
    const python_def *def = &r->f->defs.items[i];
    link_use(r, node_of(i), node_of_body(i));
    if (def->is_class)
        link_bases(r, i);
    else
        link_parameters(r, i);
    uint32_t around = python_def_function_around(r->f, def);
    if (around)
        link_use(r, node_of_body(around - 1), node_of_body(i));
    if (!def->parent || !r->f->defs.items[def->parent - 1].is_class || def->is_class)
        return;
    if (sets_up(python_def_name(r->f, def)))
        link_use(r, node_of(def->parent - 1), node_of(i));
    else
        link_use(r, node_of(i), node_of(def->parent - 1));
}

static void link_uses(reading *r)
{
    python_uses uses = {0};
    python_uses_read(r->f, &r->functions, &uses);
    size_t next = 0;
    uint32_t open = 0; /* 1 + the innermost def around the byte */
    for (size_t i = 0; i < uses.count; i++) {
        uint32_t at = uses.items[i].at;
        for (; next < r->f->defs.count && r->begins[next] <= at; next++)
            open = (uint32_t)next + 1;
        while (open && r->ends[open - 1] <= at)
            open = r->f->defs.items[open - 1].parent;
        if (open && uses.items[i].function)
            link_use(r, node_of_body(open - 1), node_of(uses.items[i].function - 1));
        else if (open)
            mark(r, node_of_body(open - 1), MOCKS);
    }
    utr_vec_dispose(&uses);
}

/* --- what hides a failure --- */

static bool is_catch_all(tree_text name)
{
    static const char *const CATCH_ALL[] = {"AssertionError", "BaseException", "Exception", NULL};
    return tree_text_is_one_of(name, CATCH_ALL);
}

static bool catches(const tree *t, tree_node type)
{
    type = python_bare(t, type);
    if (tree_symbol(t, type) != PY(tuple))
        return is_catch_all(python_last_name(t, type));
    for (tree_node i = tree_first_named(t, type); i; i = tree_next_named(t, i))
        if (is_catch_all(python_last_name(t, i)))
            return true;
    return false;
}

/* Whether something in a handler raises or can fail the test. */
static bool answers(const reading *r, tree_node handler)
{
    size_t low = 0, high = r->answers.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->answers.items[middle] < handler)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->answers.count && r->answers.items[low] < r->t->nodes[handler].after;
}

static bool hides_in_handler(const reading *r, tree_node handler)
{
    TSSymbol symbol = tree_symbol(r->t, handler);
    if (symbol != PY(except_clause) && symbol != PY(except_group_clause))
        return false;
    tree_node type = tree_first_named(r->t, handler);
    while (type && (tree_symbol(r->t, type) == PY(as_pattern) || tree_symbol(r->t, type) == PY(list_splat)))
        type = tree_first_named(r->t, type);
    bool is_bare = !type || tree_symbol(r->t, type) == PY(block);
    return (is_bare || catches(r->t, type)) && !answers(r, handler);
}

/* `with suppress(Exception)`, among others. */
static bool suppresses(const tree *t, tree_node item)
{
    tree_node call = python_bare(t, tree_child(t, item, PY_FIELD(value)));
    while (call && tree_symbol(t, call) == PY(as_pattern))
        call = tree_first_named(t, call);
    if (!call || tree_symbol(t, call) != PY(call) || !tree_text_is(python_last_name(t, call), "suppress"))
        return false;
    tree_node arguments = tree_child(t, call, PY_FIELD(arguments));
    for (tree_node i = arguments ? tree_first_named(t, arguments) : 0; i; i = tree_next_named(t, i))
        if (catches(t, i))
            return true;
    return false;
}

static bool hides(const reading *r, tree_node n)
{
    TSSymbol symbol = tree_symbol(r->t, n);
    if (symbol == PY(try_statement)) {
        for (tree_node i = tree_first_named(r->t, n); i; i = tree_next_named(r->t, i))
            if (hides_in_handler(r, i))
                return true;
        return false;
    }
    tree_node clause = symbol == PY(with_statement) ? tree_first_named(r->t, n) : 0;
    for (tree_node i = clause ? tree_first_named(r->t, clause) : 0; i; i = tree_next_named(r->t, i))
        if (tree_symbol(r->t, i) == PY(with_item) && suppresses(r->t, i))
            return true;
    return false;
}

/* --- the tests --- */

/* What can fail a test in its own body. @param out_shown how much of it is not hidden */
static int64_t count_assertions(const reading *r, uint32_t test, int64_t *out_shown)
{
    tree_node def = r->f->defs.items[test].node, hidden_until = 0;
    int64_t found = 0;
    *out_shown = 0;
    for (tree_node n = def; n < r->t->nodes[def].after; n++) {
        if (can_fail(r, n) || is_helping_call(r, n, test)) {
            found++;
            *out_shown += n >= hidden_until;
        }
        tree_node body = hides(r, n) ? tree_child(r->t, n, PY_FIELD(body)) : 0;
        if (body && r->t->nodes[body].after > hidden_until)
            hidden_until = r->t->nodes[body].after;
    }
    return found;
}

static int64_t last_line(const reading *r, size_t def)
{
    const tree_item *item = &r->t->nodes[r->f->defs.items[def].node];
    const char *text = r->f->source->text.data;
    int64_t line = item->line;
    for (const char *at = text + item->start, *end = text + r->ends[def];
         at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        line++;
    return line;
}

static void tell(const reading *r, size_t i)
{
    const python_def *def = &r->f->defs.items[i];
    int64_t shown = 0;
    int64_t assertions = count_assertions(r, (uint32_t)i, &shown);
    *utr_vec_push(&r->f->out->tests) = (scan_test){
        .symbol = utr_strdup(def->symbol),
        .line = r->t->nodes[def->node].line,
        .last = last_line(r, i),
        .assertions = assertions,
        .asserts = r->marks[node_of(i)] & ASSERTS,
        .mocks = r->marks[node_of(i)] & MOCKS,
        .swallows = assertions > 0 && shown == 0,
    };
}

static bool is_told(const python_def *def)
{
    return def->is_test || def->neutral;
}

static bool has_tests(const python_file *f)
{
    for (size_t i = 0; i < f->defs.count; i++)
        if (is_told(&f->defs.items[i]))
            return true;
    return false;
}

/* The end of a def's last statement in the text: in the tree, condensing may have made it shorter, and
 * comments behind it belong to it. */
static uint32_t end_of(const python_file *f, const python_def *def)
{
    const tree_item *item = &f->tree->nodes[def->node];
    size_t at = python_lines_at(&f->lines, item->end);
    while (at && (at == f->lines.logical.count || f->lines.logical.items[at].start >= item->end))
        at--;
    bool is_inside = at < f->lines.logical.count && f->lines.logical.items[at].end > item->start;
    return is_inside ? f->lines.logical.items[at].end : item->end;
}

static void read_all(reading *r)
{
    for (size_t i = 0; i < r->f->defs.count; i++) {
        const python_def *def = &r->f->defs.items[i];
        r->begins[i] = r->t->nodes[def->decorated ? def->decorated : def->node].start;
        r->ends[i] = end_of(r->f, def);
    }
    name_defs(r);
    read_answers(r);
    for (size_t i = 0; i < r->f->defs.count; i++)
        link_def(r, i);
    link_uses(r);
    spread_marks(r);
}

void python_tests(python_file *f)
{
    if (!has_tests(f))
        return;
    size_t count = f->defs.count;
    reading r = {
        .f = f,
        .t = f->tree,
        .begins = utr_calloc(count, sizeof *r.begins),
        .ends = utr_calloc(count, sizeof *r.ends),
        .asserting = utr_calloc(count, sizeof *r.asserting),
        .first = utr_calloc(2 * count, sizeof *r.first),
        .marks = utr_calloc(2 * count, sizeof *r.marks),
    };
    read_all(&r);
    for (size_t i = 0; i < count; i++)
        if (is_told(&f->defs.items[i]))
            tell(&r, i);
    python_index_dispose(&r.functions);
    python_index_dispose(&r.classes);
    free(r.begins);
    free(r.ends);
    free(r.asserting);
    utr_vec_dispose(&r.answers);
    utr_vec_dispose(&r.edges);
    free(r.first);
    free(r.marks);
    utr_vec_dispose(&r.fresh);
}
