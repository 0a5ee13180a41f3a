#include "launcher.h"

static void run_shell(const char *format, const char *script, recorder *r)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    launcher_run(&(launch){.format = format, .argv = argv}, r);
}

static void check_shell(const char *format, const char *script, const char *told)
{
    recorder r = {0};
    run_shell(format, script, &r);
    assert_string_equal(utr_buf_text(&r.told), told);
    recorder_dispose(&r);
}

/* A worker of its own in Python's standard library; say() sends a line and returns the answer. */
static void run_worker(const char *script, int64_t timeout_ms, recorder *r)
{
    auto_free char *program =
        utr_format("import json, os, socket, sys, time\n"
                   "def connect():\n"
                   "    s = socket.socket(socket.AF_UNIX); s.connect(os.environ['UTR_EVENTS']); return s\n"
                   "def say(s, **m):\n"
                   "    s.sendall(json.dumps(m).encode() + b'\\n'); return json.loads(s.recv(100000))\n"
                   "s = connect()\n"
                   "hello = say(s, event='hello', adapter='test')\n%s",
                   script);
    const char *const argv[] = {"python3", "-c", program, NULL};
    launcher_run(&(launch){.format = "pytest", .argv = argv, .timeout_ms = timeout_ms}, r);
}

static void check_worker(const char *script, const char *told)
{
    recorder r = {0};
    run_worker(script, 10000, &r);
    assert_string_equal(utr_buf_text(&r.output), "");
    assert_string_equal(utr_buf_text(&r.told), told);
    recorder_dispose(&r);
}

static void test_exit_0_is_one_passed_test(void **state)
{
    (void)state;
    recorder r = {0};
    run_shell("exit", "echo words; test -z \"$UTR_EVENTS\"", &r);
    assert_string_equal(utr_buf_text(&r.told), "start suite\npassed suite\n");
    assert_string_equal(utr_buf_text(&r.output), "words\n");
    recorder_dispose(&r);
}

static void test_exit_1_and_signals_are_told(void **state)
{
    (void)state;
    check_shell("exit", "exit 3", "start suite\nfailed suite | exit code 3\n");
    check_shell("exit", "kill -SEGV $$",
                "start suite\nerror suite | ended by signal 11 (Segmentation fault)\n");
}

static void test_a_hanging_suite_meets_its_deadline(void **state)
{
    (void)state;
    recorder r = {0};
    const char *const argv[] = {"sh", "-c", "trap '' TERM; sleep 7301 & sleep 7301; sleep 7301", NULL};
    int64_t start = utr_clock_ms();
    launcher_run(&(launch){.format = "exit", .argv = argv, .timeout_ms = 200}, &r);
    assert_true(utr_clock_ms() - start < 2500);
    assert_string_equal(utr_buf_text(&r.told), "start suite\nerror suite | deadline passed\n");
    assert_true(r.how.timed_out);
    recorder_dispose(&r);
}

/* cmocka's fixture of a group, where it is told */
#define WORKS                                                                                                \
    "begin group set-up and tear-down of group 1\n"                                                          \
    "end group set-up and tear-down of group 1\n"

static void test_tap_and_cmocka_are_read_through_the_pty(void **state)
{
    (void)state;
    check_shell("tap", "echo 1..2; echo ok 1 - one; echo 'not ok 2 - two'; echo '# why' >&2; exit 1",
                "start \ncollected 2\npassed one\nstart \nfailed two | why\n");
    check_shell("cmocka",
                "echo '[==========] Running 1 test(s).'; echo '[ RUN      ] one'; echo '[       OK ] one'; "
                "echo '[==========] 1 test(s) run.'; test $CMOCKA_MESSAGE_OUTPUT = STDOUT || echo lost",
                "collected 1\n" WORKS "start one\npassed one\n" WORKS);
}

static void test_stopping_a_suite_tells_the_test_that_ran(void **state)
{
    (void)state;
    recorder r = {.end_on = "one", .end_now = true};
    run_shell("cmocka", "echo '[==========] Running 1 test(s).'; echo '[ RUN      ] one'; sleep 7302", &r);
    assert_string_equal(utr_buf_text(&r.told),
                        "collected 1\n" WORKS "start one\nerror one | the run was stopped while it ran\n");
    assert_true(r.how.cancelled);
    recorder_dispose(&r);
}

static void test_a_missing_program_is_named(void **state)
{
    (void)state;
    const char *const argv[] = {"no-such-program", NULL};
    static const char *const FORMATS[] = {"pytest", "exit"};
    for (size_t i = 0; i < 2; i++) {
        recorder r = {0};
        launcher_run(&(launch){.format = FORMATS[i], .argv = argv}, &r);
        assert_string_equal(utr_buf_text(&r.told),
                            "REFUSED suite 'suite': program 'no-such-program' not found "
                            "in PATH=/usr/bin:/bin\n");
        recorder_dispose(&r);
    }
}

static void test_a_worker_is_answered_and_told(void **state)
{
    (void)state;
    check_worker("assert hello == {'env': {}, 'pattern': None, 'services': ['db', 'cache']}, hello\n"
                 "assert os.stat(os.path.dirname(os.environ['UTR_EVENTS'])).st_mode & 0o777 == 0o700\n"
                 "assert say(s, event='start', test='a', requires=['db']) == {}\n"
                 "assert say(s, event='finish', test='a', status='passed') == {}\n",
                 "start a needs db\npassed a\n");
}

