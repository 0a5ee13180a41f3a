#include "findings.h"

#include "base/buf.h"
#include "scan/language.h"

#include <string.h>

/* What is found in a file without tests, row by row. */
static char *rows_of_other(const char *text)
{
    auto_scan_file scan_file file = {0};
    auto_tree tree parsed = {0};
    const scan_settings settings = {0};
    const utr_strs none = {0};
    utr_buf found = {0};
    tree_parser *parser = tree_parser_new();
    const scan_source source = {"src/help.py", {text, strlen(text)}, &settings, &none, parser, &parsed, true};
    SCAN_PYTHON.prepare();
    utr_buf_puts(&found, "");
    if (SCAN_PYTHON.matters(source.text))
        SCAN_PYTHON.read(&source, &file);
    for (size_t i = 0; i < file.findings.count; i++) {
        const scan_finding *one = &file.findings.items[i];
        utr_buf_print(&found, "%s %s %lld %s\n", scan_kind_text(one->kind), one->subkind,
                      (long long)one->line, one->symbol ? one->symbol : "-");
    }
    tree_parser_free(parser);
    return utr_buf_take(&found);
}

/* The same in a file of tests and in another. */
static void assert_text(const char *text, const char *rows)
{
    assert_findings("tests/help.py", text, rows);
    auto_free char *found = rows_of_other(text);
    assert_string_equal(found, rows);
}

static void test_an_import_where_something_failed_or_ends_is_dynamic(void **state)
{
    (void)state;
    assert_text("try:\n    import a\nexcept ImportError:\n    import b\nelse:\n    import c\nfinally:\n"
                "    from d import e\n",
                "dynamic-import import 4 -\ndynamic-import import 8 -\n");
    assert_text(
        "def f():\n    try:\n        pass\n    except* X:\n        if x:\n            import a.b as c\n",
        "dynamic-import import 6 f\n");
    assert_text("import importlib\ntry:\n    x = importlib.import_module('a')\nexcept Exception:\n"
                "    x = importlib.import_module('b')\n    y = [__import__('c')]\n",
                "dynamic-import import_module 5 -\ndynamic-import __import__ 6 -\n");
    assert_text("from importlib import import_module as load\ntry:\n    pass\nfinally:\n    load('a')\n",
                "dynamic-import import_module 5 -\n");
    assert_text("import a\nfrom b import c\nimportlib.import_module('d')\n", "");
}

static void test_methods_and_functions_that_clean_up_count_too(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"__exit__",      "__aexit__",  "__del__",        "on_error",
                                        "handle_errors", "cleanup",    "teardown",       "close",
                                        "tearDown",      "_close_all", "teardown_method"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        char text[128], rows[128];
        (void)snprintf(text, sizeof text,
                       "class A:\n    def %s(self):\n        if x:\n            import y\n", NAMES[i]);
        (void)snprintf(rows, sizeof rows, "dynamic-import import 4 A.%s\n", NAMES[i]);
        assert_text(text, rows);
    }
    assert_text(
        "class A:\n    def __enter__(self):\n        import y\n    def clean(self):\n        import y\n"
        "class Errors:\n    import y\n",
        "");
}

static void test_what_is_defined_in_a_way_out_belongs_to_it(void **state)
{
    (void)state;
    assert_text("def close():\n    def f():\n        import x\n    import y\n\n\nimport z\n",
                "dynamic-import import 3 close.f\ndynamic-import import 4 close\n");
    assert_text("def close(x=__import__('a')):\n    pass\n", "");
}

static void test_only_bodies_are_ways_out(void **state)
{
    (void)state;
    assert_text("try:\n    pass\nexcept __import__('a').Error:\n    pass\nelse:\n    import b\n", "");
    assert_text("@__import__('a').b\ndef close():\n    pass\n", "");
    assert_text("class Error:\n    import a\n    def f(self):\n        import b\n", "");
    assert_text("def f():\n    import a\nif x:\n    import b\n", "");
}

static void test_a_way_out_may_be_one_line(void **state)
{
    (void)state;
    assert_text("try: x\nexcept E: import a\nfinally: y; from b import c\n",
                "dynamic-import import 2 -\ndynamic-import import 3 -\n");
    assert_text("def close(): import a\n", "dynamic-import import 1 close\n");
    assert_text("async \tdef \tclose(\n    x,\n): import a\n", "dynamic-import import 3 close\n");
    assert_text("try:\n    x\nexcept(A, B):\n    import a\n", "dynamic-import import 4 -\n");
}

