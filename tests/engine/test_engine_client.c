/* Containers, networks, volumes and events against a real engine. */
#include "engine_fixture.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void exec_shell(const char *id, const char *script, engine_exec_result *out)
{
    utr_error err = {0};
    auto_strs utr_strs argv = {0};
    utr_strs_add(&argv, "/bin/busybox");
    utr_strs_add(&argv, "sh");
    utr_strs_add(&argv, "-c");
    utr_strs_add(&argv, script);
    assert_done(engine_exec(the_engine, id, &argv, soon(), out, &err), err);
}

static void test_the_engine_says_who_it_is(void **state)
{
    (void)state;
    engine_facts facts;
    engine_get_facts(the_engine, &facts);
    assert_true(facts.is_local);
    const char *expected = getenv("UTR_EXPECT_API"); /* of an engine newer than Debian 12's */
    assert_string_equal(facts.api_version, expected ? expected : "1.41");
    assert_non_null(strstr(facts.platform, "linux/"));
}

static void test_a_command_in_a_container_gives_its_exit_code_and_output(void **state)
{
    (void)state;
    char *id = container_running("exec", "sleep 60");
    engine_exec_result result = {0};
    exec_shell(id, "echo out; echo err >&2; exit 7", &result);
    assert_int_equal(result.exit_code, 7);
    assert_non_null(strstr(utr_buf_text(&result.output), "out\n"));
    assert_non_null(strstr(utr_buf_text(&result.output), "err\n"));
    utr_buf_dispose(&result.output);
    container_gone(id);
}

static void test_a_container_that_is_gone_is_removed_again_in_peace(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("gone", "sleep 60");
    assert_done(engine_container_remove(the_engine, id, soon(), &err), err);
    engine_container container = {0};
    assert_int_equal(engine_container_inspect(the_engine, id, soon(), &container, &err), UTR_NOT_FOUND);
    assert_int_equal(err.sys, 404);
    assert_non_null(strstr(err.text, "No such container"));
    container_gone(id);
}

static void collect(void *ctx, bool is_stderr, const char *data, size_t len)
{
    utr_error err = {0};
    utr_buf *streams = ctx; /* stdout, stderr */
    assert_int_equal(utr_buf_add(&streams[is_stderr], data, len, &err), UTR_OK);
}

static void test_logs_keep_the_streams_apart(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("logs", "echo one; echo two >&2; sleep 0.3; echo three");
    int exit_code = -1;
    assert_done(engine_container_wait(the_engine, id, soon(), &exit_code, &err), err);
    assert_int_equal(exit_code, 0);
    utr_buf streams[2] = {0};
    engine_logs logs = {.tail = -1, .output = collect, .ctx = streams};
    assert_done(engine_container_logs(the_engine, id, &logs, soon(), &err), err);
    assert_string_equal(utr_buf_text(&streams[0]), "one\nthree\n");
    assert_string_equal(utr_buf_text(&streams[1]), "two\n");
    utr_buf_reset(&streams[0]);
    logs.tail = 1;
    assert_done(engine_container_logs(the_engine, id, &logs, soon(), &err), err);
    assert_string_equal(utr_buf_text(&streams[0]), "three\n");
    utr_buf_dispose(&streams[0]);
    utr_buf_dispose(&streams[1]);
    container_gone(id);
}

static void test_a_tty_logs_as_it_is(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = NULL;
    auto_free char *name = own_name("tty");
    auto_json json_t *config = config_of("echo out; echo err >&2");
    (void)json_object_set_new(config, "Tty", json_true());
    assert_done(engine_container_create(the_engine, name, config, soon(), &id, &err), err);
    assert_done(engine_container_start(the_engine, id, soon(), &err), err);
    utr_buf streams[2] = {0};
    engine_logs logs = {.tail = -1, .follow = true, .output = collect, .ctx = streams};
    assert_done(engine_container_logs(the_engine, id, &logs, soon(), &err), err);
    assert_string_equal(utr_buf_text(&streams[0]), "out\r\nerr\r\n");
    utr_buf_dispose(&streams[0]);
    container_gone(id);
}

