#include "findings.h"

#include <string.h>

#define DEF "def f(): g()\n"

static void assert_disabled(const char *text, const char *rows)
{
    assert_findings_of("disabled-decorator", "test_x.py", text, rows);
}

static void assert_commented(const char *text, const char *rows)
{
    assert_findings_of("commented-test", "test_x.py", text, rows);
}

static void assert_in_string(const char *text, const char *rows)
{
    assert_findings_of("uncollected-test", "test_x.py", text, rows);
}

static void assert_memory(const char *text, const char *rows)
{
    assert_findings_of("mock", "test_x.py", text, rows);
}

static void test_a_comment_that_is_a_decorator_is_disabled(void **state)
{
    (void)state;
    static const char *const DECORATORS[] = {
        "# @x\n",          "#@x\n",          "##@x\n",        "# # @x\n",   "#\t@x\n",        "# @x()\n",
        "# @x(1, 'a)')\n", "# @x[0].y(1)\n", "# @x(1)(2)\n",  "  # @x\n",   "# @x  \r\n",     "# @x\n\n\n",
        "# @x(a=[{}])\n",  "# @x(...)\n",    "# @x\n# why\n", "# @x\n@y\n", "# @x(f'{a}')\n",
    };
    for (size_t i = 0; i < sizeof DECORATORS / sizeof *DECORATORS; i++) {
        char *text = utr_format("%s" DEF, DECORATORS[i]);
        assert_disabled(text, "disabled-decorator x 1 f\n");
        free(text);
    }
    assert_disabled("# @a.b.c(1).d\nasync def f(): g()\n", "disabled-decorator a.b.c 1 f\n");
    assert_disabled("# @x\nclass A:\n    # @y\n    def f(self): g()\n",
                    "disabled-decorator x 1 A\ndisabled-decorator y 3 A.f\n");
    assert_disabled("@a\n# @b\n@c\n" DEF, "disabled-decorator b 2 f\n");
    assert_disabled("# @x\n# @y\n" DEF, "disabled-decorator x 1 f\ndisabled-decorator y 2 f\n");
}

