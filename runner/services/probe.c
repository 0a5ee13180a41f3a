#include "services/probe.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_MOST = 512 };

/* How long a connection through the engine's proxy must stay open to count: with nobody behind it, the proxy
 * closes at once. */
static const int64_t PROXY_SETTLE_MS = 40;

services_probe_kind services_probe_kind_of(int container_port)
{
    static const struct {
        int port;
        services_probe_kind kind;
    } CUSTOMARY[] = {
        {5432, SERVICES_PROBE_POSTGRES}, {6379, SERVICES_PROBE_REDIS}, {80, SERVICES_PROBE_HTTP},
        {8000, SERVICES_PROBE_HTTP},     {8080, SERVICES_PROBE_HTTP},
    };
    for (size_t i = 0; i < sizeof CUSTOMARY / sizeof *CUSTOMARY; i++) {
        if (CUSTOMARY[i].port == container_port)
            return CUSTOMARY[i].kind;
    }
    return SERVICES_PROBE_PORT;
}

static services_probe_result judge_postgres(const char *answer, size_t len)
{
    if (len && answer[0] == 'R')
        return SERVICES_PROBE_ANSWERED;
    /* An error's fields are text; cannot_connect_now is "starting up" (or shutting down). */
    if (len && answer[0] == 'E')
        return memmem(answer, len, "C57P03", 6) ? SERVICES_PROBE_STARTING : SERVICES_PROBE_ANSWERED;
    return SERVICES_PROBE_SILENT;
}

static services_probe_result judge_redis(const char *answer, size_t len)
{
    if (len >= 8 && !memcmp(answer, "-LOADING", 8))
        return SERVICES_PROBE_STARTING;
    /* -NOAUTH is an answer too. */
    return len && (answer[0] == '+' || answer[0] == '-') ? SERVICES_PROBE_ANSWERED : SERVICES_PROBE_SILENT;
}

services_probe_result services_probe_judge(services_probe_kind kind, const char *answer, size_t len)
{
    switch (kind) {
    case SERVICES_PROBE_POSTGRES:
        return judge_postgres(answer, len);
    case SERVICES_PROBE_REDIS:
        return judge_redis(answer, len);
    case SERVICES_PROBE_HTTP:
        /* Any bytes: what speaks something else on a customary HTTP port is up all the same. */
        return len ? SERVICES_PROBE_ANSWERED : SERVICES_PROBE_SILENT;
    case SERVICES_PROBE_PORT:
        return SERVICES_PROBE_ANSWERED;
    }
    return SERVICES_PROBE_SILENT;
}

/* One look under way. */
typedef struct {
    int fd;
    int64_t deadline_ms;
    const utr_cancel *cancel;
    char *reason; /* of 128 bytes */
} look;

static services_probe_result look_says(const look *l, services_probe_result result, const char *reason)
{
    (void)snprintf(l->reason, 128, "%s", reason);
    return result;
}

/* Waits for events on the socket. @return whether they came before the deadline and a cancel */
static bool look_wait(const look *l, short events, int64_t until_ms)
{
    struct pollfd fds[2] = {{.fd = l->fd, .events = events},
                            {.fd = l->cancel ? l->cancel->fd : -1, .events = POLLIN}};
    for (;;) {
        int64_t left = until_ms - utr_clock_ms();
        int got = poll(fds, 2, left > 0 ? (int)left : 0);
        if (got < 0 && errno == EINTR)
            continue;
        return got > 0 && !fds[1].revents && fds[0].revents;
    }
}

static services_probe_result look_connect(const look *l, const services_probe *probe)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)probe->port)};
    if (inet_pton(AF_INET, probe->host, &address.sin_addr) != 1)
        return look_says(l, SERVICES_PROBE_CLOSED, "no address");
    if (!connect(l->fd, (struct sockaddr *)&address, sizeof address))
        return SERVICES_PROBE_ANSWERED;
    if (errno != EINPROGRESS)
        return look_says(l, SERVICES_PROBE_CLOSED, strerrordesc_np(errno));
    if (!look_wait(l, POLLOUT, l->deadline_ms))
        return look_says(l, SERVICES_PROBE_CLOSED, "no answer to the connection attempt");
    int failure = 0;
    socklen_t len = sizeof failure;
    (void)getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &failure, &len);
    return failure ? look_says(l, SERVICES_PROBE_CLOSED, strerrordesc_np(failure)) : SERVICES_PROBE_ANSWERED;
}

