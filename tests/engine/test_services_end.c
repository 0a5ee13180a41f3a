/* Nothing is left behind, however a run ends: the reaper, the sweep, kept stacks. On the real engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services_fixture.h"

#include "services/owner.h"

#include "base/clock.h"
#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char REDIS[] = "services: {redis: {image: 'utr-fixture-redis:7', ports: ['6379']}}\n";

/* ---- processes ---- */

static pid_t start_victim(const char *session, int *out_pipe)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t files;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    char name[] = "victim";
    char mode[] = "--victim";
    auto_free char *which = utr_strdup(session);
    char *const argv[] = {name, mode, which, NULL};
    pid_t pid = 0;
    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", &files, NULL, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)close(ends[1]);
    *out_pipe = ends[0];
    return pid;
}

/* Whether a reaper of that session runs. */
static bool reaper_runs(const char *session)
{
    bool found = false;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry = readdir(proc); entry; entry = readdir(proc)) {
        auto_free char *path = utr_format("/proc/%s/cmdline", entry->d_name);
        auto_buf utr_buf text = UTR_BUF_INIT(1 << 16);
        utr_error err = {0};
        if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name) && !utr_file_read(path, &text, &err))
            found |= text.len && memmem(text.data, text.len, "--reaper", 9) &&
                     memmem(text.data, text.len, session, strlen(session) + 1);
    }
    (void)closedir(proc);
    return found;
}

static void await_nothing_left(engine *e, const char *session, int64_t ms)
{
    int64_t end_ms = utr_clock_ms() + ms;
    while ((count_labelled(e, SERVICES_LABEL_SESSION, session) || reaper_runs(session)) &&
           utr_clock_ms() < end_ms)
        (void)utr_cancel_sleep(NULL, 50);
    assert_int_equal(count_labelled(e, SERVICES_LABEL_SESSION, session), 0);
    assert_false(reaper_runs(session));
}

static void kill_after(int64_t ms, bool wait_until_up)
{
    engine *e = open_engine();
    auto_free char *session = utr_format("utr-svc-victim-%d-%lld", (int)getpid(), (long long)ms);
    int out = -1;
    pid_t pid = start_victim(session, &out);
    char word[4] = "";
    if (wait_until_up) {
        assert_int_equal(read(out, word, 3), 3);
        assert_true(count_labelled(e, SERVICES_LABEL_SESSION, session) >= 3);
        assert_true(reaper_runs(session));
    }
    (void)utr_cancel_sleep(NULL, ms);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    /* The reaper does not hold our end: whoever reads a runner's output sees its end. */
    ssize_t len = 0;
    while ((len = read(out, word, 3)) > 0)
        assert_false(wait_until_up); /* else it came up before the moment was there */
    assert_int_equal(len, 0);
    (void)close(out);
    await_nothing_left(e, session, 20000);
    engine_free(e);
}

static void test_a_killed_runner_leaves_nothing(void **state)
{
    (void)state;
    kill_after(0, true);
}

static void test_a_runner_killed_while_services_come_up_leaves_nothing(void **state)
{
    (void)state;
    static const int64_t MOMENTS[] = {20, 60, 120, 250, 400};
    for (size_t i = 0; i < sizeof MOMENTS / sizeof *MOMENTS; i++)
        kill_after(MOMENTS[i], false);
}

static void test_the_reaper_ends_with_an_orderly_run(void **state)
{
    (void)state;
    stage s;
    utr_error err = {0};
    stage_open(&s, REDIS, NAMES("redis"));
    assert_int_equal(stage_up(&s, &err), UTR_OK);
    assert_true(reaper_runs(s.project));
    assert_int_equal(services_down(s.services, engine_within(30000, NULL), &err), UTR_OK);
    assert_false(reaper_runs(s.project));
    stage_close(&s);
}

/* ---- the sweep ---- */

static json_t *labels_of(const services_owner *owner, const char *session, bool keep)
{
    json_t *labels = json_object();
    services_owner_label(owner, session, keep, labels);
    return labels;
}

static void make_network(engine *e, const char *name, json_t *labels)
{
    auto_json json_t *body = json_pack("{s:s, s:o}", "Name", name, "Labels", labels);
    auto_free char *id = NULL;
    utr_error err = {0};
    if (engine_network_create(e, body, engine_within(20000, NULL), &id, &err))
        fail_msg("%s", err.text);
}

static void make_container(engine *e, const char *name, json_t *labels)
{
    auto_json json_t *body = json_pack("{s:s, s:[s, s], s:o}", "Image", "utr-base:bookworm", "Cmd", "sleep",
                                       "600", "Labels", labels);
    auto_free char *id = NULL;
    utr_error err = {0};
    if (engine_container_create(e, name, body, engine_within(20000, NULL), &id, &err) ||
        engine_container_start(e, id, engine_within(20000, NULL), &err))
        fail_msg("%s", err.text);
}

/* A process that lives until it is killed, and what its labels say. */
static services_owner start_owner(void)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        services_owner self = services_owner_self();
        (void)!write(ends[1], &self, sizeof self);
        for (;;)
            (void)pause();
    }
    services_owner owner;
    assert_int_equal(read(ends[0], &owner, sizeof owner), sizeof owner);
    assert_int_equal(owner.pid, pid);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return owner;
}

