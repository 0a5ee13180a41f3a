/* Real runs of the system's pytest over the projects beside this file. */
#include "pytest_run.h"

#define OUT "test_outcomes.py::"

static void test_every_outcome_is_told(void **state)
{
    (void)state;
    static const char *const TOLD[] = {
        "passed " OUT "test_passes | test_outcomes.py:10\n",
        "failed " OUT "test_fails | assert 1 == 2 | test_outcomes.py:16\n",
        "error " OUT "test_setup_fails | RuntimeError: no setup | conftest.py:26\n",
        "error " OUT "test_teardown_fails | RuntimeError: no teardown | conftest.py:32\n",
        "skipped " OUT "test_skipped | later | test_outcomes.py:27\n",
        "skipped " OUT "test_skips_in_fixture | no engine | test_outcomes.py:32\n",
        "xfailed " OUT "test_xfails | known | test_outcomes.py:36\n",
        "xpassed " OUT "test_xpasses | known | test_outcomes.py:41\n",
        "failed " OUT "test_xpasses_strictly | [XPASS(strict)] known | test_outcomes.py:46\n",
        "passed " OUT "test_each[1] | test_outcomes.py:51\n",
        "passed " OUT "test_each[2] | test_outcomes.py:51\n",
        "passed " OUT "TestCases::test_case | ",
        "xfailed " OUT "TestCases::test_expected | ",
        "skipped " OUT "TestCases::test_case_skipped | not here | ",
        "passed " OUT "test_fork_stays_silent | ",
        "collected 23\nstart ",
    };
    recorder r = {0};
    run_pytest("outcomes", NULL, NULL, &r);
    assert_int_equal(r.how.exit_code, 1);
    for (size_t i = 0; i < sizeof TOLD / sizeof *TOLD; i++)
        assert_told(&r, TOLD[i]);
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_required_services_are_told_at_the_start(void **state)
{
    (void)state;
    static const char *const TOLD[] = {
        "start " OUT "test_passes\n",
        "start " OUT "test_requires_one needs db\n",
        "start " OUT "test_requires_all needs db,cache\npassed ",
        "start " OUT "test_requires_bare needs db,cache\npassed ",
        "start " OUT "test_requires_by_marker needs cache\npassed ",
        "start " OUT "test_requires_unknown\nerror " OUT
        "test_requires_unknown | @require_docker_services names 'mars'; this run knows: db, cache | ",
        "start " OUT "TestGroup::test_in_class needs cache\n",
        "start " OUT "TestGroup::test_in_class_with_more needs db,cache\n",
        "start " OUT "TestCases::test_case needs db\n",
    };
    recorder r = {0};
    run_pytest("outcomes", "*[tT]est*", NULL, &r);
    for (size_t i = 0; i < sizeof TOLD / sizeof *TOLD; i++)
        assert_told(&r, TOLD[i]);
    recorder_dispose(&r);
}

static void test_wide_fixtures_are_told_while_they_work(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("outcomes", OUT "test_passes", NULL, &r);
    assert_string_equal(utr_buf_text(&r.told),
                        "collected 1\nstart " OUT "test_passes\n"
                        "begin session table\nend session table\nbegin module rows\nend module rows\n"
                        "begin module rows\nend module rows\nbegin session table\nend session table\n"
                        "passed " OUT "test_passes | test_outcomes.py:10\n");
    recorder_dispose(&r);
}

static void test_a_pattern_selects_by_name_or_by_node(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *first;
        int exit_code;
    } CASES[] = {
        {"test_each", "collected 2\n", 0},
        {"*::TestGroup::*", "collected 2\n", 0},
        {"nothing*", "collected 0\n", 5},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        recorder r = {0};
        run_pytest("outcomes", CASES[i].pattern, NULL, &r);
        assert_memory_equal(utr_buf_text(&r.told), CASES[i].first, strlen(CASES[i].first));
        assert_int_equal(r.how.exit_code, CASES[i].exit_code);
        recorder_dispose(&r);
    }
}

static void test_a_failure_that_a_hook_turned_into_a_pass_is_told(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("swallowed", NULL, NULL, &r);
    assert_int_equal(r.how.exit_code, 0);
    assert_told(
        &r, "xfailed test_swallowed.py::test_fails | a hook reported as passed what raised assert 1 == 2");
    assert_told(&r, "xfailed test_swallowed.py::test_skips | a hook reported as passed what raised ");
    assert_told(&r, "\npassed test_swallowed.py::test_passes");
    recorder_dispose(&r);
}

