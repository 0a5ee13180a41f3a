#include "scan/python/python.h"
#include "scan/python/syntax.h"

#include <string.h>

enum { MOST_PARTS = 32 };

/* What a star import of a module binds, as far as somebody looks for it. */
static const struct {
    const char *imported, *module;
    const char *names[10];
} STARS[] = {
    {"pytest",
     "pytest",
     {"deprecated_call", "fail", "fixture", "importorskip", "mark", "raises", "skip", "warns", "xfail"}},
    {"unittest", "unittest", {"SkipTest", "TestCase", "expectedFailure", "skip", "skipIf", "skipUnless"}},
    {"unittest.case",
     "unittest",
     {"SkipTest", "TestCase", "expectedFailure", "skip", "skipIf", "skipUnless"}},
    {"unittest.mock", "unittest.mock", {"patch"}},
    {"mock", "mock", {"patch"}},
};

enum { STAR_COUNT = sizeof STARS / sizeof *STARS };

/* Text that is put together in the caller's storage. */
typedef struct {
    char *out;
    size_t size, len;
    bool fits;
} writer;

static void put(writer *w, const char *text, size_t len)
{
    w->fits = w->fits && len < w->size - w->len;
    if (!w->fits)
        return;
    memcpy(w->out + w->len, text, len);
    w->len += len;
    w->out[w->len] = '\0';
}

static void put_node(writer *w, const tree *t, tree_node n)
{
    tree_text text = tree_text_of(t, n);
    put(w, text.data, text.len);
}

static void put_part(writer *w, const tree *t, tree_node n)
{
    if (w->len && w->out[w->len - 1] != '.')
        put(w, ".", 1);
    put_node(w, t, n);
}

/* An identifier, or those that it is made of, after the dots of a relative import. */
static void put_dotted(writer *w, const tree *t, tree_node n)
{
    for (tree_node i = n; w->fits && i < t->nodes[n].after; i++) {
        if (tree_symbol(t, i) == PY(identifier))
            put_part(w, t, i);
        else if (tree_symbol(t, i) == PY(import_prefix))
            put_node(w, t, i);
    }
}

bool python_dotted(const tree *t, tree_node n, char *out, size_t size)
{
    char name[PYTHON_NAME_SIZE];
    writer w = {.out = name, .size = sizeof name, .fits = true};
    put_dotted(&w, t, n);
    if (!w.fits || !w.len || w.len >= size)
        return false;
    memcpy(out, name, w.len + 1);
    return true;
}

/* The first identifier of a dotted_name. */
static tree_node head_of(const tree *t, tree_node dotted)
{
    tree_node n = tree_first(t, dotted);
    while (n && tree_symbol(t, n) != PY(identifier))
        n = tree_next(t, n);
    return n;
}

static void bind(python_file *f, tree_node name, tree_node module, tree_node member)
{
    if (name && module)
        *utr_vec_push(&f->names.bindings) = (python_binding){tree_text_of(f->tree, name), module, member};
}

/* `import a.b` binds a, `import a.b as x` binds x. */
static void bind_module(python_file *f, tree_node name)
{
    const tree *t = f->tree;
    if (tree_symbol(t, name) == PY(aliased_import)) {
        bind(f, tree_child(t, name, PY_FIELD(alias)), tree_child(t, name, PY_FIELD(name)), 0);
    } else if (tree_symbol(t, name) == PY(dotted_name)) {
        tree_node head = head_of(t, name);
        bind(f, head, head, 0);
    }
}

/* `from m import n` binds n, `from m import n as x` binds x. */
static void bind_member(python_file *f, tree_node module, tree_node name)
{
    const tree *t = f->tree;
    if (tree_symbol(t, name) == PY(aliased_import))
        bind(f, tree_child(t, name, PY_FIELD(alias)), module, tree_child(t, name, PY_FIELD(name)));
    else if (tree_symbol(t, name) == PY(dotted_name))
        bind(f, name, module, name);
}

static void bind_all(python_file *f, tree_node module)
{
    char name[PYTHON_NAME_SIZE];
    if (!python_dotted(f->tree, module, name, sizeof name))
        return;
    for (size_t i = 0; i < STAR_COUNT; i++)
        if (strcmp(STARS[i].imported, name) == 0)
            f->names.stars |= 1U << i;
}

static void read_import(python_file *f, tree_node statement)
{
    const tree *t = f->tree;
    tree_node module = tree_child(t, statement, PY_FIELD(module_name));
    for (tree_node i = tree_first(t, statement); i; i = tree_next(t, i)) {
        if (tree_symbol(t, i) == PY(wildcard_import) && module)
            bind_all(f, module);
        else if (t->nodes[i].field != PY_FIELD(name))
            continue;
        else if (module)
            bind_member(f, module, i);
        else
            bind_module(f, i);
    }
}

