/* An engine over TCP with TLS: socat stands in front of the real engine's socket and wants a client
 * certificate. */
#include "engine/engine.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static char folder[32]; /* ca.pem, cert.pem, key.pem; other/ca.pem is another authority's */
static char host[64];
static pid_t relay;

/* The authority signs itself and, for brevity, serves as server's and client's certificate too. */
static const char MAKE[] =
    "cd %s && mkdir other none && for d in . other; do openssl req -x509 -newkey ec -pkeyopt "
    "ec_paramgen_curve:prime256v1 -nodes -keyout $d/key.pem -out $d/ca.pem -days 2 -subj /CN=utr "
    "-addext subjectAltName=IP:127.0.0.1 2>/dev/null && cp $d/ca.pem $d/cert.pem; done && "
    "cp ca.pem none/";

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port = bind(fd, (struct sockaddr *)&address, len) == 0 &&
                       getsockname(fd, (struct sockaddr *)&address, &len) == 0
                   ? ntohs(address.sin_port)
                   : -1;
    (void)close(fd);
    return port;
}

static bool answers(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    (void)close(fd);
    return good;
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/utr-eng-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    auto_free char *make = utr_format(MAKE, folder);
    if (system(make) != 0) /* NOLINT */
        return -1;
    int port = free_port();
    (void)snprintf(host, sizeof host, "tcp://127.0.0.1:%d", port);
    auto_free char *listen = utr_format("OPENSSL-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork,cert=%s/cert.pem,"
                                        "key=%s/key.pem,cafile=%s/ca.pem,verify=1",
                                        port, folder, folder, folder);
    const char *chosen = getenv("DOCKER_HOST");
    auto_free char *target =
        utr_format("UNIX-CONNECT:%s", chosen ? chosen + strlen("unix://") : "/var/run/docker.sock");
    relay = fork();
    if (relay == 0) {
        (void)setpgid(0, 0);
        (void)execlp("socat", "socat", "-lf/dev/null", listen, target, (char *)NULL);
        _exit(127);
    }
    (void)setpgid(relay, relay);
    for (int i = 0; i < 200 && !answers(port); i++)
        (void)utr_cancel_sleep(NULL, 20);
    return answers(port) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    if (relay > 0) {
        (void)kill(-relay, SIGKILL);
        (void)waitpid(relay, NULL, 0);
    }
    auto_free char *command = utr_format("rm -rf %s", folder);
    return system(command); /* NOLINT */
}

/* Opens with the certificates of a folder; NULL: without TLS. */
static utr_code open_with(const char *certificates, engine **out, utr_error *err)
{
    auto_free char *path = certificates ? utr_format("%s/%s", folder, certificates) : NULL;
    (void)unsetenv("DOCKER_TLS_VERIFY");
    (void)unsetenv("DOCKER_CERT_PATH");
    if (path) {
        (void)setenv("DOCKER_TLS_VERIFY", "1", 1);
        (void)setenv("DOCKER_CERT_PATH", path, 1);
    }
    return engine_open(host, engine_within(3000, NULL), out, err);
}

static void test_both_certificates_open_the_engine(void **state)
{
    (void)state;
    engine *e = NULL;
    utr_error err = {0};
    if (open_with(".", &e, &err))
        fail_msg("%s", err.text);
    engine_facts facts;
    engine_get_facts(e, &facts);
    assert_false(facts.is_local);
    assert_string_equal(facts.host, host);
    engine_list list = {0};
    auto_strs utr_strs labels = {0};
    utr_strs_add(&labels, "utr-eng.none");
    assert_int_equal(
        engine_list_labelled(e, ENGINE_CONTAINERS, &labels, engine_within(3000, NULL), &list, &err), UTR_OK);
    engine_list_dispose(&list);
    engine_free(e);
}

static void test_another_authority_is_not_trusted(void **state)
{
    (void)state;
    engine *e = NULL;
    utr_error err = {0};
    assert_int_equal(open_with("other", &e, &err), UTR_UNREACHABLE);
    assert_non_null(strstr(err.text, "certificate"));
}

static void test_without_a_client_certificate_nothing_opens(void **state)
{
    (void)state;
    engine *e = NULL;
    utr_error err = {0};
    assert_int_equal(open_with("none", &e, &err), UTR_UNREACHABLE);
    assert_non_null(strstr(err.text, host));
}

static void test_without_tls_nothing_opens(void **state)
{
    (void)state;
    engine *e = NULL;
    utr_error err = {0};
    assert_int_equal(open_with(NULL, &e, &err), UTR_UNREACHABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_certificates_open_the_engine),
        cmocka_unit_test(test_another_authority_is_not_trusted),
        cmocka_unit_test(test_without_a_client_certificate_nothing_opens),
        cmocka_unit_test(test_without_tls_nothing_opens),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
