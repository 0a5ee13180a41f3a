#include "recorded.h"

static void check(const char *output, const loop_exit *how, const char *expected)
{
    assert_read(&suites_reader_catch2, output, how, expected);
}

static void test_every_outcome_of_version_2_is_read(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_catch2, "catch2/version-2", &EXIT_1);
}

static void test_version_3_with_skips_and_seconds_is_read(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_catch2, "catch2/version-3", &EXIT_0);
}

static void test_a_crash_fails_its_test(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_catch2, "catch2/crash", &EXIT_1);
}

static void test_a_program_that_exits_midway_leaves_its_test_as_an_error(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_catch2, "catch2/exits-midway", &EXIT_0);
}

static void test_another_reporter_is_a_fault_that_says_what_to_add(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_catch2, "catch2/console", &EXIT_1);
}

static void test_names_and_texts_are_unescaped(void **state)
{
    (void)state;
    check("<Catch name=\"t\">\n"
          "noise without an end<TestCase name=\"a &lt;b&gt; &quot;c&quot; &amp;amp;\" filename=\"t.cc\" "
          "line=\"3\">\n"
          "<Failure filename=\"t.cc\" line=\"4\">\n"
          "  1 &lt; 2\n"
          "</Failure>\n"
          "<OverallResult success=\"false\"/>\n"
          "</TestCase>\n",
          &EXIT_1, "start a <b> \"c\" &amp;\nfailed a <b> \"c\" &amp; | 1 < 2 | t.cc:4\n");
}

static void test_a_test_without_a_result_is_an_error(void **state)
{
    (void)state;
    check("<Catch name=\"t\">\n<TestCase name=\"a\">\n</TestCase>\n</TestCase>\n<TestCase>\n", &EXIT_0,
          "start a\nerror a | it ended without a result\n"
          "FAULT a test case ends without having started\nFAULT a test case without a name\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_of_version_2_is_read),
        cmocka_unit_test(test_version_3_with_skips_and_seconds_is_read),
        cmocka_unit_test(test_a_crash_fails_its_test),
        cmocka_unit_test(test_a_program_that_exits_midway_leaves_its_test_as_an_error),
        cmocka_unit_test(test_another_reporter_is_a_fault_that_says_what_to_add),
        cmocka_unit_test(test_names_and_texts_are_unescaped),
        cmocka_unit_test(test_a_test_without_a_result_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
