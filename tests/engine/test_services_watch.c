/* What happens to services under a run, and engines that are elsewhere, on the real engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services_fixture.h"

#include "services/thread.h"

#include "base/clock.h"
#include "base/files.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char REDIS[] = "services: {redis: {image: 'utr-fixture-redis:7', ports: ['6379']}}\n";

/* services_watch() on a thread. */
typedef struct {
    stage *stage;
    utr_cancel cancel;
    pthread_t thread;
    utr_code code;
    utr_error err;
} watcher;

static void *watch(void *arg)
{
    watcher *w = arg;
    w->code = services_watch(w->stage->services, &w->cancel, &w->err);
    return NULL;
}

static void watch_start(watcher *w, stage *s)
{
    *w = (watcher){.stage = s};
    assert_int_equal(utr_cancel_init(&w->cancel, &w->err), UTR_OK);
    assert_int_equal(services_thread_start(&w->thread, watch, w, &w->err), UTR_OK);
    (void)utr_cancel_sleep(NULL, 300); /* it listens */
}

static void watch_stop(watcher *w)
{
    utr_cancel_trip(&w->cancel);
    (void)pthread_join(w->thread, NULL);
    assert_int_equal(w->code, UTR_CANCELLED);
    utr_cancel_dispose(&w->cancel);
}

static void up(stage *s)
{
    utr_error err = {0};
    if (stage_up(s, &err))
        fail_msg("%s", err.text);
}

static const char *id_of(stage *s, const char *name)
{
    return services_find(s->services, name)->container_id;
}

static void test_a_killed_container_is_told(void **state)
{
    (void)state;
    stage s;
    watcher w;
    utr_error err = {0};
    stage_open(&s, REDIS, NAMES("redis"));
    up(&s);
    watch_start(&w, &s);
    assert_null(stage_told(&s, SERVICES_EXITED, "redis"));
    assert_int_equal(
        engine_container_kill(s.engine, id_of(&s, "redis"), "KILL", engine_within(10000, NULL), &err),
        UTR_OK);
    const told *event = stage_await(&s, SERVICES_EXITED, "redis", 5000);
    assert_non_null(event);
    assert_non_null(strstr(event->detail, "signal 9, exit code 137"));
    assert_non_null(strstr(event->detail, "Ready to accept connections"));
    watch_stop(&w);
    stage_close(&s);
}

static void test_what_died_before_the_watch_is_told_too(void **state)
{
    (void)state;
    stage s;
    watcher w;
    utr_error err = {0};
    stage_open(&s, REDIS, NAMES("redis"));
    up(&s);
    assert_int_equal(
        engine_container_kill(s.engine, id_of(&s, "redis"), "KILL", engine_within(10000, NULL), &err),
        UTR_OK);
    (void)utr_cancel_sleep(NULL, 2500); /* past what the events replay */
    watch_start(&w, &s);
    assert_non_null(stage_await(&s, SERVICES_EXITED, "redis", 2000));
    watch_stop(&w);
    stage_close(&s);
}

static void test_an_oom_kill_under_the_run_is_told(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  hungry:\n"
                               "    image: utr-base:bookworm\n"
                               "    command: [sh, -c, 'sleep 1.5; exec tail /dev/zero']\n"
                               "    deploy: {resources: {limits: {memory: 32M}}}\n";
    stage s;
    watcher w;
    stage_open(&s, TEXT, NAMES("hungry"));
    up(&s);
    watch_start(&w, &s);
    assert_non_null(stage_await(&s, SERVICES_OOM_KILLED, "hungry", 10000));
    watch_stop(&w);
    stage_close(&s);
}

static void test_a_container_removed_by_someone_else_is_told(void **state)
{
    (void)state;
    stage s;
    watcher w;
    utr_error err = {0};
    stage_open(&s, REDIS, NAMES("redis"));
    up(&s);
    watch_start(&w, &s);
    assert_int_equal(engine_container_remove(s.engine, id_of(&s, "redis"), engine_within(10000, NULL), &err),
                     UTR_OK);
    assert_non_null(stage_await(&s, SERVICES_EXITED, "redis", 2000));
    watch_stop(&w);
    stage_close(&s);
}