static void test_what_a_hook_dropped_in_silence_is_skipped(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("dropped", NULL, NULL, &r);
    assert_told(&r, "skipped test_dropped.py::test_gone | a hook dropped it from what was collected | ");
    assert_told(&r, "passed test_dropped.py::test_kept | ");
    assert_not_told(&r, "skipped test_dropped.py::test_kept");
    assert_not_told(&r, "slow");
    recorder_dispose(&r);
}

static void test_files_that_cannot_be_imported_are_errors(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("bad_import", NULL, NULL, &r);
    assert_told(&r, "start test_bad.py\nerror test_bad.py | ImportError while importing test module");
    assert_told(&r, "No module named 'no_such_module'");
    recorder_dispose(&r);
}

static void test_files_that_skip_themselves_are_skipped(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("self_skipped", NULL, NULL, &r);
    assert_told(&r, "skipped test_self_skipped.py | no driver here | test_self_skipped.py:3\ncollected 0\n");
    recorder_dispose(&r);
}

static void test_an_interpreter_that_ends_leaves_an_error(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("crash", NULL, NULL, &r);
    assert_int_equal(r.how.exit_code, 0);
    assert_told(&r, "passed test_crash.py::test_first");
    assert_told(&r, "error test_crash.py::test_crashes | worker died\n");
    recorder_dispose(&r);
}

static void test_an_interrupt_is_told_with_its_test(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("interrupted", NULL, NULL, &r);
    assert_int_equal(r.how.exit_code, 2);
    assert_told(&r,
                "error test_interrupted.py::test_interrupts | the session was ended: KeyboardInterrupt()");
    assert_not_told(&r, "test_never");
    recorder_dispose(&r);
}

