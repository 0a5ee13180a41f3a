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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_test_inside_a_function_is_never_collected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