static services_probe_result look_settle(const look *l)
{
    char byte;
    if (!look_wait(l, POLLIN, utr_clock_ms() + PROXY_SETTLE_MS))
        return SERVICES_PROBE_ANSWERED;
    return recv(l->fd, &byte, 1, MSG_PEEK) > 0 ? SERVICES_PROBE_ANSWERED
                                               : look_says(l, SERVICES_PROBE_CLOSED, "closed at once");
}

static void put_startup(utr_buf *out, const char *user)
{
    auto_buf utr_buf body = UTR_BUF_INIT(512);
    utr_error err = {0};
    static const char head[] = {0, 3, 0, 0}; /* protocol 3.0 */
    const char *const words[] = {"user",          user, "database", "postgres", "application_name",
                                 "utr-readiness", ""};
    utr_code code = utr_buf_add(&body, head, sizeof head, &err);
    for (size_t i = 0; !code && i < sizeof words / sizeof *words; i++)
        code = utr_buf_add(&body, words[i], strlen(words[i]) + 1, &err);
    uint32_t len = htonl((uint32_t)(body.len + 4));
    if (!code && !utr_buf_add(out, &len, sizeof len, &err))
        (void)!utr_buf_add(out, body.data, body.len, &err); /* a user too long to ask as is not asked as */
}

static void put_question(utr_buf *out, const services_probe *probe)
{
    switch (probe->kind) {
    case SERVICES_PROBE_POSTGRES:
        put_startup(out, probe->user ? probe->user : "postgres");
        break;
    case SERVICES_PROBE_REDIS:
        utr_buf_puts(out, "*1\r\n$4\r\nPING\r\n");
        break;
    case SERVICES_PROBE_HTTP:
        utr_buf_print(out, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", probe->host);
        break;
    case SERVICES_PROBE_PORT:
        break;
    }
}

/* The first bytes of an answer are enough: they come in one piece, or with the second look. */
static services_probe_result look_ask(const look *l, const services_probe *probe)
{
    auto_buf utr_buf question = UTR_BUF_INIT(1024);
    put_question(&question, probe);
    /* What speaks TLS only hangs up on a question in clear; so does a proxy in front of nobody. */
    services_probe_result hung_up = probe->through_proxy ? SERVICES_PROBE_CLOSED : SERVICES_PROBE_SILENT;
    if (send(l->fd, question.data, question.len, MSG_NOSIGNAL) != (ssize_t)question.len)
        return look_says(l, hung_up, "closed at once");
    if (!look_wait(l, POLLIN, l->deadline_ms))
        return look_says(l, SERVICES_PROBE_SILENT, "accepts, but does not answer");
    char answer[ANSWER_MOST];
    ssize_t got = recv(l->fd, answer, sizeof answer, 0);
    if (got <= 0)
        return look_says(l, hung_up, "accepts, but closes without an answer");
    services_probe_result result = services_probe_judge(probe->kind, answer, (size_t)got);
    if (result == SERVICES_PROBE_STARTING)
        return look_says(l, result, "answers that it is still starting");
    if (result == SERVICES_PROBE_SILENT)
        return look_says(l, result, "answers, but not in its port's protocol");
    return result;
}

services_probe_result services_probe_look(const services_probe *probe, int64_t wait_ms,
                                          const utr_cancel *cancel, char reason[128])
{
    auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    look l = {fd, utr_clock_ms() + wait_ms, cancel, reason};
    if (fd < 0)
        return look_says(&l, SERVICES_PROBE_CLOSED, strerrordesc_np(errno));
    services_probe_result result = look_connect(&l, probe);
    if (result == SERVICES_PROBE_ANSWERED && probe->kind != SERVICES_PROBE_PORT)
        return look_ask(&l, probe);
    if (result == SERVICES_PROBE_ANSWERED && probe->through_proxy)
        return look_settle(&l);
    return result;
}
