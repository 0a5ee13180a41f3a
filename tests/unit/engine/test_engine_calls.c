/* Calls against an engine that misbehaves. */
#include "engine/engine.h"

#include "base/clock.h"
#include "base/files.h"
#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static engine *open_fake(fake *f, const fake_route *routes, size_t count)
{
    fake_start(f, routes, count);
    engine *e = NULL;
    utr_error err = {0};
    if (engine_open(f->host, engine_within(5000, NULL), &e, &err))
        fail_msg("%s", err.text);
    return e;
}

static void close_fake(fake *f, engine *e)
{
    engine_free(e);
    fake_stop(f);
}

static engine_bound soon(void)
{
    return engine_within(5000, NULL);
}

#define assert_says(err, part)                                                                               \
    do {                                                                                                     \
        if (!strstr((err).text, part))                                                                       \
            fail_msg("'%s' does not say '%s'", (err).text, part);                                            \
    } while (0)

/* ---- refusals ---- */

static void test_a_refusal_carries_the_daemons_message(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        utr_code code;
        int status;
        const char *text;
    } CASES[] = {
        {"HTTP/1.1 500 E\r\nContent-Length: 27\r\n\r\n{\"message\":\"disk is full!\"}\n", UTR_ENGINE, 500,
         "HTTP 500: disk is full!"},
        {"HTTP/1.1 404 E\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}", UTR_NOT_FOUND, 404,
         "HTTP 404: no"},
        {"HTTP/1.1 409 E\r\nContent-Length: 18\r\n\r\n{\"message\":\"busy\"}", UTR_CONFLICT, 409, "busy"},
        {"HTTP/1.1 503 E\r\nContent-Length: 9\r\n\r\n<h1>no</h", UTR_ENGINE, 503, "<h1>no</h"},
        {"HTTP/1.1 500 E\r\nContent-Length: 0\r\n\r\n", UTR_ENGINE, 500, "no message"},
        {"HTTP/1.1 301 E\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", UTR_ENGINE, 301, "HTTP 301"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const fake_route routes[] = {{.match = "/start", .answer = CASES[i].answer, .close = true}};
        fake f;
        engine *e = open_fake(&f, routes, 1);
        utr_error err = {0};
        assert_int_equal(engine_container_start(e, "x", soon(), &err), CASES[i].code);
        assert_int_equal(err.sys, CASES[i].status);
        assert_says(err, CASES[i].text);
        assert_says(err, "start container 'x'");
        close_fake(&f, e);
    }
}

/* A head, and a body of blanks. */
static void fill(char *answer, size_t size, const char *head)
{
    int len = snprintf(answer, size, "%s", head);
    (void)memset(answer + len, ' ', size - (size_t)len);
}

static void test_an_endless_refusal_is_cut(void **state)
{
    (void)state;
    char answer[2048];
    fill(answer, sizeof answer, "HTTP/1.1 500 E\r\n\r\n");
    const fake_route routes[] = {
        {.match = "/start", .answer = answer, .len = sizeof answer, .endless = true, .close = true}};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    utr_error err = {0};
    assert_int_equal(engine_container_start(e, "x", soon(), &err), UTR_ENGINE);
    close_fake(&f, e);
}

static void test_an_endless_answer_is_too_large(void **state)
{
    (void)state;
    char answer[2048];
    fill(answer, sizeof answer, "HTTP/1.1 200 OK\r\n\r\n");
    const fake_route routes[] = {
        {.match = "/json", .answer = answer, .len = sizeof answer, .endless = true, .close = true}};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    utr_error err = {0};
    engine_container container = {0};
    assert_int_equal(engine_container_inspect(e, "x", soon(), &container, &err), UTR_TOO_LARGE);
    close_fake(&f, e);
}

