/* Functions that are replaced by mocks in C: cmocka's values, the linker's wrapping, databases in memory. */
#include "scan/c/c.h"

#include "base/text.h"

#include <string.h>

/* What a test says to its mocks, and what these say back. */
static const char *const MOCKS[] = {
    "expect_function_call",
    "mock",
    "mock_float",
    "mock_int",
    "mock_parameter",
    "mock_ptr_type",
    "mock_ptr_type_checked",
    "mock_type",
    "mock_uint",
    "will_return",
    "will_return_always",
    "will_return_count",
    "will_return_float",
    "will_return_int",
    "will_return_maybe",
    "will_return_ptr",
    "will_return_uint",
    NULL,
};

/* One finding a function is enough to know what it does. */
static void check_call(c_file *file, tree_node call)
{
    tree_text name = c_called(file->tree, call);
    c_function *function = tree_text_is_one_of(name, MOCKS) ? c_function_at(file, call) : NULL;
    if (!function || function->mocks || c_function_named(file, name))
        return;
    function->mocks = true;
    scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, call), function->name, "call/%.*s", (int)name.len,
             name.data);
}

static void check_string(c_file *file, tree_node literal)
{
    c_function *function = c_function_at(file, literal);
    tree_text text = tree_text_of(file->tree, literal);
    if (!function || !tree_text_is(text, "\":memory:\""))
        return;
    function->mocks = true;
    scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, literal), function->name, "string/sqlite-memory");
}

static void check_include(c_file *file, tree_node include)
{
    tree_node path = tree_child(file->tree, include, C.in.path);
    tree_text text = path ? tree_text_of(file->tree, path) : (tree_text){"", 0};
    if (text.len < 3)
        return;
    file->has_helpers = file->has_helpers || text.data[0] == '"';
    text = (tree_text){text.data + 1, text.len - 2};
    if (scan_is_named_mock(file->source, text))
        scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, include), NULL, "import/%.*s", (int)text.len,
                 text.data);
}

static void check_wrapped(c_file *file)
{
    for (size_t i = 0; i < file->functions.count; i++) {
        const c_function *function = &file->functions.items[i];
        if (utr_text_starts(function->name, "__wrap_"))
            scan_add(file->out, SCAN_MOCK, scan_spot_of(file->tree, function->name_node), function->name,
                     "wrap/%s", function->name + strlen("__wrap_"));
    }
}

void c_mocks(c_file *file)
{
    const tree *t = file->tree;
    check_wrapped(file);
    for (tree_node i = 1; i < t->count; i++) {
        TSSymbol symbol = tree_symbol(t, i);
        if (symbol == C.call_expression)
            check_call(file, i);
        else if (symbol == C.string_literal)
            check_string(file, i);
        else if (symbol == C.preproc_include)
            check_include(file, i);
    }
}
