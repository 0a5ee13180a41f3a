#include "findings.h"

/* A test of that body, whose lines are indented. */
#define TEST(body) "def test_a(self):\n" body

static void assert_body(const char *text, const char *rows)
{
    assert_findings("test_x.py", text, rows);
}

static void test_a_body_that_does_nothing_is_an_empty_test_of_what_it_holds(void **state)
{
    (void)state;
    assert_body(TEST("    pass\n"), "empty-test pass 1 test_a\n");
    assert_body(TEST("    ...\n"), "empty-test ellipsis 1 test_a\n");
    assert_body("def test_a(): pass\n", "empty-test pass 1 test_a\n");
    assert_body(TEST("    \"\"\"Says much.\n    \"\"\"\n"), "empty-test docstring 1 test_a\n");
    assert_body(TEST("    'one' \"two\"\n    'three'\n"), "empty-test constant+docstring 1 test_a\n");
    assert_body(TEST("    rb'x'\n"), "empty-test constant 1 test_a\n");
    assert_body(TEST("    pass; pass\n    'three'\n    1\n    None\n"),
                "empty-test constant+pass 1 test_a\n");
    assert_body(TEST("    (\n        'in brackets'\n    )\n"), "empty-test docstring 1 test_a\n");
    assert_body(TEST("    # nothing yet\n    pass  # really\n    # at all\n"), "empty-test pass 1 test_a\n");
    assert_body("\n@x(1)\n@y\nasync def test_a():\n    pass\n", "empty-test pass 4 test_a\n");
    assert_body("class TestA:\n    def test_a(self):\n        pass\n", "empty-test pass 2 TestA.test_a\n");
}

static void test_a_true_literal_asserted_a_print_and_a_literal_returned_are_nothing(void **state)
{
    (void)state;
    assert_body(TEST("    assert True\n"), "empty-test assert 1 test_a\n");
    assert_body(
        TEST("    assert (True), 'why'\n    assert 1\n    assert 'x'\n    assert 0x0f\n    assert [0]\n"),
        "empty-test assert 1 test_a\n");
    assert_body(TEST("    print('hello', 1, sep='')\n"), "empty-test print 1 test_a\n");
    assert_body(TEST("    print(answer())\n    return\n"), "empty-test print+return 1 test_a\n");
    assert_body(TEST("    return None\n"), "empty-test return 1 test_a\n");
    assert_body(TEST("    return True\n"), "empty-test return 1 test_a\n");
    assert_body(TEST("    return 1 + 2j\n"), "empty-test return 1 test_a\n");
    assert_body(TEST("    assert 1 - 2j\n"), "empty-test assert 1 test_a\n");
    assert_body(TEST("    return [1, {'a': -2}, (3, None)]\n"), "empty-test return 1 test_a\n");
    assert_body(TEST("    \"\"\"Doc.\"\"\"\n    assert True\n    ...\n    print()\n    pass\n    return\n"),
                "empty-test assert+docstring+ellipsis+pass+print+return 1 test_a\n");
}

static void test_what_does_something_is_no_empty_test(void **state)
{
    (void)state;
    assert_body(TEST("    assert False\n"), "");
    assert_body(TEST("    assert 0\n    assert ''\n    assert None\n    assert ()\n    assert 0.0e5\n"), "");
    assert_body(TEST("    assert x\n"), "");
    assert_body(TEST("    assert [x]\n"), "");
    assert_body(TEST("    assert f''\n"), "");
    assert_body(TEST("    assert 1 == 1\n"), "");
    assert_body(TEST("    answer()\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    return 1 + 2\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    return answer()\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    x = 1\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    if x:\n        pass\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    out.print('x')\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    def inner():\n        pass\n"), "no-assert - 1 test_a\n");
}

static void test_doctests_and_only_assert_true_are_left_alone(void **state)
{
    (void)state;
    assert_body(TEST("    \"\"\"\n    >>> 1 + 1\n    2\n    \"\"\"\n"), "");
    assert_body(TEST("    \"\"\"Doc.\"\"\"\n    self.assertTrue(True)\n"), "");
}