static void test_a_pytest_inside_a_test_stays_unheard(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("nested", NULL, NULL, &r);
    assert_told(&r, "passed test_nested.py::test_starts_a_pytest_of_its_own");
    assert_not_told(&r, "test_inner");
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_a_lost_runner_ends_the_session(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("cut_off", NULL, NULL, &r);
    assert_int_equal(r.how.exit_code, 4);
    assert_told(&r, "error test_cut_off.py::test_loses_the_runner | worker died\n");
    assert_not_told(&r, "test_must_not_run");
    assert_non_null(strstr(utr_buf_text(&r.output), "the runner's event socket is broken"));
    recorder_dispose(&r);
}

static void test_a_forged_result_is_a_fault_and_ends_the_session(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("forged", NULL, NULL, &r);
    assert_int_not_equal(r.how.exit_code, 0);
    assert_told(&r, "FAULT a second result for test 'test_forged.py::test_forges'\n");
    assert_not_told(&r, "test_must_not_run");
    recorder_dispose(&r);
}

static void test_names_are_those_of_the_collection(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("renamed", NULL, NULL, &r);
    assert_all_told(&r,
                    (const char *const[]){"collected 4\n", "passed test_renamed.py::test_renames_itself | ",
                                          "passed test_renamed.py::test_twice | ",
                                          "passed test_renamed.py::test_twice (2) | ",
                                          "passed test_renamed.py::test_odd[\303\274/::[]] | ", NULL});
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_a_test_that_never_runs_is_skipped(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("never_run", NULL, NULL, &r);
    assert_told(&r, "skipped test_shadowed.py::test_same (line 4) | never runs: line 8 defines the same name "
                    "again | test_shadowed.py:4\n");
    assert_told(&r, "skipped test_shadowed.py::TestGroup::test_same (line 13) | never runs: line 16 defines");
    assert_told(&r, "skipped test_ignored.py | a conftest keeps it out of the collection");
    assert_told(&r, "collected 4\n");
    assert_int_equal(count_told(&r, "skipped "), 3);
    recorder_dispose(&r);
}

static void test_an_attempt_that_failed_begins_anew(void **state)
{
    (void)state;
    recorder r = {.tells_uses = true};
    run_pytest("reruns", NULL, NULL, &r);
    assert_string_equal(
        utr_buf_text(&r.told),
        "collected 3\nstart test_reruns.py::test_second_time\nagain test_reruns.py::test_second_time\n"
        "passed test_reruns.py::test_second_time | passed after 1 failed attempt(s) | test_reruns.py:14\n"
        "start test_reruns.py::test_never\nagain test_reruns.py::test_never\n"
        "failed test_reruns.py::test_never | assert False | test_reruns.py:23\n"
        "start test_reruns.py::test_fixture uses module fixture opened (test_reruns.py)\n"
        "begin module opened\nend module opened\nbegin module opened\nend module opened\n"
        "again test_reruns.py::test_fixture\n"
        "begin module opened\nend module opened\nbegin module opened\nend module opened\n"
        "passed test_reruns.py::test_fixture | passed after 1 failed attempt(s) | test_reruns.py:26\n");
    recorder_dispose(&r);
}

static void test_subtests_count_for_their_test(void **state)
{
    (void)state;
    static const char *const TOLD[] = {
        "failed test_subtests.py::test_one_fails | subtest [second] (n=2): assert 0 | ",
        "skipped test_subtests.py::test_one_skips | subtest [second]: not here | ",
        "passed test_subtests.py::test_all_pass | ",
        "failed test_subtests.py::TestParts::test_one_fails | subtest (n=1): AssertionError: 1 == 1 | ",
        "skipped test_subtests.py::TestParts::test_one_skips | one | ",
        "passed test_subtests.py::TestParts::test_all_pass | ",
        NULL};
    recorder r = {0};
    run_pytest("subtests", NULL, NULL, &r);
    assert_all_told(&r, TOLD);
    recorder_dispose(&r);
}

static void test_wide_fixtures_are_told_apart(void **state)
{
    (void)state;
    static const char *const TOLD[] = {
        "start test_fixtures.py::test_rows[a] uses module fixture setup_module (test_fixtures.py),module "
        "fixture rows[table=a] (test_fixtures.py),module fixture table[a] (test_fixtures.py),session fixture "
        "engine\n",
        "start test_fixtures.py::test_rows[b] uses module fixture setup_module (test_fixtures.py),module "
        "fixture rows[table=b] (test_fixtures.py),module fixture table[b] (test_fixtures.py),session fixture "
        "engine\n",
        "start test_fixtures.py::TestUnit::test_set_up uses module fixture setup_module "
        "(test_fixtures.py),class fixture setUpClass (test_fixtures.py::TestUnit)\n",
        "start test_fixtures.py::TestXunit::test_set_up uses module fixture setup_module "
        "(test_fixtures.py),class fixture setup_class (test_fixtures.py::TestXunit)\n",
        "start test_fixtures.py::TestPlain::test_nothing_to_set_up uses module fixture setup_module "
        "(test_fixtures.py)\n",
        "begin module setup_module\nend module setup_module\n",
        "begin class setUpClass\nend class setUpClass\n",
        NULL};
    recorder r = {.tells_uses = true};
    run_pytest("fixtures", NULL, NULL, &r);
    assert_all_told(&r, TOLD);
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

#define ATTENTION "/tmp/utr-attention-XXXXXX"

/* A file of one byte that says: no connection yet. */
static void make_attention(char *path)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "", 1), 1);
    (void)close(fd);
}

/* While nothing can have reached a service, a test is not held up by us; from then on each answer is waited
 * for. */
static void test_only_what_reaches_out_waits(void **state)
{
    (void)state;
    char attention[] = ATTENTION;
    make_attention(attention);
    recorder r = {.attention = attention, .tells_waits = true};
    run_pytest("reaching", NULL, NULL, &r);
    assert_string_equal(
        utr_buf_text(&r.told),
        "collected 5\nstart test_reaching.py::test_first runs on\n"
        "passed test_reaching.py::test_first | test_reaching.py:5 runs on\n"
        "start test_reaching.py::test_second runs on\n"
        "passed test_reaching.py::test_second | test_reaching.py:9 runs on\n"
        "start test_reaching.py::test_connects runs on\n"
        "passed test_reaching.py::test_connects | test_reaching.py:13\n"
        "start test_reaching.py::test_after\n"
        "passed test_reaching.py::test_after | test_reaching.py:18\n"
        "start test_reaching.py::test_dies\nerror test_reaching.py::test_dies | worker died\n");
    (void)unlink(attention);
    recorder_dispose(&r);
}

