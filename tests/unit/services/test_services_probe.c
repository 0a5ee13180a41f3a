#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/probe.h"

#include "base/clock.h"
#include "base/files.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

static void assert_judged(services_probe_kind kind, const char *answer, services_probe_result expected)
{
    assert_int_equal(services_probe_judge(kind, answer, strlen(answer)), expected);
}

static void test_a_port_says_what_is_asked(void **state)
{
    (void)state;
    assert_int_equal(services_probe_kind_of(5432), SERVICES_PROBE_POSTGRES);
    assert_int_equal(services_probe_kind_of(6379), SERVICES_PROBE_REDIS);
    assert_int_equal(services_probe_kind_of(8000), SERVICES_PROBE_HTTP);
    assert_int_equal(services_probe_kind_of(9092), SERVICES_PROBE_PORT);
}

static void test_postgres_starting_up_is_not_ready(void **state)
{
    (void)state;
    static const char STARTING[] = "E\0\0\0\x50SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up";
    assert_int_equal(services_probe_judge(SERVICES_PROBE_POSTGRES, STARTING, sizeof STARTING),
                     SERVICES_PROBE_STARTING);
    static const char REFUSED[] = "E\0\0\0\x50SFATAL\0VFATAL\0C28000\0Mno entry";
    assert_int_equal(services_probe_judge(SERVICES_PROBE_POSTGRES, REFUSED, sizeof REFUSED),
                     SERVICES_PROBE_ANSWERED);
    assert_judged(SERVICES_PROBE_POSTGRES, "R", SERVICES_PROBE_ANSWERED);
    assert_judged(SERVICES_PROBE_POSTGRES, "HTTP/1.1 400", SERVICES_PROBE_SILENT);
}

static void test_redis_loading_is_not_ready(void **state)
{
    (void)state;
    assert_judged(SERVICES_PROBE_REDIS, "+PONG\r\n", SERVICES_PROBE_ANSWERED);
    assert_judged(SERVICES_PROBE_REDIS, "-NOAUTH Authentication required.\r\n", SERVICES_PROBE_ANSWERED);
    assert_judged(SERVICES_PROBE_REDIS, "-LOADING Redis is loading the dataset\r\n", SERVICES_PROBE_STARTING);
    assert_judged(SERVICES_PROBE_REDIS, "HTTP/1.1 400", SERVICES_PROBE_SILENT);
}

/* A listener on a free loopback port that never accepts: the kernel does. */
static int listen_somewhere(int *out_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof here;
    assert_int_equal(bind(fd, (struct sockaddr *)&here, len), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
    *out_port = ntohs(here.sin_port);
    return fd;
}

static void test_a_closed_port_is_told_at_once(void **state)
{
    (void)state;
    services_probe probe = {.host = "127.0.0.1"};
    int fd = listen_somewhere(&probe.port);
    (void)close(fd);
    char reason[128] = "";
    int64_t began_ms = utr_clock_ms();
    assert_int_equal(services_probe_look(&probe, 1000, NULL, reason), SERVICES_PROBE_CLOSED);
    assert_string_equal(reason, "Connection refused");
    assert_true(utr_clock_ms() - began_ms < 500);
}

static void test_a_silent_port_is_open_but_does_not_answer(void **state)
{
    (void)state;
    services_probe probe = {.host = "127.0.0.1"};
    auto_close int fd = listen_somewhere(&probe.port);
    char reason[128] = "";
    assert_int_equal(services_probe_look(&probe, 1000, NULL, reason), SERVICES_PROBE_ANSWERED);
    probe.kind = SERVICES_PROBE_REDIS;
    assert_int_equal(services_probe_look(&probe, 60, NULL, reason), SERVICES_PROBE_SILENT);
    assert_string_equal(reason, "accepts, but does not answer");
}

/* Accepts one connection, reads a little and hangs up, as a server that speaks TLS only does. */
static void *hang_up(void *fd)
{
    char byte;
    auto_close int client = accept4(*(const int *)fd, NULL, NULL, SOCK_CLOEXEC);
    (void)!recv(client, &byte, 1, 0);
    return NULL;
}

static void test_a_port_that_hangs_up_is_open_unless_a_proxy_accepts_for_it(void **state)
{
    (void)state;
    for (int proxied = 0; proxied < 2; proxied++) {
        services_probe probe = {
            .host = "127.0.0.1", .kind = SERVICES_PROBE_REDIS, .through_proxy = proxied == 1};
        auto_close int fd = listen_somewhere(&probe.port);
        pthread_t server;
        char reason[128] = "";
        assert_int_equal(pthread_create(&server, NULL, hang_up, &fd), 0);
        assert_int_equal(services_probe_look(&probe, 1000, NULL, reason),
                         proxied ? SERVICES_PROBE_CLOSED : SERVICES_PROBE_SILENT);
        assert_int_equal(pthread_join(server, NULL), 0);
    }
}

static void test_a_cancel_ends_the_look(void **state)
{
    (void)state;
    services_probe probe = {.host = "127.0.0.1", .kind = SERVICES_PROBE_HTTP};
    auto_close int fd = listen_somewhere(&probe.port);
    utr_cancel cancel = {0};
    utr_error err = {0};
    assert_int_equal(utr_cancel_init(&cancel, &err), UTR_OK);
    utr_cancel_trip(&cancel);
    char reason[128] = "";
    int64_t began_ms = utr_clock_ms();
    assert_int_not_equal(services_probe_look(&probe, 5000, &cancel, reason), SERVICES_PROBE_ANSWERED);
    assert_true(utr_clock_ms() - began_ms < 1000);
    utr_cancel_dispose(&cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_port_says_what_is_asked),
        cmocka_unit_test(test_postgres_starting_up_is_not_ready),
        cmocka_unit_test(test_redis_loading_is_not_ready),
        cmocka_unit_test(test_a_closed_port_is_told_at_once),
        cmocka_unit_test(test_a_silent_port_is_open_but_does_not_answer),
        cmocka_unit_test(test_a_port_that_hangs_up_is_open_unless_a_proxy_accepts_for_it),
        cmocka_unit_test(test_a_cancel_ends_the_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
