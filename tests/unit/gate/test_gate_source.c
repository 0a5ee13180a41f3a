/* What got weaker in sources of tests: two sides of each file, and nothing of git. */
#include "compared.h"

#include "gate/source/source.h"

static gate_work work;
static scan *scanner;

static int open_scan(void **state)
{
    (void)state;
    static const scan_options OPTIONS = {.root = "/", .tests = true, .threads = 1, .today = "2026-06-01"};
    utr_error err = {0};
    return scan_open(&OPTIONS, &scanner, &err);
}

static int close_scan(void **state)
{
    (void)state;
    scan_close(scanner);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    gate_work_dispose(&work);
    work = (gate_work){0};
    return 0;
}

static void moved(const char *before, const char *was, const char *after, const char *is)
{
    gate_pair *pair = add_file(&work, before, was, after, is);
    pair->scanned_was = pair->before && scan_knows(scanner, before);
    pair->scanned_is = pair->after && scan_knows(scanner, after);
    if (pair->scanned_was)
        scan_text(scanner, before, was, strlen(was), &pair->old);
    if (pair->scanned_is)
        scan_text(scanner, after, is, strlen(is), &pair->new);
}

static void changed(const char *path, const char *was, const char *is)
{
    moved(path, was, path, is);
}

/* Compares one file, and all that was added before. */
static void assert_change(const char *was, const char *is, const char *wanted)
{
    changed("test_x.py", was, is);
    gate_sources_compare(&work);
    assert_told(&work, wanted);
}

#define TWO "def test_a():\n    assert one(1)\n\ndef test_b():\n    assert two(2)\n    assert two(3)\n"

static void test_what_stays_is_not_told(void **state)
{
    (void)state;
    assert_change(TWO, "# new\nimport os\n\n" TWO, "");
}

static void test_a_strengthening_is_not_told(void **state)
{
    (void)state;
    assert_change("import pytest\n@pytest.mark.skip\n" TWO,
                  TWO "    assert more\n\ndef test_c():\n    assert 3\n", "");
}

static void test_a_test_that_is_gone_is_removed(void **state)
{
    (void)state;
    assert_change(TWO, "def test_a():\n    assert one(1)\n", "test-removed test_b");
    assert_int_equal(work.items.items[0].told.line, 4);
    assert_string_equal(work.items.items[0].told.text, "def test_b():");
}

static void test_a_file_that_is_gone_takes_its_tests_along(void **state)
{
    (void)state;
    assert_change(TWO, NULL, "test-removed test_a; test-removed test_b");
}

static void test_a_rename_to_what_is_no_test_is_a_removal(void **state)
{
    (void)state;
    assert_change(
        TWO, "def test_a():\n    assert one(1)\n\ndef _test_b():\n    assert two(2)\n    assert two(3)\n",
        "test-removed test_b");
}

static void test_a_file_renamed_to_what_is_not_collected_loses_its_tests(void **state)
{
    (void)state;
    moved("test_x.py", TWO, "x_helpers.py", TWO);
    gate_sources_compare(&work);
    assert_told(&work, "test-removed test_a; test-removed test_b");
    assert_non_null(strstr(work.items.items[0].told.message, "x_helpers.py"));
}

static void test_a_renamed_test_is_the_same_test(void **state)
{
    (void)state;
    assert_change(
        TWO, "def test_a():\n    assert one(1)\n\ndef test_c():\n    assert two(2)\n    assert two(3)\n", "");
}

static void test_a_test_renamed_and_changed_a_little_is_the_same_test(void **state)
{
    (void)state;
    assert_change("def test_b():\n    x = one()\n    y = two(x)\n    assert y\n    assert x\n",
                  "def test_c():\n    x = one()\n    y = three(x)\n    assert y\n    assert x\n", "");
}

static void test_a_test_that_moves_to_another_file_is_followed(void **state)
{
    (void)state;
    changed("test_old.py", TWO, "def test_a():\n    assert one(1)\n");
    changed("test_new.py", "", "def test_b():\n    assert two(2)\n");
    gate_sources_compare(&work);
    assert_told(&work, "assertions-removed test_b");
}