static void test_a_disabled_decorator_may_go_on_in_the_comments_below_it(void **state)
{
    (void)state;
    assert_disabled("# @x(\n#     1,  # one (\n#     'b',\n# )\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x(\n# 1\n# ) disabled\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x(\n# 1\n# ) and so on\n" DEF, "");
    assert_disabled("# @x(\n# 1\n" DEF, "");
    assert_disabled("# @x(\n#   # that's one\n# )\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("## @x(\n##   1,\n## # 2)\n## )\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# # @x(\n# #   1,\n# # )\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x(\n#  '''(\n# # )''')\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x(\n#  '''(\n# )\n" DEF, "");
    assert_disabled("# @x('', '''''')\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x(\n# # 1)\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x(\n# 'a\\\n# ('\n# )\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x(\n# 'a\n# '\n# )\n" DEF, "");
    assert_disabled("# @x(\n\n# )\n" DEF, "");
    assert_disabled("# @x(\n# @y\n" DEF, "disabled-decorator y 2 f\n");
}

static void test_a_remark_may_stand_behind_a_disabled_decorator(void **state)
{
    (void)state;
    static const char *const REMARKS[] = {
        "# why",
        "- why",
        "-- why",
        "-> why",
        "--> why",
        "<- why",
        "=> why",
        "// why",
        "; why",
        "\xE2\x80\x93 why",
        "\xE2\x80\x94 why",
        "disabled",
        "Disabled: why",
        "(temporarily) off",
        "TODO",
        "re-enable soon",
        "[skip]",
        "off.",
        "XXX",
        "uncomment this",
        "deactivated",
        "removed, see 12",
    };
    for (size_t i = 0; i < sizeof REMARKS / sizeof *REMARKS; i++) {
        char *text = utr_format("# @x.y(1) %s\n" DEF, REMARKS[i]);
        assert_disabled(text, "disabled-decorator x.y 1 f\n");
        free(text);
    }
}

static void test_prose_is_no_decorator(void **state)
{
    (void)state;
    static const char *const PROSE[] = {
        "# @pytest.fixture would help\n",
        "# @marked: why\n",
        "# @x, @y\n",
        "# see @x\n",
        "# me@example.com\n",
        "# @ x\n",
        "# @\n",
        "# @1\n",
        "# @param\n",
        "# @return\n",
        "# @Author\n",
        "# @todo - later\n",
        "# @x(a b)\n",
        "# @x(1,, 2)\n",
        "# @x(')\n",
        "# @x(\n",
        "# @x skipping\n",
        "# @x offset\n",
        "# @x.\n",
        "x = 1  # @x\n",
        "'''\n# @x\n'''\n",
        "# @x\ny = 1\n",
        "# @x\nimport y\n",
        "# @x\nasync with y: pass\n",
        "# @x\nasync for y in z: pass\n",
        "# @x\nasyncdef = 1\n",
        "a = [\n# @x\n]\n",
        "# @def\n",
        "# @x(y)z\n",
    };
    for (size_t i = 0; i < sizeof PROSE / sizeof *PROSE; i++) {
        char *text = utr_format("%s" DEF, PROSE[i]);
        assert_disabled(text, "");
        free(text);
    }
    assert_disabled("# @x\n", "");
    assert_disabled("# @param('a', 1)\n" DEF, "disabled-decorator param 1 f\n");
}

static void test_a_decorator_that_went_with_its_function_is_not_disabled(void **state)
{
    (void)state;
    assert_disabled("# @x\n# def a(): pass\n\n" DEF, "");
    assert_disabled("# @x\n# async def a():\n" DEF, "");
    assert_disabled("# @x\n# class A:\n" DEF, "");
    assert_disabled("# @x\n# class A(B):\n" DEF, "");
    assert_disabled("# @x\n# REMOVED: def a():\n" DEF, "");
    assert_disabled("# def a():\n#   pass\n# @x\n" DEF, "disabled-decorator x 3 f\n");
    assert_disabled("# @x\n# def is a word\n" DEF, "disabled-decorator x 1 f\n");
    assert_disabled("# @x\n" DEF "# def a():\n" DEF, "disabled-decorator x 1 f\n");
}

static void test_files_that_do_not_parse_have_comments_all_the_same(void **state)
{
    (void)state;
    assert_disabled("print 'a' if ) else\n\n# @x\n" DEF "x = (\n# @y\n" DEF "'''\n# @z\n" DEF,
                    "disabled-decorator x 3 f\n");
    assert_commented("'a\n# def test_a():\nx = = 1\n", "commented-test head 2 test_a\n");
}

static void test_each_commented_test_is_told_of(void **state)
{
    (void)state;
    assert_commented("# def test_a():\n#     pass\n# async def test_b(x):\n\n  ## def test_c(self):\n",
                     "commented-test head 1 test_a\ncommented-test more 3 test_b\n"
                     "commented-test head 5 test_c\n");
    assert_commented("# REMOVED_SYNTAX_ERROR: def test_x(\n", "commented-test head/labelled 1 test_x\n");
    assert_commented("# Removed problematic line: async def test_x(a):\n",
                     "commented-test head/labelled 1 test_x\n");
    assert_commented("# todo - def test_x():\n", "commented-test head/labelled 1 test_x\n");
    assert_commented("f(\n# def test_a():\n)\n", "commented-test head 2 test_a\n");
    assert_commented("# def test_a():\nx = 1\n# def test_b():\n",
                     "commented-test head 1 test_a\ncommented-test head 3 test_b\n");
}

static void test_other_comments_are_no_tests(void **state)
{
    (void)state;
    assert_commented("x = 1  # def test_a():\n# def helper():\n# class TestA:\n# def test_a\n# def testa():\n"
                     "# see: def test_a():\n# \"removed\": def test_a():\n# removed def test_a():\n"
                     "# 1 removed: def test_a():\n'''\n# def test_a():\n'''\n",
                     "");
}

static void test_a_test_in_a_string_of_its_own_is_never_collected(void **state)
{
    (void)state;
    assert_in_string(
        "class A:\n    '''\n    def test_a(self):\n        f()\n    async def test_b(): pass\n    '''\n",
        "uncollected-test in-string 3 test_a\nuncollected-test in-string 5 test_b\n");
    assert_in_string("'''def test_a(): pass\n'''\n", "uncollected-test in-string 1 test_a\n");
    assert_in_string("'def test_a(): pass'  ; f()\nf(); 'def test_b():'\n",
                     "uncollected-test in-string 1 test_a\nuncollected-test in-string 2 test_b\n");
    assert_in_string("f(); x = 'def test_a():'; g()\n'def test_b():' + y\n", "");
    assert_in_string("x = '''\ndef test_a(): pass\n'''\n", "");
    assert_in_string("f('''\ndef test_a(): pass\n''')\n", "");
    assert_in_string("'''\n>>> def test_a(): pass\nabout def test_b():\ndef helper():\n'''\n", "");
    assert_in_string("def test_a(): '''\nthe test\n'''\n", "");
}

static void test_a_database_in_memory_is_a_mock(void **state)
{
    (void)state;
    assert_memory("class A:\n    def f(self):\n        x('sqlite:///:memory:')\n",
                  "mock string/sqlite-memory 3 A.f\n");
    assert_memory("@x('sqlite+aiosqlite:///:memory:?a')\ndef f(): pass\n", "mock string/sqlite-memory 1 f\n");
    assert_memory("x = f'''\n{a} sqlite:///:memory: sqlite:///:memory:\n\nsqlite:///:memory:'''\n",
                  "mock string/sqlite-memory 2 -\nmock string/sqlite-memory 4 -\n");
    assert_memory("# sqlite:///:memory:\n'sqlite:///:memory:'\nx = 'sqlite:////tmp/x'\ny = ':memory:'\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_comment_that_is_a_decorator_is_disabled),
        cmocka_unit_test(test_a_disabled_decorator_may_go_on_in_the_comments_below_it),
        cmocka_unit_test(test_a_remark_may_stand_behind_a_disabled_decorator),
        cmocka_unit_test(test_prose_is_no_decorator),
        cmocka_unit_test(test_a_decorator_that_went_with_its_function_is_not_disabled),
        cmocka_unit_test(test_files_that_do_not_parse_have_comments_all_the_same),
        cmocka_unit_test(test_each_commented_test_is_told_of),
        cmocka_unit_test(test_other_comments_are_no_tests),
        cmocka_unit_test(test_a_test_in_a_string_of_its_own_is_never_collected),
        cmocka_unit_test(test_a_database_in_memory_is_a_mock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
