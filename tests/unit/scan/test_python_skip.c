#include "findings.h"

#include <string.h>

#define TEST "def test_a(): f()\n"

static void assert_skips(const char *text, const char *rows)
{
    assert_findings_of("skip", "test_x.py", text, rows);
}

static void assert_xfails(const char *text, const char *rows)
{
    assert_findings_of("xfail", "test_x.py", text, rows);
}

static void test_skip_decorators_are_found_on_any_def_and_class(void **state)
{
    (void)state;
    assert_skips("@pytest.mark.skip\n" TEST, "skip decorator/pytest.mark.skip/uncond 1 test_a\n");
    assert_skips("@pytest.mark.skip(\n    reason='x')\n@other\nasync def helper(): f()\n",
                 "skip decorator/pytest.mark.skip/uncond 1 helper\n");
    assert_skips("@unittest.skip\nclass A:\n  @unittest.skip('x')\n  def b(self): f()\n",
                 "skip decorator/unittest.skip/uncond 1 A\n"
                 "skip decorator/unittest.skip/uncond 3 A.b\n");
    assert_skips("@a\n@pytest.mark.skipif(x)\n@pytest.mark.skip\n" TEST,
                 "skip decorator/pytest.mark.skipif/cond 2 test_a\n"
                 "skip decorator/pytest.mark.skip/uncond 3 test_a\n");
    assert_skips("@(pytest.mark.skip)\n" TEST, "skip decorator/pytest.mark.skip/uncond 1 test_a\n");
    assert_skips("def test_a():\n    @unittest.skip('x')\n    class B: pass\n",
                 "skip decorator/unittest.skip/uncond 2 test_a.B\n");
    assert_skips("@pytest.mark.skipper\n@mark.skip\n@skip\n@unittest.skipping(1)\n" TEST, "");
    assert_skips("# @pytest.mark.skip\n'''\n@pytest.mark.skip\n'''\n" TEST, "");
}

static void test_skip_without_a_condition_or_with_one_that_always_skips_is_unconditional(void **state)
{
    (void)state;
    static const char *const ALWAYS[] = {
        "pytest.mark.skipif",
        "pytest.mark.skipif()",
        "pytest.mark.skipif(reason='x')",
        "pytest.mark.skipif(True, reason='x')",
        "pytest.mark.skipif(condition=True)",
        "pytest.mark.skipif(reason='x', condition=1)",
        "pytest.mark.skipif((True))",
        "pytest.mark.skipif(-1)",
        "pytest.mark.skipif(0x0a)",
        "pytest.mark.skipif(.5)",
        "pytest.mark.skipif(...)",
        "unittest.skipIf(True, 'x')",
        "unittest.skipUnless(False, 'x')",
        "unittest.skipUnless(None, 'x')",
        "unittest.skipUnless(0, 'x')",
        "unittest.skipUnless(0.0e5, 'x')",
        "unittest.skipUnless(condition=False, reason='x')",
    };
    for (size_t i = 0; i < sizeof ALWAYS / sizeof *ALWAYS; i++) {
        auto_free char *text = utr_format("@%s\n" TEST, ALWAYS[i]);
        auto_free char *rows =
            utr_format("skip decorator/%.*s/uncond 1 test_a\n", (int)strcspn(ALWAYS[i], "("), ALWAYS[i]);
        assert_skips(text, rows);
    }
}

static void test_skip_with_any_other_condition_is_conditional(void **state)
{
    (void)state;
    static const char *const DEPENDS[] = {
        "pytest.mark.skipif(x, reason='x')",
        "pytest.mark.skipif(not True)",
        "pytest.mark.skipif(False)",
        "pytest.mark.skipif(0)",
        "pytest.mark.skipif(0x0)",
        "pytest.mark.skipif(None)",
        "pytest.mark.skipif('True')",
        "pytest.mark.skipif('a' 'b', reason='x')",
        "pytest.mark.skipif(f'{x}')",
        "pytest.mark.skipif(*x)",
        "pytest.mark.skipif(**x)",
        "pytest.mark.skipif(condition=sys.platform == 'x')",
        "pytest.mark.skipif(x for x in y)",
        "pytest.mark.skipif(True or x)",
        "pytest.mark.skipif(~1)",
        "unittest.skipIf(False, 'x')",
        "unittest.skipUnless(True, 'x')",
        "unittest.skipUnless(x, 'x')",
        "unittest.skipUnless('', 'x')",
    };
    for (size_t i = 0; i < sizeof DEPENDS / sizeof *DEPENDS; i++) {
        auto_free char *text = utr_format("@%s\n" TEST, DEPENDS[i]);
        auto_free char *rows =
            utr_format("skip decorator/%.*s/cond 1 test_a\n", (int)strcspn(DEPENDS[i], "("), DEPENDS[i]);
        assert_skips(text, rows);
    }
}