/* 0 before 1: those that the kinds are about come first. */
static int rank(const tree *t, const python_binding *binding)
{
    static const char *const WANTED[] = {"pytest", "unittest", "mock", "importlib", "builtins"};
    char module[PYTHON_NAME_SIZE];
    if (!python_dotted(t, binding->module, module, sizeof module))
        return 1;
    size_t len = strcspn(module, ".");
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++)
        if (strlen(WANTED[i]) == len && memcmp(WANTED[i], module, len) == 0)
            return 0;
    return 1;
}

static int compare_text(tree_text a, tree_text b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b, void *context)
{
    const python_binding *x = a, *y = b;
    int order = compare_text(x->name, y->name);
    if (!order)
        order = rank(context, x) - rank(context, y);
    return order ? order : (x->module > y->module) - (x->module < y->module);
}

void python_names_read(python_file *f)
{
    const tree *t = f->tree;
    for (tree_node n = 1; n < t->count; n++)
        if (tree_symbol(t, n) == PY(import_statement) || tree_symbol(t, n) == PY(import_from_statement))
            read_import(f, n);
    if (f->names.bindings.count)
        qsort_r(f->names.bindings.items, f->names.bindings.count, sizeof(python_binding), by_name, (void *)t);
}

void python_names_dispose(python_names *names)
{
    utr_vec_dispose(&names->bindings);
}

/* The binding of a name that wins, or NULL. */
static const python_binding *find(const python_names *names, tree_text name)
{
    size_t low = 0, high = names->bindings.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_text(names->bindings.items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == names->bindings.count || compare_text(names->bindings.items[low].name, name))
        return NULL;
    return &names->bindings.items[low];
}

/* The module whose star import binds name, or NULL. */
static const char *star_of(const python_names *names, tree_text name)
{
    for (size_t i = 0; names->stars && i < STAR_COUNT; i++)
        for (size_t j = 0; names->stars >> i & 1 && STARS[i].names[j]; j++)
            if (tree_text_is(name, STARS[i].names[j]))
                return STARS[i].module;
    return NULL;
}

/* What the first name of an expression stands for. pytest and unittest are what they are called. */
static void put_head(writer *w, const python_file *f, tree_node head)
{
    tree_text name = tree_text_of(f->tree, head);
    bool known = tree_text_is(name, "pytest") || tree_text_is(name, "unittest");
    const python_binding *binding = known ? NULL : find(&f->names, name);
    if (binding) {
        put_dotted(w, f->tree, binding->module);
        if (binding->member)
            put_dotted(w, f->tree, binding->member);
        return;
    }
    const char *star = star_of(&f->names, name);
    if (star)
        put(w, star, strlen(star));
    put_part(w, f->tree, head);
}

/* unittest.case is where unittest has its names from. */
static void shorten(writer *w)
{
    static const char LONG[] = "unittest.case.";
    const size_t len = sizeof LONG - 1, keep = sizeof "unittest." - 1;
    if (w->len < len || memcmp(w->out, LONG, len) != 0)
        return;
    memmove(w->out + keep, w->out + len, w->len - len + 1);
    w->len -= len - keep;
}

/* The outermost attributes of an expression, the last first, down to its first name. @return that, or 0 */
static tree_node split(const tree *t, tree_node expression, tree_node parts[MOST_PARTS], size_t *count)
{
    tree_node n = expression;
    while (tree_symbol(t, n) == PY(parenthesized_expression) && tree_first_named(t, n))
        n = tree_first_named(t, n);
    for (; n && tree_symbol(t, n) == PY(attribute); n = tree_child(t, n, PY_FIELD(object))) {
        tree_node part = tree_child(t, n, PY_FIELD(attribute));
        if (!part || *count == MOST_PARTS)
            return 0;
        parts[(*count)++] = part;
    }
    return n && tree_symbol(t, n) == PY(identifier) ? n : 0;
}

static bool name_of(const python_file *f, tree_node expression, bool resolved, writer *w)
{
    tree_node parts[MOST_PARTS];
    size_t count = 0;
    tree_node head = split(f->tree, expression, parts, &count);
    if (!head)
        return false;
    if (resolved)
        put_head(w, f, head);
    else
        put_part(w, f->tree, head);
    while (count)
        put_part(w, f->tree, parts[--count]);
    if (resolved && w->fits)
        shorten(w);
    return w->fits && w->len;
}

bool python_name_of(const python_file *f, tree_node expression, char *out, size_t size)
{
    writer w = {.out = out, .size = size, .fits = true};
    return name_of(f, expression, true, &w);
}

bool python_name_written(const python_file *f, tree_node expression, char *out, size_t size)
{
    writer w = {.out = out, .size = size, .fits = true};
    return name_of(f, expression, false, &w);
}
