#include "recorded.h"

static void check(const char *output, const loop_exit *how, const char *expected)
{
    assert_read(&suites_reader_tap, output, how, expected);
}

static void test_a_plan_and_its_results_are_read(void **state)
{
    (void)state;
    check("TAP version 14\n1..6\n"
          "ok 1 - opens\n"
          "# a comment\n"
          "not ok 2 - reads\n"
          "  ---\n  message: why\n  at: f.c\n  ...\n"
          "ok 3 # SKIP no data\n"
          "    # Subtest: parts\n    1..2\n    ok 1 - a\n    not ok 2 - b\n"
          "not ok 4 - parts\n#   Failed test 'parts'\n#   at t.pl line 3.\n"
          "not ok 5 - later # TODO not yet\n"
          "ok 6 - done\\#1 # todo\n",
          &EXIT_1,
          "start \ncollected 6\n"
          "passed opens\nstart \n"
          "failed reads | message: why\nat: f.c\nstart \n"
          "skipped test 3 | no data\nstart \n"
          "failed parts | Failed test 'parts'\nat t.pl line 3. | t.pl:3\nstart \n"
          "xfailed later | not yet\nstart \n"
          "xpassed done#1\n");
}

static void test_a_parent_is_no_better_than_its_subtests(void **state)
{
    (void)state;
    check("1..4\n    ok 1 - a # SKIP no engine\n    1..1\nok 1 - one\n"
          "    not ok 1 - b\n        ok 1 - c\nok 2 - two\n"
          "    not ok 1 - d # TODO later\nok 3 - three\n    ok 1 - e\nok 4 - four\n",
          &EXIT_0,
          "start \ncollected 4\nskipped one | its subtest 'a' did not pass\nstart \n"
          "failed two | its subtest 'b' did not pass\nstart \n"
          "xfailed three | its subtest 'd' did not pass\nstart \npassed four\n");
}

static void test_a_plan_may_come_last_and_numbers_may_be_left_out(void **state)
{
    (void)state;
    check(
        "ok\nok words\nok\nok - words\nokay is not a result\n1..4\n", &EXIT_0,
        "start \npassed test 1\nstart \npassed words\nstart \npassed test 3\nstart \npassed words#2\nstart \n"
        "collected 4\n");
}

static void test_missing_tests_are_errors(void **state)
{
    (void)state;
    check("1..3\nok 2 - two\n", &EXIT_0,
          "start \ncollected 3\npassed two\nstart \n"
          "error test 1 | planned, but never reported: the suite ended while it ran\n"
          "start \nerror test 3 | planned, but never reported: the suite ended while it ran\n");
}

static void test_a_test_that_ran_into_the_deadline_is_an_error(void **state)
{
    (void)state;
    check("ok 1 - one\n", &TIMED_OUT, "start \npassed one\nstart \nerror test 2 | deadline passed\n");
    check("1..1\n", &TIMED_OUT,
          "start \ncollected 1\nerror test 1 | planned, but never reported: deadline passed\n");
}

static void test_bailing_out_is_an_error(void **state)
{
    (void)state;
    check("1..2\nok 1 - one\nBail out! the disk is gone\nok 2 - two\n", &EXIT_1,
          "start \ncollected 2\npassed one\nstart \nerror Bail out! | the disk is gone\n"
          "start \nerror test 2 | planned, but never reported: the suite bailed out\n");
}

static void test_an_empty_plan_with_a_reason_is_skipped(void **state)
{
    (void)state;
    check("1..0 # SKIP no engine\n", &EXIT_0, "start \ncollected 0\nskipped suite | SKIP no engine\n");
}

static void test_impossible_numbers_and_plans_are_faults(void **state)
{
    (void)state;
    check("1..2\nok 1 - one\nok 1 - again\nok 7 - far\n1..9\nok 99999999999999999999\nok 2\n", &EXIT_0,
          "start \ncollected 2\npassed one\nstart \n"
          "FAULT test number 1 is reported a second time\n"
          "FAULT test number 7 is outside of the plan\n"
          "FAULT a second plan: 1..9\n"
          "FAULT test number 1000001 is outside of the plan\n"
          "passed test 2\n");
}

static void test_results_without_a_plan_are_a_fault(void **state)
{
    (void)state;
    check("ok 1 - one\n", &EXIT_0, "start \npassed one\nstart \nFAULT no plan was printed\n");
}

static void test_no_output_tells_nothing(void **state)
{
    (void)state;
    check("", &EXIT_0, "start \nFAULT no TAP was printed; bats needs '--tap', prove needs '-v'\n");
}

static void test_an_endless_plan_is_bounded(void **state)
{
    (void)state;
    recorder r = {0};
    read_cut(&suites_reader_tap, "1..1000000\n", 0, &EXIT_0, &r);
    assert_non_null(strstr(utr_buf_text(&r.told), "FAULT more than 100 planned tests were never reported\n"));
    assert_null(strstr(utr_buf_text(&r.told), "test 1001"));
    recorder_dispose(&r);
}

static void test_bats_is_read(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_tap, "tap/bats", &EXIT_0);
    assert_recorded(&suites_reader_tap, "tap/bats-tap13", &EXIT_0);
}

static void test_what_is_no_tap_is_a_fault(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_tap, "tap/bats-pretty", &EXIT_0);
}

/* Files that pass, fail, skip all, die and exit with a code of their own. */
static void test_the_files_of_prove_are_kept_apart(void **state)
{
    (void)state;
    assert_recorded(&suites_reader_tap, "tap/prove", &EXIT_0);
}

static void test_the_place_of_a_failure_is_read(void **state)
{
    (void)state;
    check("1..2\nnot ok 1 - a\n  ---\n  file: a.js\n  line: 12\n  ...\n"
          "ok 2 - b\n  ---\n    ok 3 - no result\n  ...\n",
          &EXIT_1, "start \ncollected 2\nfailed a | file: a.js\nline: 12 | a.js:12\nstart \npassed b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plan_and_its_results_are_read),
        cmocka_unit_test(test_a_parent_is_no_better_than_its_subtests),
        cmocka_unit_test(test_a_plan_may_come_last_and_numbers_may_be_left_out),
        cmocka_unit_test(test_missing_tests_are_errors),
        cmocka_unit_test(test_a_test_that_ran_into_the_deadline_is_an_error),
        cmocka_unit_test(test_bailing_out_is_an_error),
        cmocka_unit_test(test_an_empty_plan_with_a_reason_is_skipped),
        cmocka_unit_test(test_impossible_numbers_and_plans_are_faults),
        cmocka_unit_test(test_results_without_a_plan_are_a_fault),
        cmocka_unit_test(test_no_output_tells_nothing),
        cmocka_unit_test(test_an_endless_plan_is_bounded),
        cmocka_unit_test(test_bats_is_read),
        cmocka_unit_test(test_what_is_no_tap_is_a_fault),
        cmocka_unit_test(test_the_files_of_prove_are_kept_apart),
        cmocka_unit_test(test_the_place_of_a_failure_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