static void test_a_way_out_ends_with_its_indentation(void **state)
{
    (void)state;
    assert_text("def f():\n    try:\n        x\n    except E:\n        y\n# import\n"
                "        import a\n\n    import b\n",
                "dynamic-import import 7 f\n");
    assert_text("def f():\n\ttry:\n\t\tx\n\tfinally:\n\t\tif y:\n\t\t\timport a\n\timport b\n",
                "dynamic-import import 6 f\n");
}

static void test_names_of_what_imports_are_followed(void **state)
{
    (void)state;
    assert_text("from importlib import (import_module as load)\ndef close():\n    load('a')\n",
                "dynamic-import import_module 3 close\n");
    assert_text("import importlib as i, builtins as b\ndef close():\n    i.import_module('a')\n"
                "    b.__import__('a')\n",
                "dynamic-import import_module 3 close\ndynamic-import __import__ 4 close\n");
    assert_text("try:\n    from django.utils.importlib import import_module\nexcept ImportError:\n"
                "    from importlib import import_module\ndef close():\n    import_module('a')\n",
                "dynamic-import import 4 -\ndynamic-import import_module 6 close\n");
    assert_text("from own import import_module\nimport own.importlib as importlib\ndef close():\n"
                "    import_module('a')\n    importlib.import_module('a')\n    self.__import__('a')\n",
                "");
}

static void test_another_file_is_looked_at_for_imports_only(void **state)
{
    (void)state;
    auto_free char *found = rows_of_other("# @slow\ndef test_a():\n    pass\n# def test_b():\n"
                                          "def close():\n    from unittest import mock\n"
                                          "    def test_c():\n        mock.patch('a')\n");
    assert_string_equal(found, "dynamic-import import 6 close\n");
}

static void test_a_text_whose_imports_begin_their_lines_is_not_looked_at(void **state)
{
    (void)state;
    static const char *const IDLE[] = {"", "import a\nfrom b import c\n", "x = 'an import'\n",
                                       "def close():\n    pass\n"};
    static const char *const TOLD[] = {"\timport a\n", "if x: import a\n", "x; import a\n",
                                       "__import__('a')\n"};
    for (size_t i = 0; i < sizeof IDLE / sizeof *IDLE; i++)
        assert_false(SCAN_PYTHON.matters((tree_text){IDLE[i], strlen(IDLE[i])}));
    for (size_t i = 0; i < sizeof TOLD / sizeof *TOLD; i++)
        assert_true(SCAN_PYTHON.matters((tree_text){TOLD[i], strlen(TOLD[i])}));
}

/* "import" again and again in one line: each is looked at once, or this takes minutes. */
static void test_a_line_of_many_imports_is_looked_at_once(void **state)
{
    (void)state;
    static const char WORD[] = "import", HEAD[] = "def close():\n    x = ";
    utr_buf text = {0};
    utr_buf_puts(&text, HEAD);
    for (size_t i = 0; i < 600000; i++)
        utr_buf_puts(&text, WORD);
    auto_free char *whole = utr_buf_take(&text);
    const char *line = whole + strlen(HEAD);
    assert_false(SCAN_PYTHON.matters((tree_text){line, strlen(line)}));
    auto_free char *found = rows_of_other(whole);
    assert_string_equal(found, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_import_where_something_failed_or_ends_is_dynamic),
        cmocka_unit_test(test_methods_and_functions_that_clean_up_count_too),
        cmocka_unit_test(test_what_is_defined_in_a_way_out_belongs_to_it),
        cmocka_unit_test(test_only_bodies_are_ways_out),
        cmocka_unit_test(test_a_way_out_may_be_one_line),
        cmocka_unit_test(test_a_way_out_ends_with_its_indentation),
        cmocka_unit_test(test_names_of_what_imports_are_followed),
        cmocka_unit_test(test_another_file_is_looked_at_for_imports_only),
        cmocka_unit_test(test_a_text_whose_imports_begin_their_lines_is_not_looked_at),
        cmocka_unit_test(test_a_line_of_many_imports_is_looked_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