static void test_names_are_escaped(void **state)
{
    (void)state;
    fake f;
    engine *e = open_fake(&f, NULL, 0);
    utr_error err = {0};
    assert_int_equal(engine_container_start(e, "a b?c=1#d\r\nX: y", soon(), &err), UTR_NOT_FOUND);
    assert_memory_equal(f.last, "POST /v1.41/containers/a%20b%3Fc%3D1%23d%0D%0AX:%20y/start HTTP/1.1\r\n",
                        69);
    close_fake(&f, e);
}

/* ---- answers that are wrong, half or slow ---- */

static void test_wrong_json_is_a_protocol_error(void **state)
{
    (void)state;
    static const char *const BODIES[] = {"", "{", "[]", "{}", "null", "{\"State\":1}", "\xFF", "{\"Id\":5}"};
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        auto_free char *answer =
            utr_format("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(BODIES[i]), BODIES[i]);
        const fake_route routes[] = {{.match = "/v1.41", .answer = answer}};
        fake f;
        engine *e = open_fake(&f, routes, 1);
        utr_error err[5] = {0};
        engine_container container = {0};
        engine_image image = {0};
        engine_stats stats = {0};
        char *id = NULL;
        int exit_code = 0;
        assert_int_equal(engine_container_inspect(e, "x", soon(), &container, &err[0]), UTR_PROTOCOL);
        assert_int_equal(engine_image_inspect(e, "x", soon(), &image, &err[1]), UTR_PROTOCOL);
        assert_int_equal(engine_container_create(e, "x", NULL, soon(), &id, &err[2]), UTR_PROTOCOL);
        assert_int_equal(engine_container_wait(e, "x", soon(), &exit_code, &err[3]), UTR_PROTOCOL);
        assert_int_equal(engine_container_stats(e, "x", soon(), &stats, &err[4]), UTR_PROTOCOL);
        close_fake(&f, e);
    }
}

#define INSPECT                                                                                              \
    "{\"Id\":\"i\",\"Name\":\"/n\",\"Image\":\"sha256:0\",\"RestartCount\":2,"                               \
    "\"Config\":{\"Image\":\"img\",\"Labels\":{\"a\":\"b\"}},"                                               \
    "\"State\":{\"Status\":\"exited\",\"Running\":false,\"OOMKilled\":true,\"ExitCode\":137,"                \
    "\"Health\":{\"Status\":\"unhealthy\"}},\"NetworkSettings\":{\"Networks\":{\"net\":{\"IPAddress\":"      \
    "\"10.0.0.2\"},\"none\":null},\"Ports\":{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8080\"},"    \
    "{\"HostIp\":\"::\",\"HostPort\":\"8080\"}],\"53/udp\":[{\"HostIp\":\"\",\"HostPort\":\"5353\"}],"       \
    "\"81/tcp\":null,\"x\":[{}]}}}"

static void assert_inspected(const engine_container *container)
{
    assert_string_equal(container->name, "n");
    assert_string_equal(container->image, "img");
    assert_string_equal(container->status, "exited");
    assert_string_equal(container->health, "unhealthy");
    assert_true(container->oom_killed);
    assert_false(container->running);
    assert_int_equal(container->exit_code, 137);
    assert_int_equal(container->restart_count, 2);
    assert_int_equal(container->networks.count, 2);
    assert_string_equal(container->networks.items[0].address, "10.0.0.2");
    assert_string_equal(container->networks.items[1].address, "");
    assert_int_equal(container->ports.count, 3);
    assert_int_equal(container->ports.items[0].host_port, 8080);
    assert_true(container->ports.items[2].udp);
    assert_string_equal(utr_json_str(container->labels, "a", ""), "b");
}

