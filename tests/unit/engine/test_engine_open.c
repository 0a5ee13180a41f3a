/* Opening an engine: what stands in the way, and which version is settled. */
#include "engine/engine.h"

#include "base/clock.h"
#include "base/files.h"
#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Opens what must not open, within 1 s (and its slack); gives the code. */
static utr_code opens_not(const char *host, utr_error *err)
{
    engine *e = NULL;
    int64_t began_ms = utr_clock_ms();
    utr_code code = engine_open(host, engine_within(1000, NULL), &e, err);
    assert_true(utr_clock_ms() - began_ms < 1200);
    assert_int_not_equal(code, UTR_OK);
    assert_null(e);
    return code;
}

#define assert_says(err, part)                                                                               \
    do {                                                                                                     \
        if (!strstr((err).text, part))                                                                       \
            fail_msg("'%s' does not say '%s'", (err).text, part);                                            \
    } while (0)

static void test_a_missing_socket_says_to_start_the_engine(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(opens_not("unix:///tmp/utr-eng-no-such.sock", &err), UTR_UNREACHABLE);
    assert_int_equal(err.sys, ENOENT);
    assert_says(err, "unix:///tmp/utr-eng-no-such.sock");
    assert_says(err, "systemctl start docker");
}

static void test_a_socket_without_a_listener_says_that_it_stopped(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/tmp/utr-eng-%d.sock", (int)getpid());
    auto_close int bound = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(bound, (struct sockaddr *)&address, sizeof address), 0);
    auto_free char *host = utr_format("unix://%s", address.sun_path);
    utr_error err = {0};
    utr_code code = opens_not(host, &err);
    (void)unlink(address.sun_path);
    assert_int_equal(code, UTR_UNREACHABLE);
    assert_int_equal(err.sys, ECONNREFUSED);
    assert_says(err, "nothing listens there");
}

static void test_a_forbidden_socket_says_group_or_sudo(void **state)
{
    (void)state;
    fake f;
    fake_start(&f, NULL, 0);
    (void)chmod(f.folder, 0700);
    utr_error err = {0};
    bool is_root = geteuid() == 0;
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    else
        (void)chmod(f.folder, 0);
    utr_code code = opens_not(f.host, &err);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    (void)chmod(f.folder, 0700);
    assert_int_equal(code, UTR_UNREACHABLE);
    assert_int_equal(err.sys, EACCES);
    assert_says(err, "docker group");
    assert_says(err, "sudo");
    fake_stop(&f);
}

static void test_a_silent_engine_is_given_up_within_the_bound(void **state)
{
    (void)state;
    const fake_route routes[] = {{.match = "/_ping"}};
    fake f;
    fake_start(&f, routes, 1);
    utr_error err = {0};
    assert_int_equal(opens_not(f.host, &err), UTR_TIMEOUT);
    assert_says(err, "does not answer");
    assert_says(err, "systemctl restart docker");
    fake_stop(&f);
}

static void test_hosts_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const HOSTS[] = {
        "nonsense",        "/var/run/docker.sock", "unix://relative", "tcp://",         "tcp://:2375",
        "tcp://h:0",       "tcp://h:port",         "tcp://h:99999",   "npipe:////pipe", "tcp://user@host:1",
        "tcp://h:1/x y z", "ftp://host",
    };
    for (size_t i = 0; i < sizeof HOSTS / sizeof *HOSTS; i++) {
        utr_error err = {0};
        if (opens_not(HOSTS[i], &err) != UTR_CONFIG)
            fail_msg("%s: %s", HOSTS[i], err.text);
    }
}

static void test_ssh_is_said_to_be_not_supported_yet(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(opens_not("ssh://root@host", &err), UTR_CONFIG);
    assert_says(err, "not supported yet");
}

static void test_nobody_on_a_port_is_unreachable(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(opens_not("tcp://127.0.0.1:1", &err), UTR_UNREACHABLE);
    assert_says(err, "nothing listens there");
}

/* ---- versions ---- */

#define PING(version)                                                                                        \
    {                                                                                                        \
        .match = "/_ping",                                                                                   \
        .answer = "HTTP/1.1 200 OK\r\nApi-Version: " version "\r\nContent-Length: 2\r\n\r\nOK"               \
    }
