/* Mocks and fakes of services in Go: packages that are imported, and where they are used. */
#include "scan/go/go.h"

#include <ctype.h>
#include <string.h>

/* Import paths, up to a version or a folder below, and the names of their packages. */
static const struct {
    const char *path, *name;
} MOCKS[] = {
    {"github.com/DATA-DOG/go-sqlmock", "sqlmock"},
    {"github.com/alicebob/miniredis", "miniredis"},
    {"github.com/benweissmann/memongo", "memongo"},
    {"github.com/dnaeon/go-vcr", "recorder"},
    {"github.com/elliotchance/redismock", "redismock"},
    {"github.com/go-redis/redismock", "redismock"},
    {"github.com/golang/mock/gomock", "gomock"},
    {"github.com/h2non/gock", "gock"},
    {"github.com/jarcoal/httpmock", "httpmock"},
    {"github.com/pashagolub/pgxmock", "pgxmock"},
    {"github.com/rafaeljusto/redigomock", "redigomock"},
    {"github.com/stretchr/testify/mock", "mock"},
    {"github.com/tryvium-travels/memongo", "memongo"},
    {"go.uber.org/mock/gomock", "gomock"},
    {"gopkg.in/DATA-DOG/go-sqlmock.v1", "sqlmock"},
    {"gopkg.in/dnaeon/go-vcr.v3", "recorder"},
    {"gopkg.in/h2non/gock.v1", "gock"},
};

static const char *package_of(tree_text path)
{
    for (size_t i = 0; i < sizeof MOCKS / sizeof *MOCKS; i++)
        if (scan_is_module(path, MOCKS[i].path, "/"))
            return MOCKS[i].name;
    return NULL;
}

/* "v2", "v10": a version, not a package. */
static bool is_version(tree_text part)
{
    return part.len > 1 && part.data[0] == 'v' && isdigit((unsigned char)part.data[1]);
}

/* The last part of a path that is no version. */
static tree_text last_part(tree_text path)
{
    for (;;) {
        const char *slash = memrchr(path.data, '/', path.len);
        size_t begin = slash ? (size_t)(slash - path.data) + 1 : 0;
        tree_text part = {path.data + begin, path.len - begin};
        if (!slash || !is_version(part))
            return part;
        path.len = begin - 1;
    }
}

static void add_mock(go_file *file, tree_node spec, tree_text path, const char *package)
{
    const tree *t = file->tree;
    tree_node alias = tree_child(t, spec, GO.in.name);
    tree_text name = alias ? tree_text_of(t, alias) : last_part(path);
    utr_strs_give(&file->mocks, alias || !package ? utr_strndup(name.data, name.len) : utr_strdup(package));
    scan_add(file->out, SCAN_MOCK, scan_spot_of(t, spec), NULL, "import/%.*s", (int)path.len, path.data);
}

static void check_import(go_file *file, tree_node spec)
{
    tree_node literal = tree_child(file->tree, spec, GO.in.path);
    tree_text path = literal ? tree_text_of(file->tree, literal) : (tree_text){"", 0};
    if (path.len < 3)
        return;
    path = (tree_text){path.data + 1, path.len - 2};
    const char *package = package_of(path);
    if (package || scan_is_named_mock(file->source, path))
        add_mock(file, spec, path, package);
}

static bool is_mock(const go_file *file, tree_node name)
{
    for (size_t i = 0; i < file->mocks.count; i++)
        if (tree_is(file->tree, name, file->mocks.items[i]))
            return true;
    return false;
}

/* One finding a function is enough to know what it does. */
static void check_use(go_file *file, tree_node selector)
{
    const tree *t = file->tree;
    tree_node operand = tree_child(t, selector, GO.in.operand);
    if (!operand || tree_symbol(t, operand) != GO.identifier || !is_mock(file, operand))
        return;
    go_function *function = go_function_at(file, selector);
    if (!function || function->mocks)
        return;
    function->mocks = true;
    tree_text used = tree_text_of(t, selector);
    scan_add(file->out, SCAN_MOCK, scan_spot_of(t, selector), function->name, "use/%.*s", (int)used.len,
             used.data);
}

static void check_string(go_file *file, tree_node literal)
{
    tree_text text = tree_text_of(file->tree, literal);
    if (!memmem(text.data, text.len, ":memory:", 8))
        return;
    go_function *function = go_function_at(file, literal);
    if (function)
        function->mocks = true;
    scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, literal), function ? function->name : NULL,
             "string/sqlite-memory");
}

void go_mocks(go_file *file)
{
    const tree *t = file->tree;
    for (tree_node i = 1; i < t->count; i++) {
        TSSymbol symbol = tree_symbol(t, i);
        if (symbol == GO.import_spec)
            check_import(file, i);
        else if (symbol == GO.selector_expression && file->mocks.count)
            check_use(file, i);
        else if (symbol == GO.interpreted_string_literal || symbol == GO.raw_string_literal)
            check_string(file, i);
    }
}