static void test_no_assert_is_a_rule_about_names(void **state)
{
    (void)state;
    assert_body(TEST("    answer()\n    self.client.get('/')\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    self._test_x()\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    eq_(a, b)\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    assertions\n    verify\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    'assert x'\n    # assert x\n    answer()\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    check.this(answer)\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    checks[answer]\n"), "no-assert - 1 test_a\n");
    assert_body(TEST("    run(f'check({x})')\n"), "no-assert - 1 test_a\n");
}

static void test_any_check_will_do(void **state)
{
    (void)state;
    static const char *const CHECKS[] = {
        "    assert x\n",
        "    self.assertEqual(a, b)\n",
        "    np.testing.assert_allclose(a, b)\n",
        "    m.assert_called_once()\n",
        "    expect(page).to_be(x)\n",
        "    self._check(x)\n",
        "    doVerifyAll()\n",
        "    x = CHECK_IT(3)\n",
        "    assertThat(x)\n",
        "    with self.assertRaises(X):\n        answer()\n",
        "    def inner():\n        assert x\n    run(inner)\n",
        "    run(lambda: self.assertTrue(x))\n",
        "    self.fail('no')\n",
        "    cls.fail()\n",
        "    with pytest.raises(X):\n        answer()\n",
        "    pytest.raises(X, answer)\n",
        "    with pytest.warns(X):\n        answer()\n",
        "    check(x)(y)\n",
        "    check[x[0]] (y)\n",
        "    run(f'{check(x)}')\n",
        "    run(f'{y}' f'{check(x)}')\n",
        "    for x in y:\n        if x:\n            self.assertTrue(x)\n",
    };
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, TEST("%s"), CHECKS[i]);
        assert_body(text, "");
    }
}

static void test_what_may_be_a_check_is_left_alone(void **state)
{
    (void)state;
    assert_body(TEST("    answer()\n    assert True\n"), "");
    assert_body(TEST("    pytest.fail('no')\n"), "");
    assert_body(TEST("    with raises(X):\n        answer()\n"), "");
    assert_body(TEST("    with deprecated_call():\n        answer()\n"), "");
    assert_body(TEST("    if x:\n        raise AssertionError('no')\n"), "");
    assert_body(TEST("    raise NotImplementedError\n"), "");
    assert_body("import pytest\n" TEST("    pytest.skip('later')\n"),
                "skip call/pytest.skip/uncond 3 test_a\n");
    assert_body(TEST("    'Doc.'\n    raise unittest.SkipTest('later')\n"),
                "skip raise/SkipTest/uncond 3 test_a\n");
    assert_body(TEST("    answer()\n    raise unittest.SkipTest('later')\n"),
                "no-assert - 1 test_a\nskip raise/SkipTest/uncond 3 test_a\n");
    assert_body(TEST("    answer()\n    raise ValueError\n"), "no-assert - 1 test_a\n");
    assert_body("from pytest import raises as r\n" TEST("    with r(X):\n        answer()\n"), "");
}

static void test_names_that_only_runners_take_for_tests_are_told_apart(void **state)
{
    (void)state;
    assert_body("def testA():\n    pass\n", "empty-test other-name:pass 1 testA\n");
    assert_body("class TestA:\n    def testA(self):\n        answer()\n",
                "no-assert other-name:- 2 TestA.testA\n");
    assert_body("class XTests(X):\n    def test_a(self):\n        pass\n", "");
}

static void test_a_broken_body_is_no_empty_one(void **state)
{
    (void)state;
    assert_body("def test_a():\n    pass\n    x = = 3 (\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_body_that_does_nothing_is_an_empty_test_of_what_it_holds),
        cmocka_unit_test(test_a_true_literal_asserted_a_print_and_a_literal_returned_are_nothing),
        cmocka_unit_test(test_what_does_something_is_no_empty_test),
        cmocka_unit_test(test_doctests_and_only_assert_true_are_left_alone),
        cmocka_unit_test(test_no_assert_is_a_rule_about_names),
        cmocka_unit_test(test_any_check_will_do),
        cmocka_unit_test(test_what_may_be_a_check_is_left_alone),
        cmocka_unit_test(test_names_that_only_runners_take_for_tests_are_told_apart),
        cmocka_unit_test(test_a_broken_body_is_no_empty_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