static void test_a_chunked_answer_cut_at_every_byte_reads_the_same(void **state)
{
    (void)state;
    size_t half = strlen(INSPECT) / 2;
    auto_free char *answer = utr_format(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n%.*s\r\n%zx\r\n%s\r\n0\r\n\r\n", half,
        (int)half, INSPECT, strlen(INSPECT) - half, &INSPECT[half]);
    fake_route routes[] = {{.match = "/json", .answer = answer}};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    int connections = atomic_load(&f.connections);
    for (size_t cut = 0; cut < strlen(answer); cut++) {
        routes[0].cut = cut;
        utr_error err = {0};
        engine_container container = {0};
        if (engine_container_inspect(e, "x", soon(), &container, &err))
            fail_msg("cut at %zu: %s", cut, err.text);
        assert_inspected(&container);
        engine_container_dispose(&container);
    }
    assert_in_range(atomic_load(&f.connections) - connections, 0, 1); /* one connection served them all */
    close_fake(&f, e);
}

static void test_an_answer_that_ends_early_is_an_error_at_every_byte(void **state)
{
    (void)state;
    static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"StatusCode\": 1234}";
    for (size_t len = 0; len < sizeof ANSWER - 2; len++) {
        const fake_route routes[] = {{.match = "/wait", .answer = ANSWER, .len = len, .close = true}};
        fake f;
        engine *e = open_fake(&f, routes, 1);
        utr_error err = {0};
        int exit_code = -1;
        if (len) /* length 0 would mean "all of it" */
            assert_int_not_equal(engine_container_wait(e, "x", soon(), &exit_code, &err), UTR_OK);
        assert_int_equal(exit_code, -1);
        close_fake(&f, e);
    }
}

static void test_a_silent_call_ends_at_its_deadline(void **state)
{
    (void)state;
    const fake_route routes[] = {{.match = "/json"}};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    utr_error err = {0};
    engine_container container = {0};
    int64_t began_ms = utr_clock_ms();
    assert_int_equal(engine_container_inspect(e, "x", engine_within(100, NULL), &container, &err),
                     UTR_TIMEOUT);
    assert_in_range(utr_clock_ms() - began_ms, 95, 300);
    assert_says(err, "no answer within");
    close_fake(&f, e);
}

static void test_a_connection_that_was_hung_up_is_replaced(void **state)
{
    (void)state;
    const fake_route routes[] = {
        {.match = "/start", .answer = "HTTP/1.1 204 No Content\r\n\r\n", .close = true}};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    for (int i = 0; i < 50; i++) {
        utr_error err = {0};
        if (engine_container_start(e, "x", soon(), &err))
            fail_msg("call %d: %s", i, err.text);
    }
    close_fake(&f, e);
}

/* ---- cancellation ---- */

typedef struct {
    engine *e;
    utr_cancel cancel;
    utr_error err;
    int64_t ended_us;
} waiter;

static void *wait_long(void *ctx)
{
    waiter *w = ctx;
    int exit_code = 0;
    (void)!engine_container_wait(w->e, "x", engine_within(20000, &w->cancel), &exit_code, &w->err);
    w->ended_us = utr_clock_us();
    return NULL;
}

static void test_cancelling_ends_a_wait_at_once(void **state)
{
    (void)state;
    const fake_route routes[] = {{.match = "/wait"}};
    fake f;
    waiter w = {.e = open_fake(&f, routes, 1)};
    utr_error err = {0};
    assert_int_equal(utr_cancel_init(&w.cancel, &err), UTR_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_long, &w), 0);
    (void)utr_cancel_sleep(NULL, 100);
    int64_t tripped_us = utr_clock_us();
    utr_cancel_trip(&w.cancel);
    (void)pthread_join(thread, NULL);
    assert_int_equal(w.err.code, UTR_CANCELLED);
    assert_true(w.ended_us - tripped_us < 50000);
    int exit_code = 0;
    assert_int_equal(engine_container_wait(w.e, "x", engine_within(20000, &w.cancel), &exit_code, &err),
                     UTR_CANCELLED);
    utr_cancel_dispose(&w.cancel);
    close_fake(&f, w.e);
}

/* ---- streams ---- */