static void test_who_is_alone_never_waits(void **state)
{
    (void)state;
    char attention[] = ATTENTION;
    make_attention(attention);
    recorder r = {.attention = attention, .alone = true, .tells_waits = true};
    run_pytest("reaching", NULL, NULL, &r);
    assert_string_equal(
        utr_buf_text(&r.told),
        "collected 5\nstart test_reaching.py::test_first runs on\n"
        "passed test_reaching.py::test_first | test_reaching.py:5 runs on\n"
        "start test_reaching.py::test_second runs on\n"
        "passed test_reaching.py::test_second | test_reaching.py:9 runs on\n"
        "start test_reaching.py::test_connects runs on\n"
        "passed test_reaching.py::test_connects | test_reaching.py:13 runs on\n"
        "start test_reaching.py::test_after runs on\n"
        "passed test_reaching.py::test_after | test_reaching.py:18 runs on\n"
        "start test_reaching.py::test_dies runs on\nerror test_reaching.py::test_dies | worker died\n");
    (void)unlink(attention);
    recorder_dispose(&r);
}

static void test_what_went_unanswered_is_not_lost(void **state)
{
    (void)state;
    char attention[] = ATTENTION;
    make_attention(attention);
    recorder r = {.attention = attention};
    run_pytest("crash", NULL, NULL, &r);
    assert_told(&r, "start test_crash.py::test_first\npassed test_crash.py::test_first | test_crash.py:4\n"
                    "start test_crash.py::test_crashes\nerror test_crash.py::test_crashes | worker died\n");
    (void)unlink(attention);
    recorder_dispose(&r);
}

static void test_without_the_plugin_a_green_pytest_is_a_fault(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("crash", NULL, "-pno:utr_pytest", &r);
    assert_told(&r, "FAULT the suite exited with 0 and never spoke to the runner");
    recorder_dispose(&r);
}

static void test_async_tests_are_guarded_and_awaited(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("async_tests", NULL, NULL, &r);
    assert_told(&r, "start test_async.py::test_awaits needs db\npassed ");
    assert_told(&r, "start test_async.py::test_awaits_and_fails needs db\nfailed ");
    assert_told(&r, "passed test_async.py::TestAwaiting::test_awaits | test_async.py:24\n");
    recorder_dispose(&r);
}

static void test_outside_of_the_runner_guarded_tests_fail(void **state)
{
    (void)state;
    auto_free char *script =
        utr_format("cd %s/outside && PYTHONPATH=%s PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest "
                   "-p no:cacheprovider",
                   PROJECTS, SHARE);
    const char *const argv[] = {"sh", "-c", script, NULL};
    recorder r = {0};
    launcher_run(&(launch){.format = "exit", .argv = argv}, &r);
    assert_int_equal(r.how.exit_code, 1);
    assert_non_null(strstr(utr_buf_text(&r.output), "unified_test_runner --real-services --category NAME"));
    assert_null(strstr(utr_buf_text(&r.output), " passed"));
    assert_null(strstr(utr_buf_text(&r.output), "skipped"));
    recorder_dispose(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_is_told),
        cmocka_unit_test(test_required_services_are_told_at_the_start),
        cmocka_unit_test(test_wide_fixtures_are_told_while_they_work),
        cmocka_unit_test(test_a_pattern_selects_by_name_or_by_node),
        cmocka_unit_test(test_a_failure_that_a_hook_turned_into_a_pass_is_told),
        cmocka_unit_test(test_what_a_hook_dropped_in_silence_is_skipped),
        cmocka_unit_test(test_files_that_cannot_be_imported_are_errors),
        cmocka_unit_test(test_files_that_skip_themselves_are_skipped),
        cmocka_unit_test(test_an_interpreter_that_ends_leaves_an_error),
        cmocka_unit_test(test_an_interrupt_is_told_with_its_test),
        cmocka_unit_test(test_a_pytest_inside_a_test_stays_unheard),
        cmocka_unit_test(test_a_lost_runner_ends_the_session),
        cmocka_unit_test(test_a_forged_result_is_a_fault_and_ends_the_session),
        cmocka_unit_test(test_names_are_those_of_the_collection),
        cmocka_unit_test(test_a_test_that_never_runs_is_skipped),
        cmocka_unit_test(test_an_attempt_that_failed_begins_anew),
        cmocka_unit_test(test_subtests_count_for_their_test),
        cmocka_unit_test(test_wide_fixtures_are_told_apart),
        cmocka_unit_test(test_only_what_reaches_out_waits),
        cmocka_unit_test(test_who_is_alone_never_waits),
        cmocka_unit_test(test_what_went_unanswered_is_not_lost),
        cmocka_unit_test(test_without_the_plugin_a_green_pytest_is_a_fault),
        cmocka_unit_test(test_async_tests_are_guarded_and_awaited),
        cmocka_unit_test(test_outside_of_the_runner_guarded_tests_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
