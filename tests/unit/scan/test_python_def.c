#include "findings.h"

#include "base/buf.h"
#include "scan/language.h"

#include <string.h>

/* A def that is seen to be a test, for it is empty. */
#define DEF(indent, name) indent "def " name "(self):\n" indent "    pass\n"

static void assert_text(const char *text, const char *rows)
{
    assert_findings("test_x.py", text, rows);
}

static void test_a_test_is_a_function_of_that_name_at_module_level(void **state)
{
    (void)state;
    assert_text(DEF("", "test_a"), "empty-test pass 1 test_a\n");
    assert_text("async def test_a():\n    pass\n", "empty-test pass 1 test_a\n");
    assert_text(DEF("", "test_"), "empty-test pass 1 test_\n");
    assert_text(DEF("", "helper") DEF("", "a_test") DEF("", "_test_a") DEF("", "Test_a"), "");
    assert_text("class test_a:\n    pass\n", "");
}

static void test_a_test_may_stand_below_if_try_and_with(void **state)
{
    (void)state;
    assert_text(
        "if x:\n" DEF("    ", "test_a") "elif y:\n" DEF("    ", "test_b") "else:\n" DEF("    ", "test_c"),
        "empty-test pass 2 test_a\nempty-test pass 5 test_b\nempty-test pass 8 test_c\n");
    assert_text("try:\n" DEF("    ", "test_a") "except X:\n" DEF("    ", "test_b") "else:\n" DEF(
                    "    ", "test_c") "finally:\n" DEF("    ", "test_d"),
                "empty-test pass 2 test_a\nempty-test pass 5 test_b\nempty-test pass 8 test_c\n"
                "empty-test pass 11 test_d\n");
    assert_text(
        "with x:\n    if y:\n        class TestA:\n            if z:\n" DEF("                ", "test_a"),
        "empty-test pass 5 TestA.test_a\n");
    assert_text("for x in y:\n" DEF("    ", "test_a"), "");
    assert_text("while x:\n" DEF("    ", "test_a"), "");
}

static void test_a_test_is_never_inside_a_function(void **state)
{
    (void)state;
    assert_text("def make():\n" DEF("    ", "test_a"), "uncollected-test nested 2 make.test_a\n");
    assert_text("def make():\n    class TestA:\n" DEF("        ", "test_a"),
                "uncollected-test nested 3 make.TestA.test_a\n");
}

static void test_a_class_of_tests_is_named_so_or_is_a_case(void **state)
{
    (void)state;
    assert_text("class TestA:\n" DEF("    ", "test_a"), "empty-test pass 2 TestA.test_a\n");
    assert_text("class Test:\n" DEF("    ", "test_a"), "empty-test pass 2 Test.test_a\n");
    assert_text("class ATest:\n" DEF("    ", "test_a"), "");
    assert_text("class ATests(Base):\n" DEF("    ", "test_a"), "");
    assert_text("class A(unittest.TestCase):\n" DEF("    ", "test_a"), "empty-test pass 2 A.test_a\n");
    assert_text("class A(Mixin, x.y.IsolatedAsyncioTestCase):\n" DEF("    ", "test_a"),
                "empty-test pass 2 A.test_a\n");
    assert_text("class A(TestCase[int], metaclass=M):\n" DEF("    ", "test_a"),
                "empty-test pass 2 A.test_a\n");
    assert_text("class A(metaclass=TestCase):\n" DEF("    ", "test_a"), "");
    assert_text("class A(TestCases):\n" DEF("    ", "test_a"), "");
}

static void test_a_class_is_a_case_through_classes_of_the_file(void **state)
{
    (void)state;
    assert_text("class A(TestCase):\n    pass\nclass B(A):\n    pass\nclass C(X, B):\n" DEF("    ", "test_a"),
                "empty-test pass 6 C.test_a\n");
    assert_text("class C(B):\n" DEF("    ", "test_a") "class B(A):\n    pass\nclass A(TestCase):\n    pass\n",
                "empty-test pass 2 C.test_a\n");
    assert_text("class A(B):\n" DEF("    ", "test_a") "class B(A):\n" DEF("    ", "test_b"), "");
}

static void test_each_class_around_a_test_holds_tests(void **state)
{
    (void)state;
    assert_text("class TestA:\n    class TestB:\n" DEF("        ", "test_a"),
                "empty-test pass 3 TestA.TestB.test_a\n");
    assert_text("class A:\n    class TestB:\n" DEF("        ", "test_a"), "");
}

static void test_fixtures_properties_and_abstract_methods_are_no_tests(void **state)
{
    (void)state;
    static const char *const DECORATORS[] = {
        "pytest.fixture",
        "pytest.fixture(scope='module')",
        "fixture",
        "pytest_asyncio.fixture()",
        "my_fixture",
        "property",
        "functools.cached_property",
        "test_a.setter",
        "abc.abstractmethod",
        "overload",
    };
    for (size_t i = 0; i < sizeof DECORATORS / sizeof *DECORATORS; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "@x\n@%s\ndef test_a():\n    pass\n", DECORATORS[i]);
        assert_text(text, "");
    }
    assert_text("@fixtures\n@pytest.mark.usefixtures('x')\n" DEF("", "test_a"), "empty-test pass 3 test_a\n");
}

