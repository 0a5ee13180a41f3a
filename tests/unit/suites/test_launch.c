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
static void run_worker_as(const char *hello, const char *script, int64_t timeout_ms, recorder *r)
{
    auto_free char *program =
        utr_format("import json, os, socket, sys, time\n"
                   "def connect():\n"
                   "    s = socket.socket(socket.AF_UNIX); s.connect(os.environ['UTR_EVENTS']); return s\n"
                   "def say(s, **m):\n"
                   "    s.sendall(json.dumps(m).encode() + b'\\n'); return json.loads(s.recv(100000))\n"
                   "def closed(s):\n"
                   "    try: return s.recv(10) == b''\n"
                   "    except OSError: return True\n"
                   "s = connect()\n"
                   "hello = say(s, event='hello', adapter='pytest', worker='main', %s)\n%s",
                   hello, script);
    const char *const argv[] = {"python3", "-c", program, NULL};
    launcher_run(&(launch){.format = "pytest", .argv = argv, .timeout_ms = timeout_ms}, r);
}

static void run_worker(const char *script, int64_t timeout_ms, recorder *r)
{
    run_worker_as("", script, timeout_ms, r);
}

static void run_and_check(const char *hello, const char *script, const char *told)
{
    recorder r = {0};
    run_worker_as(hello, script, 10000, &r);
    assert_string_equal(utr_buf_text(&r.output), "");
    assert_string_equal(utr_buf_text(&r.told), told);
    recorder_dispose(&r);
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

/* The whole suite's test cases are tests; a process of one test is that test, as bad as the worst of its
 * cases. */
static void test_reports_are_told_when_the_suite_has_ended(void **state)
{
    (void)state;
    static const char WRITES[] =
        "echo '<testsuite><testcase name=\"a\"/><testcase name=\"b\"><skipped/></testcase>"
        "</testsuite>' > \"$0\"; exit $1";
    static const char *const TOLD[][2] = {
        {"start a\npassed a\nstart b\nskipped b\n", "start one\nskipped one\n"},
        {"start a\npassed a\nstart b\nskipped b\n",
         "start one\nerror one | exit code 3, though its report tells no failure\n"}};
    for (size_t i = 0; i < 4; i++) {
        char report[] = "/tmp/utr-report-XXXXXX";
        recorder r = {0};
        const char *const argv[] = {"sh", "-c", WRITES, report, i < 2 ? "0" : "3", NULL};
        int fd = mkstemp(report);
        assert_true(fd >= 0);
        (void)close(fd);
        launcher_run(
            &(launch){.format = "junit", .argv = argv, .report = report, .test = i % 2 ? "one" : NULL}, &r);
        assert_string_equal(utr_buf_text(&r.told), TOLD[i / 2][i % 2]);
        assert_int_equal(unlink(report), 0);
        recorder_dispose(&r);
    }
}

static void test_a_report_that_is_not_written_is_a_fault(void **state)
{
    (void)state;
    recorder r = {0};
    const char *const argv[] = {"true", NULL};
    launcher_run(&(launch){.format = "junit", .argv = argv, .report = "/tmp/utr-no-such-report.xml"}, &r);
    assert_string_equal(utr_buf_text(&r.told), "FAULT /tmp/utr-no-such-report.xml: no report was written\n");
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

static void test_a_second_connection_of_a_process_is_a_fault(void **state)
{
    (void)state;
    check_worker("t = connect()\n"
                 "assert closed(t)\n"
                 "assert say(s, event='start', test='a') == {}\n"
                 "assert say(s, event='finish', test='a', status='failed', message='m') == {}\n",
                 "FAULT event socket: a second connection of one process\nstart a\nfailed a | m\n");
}

static void test_whoever_announces_others_still_has_one_connection(void **state)
{
    (void)state;
    run_and_check("workers=True", "assert closed(connect())\n",
                  "FAULT event socket: a second connection of one process\n");
}

/* A child that main announced, or not. */
#define CHILD                                                                                                \
    "if os.fork() == 0:\n"                                                                                   \
    "    t = connect(); h = say(t, event='hello', adapter='pytest', worker='gw0')\n"                         \
    "    assert h['env'] == {'SUITE_ADDRESS': '127.0.0.1:5432'}, h\n"                                        \
    "    assert say(t, event='start', test='b') == {}\n"

static void test_announced_workers_speak_for_themselves(void **state)
{
    (void)state;
    run_and_check("workers=True",
                  CHILD "    say(t, event='finish', test='b', status='passed'); os._exit(0)\n"
                        "os.wait()\n"
                        "assert say(s, event='start', test='a') == {}\n"
                        "assert say(s, event='finish', test='a', status='passed') == {}\n",
                  "worker gw0\ngw0: start b\ngw0: passed b\ngone gw0\nstart a\npassed a\n");
}

static void test_a_worker_that_crashes_ends_its_test_only(void **state)
{
    (void)state;
    run_and_check("workers=True",
                  CHILD "    os.kill(os.getpid(), 9)\n"
                        "os.wait(); time.sleep(.2)\n"
                        "assert say(s, event='start', test='a') == {}\n"
                        "assert say(s, event='finish', test='a', status='passed') == {}\n",
                  "worker gw0\ngw0: start b\ngw0: error b | worker died\ngone gw0\nstart a\npassed a\n");
}

static void test_a_process_that_a_test_starts_is_no_worker(void **state)
{
    (void)state;
    static const char SPEAKS[] =
        "if os.fork() == 0:\n"
        "    t = connect()\n"
        "    try: t.sendall(b'{\"event\":\"hello\",\"adapter\":\"pytest\",\"worker\":\"gw7\"}\\n')\n"
        "    except OSError: pass\n"
        "    assert closed(t); os._exit(0)\n"
        "assert os.wait()[1] == 0\n";
    check_worker(SPEAKS, "FAULT event socket: a process that a worker started connects\n");
    auto_free char *below =
        utr_format("if os.fork() == 0:\n"
                   "    u = connect(); say(u, event='hello', adapter='pytest', worker='g')\n"
                   "    pid = os.fork()\n"
                   "    if pid: sys.exit(os.waitpid(pid, 0)[1])\n"
                   "    t = connect()\n"
                   "    assert closed(t); os._exit(0)\n"
                   "assert os.wait()[1] == 0\n");
    run_and_check("workers=True", below,
                  "worker g\nFAULT event socket: a process that a worker started connects\ngone g\n");
}

static void test_a_process_that_left_the_suite_is_no_worker(void **state)
{
    (void)state;
    run_and_check("workers=True",
                  "r, w = os.pipe()\n"
                  "if os.fork() == 0:\n"
                  "    if os.fork(): os._exit(0)\n"
                  "    time.sleep(.3); t = connect(); assert closed(t); os.write(w, b'x'); os._exit(0)\n"
                  "os.wait(); assert os.read(r, 1) == b'x'\n",
                  "FAULT event socket: a process that is none of the suite's connects\n");
}

static void test_only_the_worker_itself_speaks_on_its_connection(void **state)
{
    (void)state;
    check_worker("say(s, event='start', test='a')\n"
                 "if os.fork() == 0:\n"
                 "    s.sendall(b'{\"event\":\"finish\",\"test\":\"a\",\"status\":\"passed\"}\\n')\n"
                 "    os._exit(0)\n"
                 "os.wait(); assert closed(s)\n",
                 "start a\nFAULT event socket: a message of another process\nerror a | worker died\n");
}

static void test_a_worker_that_is_refused_ends_the_launch(void **state)
{
    (void)state;
    recorder r = {.refused = "main"};
    const char *const argv[] = {"true", NULL};
    launcher_run(&(launch){.format = "pytest", .argv = argv}, &r);
    assert_string_equal(utr_buf_text(&r.told), "REFUSED suite 'suite': no room for worker 'main'\n");
    recorder_dispose(&r);
}

/* The loop stands still in on_start of a while b's worker speaks and ends; its end is told later. */
static void test_a_worker_is_drained_on_demand(void **state)
{
    (void)state;
    static const char TOLD[] = "worker gw0\nstart a\ngw0: start b\ngw0: passed b\ndrained\n";
    recorder r = {.drains_on = "a"};
    run_worker_as(
        "workers=True",
        "r, w = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    t = connect(); say(t, event='hello', adapter='pytest', worker='gw0'); os.write(w, b'x')\n"
        "    time.sleep(.1)\n"
        "    for m in {'event': 'start'}, {'event': 'finish', 'status': 'passed'}:\n"
        "        t.sendall(json.dumps({'test': 'b', 'answer': False, **m}).encode() + b'\\n')\n"
        "    os._exit(0)\n"
        "os.read(r, 1); say(s, event='start', test='a')\n"
        "say(s, event='finish', test='a', status='passed'); os.wait(); time.sleep(.2)\n"
        "say(s, event='start', test='c')\n",
        10000, &r);
    assert_string_equal(utr_buf_text(&r.output), "");
    assert_memory_equal(utr_buf_text(&r.told), TOLD, sizeof TOLD - 1);
    const char *gone = strstr(utr_buf_text(&r.told), "gone gw0\n");
    const char *later = strstr(utr_buf_text(&r.told), "start c\n");
    assert_true(gone && later && gone < later);
    recorder_dispose(&r);
}

static void test_one_connection_may_follow_another(void **state)
{
    (void)state;
    check_worker("s.close(); t = connect()\n"
                 "assert 'services' in say(t, event='hello', adapter='pytest', worker='main')\n"
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
    const char *const argv[] = {
        "python3", "-c",
        "import os, socket\ns = socket.socket(socket.AF_UNIX)\n"
        "s.connect(os.environ['UTR_EVENTS'])\n"
        "s.sendall(b'{\"event\":\"hello\",\"adapter\":\"pytest\",\"worker\":\"main\"}\\n')\n"
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
        cmocka_unit_test(test_reports_are_told_when_the_suite_has_ended),
        cmocka_unit_test(test_a_report_that_is_not_written_is_a_fault),
        cmocka_unit_test(test_a_missing_program_is_named),
        cmocka_unit_test(test_a_worker_is_answered_and_told),
        cmocka_unit_test(test_a_worker_that_dies_leaves_an_error),
        cmocka_unit_test(test_a_worker_that_outlives_its_deadline_leaves_an_error),
        cmocka_unit_test(test_a_second_connection_of_a_process_is_a_fault),
        cmocka_unit_test(test_whoever_announces_others_still_has_one_connection),
        cmocka_unit_test(test_announced_workers_speak_for_themselves),
        cmocka_unit_test(test_a_worker_that_crashes_ends_its_test_only),
        cmocka_unit_test(test_a_process_that_a_test_starts_is_no_worker),
        cmocka_unit_test(test_a_process_that_left_the_suite_is_no_worker),
        cmocka_unit_test(test_only_the_worker_itself_speaks_on_its_connection),
        cmocka_unit_test(test_a_worker_that_is_refused_ends_the_launch),
        cmocka_unit_test(test_a_worker_is_drained_on_demand),
        cmocka_unit_test(test_one_connection_may_follow_another),
        cmocka_unit_test(test_a_worker_that_never_reads_is_cut_off),
        cmocka_unit_test(test_a_suite_that_never_speaks_is_a_fault),
        cmocka_unit_test(test_a_long_run_folder_gets_a_short_socket),
        cmocka_unit_test(test_formats_say_what_they_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
