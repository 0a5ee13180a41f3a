#include "findings.h"

/* A call is what names are tried with: its row tells that it was understood. */
static void assert_names(const char *text, const char *rows)
{
    assert_findings_of("skip", "test_x.py", text, rows);
}

static void test_names_of_pytest_and_unittest_need_no_import(void **state)
{
    (void)state;
    assert_names("pytest.skip()\n", "skip call/pytest.skip/uncond 1 -\n");
    assert_names("raise unittest.SkipTest\n", "skip raise/SkipTest/uncond 1 -\n");
    assert_names("from twisted.trial import unittest\n@unittest.skip\ndef test_a(): f()\n",
                 "skip decorator/unittest.skip/uncond 2 test_a\n");
    assert_names("import x as pytest\npytest.skip()\n", "skip call/pytest.skip/uncond 2 -\n");
    assert_names("pt.skip()\nskip()\nskipIf(x)\nraise unit.SkipTests\n", "");
}

static void test_names_follow_the_aliases_of_modules(void **state)
{
    (void)state;
    assert_names("import os, pytest as pt\npt.skip()\n", "skip call/pytest.skip/uncond 2 -\n");
    assert_names("import unittest as ut\nraise ut.SkipTest('no')\n", "skip raise/SkipTest/uncond 2 -\n");
    assert_names("import unittest.case as uc\nraise uc.SkipTest('no')\n", "skip raise/SkipTest/uncond 2 -\n");
    assert_names("import os as pt\npt.skip()\n", "");
    assert_names("import pytest.x\npt.skip()\n", "");
}

static void test_names_follow_what_is_taken_from_modules(void **state)
{
    (void)state;
    assert_names("from pytest import (\n    raises,  # x\n    skip as away,\n)\naway()\n",
                 "skip call/pytest.skip/uncond 5 -\n");
    assert_names("from pytest import mark as m\n@m.skip\ndef test_a(): f()\n",
                 "skip decorator/pytest.mark.skip/uncond 2 test_a\n");
    assert_names("from unittest import skipIf as si\n@si(x)\ndef test_a(): f()\n",
                 "skip decorator/unittest.skipIf/cond 2 test_a\n");
    assert_names("from unittest.case import skip, SkipTest as S\n@skip('x')\ndef test_a(): f()\nraise S\n",
                 "skip decorator/unittest.skip/uncond 2 test_a\n"
                 "skip raise/SkipTest/uncond 4 -\n");
    assert_names("from unittest import case\n@case.skip('x')\ndef test_a(): f()\n",
                 "skip decorator/unittest.skip/uncond 2 test_a\n");
    assert_names("from nose import skip\nskip()\nfrom pytest import mark\n@m.skip\ndef test_a(): f()\n", "");
}

static void test_names_are_bound_by_imports_anywhere_in_the_file(void **state)
{
    (void)state;
    assert_names(
        "def test_a():\n    s()\nclass A:\n    def g(self):\n        if x: from pytest import skip as s\n",
        "skip call/pytest.skip/uncond 2 test_a\n");
    assert_names("try:\n    import pytest as p\nexcept ImportError:\n    p = None\np.skip()\n",
                 "skip call/pytest.skip/uncond 5 -\n");
}

static void test_names_come_from_star_imports_of_what_is_known(void **state)
{
    (void)state;
    assert_names("from pytest import *\nskip()\n@mark.skip\ndef test_a(): f()\n",
                 "skip call/pytest.skip/uncond 2 -\n"
                 "skip decorator/pytest.mark.skip/uncond 3 test_a\n");
    assert_names("from unittest import *\n@skipUnless(x, y)\ndef test_a(): f()\nraise SkipTest\n",
                 "skip decorator/unittest.skipUnless/cond 2 test_a\n"
                 "skip raise/SkipTest/uncond 4 -\n");
    assert_names("from unittest.case import *\n@skip('x')\ndef test_a(): f()\n",
                 "skip decorator/unittest.skip/uncond 2 test_a\n");
    assert_names("from os import *\nskip()\n@mark.skip\ndef test_a(): f()\n", "");
    assert_names("from .pytest import *\nskip()\n", "");
    assert_names("from pytest import *\nfrom x import skip\nskip()\n", "");
}

static void test_names_of_relative_imports_are_the_projects_own(void **state)
{
    (void)state;
    assert_names("from . import skip\nskip()\nfrom .pytest import skip as s\ns()\n", "");
    assert_names("from ..pytest import mark\n@mark.skip\ndef test_a(): f()\n", "");
}

static void test_names_bound_twice_are_what_the_kinds_are_about(void **state)
{
    (void)state;
    assert_names(
        "try:\n    from unittest import skipIf\nexcept ImportError:\n    from unittest2 import skipIf\n"
        "@skipIf(x)\ndef test_a(): f()\n",
        "skip decorator/unittest.skipIf/cond 5 test_a\n");
    assert_names("from a import skip\nfrom pytest import skip\nfrom z import skip\nskip()\n",
                 "skip call/pytest.skip/uncond 4 -\n");
}

static void test_names_stand_in_parentheses_and_over_lines(void **state)
{
    (void)state;
    assert_names("(pytest\n . skip)()\n", "skip call/pytest.skip/uncond 1 -\n");
    assert_names("import pytest as \\\n  pt\npt.skip()\n", "skip call/pytest.skip/uncond 3 -\n");
    assert_names("x[0].skip()\nf().skip()\n'pytest'.skip()\n", "");
}

static void test_names_too_long_for_anybody_are_none(void **state)
{
    (void)state;
#define TEN(x) x x x x x x x x x x
    assert_names("pytest" TEN(TEN(".a")) ".skip()\n", "");
    assert_names("import " TEN(TEN("pytest")) " as x\nx.skip()\npytest" TEN(TEN("aaa")) ".skip()\n", "");
#undef TEN
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_pytest_and_unittest_need_no_import),
        cmocka_unit_test(test_names_follow_the_aliases_of_modules),
        cmocka_unit_test(test_names_follow_what_is_taken_from_modules),
        cmocka_unit_test(test_names_are_bound_by_imports_anywhere_in_the_file),
        cmocka_unit_test(test_names_come_from_star_imports_of_what_is_known),
        cmocka_unit_test(test_names_of_relative_imports_are_the_projects_own),
        cmocka_unit_test(test_names_bound_twice_are_what_the_kinds_are_about),
        cmocka_unit_test(test_names_stand_in_parentheses_and_over_lines),
        cmocka_unit_test(test_names_too_long_for_anybody_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
