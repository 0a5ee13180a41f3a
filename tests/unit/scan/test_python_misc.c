#include "findings.h"

static void assert_text(const char *text, const char *rows)
{
    assert_findings("tests/help.py", text, rows);
}

static void test_a_test_inside_a_function_is_never_collected(void **state)
{
    (void)state;
    assert_text("def f():\n    if x:\n        @y\n        async def test_a():\n            assert z\n",
                "uncollected-test nested 4 f.test_a\n");
    assert_text(
        "def test_b():\n    assert x\n    class TestC:\n        def test_d(self):\n            pass\n",
        "uncollected-test nested 4 test_b.TestC.test_d\n");
    assert_text("def f():\n    def testing():\n        pass\n    class test_a:\n        pass\n", "");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_test_inside_a_function_is_never_collected),
        cmocka_unit_test(test_an_import_where_something_failed_or_ends_is_dynamic),
        cmocka_unit_test(test_methods_and_functions_that_clean_up_count_too),
        cmocka_unit_test(test_what_is_defined_in_a_way_out_belongs_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
