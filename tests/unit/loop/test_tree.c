#include "probe.h"

#include <sys/wait.h>

static void test_descendants_are_killed_and_waited_for(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(loop_adopt_orphans(&err), UTR_OK);
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true}, "(env -i setsid sleep 7201 &) ; sleep 7201");
    uv_sleep(200);
    assert_true(sleeper_runs("7201"));
    assert_int_equal(loop_kill_descendants(), 3);
    assert_false(sleeper_runs("7201"));
    probe_run(&p);
    assert_int_equal(p.exits, 1);
    assert_int_equal(p.how.signal, SIGKILL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    probe_dispose(&p);
}

static void test_an_adopted_orphan_is_reaped_with_its_tree(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(loop_adopt_orphans(&err), UTR_OK);
    probe p;
    probe_init(&p);
    probe_spawn(&p, (loop_spawn){.pty = true}, "(setsid sleep 7202 &) ; sleep 0.1");
    probe_run(&p);
    assert_int_equal(p.how.leaked, 1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    probe_dispose(&p);
}

static void test_a_helper_of_the_same_program_is_spared(void **state)
{
    (void)state;
    pid_t helper = fork();
    if (helper == 0) {
        (void)pause();
        _exit(0);
    }
    assert_int_equal(loop_kill_descendants(), 0);
    assert_int_equal(kill(helper, 0), 0);
    (void)kill(helper, SIGKILL);
    assert_int_equal(waitpid(helper, NULL, 0), helper);
}

static void test_ending_one_tree_leaves_another_alone(void **state)
{
    (void)state;
    probe one;
    probe two;
    probe_init(&one);
    probe_init(&two);
    probe_spawn(&one, (loop_spawn){.pty = true}, "sleep 7203");
    probe_spawn(&two, (loop_spawn){.pty = true}, "sleep 7204");
    loop_process_end(one.process, true);
    probe_run(&one);
    assert_true(sleeper_runs("7204"));
    loop_process_end(two.process, true);
    probe_run(&two);
    probe_dispose(&one);
    probe_dispose(&two);
}

/* A child of libuv's own that ended must still be there for libuv to wait for. */
static int64_t uv_child_status = -1;

static void on_uv_child_exit(uv_process_t *child, int64_t status, int signal)
{
    (void)signal;
    uv_child_status = status;
    uv_close((uv_handle_t *)child, NULL);
}

static void test_a_child_of_libuv_is_not_stolen(void **state)
{
    (void)state;
    probe p;
    probe_init(&p);
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)"exit 5", NULL};
    uv_process_options_t options = {.file = "sh", .args = argv, .exit_cb = on_uv_child_exit};
    uv_process_t child;
    assert_int_equal(uv_spawn(&p.loop, &child, &options), 0);
    uv_sleep(50);
    probe_spawn(&p, (loop_spawn){.pty = true}, "(setsid sleep 7205 &) ; sleep 0.05");
    probe_run(&p);
    assert_int_equal(uv_child_status, 5);
    probe_dispose(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_helper_of_the_same_program_is_spared),
        cmocka_unit_test(test_ending_one_tree_leaves_another_alone),
        cmocka_unit_test(test_a_child_of_libuv_is_not_stolen),
        cmocka_unit_test(test_an_adopted_orphan_is_reaped_with_its_tree),
        cmocka_unit_test(test_descendants_are_killed_and_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