static void test_megabytes_of_output_arrive_whole(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("big", "head -c 3000000 /dev/zero");
    int exit_code = -1;
    assert_done(engine_container_wait(the_engine, id, soon(), &exit_code, &err), err);
    utr_buf streams[2] = {0};
    engine_logs logs = {.tail = -1, .output = collect, .ctx = streams};
    assert_done(engine_container_logs(the_engine, id, &logs, soon(), &err), err);
    assert_int_equal(streams[0].len, 3000000);
    utr_buf_dispose(&streams[0]);
    container_gone(id);
}

static void test_an_exec_keeps_the_first_64_kib(void **state)
{
    (void)state;
    char *id = container_running("exec-big", "sleep 60");
    engine_exec_result result = {0};
    exec_shell(id, "head -c 200000 /dev/zero; exit 3", &result);
    assert_int_equal(result.exit_code, 3);
    assert_int_equal(result.output.len, 65536);
    utr_buf_dispose(&result.output);
    container_gone(id);
}

static void test_a_command_that_does_not_exist_is_an_exit_code(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("exec-none", "sleep 60");
    auto_strs utr_strs argv = {0};
    utr_strs_add(&argv, "/no/such/command");
    engine_exec_result result = {0};
    assert_done(engine_exec(the_engine, id, &argv, soon(), &result, &err), err);
    assert_in_range(result.exit_code, 126, 127);
    assert_non_null(strstr(utr_buf_text(&result.output), "no such file"));
    utr_buf_dispose(&result.output);
    container_gone(id);
}

static void test_an_exec_that_hangs_ends_at_its_deadline(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("exec-hang", "sleep 60");
    auto_strs utr_strs argv = {0};
    utr_strs_add(&argv, "/bin/sleep");
    utr_strs_add(&argv, "30");
    engine_exec_result result = {0};
    int64_t began_ms = utr_clock_ms();
    assert_int_equal(engine_exec(the_engine, id, &argv, engine_within(500, NULL), &result, &err),
                     UTR_TIMEOUT);
    assert_in_range(utr_clock_ms() - began_ms, 490, 900);
    container_gone(id);
}

static void test_a_killed_container_says_so(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("kill", "sleep 60");
    assert_done(engine_container_kill(the_engine, id, "KILL", soon(), &err), err);
    int exit_code = -1;
    assert_done(engine_container_wait(the_engine, id, soon(), &exit_code, &err), err);
    assert_int_equal(exit_code, 137);
    engine_container container = {0};
    assert_done(engine_container_inspect(the_engine, id, soon(), &container, &err), err);
    assert_false(container.running);
    assert_false(container.oom_killed);
    assert_string_equal(container.status, "exited");
    engine_container_dispose(&container);
    assert_int_equal(engine_container_kill(the_engine, id, "KILL", soon(), &err), UTR_CONFLICT);
    container_gone(id);
}

static void test_a_container_out_of_memory_says_so(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = NULL;
    auto_free char *name = own_name("oom");
    auto_json json_t *config = config_of("x=0123456789abcdef; while :; do x=$x$x; done");
    (void)json_object_set_new(config, "HostConfig",
                              json_pack("{s:i, s:i}", "Memory", 8 << 20, "MemorySwap", 8 << 20));
    assert_done(engine_container_create(the_engine, name, config, soon(), &id, &err), err);
    assert_done(engine_container_start(the_engine, id, soon(), &err), err);
    int exit_code = -1;
    assert_done(engine_container_wait(the_engine, id, soon(), &exit_code, &err), err);
    engine_container container = {0};
    assert_done(engine_container_inspect(the_engine, id, soon(), &container, &err), err);
    assert_true(container.oom_killed);
    assert_int_equal(container.exit_code, 137);
    engine_container_dispose(&container);
    container_gone(id);
}