static void test_a_restart_is_not_overlooked(void **state)
{
    (void)state;
    stage s;
    watcher w;
    stage_open(&s, REDIS, NAMES("redis"));
    up(&s);
    /* Restarted between the bring-up and the watch: it runs, but is not what the suites were promised. */
    auto_free char *command = utr_format("docker restart -t 0 %s >/dev/null", id_of(&s, "redis"));
    assert_int_equal(system(command), 0);
    (void)utr_cancel_sleep(NULL, 2500);
    watch_start(&w, &s);
    assert_non_null(stage_await(&s, SERVICES_RESTARTED, "redis", 2000));
    watch_stop(&w);
    stage_close(&s);
}

static void test_turning_unhealthy_is_told(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  moody:\n"
                               "    image: utr-base:bookworm\n"
                               "    command: [sh, -c, 'touch /ok; sleep 600']\n"
                               "    healthcheck: {test: [CMD, test, -e, /ok], interval: 1s, retries: 1}\n";
    stage s;
    watcher w;
    stage_open(&s, TEXT, NAMES("moody"));
    up(&s);
    watch_start(&w, &s);
    auto_strs utr_strs spoil = {0};
    utr_strs_add(&spoil, "rm");
    utr_strs_add(&spoil, "/ok");
    engine_exec_result result = {0};
    utr_error err = {0};
    assert_int_equal(
        engine_exec(s.engine, id_of(&s, "moody"), &spoil, engine_within(5000, NULL), &result, &err), UTR_OK);
    utr_buf_dispose(&result.output);
    assert_non_null(stage_await(&s, SERVICES_UNHEALTHY, "moody", 8000));
    watch_stop(&w);
    stage_close(&s);
}

static void test_our_own_removal_is_no_news(void **state)
{
    (void)state;
    stage s;
    watcher w;
    utr_error err = {0};
    stage_open(&s, REDIS, NAMES("redis"));
    up(&s);
    watch_start(&w, &s);
    assert_int_equal(services_down(s.services, engine_within(30000, NULL), &err), UTR_OK);
    (void)utr_cancel_sleep(NULL, 300);
    assert_null(stage_told(&s, SERVICES_EXITED, "redis"));
    watch_stop(&w);
    stage_close(&s);
}

/* ---- an engine on TCP: a relay in front of the real one's socket ---- */

typedef struct {
    int listener;
    int port;
    struct sockaddr_un there; /* the engine that the stage had */
    utr_cancel stop;
    pthread_t thread;
} tcp_engine;

typedef struct {
    int near, far;
    const utr_cancel *stop;
} tcp_pair;

static bool pass_on(int from, int to)
{
    char bytes[16384];
    ssize_t got = read(from, bytes, sizeof bytes);
    return got > 0 && write(to, bytes, (size_t)got) == got;
}

static void *pair_run(void *arg)
{
    tcp_pair *p = arg;
    struct pollfd fds[3] = {{p->near, POLLIN, 0}, {p->far, POLLIN, 0}, {p->stop->fd, POLLIN, 0}};
    bool alive = true;
    while (alive && poll(fds, 3, -1) > 0 && !fds[2].revents) {
        if (fds[0].revents)
            alive = pass_on(p->near, p->far);
        if (alive && fds[1].revents)
            alive = pass_on(p->far, p->near);
    }
    (void)close(p->near);
    (void)close(p->far);
    free(p);
    return NULL;
}

static void *tcp_engine_run(void *arg)
{
    tcp_engine *t = arg;
    pthread_t threads[64];
    size_t count = 0;
    struct pollfd fds[2] = {{t->listener, POLLIN, 0}, {t->stop.fd, POLLIN, 0}};
    while (poll(fds, 2, -1) > 0 && !fds[1].revents && count < 64) {
        tcp_pair *p = UTR_NEW(tcp_pair);
        *p = (tcp_pair){accept4(t->listener, NULL, NULL, SOCK_CLOEXEC),
                        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &t->stop};
        assert_int_equal(connect(p->far, (struct sockaddr *)&t->there, sizeof t->there), 0);
        assert_int_equal(pthread_create(&threads[count++], NULL, pair_run, p), 0);
    }
    (void)close(t->listener);
    while (count)
        (void)pthread_join(threads[--count], NULL);
    return NULL;
}