static void end_owner(const services_owner *owner)
{
    assert_int_equal(kill((pid_t)owner->pid, SIGKILL), 0);
    assert_int_equal(waitpid((pid_t)owner->pid, NULL, 0), owner->pid);
}

static void test_the_sweep_takes_what_the_dead_left_and_nothing_else(void **state)
{
    (void)state;
    engine *e = open_engine();
    services_owner alive = services_owner_self();
    services_owner dead = start_owner(); /* and alive until all is made: other runs sweep, too */
    services_owner reused = alive;
    reused.pid_start -= 1; /* the pid is ours, but was another's */
    services_owner elsewhere = alive;
    (void)snprintf(elsewhere.boot, sizeof elsewhere.boot, "%s", "00000000-0000-0000-0000-000000000000");
    auto_free char *base = utr_format("utr-svc-sweep-%d", (int)getpid());
    char *names[6];
    static const char *const KINDS[] = {"alive", "dead", "reused", "kept", "elsewhere", "rebooted"};
    for (size_t i = 0; i < 6; i++)
        names[i] = utr_format("%s-%s", base, KINDS[i]);
    make_network(e, names[0], labels_of(&alive, names[0], false));
    make_network(e, names[1], labels_of(&dead, names[1], false));
    make_container(e, names[1], labels_of(&dead, names[1], false));
    make_network(e, names[2], labels_of(&reused, names[2], false));
    make_network(e, names[3], labels_of(&dead, names[3], true));
    /* Of another boot id: its container runs, so another machine may be at work on this engine. */
    make_container(e, names[4], labels_of(&elsewhere, names[4], false));
    make_network(e, names[4], labels_of(&elsewhere, names[4], false));
    make_network(e, names[5], labels_of(&elsewhere, names[5], false));
    end_owner(&dead);
    size_t removed = 0;
    utr_error err = {0};
    if (services_sweep(e, engine_within(30000, NULL), &removed, &err))
        fail_msg("%s", err.text);
    assert_true(removed > 0);
    static const size_t LEFT[] = {1, 0, 0, 1, 2, 0};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(count_labelled(e, SERVICES_LABEL_SESSION, names[i]), LEFT[i]);
    auto_free char *clear = utr_format("docker rm -f %s >/dev/null; docker network rm %s %s %s >/dev/null",
                                       names[4], names[0], names[3], names[4]);
    assert_int_equal(system(clear), 0);
    for (size_t i = 0; i < 6; i++)
        free(names[i]);
    engine_free(e);
}

/* ---- kept stacks ---- */

static void test_a_kept_stack_stays_until_its_project_is_removed(void **state)
{
    (void)state;
    stage s;
    utr_error err = {0};
    stage_open(&s, REDIS, NAMES("redis"));
    s.options.keep = true;
    assert_int_equal(stage_up(&s, &err), UTR_OK);
    assert_false(reaper_runs(s.project));
    assert_int_equal(services_down(s.services, engine_within(30000, NULL), &err), UTR_OK);
    services_status_list list = {0};
    assert_int_equal(services_status(s.engine, s.project, engine_within(10000, NULL), &list, &err), UTR_OK);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].service, "redis");
    assert_string_equal(list.items[0].state, "running");
    assert_true(list.items[0].is_kept);
    assert_int_equal(list.items[0].addresses.count, 1);
    assert_string_equal(list.items[0].addresses.items[0].host,
                        services_find(s.services, "redis")->addresses[0].host);
    services_status_dispose(&list);
    size_t removed = 0;
    assert_int_equal(services_remove_project(s.engine, s.project, engine_within(30000, NULL), &removed, &err),
                     UTR_OK);
    assert_int_equal(removed, 2);
    assert_int_equal(count_labelled(s.engine, SERVICES_LABEL_SESSION, s.project), 0);
    stage_close(&s);
}

static void test_removing_a_project_leaves_live_runs_alone(void **state)
{
    (void)state;
    stage s;
    utr_error err = {0};
    stage_open(&s, REDIS, NAMES("redis"));
    assert_int_equal(stage_up(&s, &err), UTR_OK);
    size_t removed = 9;
    assert_int_equal(services_remove_project(s.engine, s.project, engine_within(30000, NULL), &removed, &err),
                     UTR_OK);
    assert_int_equal(removed, 0);
    stage_close(&s);
}

int main(int argc, char **argv)
{
    int mode = special_modes(argc, argv);
    if (mode >= 0)
        return mode;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_killed_runner_leaves_nothing),
        cmocka_unit_test(test_a_runner_killed_while_services_come_up_leaves_nothing),
        cmocka_unit_test(test_the_reaper_ends_with_an_orderly_run),
        cmocka_unit_test(test_the_sweep_takes_what_the_dead_left_and_nothing_else),
        cmocka_unit_test(test_a_kept_stack_stays_until_its_project_is_removed),
        cmocka_unit_test(test_removing_a_project_leaves_live_runs_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
