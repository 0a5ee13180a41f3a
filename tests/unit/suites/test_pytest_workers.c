/* Real runs of pytest in several processes: under pytest-xdist, and in parts. */
#include "pytest_run.h"

static void test_xdist_workers_tell_their_own_tests(void **state)
{
    (void)state;
    static const struct {
        const char *mode;
        bool keeps_together; /* tests of a module or a class */
    } CASES[] = {{"load", false}, {"loadscope", true}, {"loadgroup", false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        recorder r = {0};
        run_pytest_parts("distributed", NULL,
                         (const char *const[]){"-n2", "--dist", CASES[i].mode, "test_groups.py", NULL}, 0,
                         &r);
        assert_int_equal(count_told(&r, " | test_groups.py:"), 18);
        if (CASES[i].keeps_together)
            assert_int_equal(count_told(&r, ": passed test_groups.py::"), 18);
        assert_int_equal(count_told(&r, "passed test_groups.py::test_one | test_groups.py:17\n"), 1);
        assert_all_told(&r, (const char *const[]){"worker gw0\n", "worker gw1\n", "collected 18\n",
                                                  "gone gw0\n", "gone gw1\n", NULL});
        assert_not_told(&r, "FAULT");
        recorder_dispose(&r);
    }
}

static void test_a_file_that_no_worker_can_import_is_told_once(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest("distributed", NULL, "-n2", &r);
    assert_int_equal(count_told(&r, "error test_bad.py | ImportError"), 1);
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_a_worker_dies_of_one_test_only(void **state)
{
    (void)state;
    static const char *const MODES[] = {"load", "loadscope"};
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        recorder r = {0};
        run_pytest_parts("crashes", NULL, (const char *const[]){"-n2", "--dist", MODES[i], NULL}, 0, &r);
        assert_int_equal(r.how.exit_code, 1);
        assert_int_equal(count_told(&r, ": passed test_crashes.py::"), 12);
        assert_all_told(&r, (const char *const[]){"error test_crashes.py::test_exits | worker",
                                                  "error test_crashes.py::test_is_killed | worker", NULL});
        assert_not_told(&r, "FAULT");
        recorder_dispose(&r);
    }
}

static void test_no_worker_is_replaced_where_that_is_not_wanted(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest_parts("crashes", "*exits*", (const char *const[]){"-n1", "--max-worker-restart", "0", NULL}, 0,
                     &r);
    assert_told(&r, "error test_crashes.py::test_exits | worker");
    assert_not_told(&r, "worker gw1");
    recorder_dispose(&r);
}

static void test_what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *options[3];
        size_t parts;
        const char *why;
    } CASES[] = {
        {{"-f"}, 0, "--looponfail never ends"},
        {{"--dist=each", "--tx=2*popen"}, 0, "--dist each runs every test in every worker"},
        {{"--dist=load", "--tx=ssh=nowhere.invalid"}, 0, "is not on this machine"},
        {{"-n2"}, 1, "the manifest's `workers:` shares out this suite already"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        recorder r = {0};
        run_pytest_parts("distributed", NULL, CASES[i].options, CASES[i].parts, &r);
        assert_int_equal(r.how.exit_code, 4);
        assert_string_equal(utr_buf_text(&r.told), "");
        if (!strstr(utr_buf_text(&r.output), CASES[i].why))
            fail_msg("%s is not said in %s", CASES[i].why, utr_buf_text(&r.output));
        recorder_dispose(&r);
    }
}

static void test_parts_run_every_test_once(void **state)
{
    (void)state;
    for (size_t parts = 1; parts <= 3; parts++) {
        recorder r = {0};
        run_pytest_parts("distributed", NULL, (const char *const[]){"test_groups.py", NULL}, parts, &r);
        assert_int_equal(r.how.exit_code, 0);
        assert_int_equal(count_told(&r, "\npassed test_groups.py::"), 18);
        assert_int_equal(count_told(&r, "begin module table\n"), 2); /* one set-up, one tear-down */
        assert_not_told(&r, "FAULT");
        recorder_dispose(&r);
    }
}

static void test_a_part_dies_of_one_test_only(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest_parts("crashes", NULL, (const char *const[]){"-k", "not killed", NULL}, 3, &r);
    assert_told(&r, "error test_crashes.py::test_exits | worker died");
    /* What it had not run goes to the others, as long as there are any. */
    assert_in_range(count_told(&r, "\npassed test_crashes.py::"), 4, 12);
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_a_part_stops_at_its_first_failure_where_asked(void **state)
{
    (void)state;
    recorder r = {0};
    run_pytest_parts("outcomes", "*test_[fp]a[is]*", (const char *const[]){"-x", NULL}, 1, &r);
    assert_told(&r, "collected 2\n");
    assert_told(&r, "failed test_outcomes.py::test_fails | ");
    recorder_dispose(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xdist_workers_tell_their_own_tests),
        cmocka_unit_test(test_a_file_that_no_worker_can_import_is_told_once),
        cmocka_unit_test(test_a_worker_dies_of_one_test_only),
        cmocka_unit_test(test_no_worker_is_replaced_where_that_is_not_wanted),
        cmocka_unit_test(test_what_cannot_be_watched_is_refused),
        cmocka_unit_test(test_parts_run_every_test_once),
        cmocka_unit_test(test_a_part_dies_of_one_test_only),
        cmocka_unit_test(test_a_part_stops_at_its_first_failure_where_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
