#include "probe.h"

static void test_output_through_a_pty_is_raw_and_whole(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true},
                "test -t 1 && test -t 2 && echo tty; read x || echo no input; echo $PROBE >&2; pwd; exit 7");
    probe_run(&p);
    assert_string_equal(utr_buf_text(&p.output), "tty\nno input\nset\n/\n");
    assert_int_equal(p.how.exit_code, 7);
    assert_int_equal(p.how.signal, 0);
    assert_false(p.how.timed_out || p.how.cancelled);
    assert_int_equal(p.how.leaked, 0);
    assert_int_equal(p.exits, 1);
    probe_dispose(&p);
}

static void test_output_through_a_pipe_is_whole(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){0}, "test -t 1 || seq 1 200000; echo end >&2");
    probe_run(&p);
    assert_int_equal(p.output.len, 1288895 + 4);
    assert_string_equal(utr_buf_text(&p.output) + 1288895, "end\n");
    probe_dispose(&p);
}

static void test_output_that_may_wait_is_read_seldom_and_whole(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pause_ms = 60000},
                "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.01; done");
    probe_run(&p);
    assert_string_equal(utr_buf_text(&p.output), "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert_in_range(p.reads, 1, 2);
    probe_dispose(&p);
}

static void test_more_than_a_pipe_holds_does_not_wait_for_the_end(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pause_ms = 1}, "seq 1 200000");
    probe_run(&p);
    assert_int_equal(p.output.len, 1288895);
    probe_dispose(&p);
}

static void test_much_output_through_a_pty_is_whole(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true}, "seq 1 200000");
    probe_run(&p);
    assert_int_equal(p.output.len, 1288895);
    probe_dispose(&p);
}

static void test_a_signal_is_told(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true}, "kill -SEGV $$");
    probe_run(&p);
    assert_int_equal(p.how.exit_code, -1);
    assert_int_equal(p.how.signal, SIGSEGV);
    probe_dispose(&p);
}

static void test_a_missing_program_is_named_with_the_path(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    const char *const words[] = {"no-such-program", NULL};
    assert_int_equal(probe_spawn_words(&p, (loop_spawn){.pty = true}, words), UTR_NOT_FOUND);
    assert_string_equal(p.err.text, "program 'no-such-program' not found in PATH=/usr/bin:/bin");
    probe_run(&p);
    assert_int_equal(p.exits, 0);
    probe_dispose(&p);
}

static void test_a_missing_file_is_named(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    const char *const words[] = {"./no-such-program", NULL};
    assert_int_equal(probe_spawn_words(&p, (loop_spawn){0}, words), UTR_NOT_FOUND);
    assert_non_null(strstr(p.err.text, "'./no-such-program' not found from /"));
    probe_run(&p);
    probe_dispose(&p);
}

static void test_a_file_that_is_no_program_is_refused_with_the_reason(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    const char *const words[] = {"/etc/passwd", NULL};
    assert_int_equal(probe_spawn_words(&p, (loop_spawn){0}, words), UTR_SYS);
    assert_int_equal(p.err.sys, EACCES);
    assert_non_null(strstr(p.err.text, "/etc/passwd"));
    probe_run(&p);
    probe_dispose(&p);
}

static void test_a_missing_directory_is_named(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    const char *const words[] = {"true", NULL};
    loop_spawn options = {.directory = "/no/such/folder"};
    assert_int_equal(probe_spawn_words(&p, options, words), UTR_SYS);
    assert_string_equal(p.err.text, "enter directory /no/such/folder: No such file or directory");
    probe_run(&p);
    probe_dispose(&p);
}

static int change_root_directory(void *ctx)
{
    return chdir(ctx) < 0 || setenv("PROBE", "changed", 1) < 0 ? errno : 0;
}

static void test_what_is_to_be_done_before_the_program_is_done_in_the_child(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    char folder[] = "/usr";
    loop_spawn options = {
        .directory = "bin", .before_exec = change_root_directory, .before_exec_ctx = folder};
    probe_spawn(&p, options, "pwd -P; echo $PROBE");
    probe_run(&p);
    assert_string_equal(utr_buf_text(&p.output), "/usr/bin\nset\n");
    assert_null(getenv("PROBE"));
    probe_dispose(&p);
}

static void test_a_failure_before_the_program_is_told(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    char missing[] = "/no/such/folder";
    const char *const words[] = {"true", NULL};
    loop_spawn options = {.before_exec = change_root_directory, .before_exec_ctx = missing};
    assert_int_equal(probe_spawn_words(&p, options, words), UTR_SYS);
    assert_int_equal(p.err.sys, ENOENT);
    assert_string_equal(p.err.text, "enter the sealed worker: No such file or directory");
    probe_run(&p);
    assert_int_equal(p.exits, 0);
    probe_dispose(&p);
}

static void test_a_deadline_ends_the_whole_tree(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    int64_t start = utr_clock_ms();
    probe_spawn(
        &p, (loop_spawn){.pty = true, .timeout_ms = 200, .grace_ms = 100},
        "trap '' TERM HUP; sleep 7101 & setsid sleep 7101 & sh -c 'trap \"\" TERM; while :; do sleep 7101; "
        "done'");
    probe_run(&p);
    assert_true(utr_clock_ms() - start < 2000);
    assert_true(p.how.timed_out);
    assert_false(p.how.cancelled);
    assert_int_equal(p.how.signal, SIGKILL);
    assert_false(sleeper_runs("7101"));
    probe_dispose(&p);
}

