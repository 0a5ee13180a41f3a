#include "scan/python/mock.h"

#include "base/text.h"
#include "scan/python/syntax.h"

#include <string.h>

enum { MOST_AROUND = 64, MOST_COMPARED = 64 };

/* Modules that replace something, or a service, by a thing of their own; what lies below them counts, too. */
static const char *const MODULES[] = {
    /* in general */
    "unittest.mock",
    "mock",
    "pytest_mock",
    "flexmock",
    "mockito",
    "doublex",
    "asynctest.mock",
    /* Redis, Mongo, SQL */
    "fakeredis",
    "mockredis",
    "birdisle",
    "mongomock",
    "mongomock_motor",
    "pymongo_inmemory",
    "mock_alchemy",
    "alchemy_mock",
    /* HTTP */
    "responses",
    "respx",
    "httpretty",
    "vcr",
    "requests_mock",
    "aioresponses",
    "pytest_httpx",
    "pook",
    "mocket",
    "betamax",
    /* AWS */
    "moto",
    "botocore.stub",
    "placebo",
};

/* Fixtures that are a mock by their name. */
static const char *const FIXTURES[] = {"mocker", "class_mocker", "module_mocker", "package_mocker",
                                       "session_mocker"};

/* Of unittest.mock and mock, what replaces something for as long as a test runs. patch.dict only sets values.
 */
static const char *const CALLS[] = {"patch", "patch.object", "patch.multiple"};

static const char *in_table(const char *const *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i], name) == 0)
            return table[i];
    return NULL;
}

#define IN_TABLE(table, name) in_table(table, sizeof(table) / sizeof *(table), name)

bool python_is_mock_module(const python_file *f, const char *module)
{
    const tree_text text = {module, strlen(module)};
    for (size_t i = 0; i < sizeof MODULES / sizeof *MODULES; i++)
        if (scan_is_module(text, MODULES[i], "."))
            return true;
    return scan_is_named_mock(f->source, text);
}

/* A module once for each statement, which began when there were `before` findings. */
static void add_import(python_file *f, tree_node statement, const char *module, size_t before)
{
    const size_t count = f->out->findings.count;
    for (size_t i = count - before > MOST_COMPARED ? count - MOST_COMPARED : before; i < count; i++)
        if (strcmp(f->out->findings.items[i].subkind + strlen("import/"), module) == 0)
            return;
    scan_add(f->out, SCAN_MOCK, scan_spot_of(f->tree, statement), python_symbol_at(f, statement), "import/%s",
             module);
}

/* The name that an item of an import has in its module, or that of the module: without its alias. */
static tree_node imported(const tree *t, tree_node item)
{
    return tree_symbol(t, item) == PY(aliased_import) ? tree_child(t, item, PY_FIELD(name)) : item;
}

/* `import a, b as c`; `from a import b`, which is a or a.b. Relative ones begin with a dot, as no mock does.
 */
static void look_at_import(python_file *f, tree_node statement)
{
    const tree *t = f->tree;
    const size_t before = f->out->findings.count;
    char module[PYTHON_NAME_SIZE] = "";
    tree_node from = tree_child(t, statement, PY_FIELD(module_name));
    if (from && !python_dotted(t, from, module, sizeof module - 1))
        return;
    if (from && python_is_mock_module(f, module)) {
        add_import(f, statement, module, before);
        return;
    }
    size_t len = strlen(module);
    if (from)
        module[len++] = '.';
    for (tree_node i = tree_first(t, statement); i; i = tree_next(t, i))
        if (t->nodes[i].field == PY_FIELD(name) && imported(t, i) &&
            python_dotted(t, imported(t, i), module + len, sizeof module - len) &&
            python_is_mock_module(f, module))
            add_import(f, statement, module, before);
}