#define PING_MUTE                                                                                            \
    {                                                                                                        \
        .match = "/_ping", .answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"                        \
    }

static utr_code open_with(const fake_route *routes, size_t count, char out_version[16], utr_error *err)
{
    fake f;
    fake_start(&f, routes, count);
    engine *e = NULL;
    utr_code code = engine_open(f.host, engine_within(1000, NULL), &e, err);
    if (!code) {
        engine_facts facts;
        engine_get_facts(e, &facts);
        (void)snprintf(out_version, 16, "%s", facts.api_version);
        assert_true(facts.is_local);
    }
    engine_free(e);
    fake_stop(&f);
    return code;
}

static void test_an_old_engine_settles_its_own_version(void **state)
{
    (void)state;
    utr_error err = {0};
    char version[16];
    assert_int_equal(open_with(NULL, 0, version, &err), UTR_OK);
    assert_string_equal(version, "1.41");
}

static void test_a_newer_engine_settles_ours(void **state)
{
    (void)state;
    const fake_route routes[] = {
        PING("1.52"),
        FAKE_JSON("/version", "{\"Version\":\"29.0.1\",\"ApiVersion\":\"1.52\",\"MinAPIVersion\":\"1.44\"}")};
    utr_error err = {0};
    char version[16];
    assert_int_equal(open_with(routes, 2, version, &err), UTR_OK);
    assert_string_equal(version, "1.45");
}

static void test_an_engine_that_is_too_old_is_refused(void **state)
{
    (void)state;
    const fake_route routes[] = {PING("1.40"), FAKE_JSON("/version", "{\"ApiVersion\":\"1.40\"}")};
    utr_error err = {0};
    char version[16];
    assert_int_equal(open_with(routes, 2, version, &err), UTR_ENGINE);
    assert_says(err, "too old");
    assert_says(err, "1.40");
}

static void test_an_engine_that_is_too_new_is_refused(void **state)
{
    (void)state;
    const fake_route routes[] = {
        PING("1.60"), FAKE_JSON("/version", "{\"ApiVersion\":\"1.60\",\"MinAPIVersion\":\"1.46\"}")};
    utr_error err = {0};
    char version[16];
    assert_int_equal(open_with(routes, 2, version, &err), UTR_ENGINE);
    assert_says(err, "too new");
    assert_says(err, "1.46");
}

static void test_podman_is_understood(void **state)
{
    (void)state;
    const fake_route routes[] = {
        PING_MUTE,
        FAKE_JSON("/version",
                  "{\"Version\":\"4.3.1\",\"Components\":[{\"Name\":\"Podman Engine\",\"Version\":\"4.3.1\","
                  "\"Details\":{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.24\"}}]}")};
    utr_error err = {0};
    char version[16];
    assert_int_equal(open_with(routes, 2, version, &err), UTR_OK);
    assert_string_equal(version, "1.41");
}

static void test_what_is_no_engine_is_a_protocol_error(void **state)
{
    (void)state;
    const fake_route mute[] = {PING_MUTE, FAKE_JSON("/version", "{}")};
    const fake_route array[] = {PING("1.41"), FAKE_JSON("/version", "[]")};
    const fake_route prose[] = {PING("1.41"), FAKE_JSON("/version", "hello")};
    const fake_route redis[] = {{.match = "GET", .answer = "-ERR unknown command 'GET'\r\n", .close = true}};
    const fake_route number[] = {PING("99999999999999.41"), FAKE_JSON("/version", "{}")};
    const struct {
        const fake_route *routes;
        size_t count;
    } cases[] = {{mute, 2}, {array, 2}, {prose, 2}, {redis, 1}, {number, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        utr_error err = {0};
        char version[16];
        utr_code code = open_with(cases[i].routes, cases[i].count, version, &err);
        if (code != UTR_PROTOCOL)
            fail_msg("case %zu: %d %s", i, code, err.text);
    }
}

static void test_another_web_server_is_named_as_such(void **state)
{
    (void)state;
    const fake_route routes[] = {
        {.match = "/_ping", .answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnginx"}};
    utr_error err = {0};
    char version[16];
    assert_int_equal(open_with(routes, 1, version, &err), UTR_PROTOCOL);
    assert_int_equal(err.sys, 404);
    assert_says(err, "no Docker engine");
}

static void test_a_port_that_wants_tls_says_so(void **state)
{
    (void)state;
    const fake_route routes[] = {{.match = "/_ping",
                                  .answer =
                                      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an "
                                      "HTTPS server.\n",
                                  .close = true}};
    utr_error err = {0};
    char version[16];
    assert_int_equal(open_with(routes, 1, version, &err), UTR_ENGINE);
    assert_says(err, "DOCKER_TLS_VERIFY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_missing_socket_says_to_start_the_engine),
        cmocka_unit_test(test_a_socket_without_a_listener_says_that_it_stopped),
        cmocka_unit_test(test_a_forbidden_socket_says_group_or_sudo),
        cmocka_unit_test(test_a_silent_engine_is_given_up_within_the_bound),
        cmocka_unit_test(test_hosts_that_are_none_are_refused),
        cmocka_unit_test(test_ssh_is_said_to_be_not_supported_yet),
        cmocka_unit_test(test_nobody_on_a_port_is_unreachable),
        cmocka_unit_test(test_an_old_engine_settles_its_own_version),
        cmocka_unit_test(test_a_newer_engine_settles_ours),
        cmocka_unit_test(test_an_engine_that_is_too_old_is_refused),
        cmocka_unit_test(test_an_engine_that_is_too_new_is_refused),
        cmocka_unit_test(test_podman_is_understood),
        cmocka_unit_test(test_what_is_no_engine_is_a_protocol_error),
        cmocka_unit_test(test_another_web_server_is_named_as_such),
        cmocka_unit_test(test_a_port_that_wants_tls_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