static void test_a_pull_that_fails_inside_a_200_is_an_error(void **state)
{
    (void)state;
    const fake_route routes[] = {FAKE_JSON(
        "/images/create", "{\"status\":\"Pulling\"}\r\n{\"errorDetail\":{\"message\":\"manifest for x "
                          "not found\"},\"error\":\"manifest for x not found\"}\r\n")};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    utr_error err = {0};
    assert_int_equal(engine_image_pull(e, "reg:5000/a/x:1", NULL, NULL, soon(), &err), UTR_NOT_FOUND);
    assert_says(err, "pull image 'reg:5000/a/x:1': manifest for x not found");
    assert_non_null(strstr(f.last, "fromImage=reg%3A5000%2Fa%2Fx&tag=1 "));
    close_fake(&f, e);
}

static void test_a_pull_always_names_a_tag(void **state)
{
    (void)state;
    static const struct {
        const char *ref, *query;
    } CASES[] = {
        {"redis", "fromImage=redis&tag=latest "},
        {"reg:5000/redis", "fromImage=reg%3A5000%2Fredis&tag=latest "},
        {"redis:7@sha256:ab", "fromImage=redis%3A7&tag=sha256%3Aab "},
    };
    const fake_route routes[] = {FAKE_JSON("/images/create", "{\"status\":\"done\"}\r\n")};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        fake f;
        engine *e = open_fake(&f, routes, 1);
        utr_error err = {0};
        assert_int_equal(engine_image_pull(e, CASES[i].ref, NULL, NULL, soon(), &err), UTR_OK);
        if (!strstr(f.last, CASES[i].query))
            fail_msg("%s: %.200s", CASES[i].ref, f.last);
        close_fake(&f, e);
    }
}

static void build_folder(char folder[32])
{
    (void)snprintf(folder, 32, "/tmp/utr-eng-XXXXXX");
    assert_non_null(mkdtemp(folder));
    auto_free char *path = utr_path_join(folder, "Dockerfile");
    utr_error err = {0};
    assert_int_equal(utr_file_write(path, "FROM scratch\n", 13, &err), UTR_OK);
}

static void remove_folder(const char *folder)
{
    auto_free char *path = utr_path_join(folder, "Dockerfile");
    (void)unlink(path);
    (void)rmdir(folder);
}

static void count_steps(void *ctx, const char *what, int64_t done, int64_t total)
{
    int64_t *steps = ctx;
    (void)what;
    *steps = done * 100 + total;
}

static void test_a_failing_build_shows_its_last_lines(void **state)
{
    (void)state;
    const fake_route routes[] = {
        FAKE_JSON("/build", "{\"status\":\"Pulling\",\"id\":\"x\"}\n{\"stream\":\"Step 1/2 : FROM "
                            "scratch\"}\n{\"stream\":\"\\n\"}\n"
                            "{\"stream\":\"Step 2/2 : RUN make\\nmake: no \"}\n{\"stream\":\"rule\\n\"}\n"
                            "{\"errorDetail\":{\"code\":2,\"message\":\"returned a non-zero code: 2\"}}\n")};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    char folder[32];
    build_folder(folder);
    utr_error err = {0};
    char *id = NULL;
    int64_t steps = 0;
    engine_build build = {.context = folder, .tag = "t", .progress = count_steps, .ctx = &steps};
    utr_strs_add(&build.args, "A=b=c");
    assert_int_equal(engine_image_build(e, &build, soon(), &id, &err), UTR_ENGINE);
    utr_strs_dispose(&build.args);
    remove_folder(folder);
    assert_says(err, "build image 't': returned a non-zero code: 2; last output: ");
    assert_says(err, "Step 2/2 : RUN make | make: no rule");
    assert_int_equal(steps, 202);
    assert_non_null(strstr(f.last, "&dockerfile=Dockerfile&t=t&buildargs=%7B%22A%22%3A%22b%3Dc%22%7D "));
    close_fake(&f, e);
}