static void test_a_test_that_is_renamed_and_moves_is_followed_by_its_body(void **state)
{
    (void)state;
    changed("test_old.py", TWO, "def test_a():\n    assert one(1)\n");
    changed("test_new.py", "", "def test_better():\n    assert two(2)\n    assert two(3)\n");
    gate_sources_compare(&work);
    assert_told(&work, "");
}

static void test_a_class_renamed_keeps_its_tests(void **state)
{
    (void)state;
    assert_change("class TestOld:\n    def test_a(self):\n        assert self.one()\n",
                  "class TestNew:\n    def test_a(self):\n        assert self.one()\n", "");
}

static void test_one_that_is_added_makes_up_for_one_that_is_removed_only(void **state)
{
    (void)state;
    changed("test_1.py", "def test_a():\n    assert 1 == one()\n", NULL);
    changed("test_2.py", "def test_a():\n    assert 2 == two()\n", NULL);
    changed("test_3.py", NULL, "def test_a():\n    assert 1 == one()\n");
    gate_sources_compare(&work);
    assert_told(&work, "test-removed test_a");
}

static void test_a_test_in_a_comment_is_told_once(void **state)
{
    (void)state;
    assert_change(
        TWO,
        "def test_a():\n    assert one(1)\n\n# def test_b():\n#     assert two(2)\n#     assert two(3)\n",
        "test-commented-out test_b");
}

static void test_a_test_that_nobody_collects_any_more_is_told_once(void **state)
{
    (void)state;
    assert_change(TWO, "def test_a():\n    assert one(1)\n\n    def test_b():\n        assert two(2)\n",
                  "test-uncollected test_b");
}

static void test_a_test_without_its_body_is_emptied(void **state)
{
    (void)state;
    assert_change(TWO, "def test_a():\n    assert one(1)\n\ndef test_b():\n    pass\n",
                  "test-emptied test_b");
}

static void test_fewer_assertions_are_told_with_the_line_that_is_gone(void **state)
{
    (void)state;
    assert_change(TWO, "def test_a():\n    assert one(1)\n\ndef test_b():\n    assert two(2)\n",
                  "assertions-removed test_b");
    assert_string_equal(work.items.items[0].blame_text, "    assert two(3)");
}

static void test_skips_of_each_form_are_told(void **state)
{
    (void)state;
    assert_change("import pytest\n" TWO, "import pytest\n@pytest.mark.skip\n" TWO, "newly-skipped test_a");
    forget(NULL);
    assert_change("import pytest\n" TWO, "import pytest\npytestmark = pytest.mark.skip\n" TWO,
                  "newly-skipped -");
    forget(NULL);
    assert_change("import pytest\n" TWO, "import pytest\n@pytest.mark.skipif(x, reason='')\n" TWO,
                  "newly-skipped test_a");
    forget(NULL);
    assert_change("import pytest\n" TWO, "import pytest\n@pytest.mark.xfail\n" TWO, "newly-xfailed test_a");
}

static void test_a_condition_that_went_is_told(void **state)
{
    (void)state;
    assert_change("import pytest\n@pytest.mark.skipif(x, reason='')\n" TWO,
                  "import pytest\n@pytest.mark.skip\n" TWO, "newly-skipped test_a");
    assert_non_null(strstr(work.items.items[0].told.message, "depended"));
}

static void test_a_skip_that_moves_with_its_test_is_not_new(void **state)
{
    (void)state;
    changed("test_old.py", "import pytest\n@pytest.mark.skip\n" TWO, NULL);
    changed("test_new.py", NULL, "import pytest\n\n\n@pytest.mark.skip\n" TWO);
    gate_sources_compare(&work);
    assert_told(&work, "");
}

static void test_a_decorator_in_a_comment_is_told(void **state)
{
    (void)state;
    assert_change("@slow\n@needs(1)\n" TWO, "# @slow\n@needs(1)\n" TWO, "decorator-disabled test_a");
}