static void test_skip_in_pytestmark_is_found_alone_and_in_lists_and_tuples(void **state)
{
    (void)state;
    assert_skips("pytestmark = pytest.mark.skip\n", "skip pytestmark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("pytestmark = pytest.mark.skipif(\n    x, reason='x')\n",
                 "skip pytestmark/pytest.mark.skipif/cond 1 -\n");
    assert_skips("pytestmark = [\n    pytest.mark.slow,\n    pytest.mark.skip(\n        'x'),\n"
                 "    pytest.mark.skipif(y),\n]\n",
                 "skip pytestmark/pytest.mark.skip/uncond 3 -\n"
                 "skip pytestmark/pytest.mark.skipif/cond 5 -\n");
    assert_skips("pytestmark = (pytest.mark.skip, a)\n", "skip pytestmark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("pytestmark = (\n    pytest.mark.skip)\n", "skip pytestmark/pytest.mark.skip/uncond 2 -\n");
    assert_skips("pytestmark = pytest.mark.skip,\n", "skip pytestmark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("pytestmark += [pytest.mark.skip]\n", "skip pytestmark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("pytestmark: list = [pytest.mark.skip]\n", "skip pytestmark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("x = pytestmark = pytest.mark.skip\n", "skip pytestmark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("pytestmark = x = pytest.mark.skip\n", "skip pytestmark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("class A:\n  class B:\n    pytestmark = [pytest.mark.skip]\n",
                 "skip pytestmark/pytest.mark.skip/uncond 3 A.B\n");
    assert_skips("if x:\n    pytestmark = pytest.mark.skip\n",
                 "skip pytestmark/pytest.mark.skip/uncond 2 -\n");
}

static void test_skip_marks_elsewhere_are_told_apart(void **state)
{
    (void)state;
    assert_skips("needs = pytest.mark.skipif(x)\n@needs\n" TEST, "skip mark/pytest.mark.skipif/cond 1 -\n");
    assert_skips("x = [pytest.param(1, marks=pytest.mark.skip)]\n",
                 "skip mark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("x = unittest.skip('x')\n", "skip mark/unittest.skip/uncond 1 -\n");
    assert_skips("def f(item):\n    item.add_marker(pytest.mark.skip)\n",
                 "skip mark/pytest.mark.skip/cond 2 f\n");
    assert_skips("def f():\n    pytestmark = pytest.mark.skip\n", "skip mark/pytest.mark.skip/cond 2 f\n");
    assert_skips("pytestmark = [[pytest.mark.skip]]\n", "skip mark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("pytestmark = f(pytest.mark.skip)\n", "skip mark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("pytestmarks = [pytest.mark.skip]\n", "skip mark/pytest.mark.skip/uncond 1 -\n");
    assert_skips("from unittest import skip\ng(skip, unittest.skip)\n", "");
    assert_skips("pytest.mark.skip.name\n", "");
}

static void test_skip_calls_are_found_wherever_they_stand(void **state)
{
    (void)state;
    assert_skips("def test_a():\n    pytest.skip(\n        'x')\n",
                 "skip call/pytest.skip/uncond 2 test_a\n");
    assert_skips("pytest.skip('x', allow_module_level=True)\n", "skip call/pytest.skip/uncond 1 -\n");
    assert_skips("class A:\n    def setUp(self):\n        self.skipTest('x')\n",
                 "skip call/skipTest/uncond 3 A.setUp\n");
    assert_skips("class A:\n    def setUpClass(cls):\n        cls.skipTest('x')\n",
                 "skip call/skipTest/uncond 3 A.setUpClass\n");
    assert_skips("x = pytest.importorskip('x')\ndef f(): return pytest.importorskip('y')\n",
                 "skip call/pytest.importorskip/cond 1 -\n"
                 "skip call/pytest.importorskip/cond 2 f\n");
    assert_skips("x = f'{pytest.skip(y)}'\n", "skip call/pytest.skip/uncond 1 -\n");
    assert_skips("raise pytest.skip('x')\n", "skip call/pytest.skip/uncond 1 -\n");
    assert_skips("pytest.skip\nself.skipTests()\nskipTest()\npytest.skipped()\n", "");
}

static void test_skip_raised_is_found_with_and_without_a_call(void **state)
{
    (void)state;
    assert_skips("def test_a():\n    raise unittest.SkipTest\n", "skip raise/SkipTest/uncond 2 test_a\n");
    assert_skips("raise unittest.SkipTest('x') from e\n", "skip raise/SkipTest/uncond 1 -\n");
    assert_skips(
        "from unittest import SkipTest as S\ndef f():\n    if x:\n        raise S(\n            'x')\n",
        "skip raise/SkipTest/cond 4 f\n");
    assert_skips(
        "raise\nraise ValueError\nraise SkipTest2\nraise e from unittest.SkipTest\nunittest.SkipTest()\n",
        "");
}

static void test_skip_calls_depend_on_what_they_stand_in(void **state)
{
    (void)state;
    static const char *const DEPENDS[] = {
        "if x: pytest.skip()",
        "if x: pass\n  elif y: pytest.skip()",
        "if x: pass\n  else: pytest.skip()",
        "if pytest.skip(): pass",
        "for x in y: pytest.skip()",
        "for x in y: pass\n  else: pytest.skip()",
        "async for x in y: pytest.skip()",
        "while x: pytest.skip()",
        "match x:\n    case 1: pytest.skip()",
        "y = pytest.skip() if x else 0",
        "y = 0 if x else pytest.skip()",
        "x and pytest.skip()",
        "x or y or pytest.skip()",
        "x and (y, pytest.skip())",
        "[pytest.skip() for x in y]",
        "{pytest.skip() for x in y}",
        "{1: pytest.skip() for x in y}",
        "f(pytest.skip() for x in y)",
        "f(lambda: pytest.skip())",
        "try: x\n  except: pytest.skip()",
        "try: x\n  except* E: pytest.skip()",
        "try: x\n  except E: pass\n  else: pytest.skip()",
        "try: x\n  except E:\n    with y: pytest.skip()",
        "if x:\n    with y:\n      try: pytest.skip()\n      finally: pass",
    };
    for (size_t i = 0; i < sizeof DEPENDS / sizeof *DEPENDS; i++) {
        auto_free char *text = utr_format("def test_a():\n  %s\n", DEPENDS[i]);
        int line = 2;
        for (const char *c = DEPENDS[i]; c < strstr(DEPENDS[i], "pytest"); c++)
            line += *c == '\n';
        auto_free char *rows = utr_format("skip call/pytest.skip/cond %d test_a\n", line);
        assert_skips(text, rows);
    }
}

static void test_skip_calls_that_happen_whenever_their_function_does_are_unconditional(void **state)
{
    (void)state;
    static const char *const ALWAYS[] = {
        "with x: pytest.skip()",
        "async with x: pytest.skip()",
        "try: pytest.skip()\n  except E: pass",
        "try: x\n  finally: pytest.skip()",
        "pytest.skip() and x",
        "pytest.skip() or x or y",
        "f(1, [pytest.skip()])",
        "return pytest.skip()",
        "x = y = pytest.skip()",
        "x; pytest.skip()",
        "assert x, pytest.skip()",
        "f'{pytest.skip()}'",
    };
    for (size_t i = 0; i < sizeof ALWAYS / sizeof *ALWAYS; i++) {
        auto_free char *text = utr_format("def test_a():\n  %s\n", ALWAYS[i]);
        int line = 2;
        for (const char *c = ALWAYS[i]; c < strstr(ALWAYS[i], "pytest"); c++)
            line += *c == '\n';
        auto_free char *rows = utr_format("skip call/pytest.skip/uncond %d test_a\n", line);
        assert_skips(text, rows);
    }
}

static void test_skip_depends_on_nothing_outside_its_innermost_function(void **state)
{
    (void)state;
    assert_skips("if x:\n  def test_a():\n    pytest.skip()\n", "skip call/pytest.skip/uncond 3 test_a\n");
    assert_skips("def test_a():\n  if x:\n    def g():\n      raise unittest.SkipTest\n    g()\n",
                 "skip raise/SkipTest/uncond 4 test_a.g\n");
    assert_skips("if x:\n  class A:\n    pytest.skip()\n", "skip call/pytest.skip/cond 3 A\n");
    assert_skips("if x:\n  def f(y=pytest.skip()): pass\n", "skip call/pytest.skip/cond 2 f\n");
    assert_skips("try:\n    import x\nexcept ImportError:\n    raise unittest.SkipTest('x')\n",
                 "skip raise/SkipTest/cond 4 -\n");
}

static void test_skip_on_other_receivers_and_from_elsewhere_is_told(void **state)
{
    (void)state;
    assert_skips("case.skipTest('x')\n", "skip call/skipTest/uncond 1 -\n");
    assert_skips("from nose import SkipTest\nraise SkipTest\n", "skip raise/SkipTest/uncond 2 -\n");
}

static void test_skip_inside_a_decorator_concerns_what_is_decorated(void **state)
{
    (void)state;
    assert_skips("@pytest.mark.parametrize('a', [\n  pytest.param(1, marks=pytest.mark.skip),\n"
                 "  pytest.importorskip('x')])\n" TEST "pytest.skip()\n",
                 "skip mark/pytest.mark.skip/uncond 2 test_a\n"
                 "skip call/pytest.importorskip/cond 3 test_a\n"
                 "skip call/pytest.skip/uncond 5 -\n");
    assert_skips(
        "@a(pytest.skip())\nclass A:\n  @b\n  @c(pytest.skip())\n  def d(self): pass\n  pytest.skip()\n",
        "skip call/pytest.skip/uncond 1 A\n"
        "skip call/pytest.skip/uncond 4 A.d\n"
        "skip call/pytest.skip/uncond 6 A\n");
}

static void test_xfail_decorators_and_pytestmark_are_found(void **state)
{
    (void)state;
    assert_xfails("@pytest.mark.xfail\n" TEST, "xfail decorator/pytest.mark.xfail/uncond 1 test_a\n");
    assert_xfails("@pytest.mark.xfail(raises=E, strict=True, reason='x')\n" TEST,
                  "xfail decorator/pytest.mark.xfail/uncond 1 test_a\n");
    assert_xfails("@pytest.mark.xfail(x, reason='x')\n" TEST,
                  "xfail decorator/pytest.mark.xfail/cond 1 test_a\n");
    assert_xfails("@pytest.mark.xfail('x')\n" TEST, "xfail decorator/pytest.mark.xfail/cond 1 test_a\n");
    assert_xfails("@pytest.mark.xfail(condition=x)\n" TEST,
                  "xfail decorator/pytest.mark.xfail/cond 1 test_a\n");
    assert_xfails("pytestmark = [pytest.mark.xfail]\n", "xfail pytestmark/pytest.mark.xfail/uncond 1 -\n");
    assert_xfails("@unittest.expectedFailure\n" TEST,
                  "xfail decorator/unittest.expectedFailure/uncond 1 test_a\n");
    assert_xfails("from unittest import expectedFailure\n@expectedFailure\n" TEST,
                  "xfail decorator/unittest.expectedFailure/uncond 2 test_a\n");
    assert_xfails("@expectedFailure\n@pytest.mark.xfails\n" TEST, "");
}

static void test_xfail_calls_and_marks_elsewhere_are_told_apart(void **state)
{
    (void)state;
    assert_xfails("def test_a():\n    if x:\n        pytest.xfail('x')\n    pytest.xfail('y')\n",
                  "xfail call/pytest.xfail/cond 3 test_a\n"
                  "xfail call/pytest.xfail/uncond 4 test_a\n");
    assert_xfails("x = [pytest.param(1, marks=pytest.mark.xfail(y))]\n",
                  "xfail mark/pytest.mark.xfail/cond 1 -\n");
}

static void test_skip_tells_whether_it_depends_and_where_it_stands(void **state)
{
    (void)state;
    const char text[] = "@pytest.mark.skipif(x)\n" TEST "  # x\nif x: pytest.skip(\n  'x')\n";
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    assert_int_equal(scan_open(&(scan_options){0}, &scanner, &err), UTR_OK);
    auto_scan_file scan_file file = {0};
    scan_text(scanner, "test_x.py", text, strlen(text), &file);
    const scan_finding *mark = &file.findings.items[0], *call = &file.findings.items[file.findings.count - 1];
    assert_true(mark->conditional);
    assert_int_equal(mark->column, 2);
    assert_int_equal(mark->length, strlen("pytest.mark.skipif(x)"));
    assert_string_equal(mark->text, "@pytest.mark.skipif(x)");
    assert_true(call->conditional);
    assert_int_equal(call->column, 7);
    assert_int_equal(call->length, strlen("pytest.skip("));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_skip_decorators_are_found_on_any_def_and_class),
        cmocka_unit_test(test_skip_without_a_condition_or_with_one_that_always_skips_is_unconditional),
        cmocka_unit_test(test_skip_with_any_other_condition_is_conditional),
        cmocka_unit_test(test_skip_in_pytestmark_is_found_alone_and_in_lists_and_tuples),
        cmocka_unit_test(test_skip_marks_elsewhere_are_told_apart),
        cmocka_unit_test(test_skip_calls_are_found_wherever_they_stand),
        cmocka_unit_test(test_skip_raised_is_found_with_and_without_a_call),
        cmocka_unit_test(test_skip_calls_depend_on_what_they_stand_in),
        cmocka_unit_test(test_skip_calls_that_happen_whenever_their_function_does_are_unconditional),
        cmocka_unit_test(test_skip_depends_on_nothing_outside_its_innermost_function),
        cmocka_unit_test(test_skip_on_other_receivers_and_from_elsewhere_is_told),
        cmocka_unit_test(test_skip_inside_a_decorator_concerns_what_is_decorated),
        cmocka_unit_test(test_xfail_decorators_and_pytestmark_are_found),
        cmocka_unit_test(test_xfail_calls_and_marks_elsewhere_are_told_apart),
        cmocka_unit_test(test_skip_tells_whether_it_depends_and_where_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