/* Scan as if a project had these settings. */
static void assert_with_settings(const scan_settings *settings, const char *text, const char *symbols)
{
    auto_scan_file scan_file file = {0};
    auto_tree tree parsed = {0};
    auto_buf utr_buf found = {0};
    const utr_strs none = {0};
    tree_parser *parser = tree_parser_new();
    const scan_source source = {.path = "test_x.py",
                                .text = {text, strlen(text)},
                                .settings = settings,
                                .mocks = &none,
                                .parser = parser,
                                .tree = &parsed};
    SCAN_PYTHON.prepare();
    SCAN_PYTHON.read(&source, &file);
    for (size_t i = 0; i < file.findings.count; i++)
        utr_buf_print(&found, "%s ", file.findings.items[i].symbol);
    assert_string_equal(utr_buf_text(&found), symbols);
    tree_parser_free(parser);
}

static void test_a_projects_own_settings_say_what_a_test_is(void **state)
{
    (void)state;
    scan_settings settings = {0};
    utr_strs_add(&settings.functions, "check");
    utr_strs_add(&settings.functions, "*_test");
    assert_with_settings(&settings,
                         DEF("", "check_a") DEF("", "a_test") DEF("", "test_a")
                             DEF("", "a_tests") "class A(TestCase):\n" DEF("    ", "test_b")
                                 DEF("    ", "check_b"),
                         "check_a a_test A.test_b ");
    utr_strs_dispose(&settings.functions);
    utr_strs_add(&settings.classes, "*Tests");
    utr_strs_add(&settings.classes, "Suite");
    assert_with_settings(
        &settings,
        "class ATests:\n" DEF("    ", "test_a") "class TestB:\n" DEF("    ", "test_b") "class SuiteC:\n" DEF(
            "    ", "test_c") "class D(TestCase):\n" DEF("    ", "test_d"),
        "ATests.test_a SuiteC.test_c D.test_d ");
    utr_strs_dispose(&settings.classes);
}

static void test_symbols_join_the_names_around(void **state)
{
    (void)state;
    assert_text("class A:\n    def f(self):\n        class B:\n            pass\n        def test_g():\n"
                "            pass\n    def h(self):\n        pass\nclass TestC:\n" DEF("    ", "test_i"),
                "uncollected-test nested 5 A.f.test_g\nempty-test pass 10 TestC.test_i\n");
}

static void test_what_the_grammar_recovers_is_read(void **state)
{
    (void)state;
    assert_text(DEF("", "test_a") "x = = y\n" DEF("", "test_b") "class :\n" DEF("", "test_c"),
                "empty-test pass 1 test_a\nempty-test pass 4 test_b\nempty-test pass 7 test_c\n");
}

static void test_ten_thousand_defs_and_an_endless_name_are_read_in_no_time(void **state)
{
    (void)state;
    auto_buf utr_buf text = {.limit = 64 << 20};
    utr_buf_puts(&text, "class Test");
    for (int i = 0; i < 100000; i++)
        utr_buf_puts(&text, "x");
    utr_buf_puts(&text, ":\n");
    for (int i = 0; i < 10000; i++)
        utr_buf_print(&text, "    def f%d(self): pass\n", i);
    for (int i = 0; i < 10000; i++)
        utr_buf_print(&text, "class C%d(C%d): pass\n", i, i + 1);
    utr_buf_puts(&text, "class C10000(TestCase): pass\n");
    for (int i = 0; i < 300; i++)
        utr_buf_print(&text, "%*sdef d%d():\n", i, "", i);
    utr_buf_print(&text, "%*spass\n", 300, "");
    assert_text(utr_buf_text(&text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_test_is_a_function_of_that_name_at_module_level),
        cmocka_unit_test(test_a_test_may_stand_below_if_try_and_with),
        cmocka_unit_test(test_a_test_is_never_inside_a_function),
        cmocka_unit_test(test_a_class_of_tests_is_named_so_or_is_a_case),
        cmocka_unit_test(test_a_class_is_a_case_through_classes_of_the_file),
        cmocka_unit_test(test_each_class_around_a_test_holds_tests),
        cmocka_unit_test(test_fixtures_properties_and_abstract_methods_are_no_tests),
        cmocka_unit_test(test_a_projects_own_settings_say_what_a_test_is),
        cmocka_unit_test(test_symbols_join_the_names_around),
        cmocka_unit_test(test_what_the_grammar_recovers_is_read),
        cmocka_unit_test(test_ten_thousand_defs_and_an_endless_name_are_read_in_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