static void test_a_running_container_is_inspected_and_measured(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("inspect", "sleep 60");
    engine_container container = {0};
    assert_done(engine_container_inspect(the_engine, id, soon(), &container, &err), err);
    auto_free char *name = own_name("inspect");
    assert_string_equal(container.name, name);
    assert_string_equal(container.id, id);
    assert_string_equal(container.image, image_name);
    assert_memory_equal(container.image_id, "sha256:", 7);
    assert_true(container.running && container.pid > 0);
    assert_int_equal(container.networks.count, 1);
    assert_int_not_equal(*container.networks.items[0].address, '\0');
    engine_container_dispose(&container);
    engine_stats stats = {0};
    assert_done(engine_container_stats(the_engine, id, soon(), &stats, &err), err);
    assert_true(stats.memory_bytes > 0 && stats.memory_limit_bytes > stats.memory_bytes && stats.cpu_ns > 0);
    container_gone(id);
}

static void test_networks_and_volumes_come_and_go(void **state)
{
    (void)state;
    utr_error err = {0};
    auto_free char *name = own_name("net");
    auto_json json_t *config = json_pack("{s:s, s:{s:s}}", "Name", name, "Labels", LABEL, mark_value());
    char *network = NULL;
    assert_done(engine_network_create(the_engine, config, soon(), &network, &err), err);
    assert_done(engine_volume_create(the_engine, config, soon(), &err), err);
    auto_strs utr_strs labels = {0};
    utr_strs_add(&labels, mark);
    static const engine_kind KINDS[] = {ENGINE_NETWORKS, ENGINE_VOLUMES};
    for (size_t i = 0; i < 2; i++) {
        engine_list list = {0};
        assert_done(engine_list_labelled(the_engine, KINDS[i], &labels, soon(), &list, &err), err);
        assert_int_equal(list.count, 1);
        assert_string_equal(list.items[0].name, name);
        assert_string_equal(list.items[0].id, i ? name : network);
        assert_non_null(json_object_get(list.items[0].labels, LABEL));
        engine_list_dispose(&list);
    }
    assert_done(engine_network_remove(the_engine, network, soon(), &err), err);
    assert_done(engine_volume_remove(the_engine, name, soon(), &err), err);
    assert_int_equal(engine_network_remove(the_engine, network, soon(), &err), UTR_NOT_FOUND);
    utr_error_reset(&err);
    assert_int_equal(engine_volume_remove(the_engine, name, soon(), &err), UTR_NOT_FOUND);
    free(network);
}

static void test_a_name_in_use_is_a_conflict_and_a_missing_image_not_found(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("twice", "sleep 60");
    auto_free char *name = own_name("twice");
    auto_json json_t *config = config_of("true");
    char *other = NULL;
    assert_int_equal(engine_container_create(the_engine, name, config, soon(), &other, &err), UTR_CONFLICT);
    assert_non_null(strstr(err.text, "already in use"));
    utr_error_reset(&err);
    (void)json_object_set_new(config, "Image", json_string("utr-eng-no-such-image:1"));
    assert_int_equal(engine_container_create(the_engine, NULL, config, soon(), &other, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "No such image"));
    container_gone(id);
}

/* ---- events ---- */

/* Other tests' containers die in the same second. */
static bool until_die_5(void *ctx, const engine_event *event)
{
    const char *exit_code = utr_json_str(event->attributes, "exitCode", "");
    utr_buf_print(ctx, "%s %s ", event->action, exit_code);
    return strcmp(exit_code, "5") != 0;
}

static void test_events_tell_a_life(void **state)
{
    (void)state;
    utr_error err = {0};
    int64_t since_s = (int64_t)time(NULL) - 1;
    char *id = container_running("events", "exit 5");
    auto_buf utr_buf seen = {0};
    auto_strs utr_strs labels = {0};
    utr_strs_add(&labels, mark);
    int exit_code = 0;
    assert_done(engine_container_wait(the_engine, id, soon(), &exit_code, &err), err);
    assert_done(engine_events(the_engine, &labels, since_s, until_die_5, &seen, soon(), &err), err);
    assert_non_null(strstr(utr_buf_text(&seen), "die 5"));
    container_gone(id);
}

/* ---- threads and cancellation ---- */

typedef struct {
    const char *what;
    utr_error err;
    int good;
} worker;