/* The name of a parameter, also of one with a type, a default or stars. */
static tree_node parameter_name(const tree *t, tree_node parameter)
{
    tree_node n = parameter;
    while (n && tree_symbol(t, n) != PY(identifier))
        n = tree_first_named(t, n);
    return n;
}

static void look_at_parameters(python_file *f, tree_node parameters)
{
    const tree *t = f->tree;
    for (tree_node i = tree_first_named(t, parameters); i; i = tree_next_named(t, i)) {
        tree_node name = parameter_name(t, i);
        tree_text text = name ? tree_text_of(t, name) : (tree_text){0};
        for (size_t j = 0; name && j < sizeof FIXTURES / sizeof *FIXTURES; j++)
            if (tree_text_is(text, FIXTURES[j]))
                scan_add(f->out, SCAN_MOCK, scan_spot_of(t, name), python_symbol_at(f, name), "fixture/%s",
                         FIXTURES[j]);
    }
}

/* Behind the module that patch is in. */
static const char *call_word(const char *name)
{
    if (utr_text_starts(name, "unittest.mock."))
        name += strlen("unittest.mock.");
    else if (utr_text_starts(name, "mock."))
        name += strlen("mock.");
    return IN_TABLE(CALLS, name);
}

const char *python_mock_of(const python_file *f, tree_node call)
{
    char name[PYTHON_NAME_SIZE];
    tree_node function = tree_child(f->tree, call, PY_FIELD(function));
    if (!function || !python_name_of(f, function, name, sizeof name))
        return NULL;
    const char *word = call_word(name);
    if (!word && python_name_written(f, function, name, sizeof name) && utr_text_starts(name, "mock."))
        word = call_word(name);
    return word;
}

/* What holds an expression, through parentheses and `as`. */
static tree_node holder_of(const tree *t, tree_node expression)
{
    tree_node n = t->nodes[expression].parent;
    for (int i = 0; i < MOST_AROUND; i++, n = t->nodes[n].parent) {
        TSSymbol symbol = tree_symbol(t, n);
        if (symbol != PY(parenthesized_expression) && symbol != PY(as_pattern))
            break;
    }
    return n;
}

/* Whether a call of patch is one that no import knows of: of something else, as likely as not. */
static bool is_bare(const python_file *f, tree_node call)
{
    char name[PYTHON_NAME_SIZE];
    return python_name_of(f, tree_child(f->tree, call, PY_FIELD(function)), name, sizeof name) &&
           IN_TABLE(CALLS, name);
}

/* about: what the call concerns. */
static void look_at_call(python_file *f, tree_node call, tree_node about)
{
    const tree *t = f->tree;
    const char *word = python_mock_of(f, call);
    if (!word)
        return;
    tree_node holder = holder_of(t, call);
    const char *form = tree_symbol(t, holder) == PY(with_item) ? "with" : NULL;
    if (tree_symbol(t, holder) == PY(decorator))
        form = "decorator";
    if (!form && is_bare(f, call))
        return;
    scan_add(f->out, SCAN_MOCK, scan_spot_of(t, call), python_symbol_at(f, about), "%s/%s",
             form ? form : "call", word);
}

void python_mocks(python_file *f)
{
    const tree *t = f->tree;
    if (!t)
        return;
    const bool patches = memmem(f->source->text.data, f->source->text.len, "patch", strlen("patch"));
    tree_node decorated = 0, definition = 0; /* the last that began; what its decorators are in front of */
    for (tree_node n = 1; n < t->count; n++) {
        TSSymbol symbol = tree_symbol(t, n);
        if (symbol == PY(import_statement) || symbol == PY(import_from_statement))
            look_at_import(f, n);
        else if (symbol == PY(parameters))
            look_at_parameters(f, n);
        else if (symbol == PY(call) && patches)
            look_at_call(f, n, n > decorated && n < definition ? definition : n);
        else if (symbol == PY(decorated_definition))
            definition = tree_child(t, decorated = n, PY_FIELD(definition));
    }
}
