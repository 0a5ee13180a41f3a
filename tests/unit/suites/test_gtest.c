#include "recorded.h"

static void check(const char *output, const loop_exit *how, const char *expected)
{
    assert_read(&suites_reader_gtest, output, how, expected);
}

/* As GoogleTest 1.12 printed it: failures, skips, a disabled test, a death test, typed and parametrised ones.
 */
static void test_every_outcome_is_read(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_gtest, "gtest/every-outcome", &EXIT_1);
}

static void test_a_crash_ends_its_test_and_tells_what_did_not_run(void **state)
{
    (void)state;
    static const loop_exit ABORTED = {.exit_code = -1, .signal = 6};
    assert_recorded(&suites_reader_gtest, "gtest/crash", &ABORTED);
}

static void test_what_fails_outside_of_tests_is_an_error(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_gtest, "gtest/environment-fails", &EXIT_1);
}

static void test_a_repetition_in_colour_is_told_by_other_names(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_gtest, "gtest/repeated-in-colour", &EXIT_1);
}

static void test_brief_output_is_no_proof_of_anything(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_gtest, "gtest/brief", &EXIT_1);
}

static void test_an_empty_selection_tells_no_test(void **state)
{
    (void)state;
    check("Note: Google Test filter = Nope\n"
          "[==========] Running 0 tests from 0 test suites.\n"
          "[==========] 0 tests from 0 test suites ran. (0 ms total)\n"
          "[  PASSED  ] 0 tests.\n",
          &EXIT_0, "collected 0\n");
}

static void test_disabled_tests_that_older_versions_only_count_are_skipped(void **state)
{
    (void)state;
    check("[==========] Running 1 test from 1 test case.\n"
          "[----------] 1 test from A\n"
          "[ RUN      ] A.b\n"
          "[       OK ] A.b\n"
          "[----------] 1 test from A (0 ms total)\n"
          "[==========] 1 test from 1 test case ran. (0 ms total)\n"
          "  YOU HAVE 2 DISABLED TESTS\n",
          &EXIT_0,
          "collected 1\n"
          "begin suite set-up and tear-down of A\nend suite set-up and tear-down of A\n"
          "start A.b\npassed A.b\n"
          "begin suite set-up and tear-down of A\nend suite set-up and tear-down of A\n"
          "start 2 disabled test(s)\nskipped 2 disabled test(s) | DISABLED_ tests do not run\n");
}

static void test_results_without_their_test_are_faults(void **state)
{
    (void)state;
    check("[ RUN      ] A.early\n"
          "[       OK ] A.early (0 ms)\n"
          "[==========] Running 2 tests from 1 test suite.\n"
          "[ RUN      ] A.b\n"
          "[       OK ] A.c (0 ms)\n"
          "[ RUN      ] A.d\n"
          "[       OK ] A.b (12 ms)\n",
          &EXIT_0,
          "FAULT test 'A.early' starts outside of a run\n"
          "FAULT a result for test 'A.early (0 ms)', which does not run\n"
          "collected 2\n"
          "start A.b\n"
          "FAULT a result for test 'A.c (0 ms)', which does not run\n"
          "FAULT test 'A.d' starts while another runs\n"
          "passed A.b\n"
          "start tests that did not run\n"
          "error tests that did not run | 2 test(s) announced, 1 ended: the suite ended\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_is_read),
        cmocka_unit_test(test_a_crash_ends_its_test_and_tells_what_did_not_run),
        cmocka_unit_test(test_what_fails_outside_of_tests_is_an_error),
        cmocka_unit_test(test_a_repetition_in_colour_is_told_by_other_names),
        cmocka_unit_test(test_brief_output_is_no_proof_of_anything),
        cmocka_unit_test(test_an_empty_selection_tells_no_test),
        cmocka_unit_test(test_disabled_tests_that_older_versions_only_count_are_skipped),
        cmocka_unit_test(test_results_without_their_test_are_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