static void *work(void *ctx)
{
    worker *w = ctx;
    char *id = NULL;
    auto_free char *name = own_name(w->what);
    auto_json json_t *config = config_of("sleep 60");
    if (engine_container_create(the_engine, name, config, soon(), &id, &w->err) ||
        engine_container_start(the_engine, id, soon(), &w->err)) {
        free(id);
        return NULL;
    }
    auto_strs utr_strs argv = {0};
    utr_strs_add(&argv, "/bin/echo");
    utr_strs_add(&argv, w->what);
    for (int i = 0; i < 5; i++) {
        engine_exec_result result = {0};
        if (engine_exec(the_engine, id, &argv, soon(), &result, &w->err))
            break;
        w->good += strncmp(utr_buf_text(&result.output), w->what, strlen(w->what)) == 0;
        utr_buf_dispose(&result.output);
    }
    if (!w->err.code)
        (void)!engine_container_remove(the_engine, id, soon(), &w->err);
    free(id);
    return NULL;
}

static void test_threads_call_at_once(void **state)
{
    (void)state;
    worker workers[2] = {{.what = "left"}, {.what = "right"}};
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (size_t i = 0; i < 2; i++)
        (void)pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 2; i++) {
        if (workers[i].err.code)
            fail_msg("%s", workers[i].err.text);
        assert_int_equal(workers[i].good, 5);
    }
}

typedef struct {
    const char *id;
    utr_error err;
} remover;

static void *remove_it(void *ctx)
{
    remover *r = ctx;
    (void)!engine_container_remove(the_engine, r->id, soon(), &r->err);
    return NULL;
}

static void test_two_removals_at_once_are_both_fine(void **state)
{
    (void)state;
    char *id = container_running("removed-twice", "sleep 60");
    remover removers[4] = {0};
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        removers[i].id = id;
        assert_int_equal(pthread_create(&threads[i], NULL, remove_it, &removers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 4; i++) {
        if (removers[i].err.code)
            fail_msg("%s", removers[i].err.text);
    }
    container_gone(id);
}

typedef struct {
    utr_cancel cancel;
    int64_t tripped_ms;
} follower;

static void trip_at_output(void *ctx, bool is_stderr, const char *data, size_t len)
{
    follower *f = ctx;
    assert_true(!is_stderr && len == 3 && memcmp(data, "on\n", 3) == 0);
    f->tripped_ms = utr_clock_ms();
    utr_cancel_trip(&f->cancel);
}

static void test_following_logs_ends_when_cancelled(void **state)
{
    (void)state;
    utr_error err = {0};
    follower f = {0};
    assert_done(utr_cancel_init(&f.cancel, &err), err);
    char *id = container_running("follow", "echo on; sleep 60");
    engine_logs logs = {.tail = -1, .follow = true, .output = trip_at_output, .ctx = &f};
    assert_int_equal(engine_container_logs(the_engine, id, &logs, engine_within(20000, &f.cancel), &err),
                     UTR_CANCELLED);
    assert_true(utr_clock_ms() - f.tripped_ms < 200);
    utr_cancel_dispose(&f.cancel);
    container_gone(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_engine_says_who_it_is),
        cmocka_unit_test(test_a_command_in_a_container_gives_its_exit_code_and_output),
        cmocka_unit_test(test_a_container_that_is_gone_is_removed_again_in_peace),
        cmocka_unit_test(test_logs_keep_the_streams_apart),
        cmocka_unit_test(test_a_tty_logs_as_it_is),
        cmocka_unit_test(test_megabytes_of_output_arrive_whole),
        cmocka_unit_test(test_an_exec_keeps_the_first_64_kib),
        cmocka_unit_test(test_a_command_that_does_not_exist_is_an_exit_code),
        cmocka_unit_test(test_an_exec_that_hangs_ends_at_its_deadline),
        cmocka_unit_test(test_a_killed_container_says_so),
        cmocka_unit_test(test_a_container_out_of_memory_says_so),
        cmocka_unit_test(test_a_running_container_is_inspected_and_measured),
        cmocka_unit_test(test_networks_and_volumes_come_and_go),
        cmocka_unit_test(test_a_name_in_use_is_a_conflict_and_a_missing_image_not_found),
        cmocka_unit_test(test_events_tell_a_life),
        cmocka_unit_test(test_threads_call_at_once),
        cmocka_unit_test(test_two_removals_at_once_are_both_fine),
        cmocka_unit_test(test_following_logs_ends_when_cancelled),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