static void test_a_worker_that_dies_leaves_an_error(void **state)
{
    (void)state;
    check_worker("say(s, event='start', test='a'); os._exit(0)", "start a\nerror a | worker died\n");
}

static void test_a_worker_that_outlives_its_deadline_leaves_an_error(void **state)
{
    (void)state;
    recorder r = {0};
    run_worker("say(s, event='start', test='a'); child = os.fork()\ntime.sleep(60)", 1000, &r);
    assert_true(r.how.timed_out);
    /* A forked child holds the connection, so that it may be seen to end after the suite does. */
    assert_true(strstr(utr_buf_text(&r.told), "error a | worker died") ||
                strstr(utr_buf_text(&r.told), "error a | deadline passed"));
    recorder_dispose(&r);
}

static void test_a_second_connection_is_a_fault(void **state)
{
    (void)state;
    check_worker("t = connect()\n"
                 "assert t.recv(10) == b''\n"
                 "assert say(s, event='start', test='a') == {}\n"
                 "assert say(s, event='finish', test='a', status='failed', message='m') == {}\n",
                 "FAULT event socket: a second connection\nstart a\nfailed a | m\n");
}

static void test_one_connection_may_follow_another(void **state)
{
    (void)state;
    check_worker("s.close(); t = connect()\n"
                 "assert 'services' in say(t, event='hello', adapter='again')\n"
                 "assert say(t, event='start', test='a') == {}\n"
                 "assert say(t, event='finish', test='a', status='passed') == {}\n",
                 "start a\npassed a\n");
}

static void test_a_worker_that_never_reads_is_cut_off(void **state)
{
    (void)state;
    recorder r = {0};
    run_worker("try:\n    while True: s.sendall(b'\\n' * 60000)\nexcept OSError: pass\n", 10000, &r);
    assert_false(r.how.timed_out);
    assert_int_equal(r.how.exit_code, 0);
    recorder_dispose(&r);
}

static void test_a_suite_that_never_speaks_is_a_fault(void **state)
{
    (void)state;
    check_shell("pytest", "true",
                "FAULT the suite exited with 0 and never spoke to the runner: its plugin was not loaded\n");
    check_shell("pytest", "exit 4", "");
}

static void test_a_long_run_folder_gets_a_short_socket(void **state)
{
    (void)state;
    char base[] = "/tmp/utr-launch-XXXXXX";
    assert_non_null(mkdtemp(base));
    auto_free char *deep = utr_format("%s/%080d", base, 7);
    utr_error err = {0};
    assert_int_equal(utr_dir_make(deep, &err), UTR_OK);
    recorder r = {0};
    const char *const argv[] = {"python3", "-c",
                                "import os, socket\ns = socket.socket(socket.AF_UNIX)\n"
                                "s.connect(os.environ['UTR_EVENTS'])\n"
                                "s.sendall(b'{\"event\":\"hello\",\"adapter\":\"x\"}\\n')\n"
                                "assert s.recv(9999)\n",
                                NULL};
    launcher_run_in(&(launch){.format = "pytest", .argv = argv}, deep, &r);
    assert_int_equal(r.how.exit_code, 0);
    assert_string_equal(utr_buf_text(&r.told), "");
    recorder_dispose(&r);
    assert_int_equal(rmdir(deep), 0);
    assert_int_equal(rmdir(base), 0);
}

static void test_formats_say_what_they_can(void **state)
{
    (void)state;
    size_t count = 0;
    for (const char *const *name = suites_formats(); *name; name++, count++)
        assert_int_equal(suites_format_tells_tests(*name), strcmp(*name, "exit") != 0);
    assert_true(count >= 4);
    assert_true(suites_format_selects("pytest"));
    assert_false(suites_format_selects("tap"));
    assert_false(suites_format_tells_tests("no such format"));
    suites_status status = SUITES_FAILED;
    assert_false(suites_status_parse("green", &status));
    assert_true(suites_status_parse("xfailed", &status));
    assert_int_equal(status, SUITES_XFAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_0_is_one_passed_test),
        cmocka_unit_test(test_exit_1_and_signals_are_told),
        cmocka_unit_test(test_a_hanging_suite_meets_its_deadline),
        cmocka_unit_test(test_tap_and_cmocka_are_read_through_the_pty),
        cmocka_unit_test(test_stopping_a_suite_tells_the_test_that_ran),
        cmocka_unit_test(test_a_missing_program_is_named),
        cmocka_unit_test(test_a_worker_is_answered_and_told),
        cmocka_unit_test(test_a_worker_that_dies_leaves_an_error),
        cmocka_unit_test(test_a_worker_that_outlives_its_deadline_leaves_an_error),
        cmocka_unit_test(test_a_second_connection_is_a_fault),
        cmocka_unit_test(test_one_connection_may_follow_another),
        cmocka_unit_test(test_a_worker_that_never_reads_is_cut_off),
        cmocka_unit_test(test_a_suite_that_never_speaks_is_a_fault),
        cmocka_unit_test(test_a_long_run_folder_gets_a_short_socket),
        cmocka_unit_test(test_formats_say_what_they_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