static int listen_on(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_in here = {0};
    socklen_t len = sizeof here;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
    return ntohs(here.sin_port);
}

static void tcp_engine_start(tcp_engine *t, stage *s)
{
    utr_error err = {0};
    engine_facts facts;
    engine_get_facts(s->engine, &facts);
    assert_true(facts.is_local);
    t->there.sun_family = AF_UNIX;
    (void)snprintf(t->there.sun_path, sizeof t->there.sun_path, "%s", facts.host + strlen("unix://"));
    t->listener = listen_on(0);
    t->port = port_of(t->listener);
    assert_int_equal(utr_cancel_init(&t->stop, &err), UTR_OK);
    assert_int_equal(pthread_create(&t->thread, NULL, tcp_engine_run, t), 0);
    auto_free char *host = utr_format("tcp://127.0.0.1:%d", t->port);
    engine_free(s->engine);
    if (engine_open(host, engine_within(5000, NULL), &s->engine, &err))
        fail_msg("%s", err.text);
    s->options.engine = s->engine;
}

static void tcp_engine_stop(tcp_engine *t)
{
    utr_cancel_trip(&t->stop);
    (void)pthread_join(t->thread, NULL);
    utr_cancel_dispose(&t->stop);
}

static void test_a_remote_engine_publishes_on_a_free_port_even_where_the_files_is_taken(void **state)
{
    (void)state;
    int taken = listen_on(0);
    auto_free char *text = utr_format(
        "services: {redis: {image: 'utr-fixture-redis:7', ports: ['127.0.0.1:%d:6379']}}\n", port_of(taken));
    stage s;
    tcp_engine t;
    stage_open(&s, text, NAMES("redis"));
    tcp_engine_start(&t, &s);
    up(&s);
    const services_running *redis = services_find(s.services, "redis");
    assert_string_equal(redis->addresses[0].host, "127.0.0.1");
    assert_int_not_equal(redis->addresses[0].port, port_of(taken));
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)redis->addresses[0].port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto_close int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    assert_int_equal(write(fd, "PING\r\n", 6), 6);
    char answer[8] = "";
    assert_int_equal(read(fd, answer, 7), 7);
    assert_string_equal(answer, "+PONG\r\n");
    stage_close(&s);
    tcp_engine_stop(&t);
    (void)close(taken);
}

static void test_an_engine_that_goes_away_ends_the_watch(void **state)
{
    (void)state;
    stage s;
    tcp_engine t;
    watcher w;
    stage_open(&s, REDIS, NAMES("redis"));
    tcp_engine_start(&t, &s);
    up(&s);
    watch_start(&w, &s);
    int64_t began_ms = utr_clock_ms();
    tcp_engine_stop(&t);
    (void)pthread_join(w.thread, NULL);
    assert_true(utr_clock_ms() - began_ms < 3000);
    assert_int_equal(w.code, UTR_UNREACHABLE);
    utr_cancel_dispose(&w.cancel);
    /* The engine is reachable elsewhere: what stands is removed there. */
    auto_free char *remove =
        utr_format("docker rm -fv %s >/dev/null; docker network rm %s_default >/dev/null", id_of(&s, "redis"),
                   s.project);
    utr_error err = {0};
    assert_int_equal(services_down(s.services, engine_within(2000, NULL), &err), UTR_UNREACHABLE);
    assert_int_equal(system(remove), 0);
    services_free(s.services);
    s.services = NULL;
    engine_free(s.engine);
    s.engine = open_engine();
    stage_close(&s);
}

int main(int argc, char **argv)
{
    int mode = special_modes(argc, argv);
    if (mode >= 0)
        return mode;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_killed_container_is_told),
        cmocka_unit_test(test_what_died_before_the_watch_is_told_too),
        cmocka_unit_test(test_an_oom_kill_under_the_run_is_told),
        cmocka_unit_test(test_a_container_removed_by_someone_else_is_told),
        cmocka_unit_test(test_a_restart_is_not_overlooked),
        cmocka_unit_test(test_turning_unhealthy_is_told),
        cmocka_unit_test(test_our_own_removal_is_no_news),
        cmocka_unit_test(test_a_remote_engine_publishes_on_a_free_port_even_where_the_files_is_taken),
        cmocka_unit_test(test_an_engine_that_goes_away_ends_the_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