static void test_a_refused_build_carries_the_message(void **state)
{
    (void)state;
    const fake_route routes[] = {
        {.match = "/build",
         .answer = "HTTP/1.1 400 Bad\r\nContent-Length: 32\r\n\r\n{\"message\":\"invalid reference!\"}",
         .close = true}};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    char folder[32];
    build_folder(folder);
    utr_error err = {0};
    char *id = NULL;
    engine_build build = {.context = folder, .tag = "T!"};
    assert_int_equal(engine_image_build(e, &build, soon(), &id, &err), UTR_ENGINE);
    remove_folder(folder);
    assert_says(err, "HTTP 400: invalid reference!");
    close_fake(&f, e);
}

static void count_output(void *ctx, bool is_stderr, const char *data, size_t len)
{
    (void)is_stderr;
    (void)data;
    *(size_t *)ctx += len;
}

static void test_output_that_stops_inside_a_frame_is_an_error(void **state)
{
    (void)state;
    static const char ANSWER[] = "HTTP/1.1 200 OK\r\n\r\n\1\0\0\0\0\0\0\5hel";
    const fake_route routes[] = {
        FAKE_JSON("/json", "{\"Config\":{\"Tty\":false}}"),
        {.match = "/logs", .answer = ANSWER, .len = sizeof ANSWER - 1, .close = true}};
    fake f;
    engine *e = open_fake(&f, routes, 2);
    utr_error err = {0};
    size_t len = 0;
    engine_logs logs = {.tail = -1, .output = count_output, .ctx = &len};
    assert_int_equal(engine_container_logs(e, "x", &logs, soon(), &err), UTR_UNREACHABLE);
    assert_int_equal(len, 3);
    close_fake(&f, e);
}

static bool count_event(void *ctx, const engine_event *event)
{
    int *count = ctx;
    assert_string_equal(event->action, "die");
    return ++*count < 2;
}

static void test_events_end_when_told_or_with_the_engine(void **state)
{
    (void)state;
    const fake_route routes[] = {
        FAKE_JSON("/events", "{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"i\"}}\n"
                             "{\"Action\":\"die\"}\n{\"Action\":\"die\"}\n")};
    fake f;
    engine *e = open_fake(&f, routes, 1);
    utr_error err = {0};
    auto_strs utr_strs labels = {0};
    utr_strs_add(&labels, "a=b");
    int count = 0;
    assert_int_equal(engine_events(e, &labels, 5, count_event, &count, soon(), &err), UTR_OK);
    assert_int_equal(count, 2);
    assert_non_null(strstr(f.last, "filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D&since=5 "));
    count = -10;
    assert_int_equal(engine_events(e, &labels, 0, count_event, &count, soon(), &err), UTR_UNREACHABLE);
    assert_int_equal(count, -7);
    close_fake(&f, e);
}

int main(void)
{
    (void)setenv("DOCKER_CONFIG", "/nonexistent", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refusal_carries_the_daemons_message),
        cmocka_unit_test(test_an_endless_refusal_is_cut),
        cmocka_unit_test(test_an_endless_answer_is_too_large),
        cmocka_unit_test(test_names_are_escaped),
        cmocka_unit_test(test_wrong_json_is_a_protocol_error),
        cmocka_unit_test(test_a_chunked_answer_cut_at_every_byte_reads_the_same),
        cmocka_unit_test(test_an_answer_that_ends_early_is_an_error_at_every_byte),
        cmocka_unit_test(test_a_silent_call_ends_at_its_deadline),
        cmocka_unit_test(test_a_connection_that_was_hung_up_is_replaced),
        cmocka_unit_test(test_cancelling_ends_a_wait_at_once),
        cmocka_unit_test(test_a_pull_that_fails_inside_a_200_is_an_error),
        cmocka_unit_test(test_a_pull_always_names_a_tag),
        cmocka_unit_test(test_a_failing_build_shows_its_last_lines),
        cmocka_unit_test(test_a_refused_build_carries_the_message),
        cmocka_unit_test(test_output_that_stops_inside_a_frame_is_an_error),
        cmocka_unit_test(test_events_end_when_told_or_with_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