static void test_mocks_refuse_in_what_was_there_and_warn_in_what_is_new(void **state)
{
    (void)state;
    static const char PATCHED[] = "\ndef test_c():\n    with mock.patch('x'):\n        assert three()\n";
    auto_free char *is = utr_format("%s%s", TWO, PATCHED);
    assert_change(TWO, is, "?mock-added test_c");
    forget(NULL);
    assert_change("def test_c():\n    assert three()\n",
                  "def test_c():\n    with mock.patch('x'):\n        assert three()\n", "mock-added test_c");
    forget(NULL);
    changed("test_new.py", NULL, "from unittest import mock\n\ndef test_c():\n    assert mock\n");
    gate_sources_compare(&work);
    assert_told(&work, "?mock-added -");
    forget(NULL);
    assert_change(TWO, "from unittest import mock\n" TWO, "mock-added -");
}

static void test_failures_that_are_swallowed_are_told(void **state)
{
    (void)state;
    assert_change("def test_a():\n    assert one(1)\n",
                  "def test_a():\n    try:\n        assert one(1)\n    except Exception:\n        pass\n",
                  "newly-swallowed test_a");
}

static void test_an_excuse_weakens_too(void **state)
{
    (void)state;
    static const char SKIP[] = "import pytest\n@pytest.mark.skip\n" TWO;
    assert_change(SKIP,
                  "import pytest\n@pytest.mark.skip  # utr: allow(skip) no time, ada, until 2026-12-31\n" TWO,
                  "allow-added test_a");
    forget(NULL);
    assert_change("import pytest\n" TWO,
                  "import pytest\n@pytest.mark.skip  # utr: allow(skip) no time, ada, until 2026-12-31\n" TWO,
                  "newly-skipped test_a");
    assert_non_null(strstr(work.items.items[0].told.message, "allowed by ada until 2026-12-31: no time"));
}

static void test_other_languages_are_compared_alike(void **state)
{
    (void)state;
    changed("a_test.go", "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {\n\tt.Fatal(1)\n}\n",
            "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) "
            "{\n\tt.Skip(\"later\")\n\tt.Fatal(1)\n}\n");
    gate_sources_compare(&work);
    assert_told(&work, "newly-skipped TestA");
}

int main(void)
{
#define SOURCE_TEST(name) cmocka_unit_test_teardown(name, forget)
    const struct CMUnitTest tests[] = {
        SOURCE_TEST(test_what_stays_is_not_told),
        SOURCE_TEST(test_a_strengthening_is_not_told),
        SOURCE_TEST(test_a_test_that_is_gone_is_removed),
        SOURCE_TEST(test_a_file_that_is_gone_takes_its_tests_along),
        SOURCE_TEST(test_a_rename_to_what_is_no_test_is_a_removal),
        SOURCE_TEST(test_a_file_renamed_to_what_is_not_collected_loses_its_tests),
        SOURCE_TEST(test_a_renamed_test_is_the_same_test),
        SOURCE_TEST(test_a_test_renamed_and_changed_a_little_is_the_same_test),
        SOURCE_TEST(test_a_test_that_moves_to_another_file_is_followed),
        SOURCE_TEST(test_a_test_that_is_renamed_and_moves_is_followed_by_its_body),
        SOURCE_TEST(test_a_class_renamed_keeps_its_tests),
        SOURCE_TEST(test_one_that_is_added_makes_up_for_one_that_is_removed_only),
        SOURCE_TEST(test_a_test_in_a_comment_is_told_once),
        SOURCE_TEST(test_a_test_that_nobody_collects_any_more_is_told_once),
        SOURCE_TEST(test_a_test_without_its_body_is_emptied),
        SOURCE_TEST(test_fewer_assertions_are_told_with_the_line_that_is_gone),
        SOURCE_TEST(test_skips_of_each_form_are_told),
        SOURCE_TEST(test_a_condition_that_went_is_told),
        SOURCE_TEST(test_a_skip_that_moves_with_its_test_is_not_new),
        SOURCE_TEST(test_a_decorator_in_a_comment_is_told),
        SOURCE_TEST(test_mocks_refuse_in_what_was_there_and_warn_in_what_is_new),
        SOURCE_TEST(test_failures_that_are_swallowed_are_told),
        SOURCE_TEST(test_an_excuse_weakens_too),
        SOURCE_TEST(test_other_languages_are_compared_alike),
    };
    return cmocka_run_group_tests(tests, open_scan, close_scan);
}
