/* Mocks and fakes of services in JavaScript: modules that are imported, replaced, and where they are used. */
#include "scan/javascript/js.h"

#include "scan/sorted.h"

#include <string.h>

static const char *const MODULES[] = {
    "@databases/pg-test",
    "@electric-sql/pglite",
    "@golevelup/ts-jest",
    "@pollyjs/core",
    "aws-sdk-client-mock",
    "aws-sdk-mock",
    "axios-mock-adapter",
    "fetch-mock",
    "ioredis-mock",
    "jest-fetch-mock",
    "jest-mock-extended",
    "knex-mock-client",
    "mock-knex",
    "mock-require",
    "mockgoose",
    "mockingoose",
    "mongo-mock",
    "mongodb-memory-server",
    "moxios",
    "msw",
    "nock",
    "pg-mem",
    "proxyquire",
    "redis-memory-server",
    "redis-mock",
    "rewire",
    "rewiremock",
    "sequelize-mock",
    "sinon",
    "supertest-mock",
    "testdouble",
    "ts-mockito",
    "vitest-mock-extended",
};

/* Calls that replace a module for the whole file, and what replaces one thing: `jest.mock`, `mock.method`. */
static const struct {
    const char *on, *name;
    bool all;
} CALLS[] = {
    {"jest", "createMockFromModule", false},
    {"jest", "doMock", true},
    {"jest", "genMockFromModule", false},
    {"jest", "mock", true},
    {"jest", "unstable_mockModule", true},
    {"mock", "method", false},
    {"mock", "module", true},
    {"vi", "doMock", true},
    {"vi", "mock", true},
    {"vitest", "mock", true},
};

static bool is_mock_module(const js_file *file, tree_text module)
{
    for (size_t i = 0; i < sizeof MODULES / sizeof *MODULES; i++)
        if (scan_is_module(module, MODULES[i], "/"))
            return true;
    return scan_is_named_mock(file->source, module);
}

/* --- names that stand for mocks --- */

/* Each name that a statement binds, of what it imports: all identifiers in it but those that are renamed. */
static void add_names(js_file *file, tree_node within)
{
    const tree *t = file->tree;
    for (tree_node i = within + 1; i < t->nodes[within].after; i++) {
        if (tree_symbol(t, i) != file->g->identifier || t->nodes[i].field == file->g->in.function)
            continue;
        tree_text name = tree_text_of(t, i);
        if (!tree_text_is(name, "require"))
            sorted_names_add(&file->mocks, name);
    }
}

static void add_import(js_file *file, tree_node at, tree_text module, const char *symbol)
{
    scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, at), symbol, "import/%.*s", (int)module.len,
             module.data);
}

static void check_import(js_file *file, tree_node statement)
{
    tree_node source = tree_child(file->tree, statement, file->g->in.source);
    tree_text module = js_string(file, source);
    if (!module.len || !is_mock_module(file, module))
        return;
    add_import(file, statement, module, NULL);
    add_names(file, statement);
}

/* `require("x")`, `import("x")` */
static bool is_require(const js_file *file, tree_node call)
{
    tree_node function = tree_child(file->tree, call, file->g->in.function);
    return function && (tree_is(file->tree, function, "require") || tree_is(file->tree, function, "import"));
}

static void check_require(js_file *file, tree_node call)
{
    tree_text module = js_string(file, js_argument(file, call, 0));
    if (!module.len || !is_mock_module(file, module))
        return;
    add_import(file, call, module, js_symbol_at(file, call));
    tree_node n = call;
    while (n && tree_symbol(file->tree, n) != file->g->variable_declarator)
        n = file->tree->nodes[n].parent;
    tree_node name = n ? tree_child(file->tree, n, file->g->in.name) : 0;
    if (name && tree_symbol(file->tree, name) == file->g->identifier)
        sorted_names_add(&file->mocks, tree_text_of(file->tree, name));
    else if (name)
        file->mocks_all = true; /* it is taken apart: its parts are not followed */
}

/* --- what replaces something --- */

/* What uses a mock: the test, hook or function around; the file where there is none. @return whether it was
 * not known */
static bool mark(js_file *file, tree_node at)
{
    js_block *block = js_any_block_at(file, at);
    js_function *function = js_function_at(file, at);
    bool inner = function && (!block || tree_holds(file->tree, block->call, function->node));
    bool *known = inner ? &function->mocks : block ? &block->mocks : &file->mocks_all;
    bool is_new = !*known;
    *known = true;
    return is_new;
}

static void check_call(js_file *file, tree_node call)
{
    tree_text name = js_called(file, call);
    tree_node on = js_called_on(file, call);
    for (size_t i = 0; on && i < sizeof CALLS / sizeof *CALLS; i++) {
        tree_node property = tree_symbol(file->tree, on) == file->g->member_expression
                                 ? tree_child(file->tree, on, file->g->in.property)
                                 : on;
        if (!tree_text_is(name, CALLS[i].name) || !property || !tree_is(file->tree, property, CALLS[i].on))
            continue;
        file->mocks_all = file->mocks_all || CALLS[i].all;
        if (!CALLS[i].all)
            (void)mark(file, call);
        scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, call), js_symbol_at(file, call), "call/%s.%s",
                 CALLS[i].on, CALLS[i].name);
    }
}

/* One finding a block is enough to know what it does. */
static void check_use(js_file *file, tree_node identifier)
{
    const tree *t = file->tree;
    tree_node parent = t->nodes[identifier].parent;
    TSSymbol around = tree_symbol(t, parent);
    if ((around != file->g->member_expression && around != file->g->call_expression) ||
        !sorted_names_have(&file->mocks, tree_text_of(t, identifier)) || !mark(file, identifier))
        return;
    tree_text used = tree_text_of(t, identifier);
    scan_add(file->out, SCAN_MOCK, scan_spot_of(t, identifier), js_symbol_at(file, identifier), "use/%.*s",
             (int)used.len, used.data);
}

static void check_string(js_file *file, tree_node string)
{
    tree_text text = js_string(file, string);
    if (!tree_text_is(text, ":memory:") && !tree_text_is(text, "sqlite::memory:") &&
        !tree_text_is(text, "sqlite://:memory:"))
        return;
    (void)mark(file, string);
    scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, string), js_symbol_at(file, string),
             "string/sqlite-memory");
}

static void read_modules(js_file *file)
{
    for (tree_node i = 1; i < file->tree->count; i++) {
        TSSymbol symbol = tree_symbol(file->tree, i);
        if (symbol == file->g->import_statement)
            check_import(file, i);
        else if (symbol == file->g->call_expression && file->tree->nodes[i].named && is_require(file, i))
            check_require(file, i);
    }
    sorted_names_end(&file->mocks);
}

void js_mocks(js_file *file)
{
    read_modules(file);
    for (tree_node i = 1; i < file->tree->count; i++) {
        TSSymbol symbol = tree_symbol(file->tree, i);
        if (symbol == file->g->call_expression && file->tree->nodes[i].named)
            check_call(file, i);
        else if (symbol == file->g->identifier && file->mocks.count)
            check_use(file, i);
        else if (symbol == file->g->string)
            check_string(file, i);
    }
}