static void test_an_orderly_end_leaves_time_to_clean_up(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true, .grace_ms = 5000},
                "trap 'echo cleaned; exit 3' TERM; echo ready; while :; do sleep 0.02; done");
    probe_end_after(&p, 150, false);
    probe_run(&p);
    assert_non_null(strstr(utr_buf_text(&p.output), "cleaned\n"));
    assert_int_equal(p.how.exit_code, 3);
    assert_true(p.how.cancelled);
    assert_false(p.how.timed_out);
    probe_dispose(&p);
}

static void test_an_end_at_once_waits_for_nobody(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    int64_t start = utr_clock_ms();
    probe_spawn(&p, (loop_spawn){.pty = true, .grace_ms = 60000}, "trap '' TERM; sleep 7102; sleep 7102");
    probe_end_after(&p, 100, true);
    probe_run(&p);
    assert_true(utr_clock_ms() - start < 1500);
    assert_int_equal(p.how.signal, SIGKILL);
    assert_true(p.how.cancelled);
    assert_int_equal(p.how.leaked, 0);
    assert_false(sleeper_runs("7102"));
    probe_dispose(&p);
}

static void test_what_outlives_the_main_process_is_ended_and_counted(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    int64_t start = utr_clock_ms();
    probe_spawn(&p, (loop_spawn){.pty = true}, "trap '' HUP; sleep 7103 & sleep 7103 & echo done");
    probe_run(&p);
    int64_t took = utr_clock_ms() - start;
    assert_true(took >= 200 && took < 1500);
    assert_string_equal(utr_buf_text(&p.output), "done\n");
    assert_int_equal(p.how.exit_code, 0);
    assert_int_equal(p.how.leaked, 2);
    assert_false(sleeper_runs("7103"));
    probe_dispose(&p);
}

static void test_what_still_writes_for_a_moment_is_heard(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){0}, "(sleep 0.05; echo late) & echo early");
    probe_run(&p);
    assert_string_equal(utr_buf_text(&p.output), "early\nlate\n");
    assert_int_equal(p.how.leaked, 0);
    probe_dispose(&p);
}

static void test_a_process_that_forked_away_is_found_by_its_mark(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true},
                "(setsid sh -c 'sleep 7104 >/dev/null 2>&1 </dev/null & exit' &) ; sleep 0.1");
    probe_run(&p);
    assert_int_equal(p.how.leaked, 1);
    assert_false(sleeper_runs("7104"));
    probe_dispose(&p);
}

static void test_a_bounded_fork_bomb_is_ended(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true, .timeout_ms = 300, .grace_ms = 0},
                "trap '' TERM HUP; bomb() { [ $1 -gt 0 ] || exec sleep 7105; bomb $(($1-1)) & bomb $(($1-1)) "
                "& wait; }; "
                "bomb 6");
    probe_run(&p);
    assert_true(p.how.timed_out);
    assert_false(sleeper_runs("7105"));
    probe_dispose(&p);
}

static void test_ending_twice_is_ending_once(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true, .grace_ms = 60000}, "trap '' TERM; sleep 7106; sleep 7106");
    loop_process_end(p.process, false);
    loop_process_end(p.process, false);
    loop_process_end(p.process, true);
    loop_process_end(p.process, true);
    probe_run(&p);
    assert_int_equal(p.exits, 1);
    assert_true(p.how.cancelled);
    probe_dispose(&p);
}

static void test_drain_delivers_what_is_there(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true}, "echo there; sleep 0.3");
    for (int turn = 0; turn < 100 && p.output.len == 0; turn++) {
        uv_sleep(5);
        loop_process_drain(p.process);
    }
    assert_string_equal(utr_buf_text(&p.output), "there\n");
    probe_run(&p);
    probe_dispose(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_through_a_pty_is_raw_and_whole),
        cmocka_unit_test(test_output_through_a_pipe_is_whole),
        cmocka_unit_test(test_output_that_may_wait_is_read_seldom_and_whole),
        cmocka_unit_test(test_more_than_a_pipe_holds_does_not_wait_for_the_end),
        cmocka_unit_test(test_much_output_through_a_pty_is_whole),
        cmocka_unit_test(test_a_signal_is_told),
        cmocka_unit_test(test_a_missing_program_is_named_with_the_path),
        cmocka_unit_test(test_a_missing_file_is_named),
        cmocka_unit_test(test_a_file_that_is_no_program_is_refused_with_the_reason),
        cmocka_unit_test(test_a_missing_directory_is_named),
        cmocka_unit_test(test_what_is_to_be_done_before_the_program_is_done_in_the_child),
        cmocka_unit_test(test_a_failure_before_the_program_is_told),
        cmocka_unit_test(test_a_deadline_ends_the_whole_tree),
        cmocka_unit_test(test_an_orderly_end_leaves_time_to_clean_up),
        cmocka_unit_test(test_an_end_at_once_waits_for_nobody),
        cmocka_unit_test(test_what_outlives_the_main_process_is_ended_and_counted),
        cmocka_unit_test(test_what_still_writes_for_a_moment_is_heard),
        cmocka_unit_test(test_a_process_that_forked_away_is_found_by_its_mark),
        cmocka_unit_test(test_a_bounded_fork_bomb_is_ended),
        cmocka_unit_test(test_ending_twice_is_ending_once),
        cmocka_unit_test(test_drain_delivers_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
