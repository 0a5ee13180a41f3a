#include "witness/proxy.h"

#include "witness/conversation.h"
#include "witness/dial.h"
#include "witness/wire/proxy_request.h"
#include "witness/wire/socks.h"
#include "witness/worker.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { PEEK_BYTES = 16384, DISCARD_BYTES = 16384, ANSWER_BYTES = 1024 };
_Static_assert((size_t)PROXY_HEAD_MOST_BYTES <= HUB_BUFFER_BYTES,
               "a head is put together in the hub's buffer");
enum { REQUEST_MOST_MS = 60000, GOODBYE_MOST_MS = 2000, TICK_MS = 500 };

typedef struct client client;

typedef enum { ASKING, DIALLING, RELAYING, LEAVING, CLOSED } client_state;

typedef enum { ASK_MORE, ASK_WANTS, ASK_WRONG } ask_verdict;

/** Why a client is not served, beside libuv's errors, which are below 0. */
enum { CONNECTED = 0, NOT_DECLARED = 1, NOT_UNDERSTOOD = 2 };

/** How a client asks and is answered. */
typedef struct {
    /** Takes what is for the proxy off the view; ASK_WANTS: client.to is whom to reach. */
    ask_verdict (*read)(client *one, wire_view *in);
    void (*answer)(const client *one, int problem);
} dialect;

struct client {
    hub_source source; /* while it asks or leaves */
    proxy *proxy;
    client *next, *previous;
    client *successor; /* who goes on with its socket */
    client_state state;
    int fd; /* but while it is relayed */
    int64_t deadline_ms;
    const dialect *speaks; /* NULL: it has said nothing yet */
    bool greeted, tunnel, talking;
    socks_reply fault;
    socks_reader socks;
    proxy_request_reader http;
    authority to;
    dial dial;
    conversation talk;
    relay relay;
};

struct proxy {
    proxy_options options;
    proxy_externals externals;
    hub_source alarm;
    int alarm_fd;
    bool armed;
    client *clients;
    client *dead; /* closed; freed when no reported event can name them */
};

static void say(const client *one, const void *data, size_t len)
{
    (void)send(one->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT); /* little, and the first: there is room */
}

/* SOCKS5. */

static ask_verdict socks_read(client *one, wire_view *in)
{
    socks_request request;
    uint8_t method = SOCKS_NO_METHOD;
    wire_step step = WIRE_FRAME;
    if (!one->greeted) {
        step = socks_greeting_next(&one->socks, in, &method);
        if (step != WIRE_FRAME)
            return step == WIRE_MORE ? ASK_MORE : ASK_WRONG;
        one->greeted = true;
        say(one, (uint8_t[]){SOCKS_VERSION, method}, 2);
        if (method == SOCKS_NO_METHOD)
            return ASK_WRONG;
    }
    step = socks_request_next(&one->socks, in, &request);
    if (step != WIRE_FRAME)
        return step == WIRE_MORE ? ASK_MORE : ASK_WRONG;
    one->fault = request.fault;
    one->to = request.to;
    one->tunnel = true;
    return request.fault == SOCKS_GRANTED ? ASK_WANTS : ASK_WRONG;
}

static socks_reply socks_reply_of(const client *one, int problem)
{
    static const struct {
        int problem;
        socks_reply reply;
    } REPLIES[] = {
        {CONNECTED, SOCKS_GRANTED},       {NOT_DECLARED, SOCKS_NOT_ALLOWED},
        {UV_ECONNREFUSED, SOCKS_REFUSED}, {UV_ENETUNREACH, SOCKS_NETWORK_UNREACHABLE},
        {UV_ETIMEDOUT, SOCKS_TIMED_OUT},
    };
    if (problem == NOT_UNDERSTOOD)
        return one->fault;
    for (size_t i = 0; i < sizeof REPLIES / sizeof *REPLIES; i++)
        if (REPLIES[i].problem == problem)
            return REPLIES[i].reply;
    return SOCKS_HOST_UNREACHABLE;
}

static void socks_tell(const client *one, int problem)
{
    uint8_t answer[SOCKS_ANSWER_BYTES];
    socks_reply reply = socks_reply_of(one, problem);
    if (problem == NOT_UNDERSTOOD && reply == SOCKS_GRANTED) /* it did not get as far as a request */
        return;
    socks_answer(reply, answer);
    say(one, answer, sizeof answer);
}

static const dialect SOCKS = {socks_read, socks_tell};

/* HTTP. */

static ask_verdict http_read(client *one, wire_view *in)
{
    proxy_request request = {0};
    wire_step step = proxy_request_next(&one->http, in, &request);
    if (step != WIRE_FRAME)
        return step == WIRE_MORE ? ASK_MORE : ASK_WRONG;
    one->tunnel = request.tunnel;
    one->to = request.to;
    return request.known ? ASK_WANTS : ASK_WRONG;
}

static void http_refuse(const client *one, const char *status, const char *text)
{
    char answer[ANSWER_BYTES];
    int len = snprintf(answer, sizeof answer,
                       "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                       "Connection: close\r\n\r\n%s",
                       status, strlen(text), text);
    say(one, answer, (size_t)len);
}

static void http_tell(const client *one, int problem)
{
    static const char ESTABLISHED[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    static const char WHAT_IT_TAKES[] =
        "unified_test_runner: a proxy for declared externals takes CONNECT host:port, http:// addresses, "
        "and SOCKS5\n";
    char where[AUTHORITY_TEXT_BYTES];
    char text[ANSWER_BYTES / 2];
    authority_print(&one->to, where);
    if (problem == CONNECTED && one->tunnel)
        say(one, ESTABLISHED, sizeof ESTABLISHED - 1);
    if (problem == CONNECTED)
        return;
    if (problem == NOT_UNDERSTOOD) {
        http_refuse(one, "400 Bad Request", WHAT_IT_TAKES);
    } else if (problem == NOT_DECLARED) {
        (void)snprintf(text, sizeof text,
                       "unified_test_runner: %s is not declared; a suite that needs it says so in its "
                       "category's manifest: `external: [%s]`\n",
                       where, where);
        http_refuse(one, "403 Forbidden", text);
    } else {
        (void)snprintf(text, sizeof text, "unified_test_runner: reach %s: %s\n", where, uv_strerror(problem));
        http_refuse(one, problem == UV_ETIMEDOUT ? "504 Gateway Timeout" : "502 Bad Gateway", text);
    }
}

static const dialect HTTP = {http_read, http_tell};

/* A client's life. */

static void arm(proxy *p, bool on)
{
    struct itimerspec every = {{0}, {0}};
    if (p->armed == on)
        return;
    p->armed = on;
    every.it_interval.tv_nsec = every.it_value.tv_nsec = on ? TICK_MS * 1000000L : 0;
    (void)timerfd_settime(p->alarm_fd, 0, &every, NULL);
}

static void client_expect(client *one, int64_t within_ms)
{
    one->deadline_ms = utr_clock_ms() + within_ms;
    arm(one->proxy, true);
}

static void client_remove(client *one)
{
    proxy *p = one->proxy;
    one->state = CLOSED;
    if (one->previous)
        one->previous->next = one->next;
    else
        p->clients = one->next;
    if (one->next)
        one->next->previous = one->previous;
    one->next = p->dead;
    p->dead = one;
}

static void client_close(client *one)
{
    if (one->state == RELAYING) {
        relay_close(&one->relay, false);
        return;
    }
    if (one->state == DIALLING)
        dial_close(&one->dial);
    hub_forget(one->proxy->options.share, one->fd);
    (void)close(one->fd);
    client_remove(one);
}

/** Answer, and wait until the client is gone: to close before it has said all would take the answer away. */
static void client_refuse(client *one, int problem)
{
    one->speaks->answer(one, problem);
    (void)shutdown(one->fd, SHUT_WR);
    one->state = LEAVING;
    client_expect(one, GOODBYE_MOST_MS);
    if (hub_watch(one->proxy->options.share, one->fd, &one->source))
        client_close(one);
}

static void client_discard(client *one)
{
    uint8_t bytes[DISCARD_BYTES];
    ssize_t len = recv(one->fd, bytes, sizeof bytes, 0);
    if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
        client_close(one);
}

static const proxy_external *external_find(const proxy *p, const authority *at)
{
    for (size_t i = 0; i < p->externals.count; i++)
        if (authority_equal(&p->externals.items[i].at, at))
            return &p->externals.items[i];
    return NULL;
}

/* While it is relayed. */

static void on_bytes(void *ctx, bool from_client, const uint8_t *data, size_t len)
{
    client *one = ctx;
    if (from_client)
        conversation_sent(&one->talk, data, len);
    else
        conversation_received(&one->talk, data, len);
}

static void on_refused(void *ctx)
{
    client *one = ctx;
    conversation_refused(&one->talk);
}

static void client_go(client *one, ask_verdict verdict);

static void on_closed(void *ctx)
{
    client *one = ctx;
    client_remove(one);
    if (one->successor)
        client_go(one->successor, ASK_WANTS);
}

static client *client_new(proxy *p, int fd);

/**
 * The next request is for somebody else: another client goes on with the socket. Who asks for that before it
 * has the whole of the last answer loses the rest of it; nobody does.
 */
static ssize_t hand_over(client *one, int fd, const proxy_request *request)
{
    client *next = client_new(one->proxy, fd);
    next->speaks = one->speaks;
    next->tunnel = request->tunnel;
    next->to = request->to;
    next->http = one->http;
    proxy_request_reader_init(&one->http);
    one->successor = next;
    return RELAY_LEAVE;
}

/** A head that begins in what is there. */
static ssize_t read_head(client *one, int fd, uint8_t *data, size_t len)
{
    proxy_request request = {0};
    wire_view in = {data, len};
    wire_step step = proxy_request_next(&one->http, &in, &request);
    (void)recv(fd, data, len - in.len, 0);
    errno = step == WIRE_MORE ? EAGAIN : EPROTO;
    if (step != WIRE_FRAME || !request.known)
        return -1;
    if (request.tunnel || !authority_equal(&request.to, &one->to))
        return hand_over(one, fd, &request);
    return (ssize_t)proxy_request_head(&one->http, data);
}

/** relay_observer.read_client for requests in absolute form. */
static ssize_t read_requests(void *ctx, int fd, uint8_t *data, size_t room)
{
    client *one = ctx;
    if (one->http.head_whole)
        return (ssize_t)proxy_request_head(&one->http, data);
    ssize_t len = recv(fd, data, room, MSG_PEEK);
    if (len <= 0)
        return len;
    size_t body = proxy_request_body(&one->http, (wire_view){data, (size_t)len});
    return body > 0 ? recv(fd, data, body, 0) : read_head(one, fd, data, (size_t)len);
}

static void on_dialled(void *ctx, int fd, int problem)
{
    static const relay_observer TUNNEL = {NULL, on_bytes, on_refused, on_closed};
    static const relay_observer REQUESTS = {read_requests, on_bytes, on_refused, on_closed};
    client *one = ctx;
    if (problem) {
        conversation_refused(&one->talk);
        client_refuse(one, problem);
        return;
    }
    one->speaks->answer(one, CONNECTED);
    one->state = RELAYING;
    one->relay.observer = one->tunnel ? &TUNNEL : &REQUESTS;
    one->relay.ctx = one;
    relay_join(&one->relay, one->fd, fd, one->proxy->options.share);
}

static void client_dial(client *one, const proxy_external *to)
{
    const proxy_options *shared = &one->proxy->options;
    conversation_options options = {
        .evidence = shared->evidence,
        .prints = shared->prints,
        .service = to->service,
        .number = witness_next_connection(shared->witness),
        .protocol = one->tunnel ? WITNESS_EXTERNAL : WITNESS_HTTP,
    };
    conversation_open(&one->talk, &options);
    one->talking = true;
    one->state = DIALLING;
    one->dial.on_done = on_dialled;
    one->dial.ctx = one;
    arm(one->proxy, true);
    dial_open(&one->dial, shared->loop, shared->share, &to->at);
}

/** What it asked for is known; its socket is not watched now. */
static void client_go(client *one, ask_verdict verdict)
{
    char where[AUTHORITY_TEXT_BYTES];
    const proxy_options *shared = &one->proxy->options;
    const proxy_external *to = external_find(one->proxy, &one->to);
    if (verdict == ASK_WRONG) {
        client_refuse(one, NOT_UNDERSTOOD);
    } else if (to) {
        client_dial(one, to);
    } else {
        authority_print(&one->to, where);
        if (shared->on_elsewhere)
            shared->on_elsewhere(shared->ctx, where);
        client_refuse(one, NOT_DECLARED);
    }
}

static void client_ask(client *one)
{
    uint8_t bytes[PEEK_BYTES];
    ssize_t len = recv(one->fd, bytes, sizeof bytes, MSG_PEEK);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0) {
        client_close(one);
        return;
    }
    if (!one->speaks)
        one->speaks = bytes[0] == SOCKS_VERSION ? &SOCKS : &HTTP;
    wire_view in = {bytes, (size_t)len};
    ask_verdict verdict = one->speaks->read(one, &in);
    (void)recv(one->fd, bytes, (size_t)len - in.len, 0);
    if (verdict == ASK_MORE)
        return;
    hub_forget(one->proxy->options.share, one->fd);
    client_go(one, verdict);
}

static void on_ready(hub_source *source, uint32_t events)
{
    (void)events;
    client *one = (client *)source;
    if (one->state == ASKING)
        client_ask(one);
    else if (one->state == LEAVING)
        client_discard(one);
}

static client *client_new(proxy *p, int fd)
{
    client *one = UTR_NEW(client);
    one->source = (hub_source){.on_ready = on_ready};
    one->proxy = p;
    one->fd = fd;
    proxy_request_reader_init(&one->http);
    one->next = p->clients;
    if (one->next)
        one->next->previous = one;
    p->clients = one;
    return one;
}

void proxy_accept(proxy *p, int fd)
{
    client *one = client_new(p, fd);
    client_expect(one, REQUEST_MOST_MS);
    if (hub_watch(p->options.share, fd, &one->source))
        client_close(one);
}

/* The proxy's. */

static void client_tick(client *one, int64_t now_ms)
{
    if (one->state == DIALLING)
        dial_tick(&one->dial, now_ms);
    else if (now_ms >= one->deadline_ms)
        client_close(one);
}

static void on_alarm(hub_source *source, uint32_t events)
{
    (void)events;
    proxy *p = (proxy *)((char *)source - offsetof(proxy, alarm));
    uint64_t ticks = 0;
    bool waiting = false;
    if (read(p->alarm_fd, &ticks, sizeof ticks) != sizeof ticks)
        return;
    int64_t now_ms = utr_clock_ms();
    for (client *one = p->clients, *next = NULL; one; one = next) {
        next = one->next;
        if (one->state == RELAYING)
            continue;
        waiting = true;
        client_tick(one, now_ms);
    }
    arm(p, waiting);
}

utr_code proxy_new(const proxy_options *options, proxy_externals *externals, proxy **out, utr_error *err)
{
    proxy *p = UTR_NEW(proxy);
    *p = (proxy){.options = *options, .externals = *externals, .alarm = {.on_ready = on_alarm}};
    *externals = (proxy_externals){0};
    p->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    int problem = p->alarm_fd < 0 ? errno : hub_watch(options->share, p->alarm_fd, &p->alarm);
    if (problem) {
        proxy_close(p);
        proxy_free(p);
        return utr_fail_sys(err, problem, "watch a proxy's deadlines");
    }
    *out = p;
    return UTR_OK;
}

void proxy_bury(proxy *p)
{
    while (p->dead) {
        client *one = p->dead;
        p->dead = one->next;
        if (one->talking)
            conversation_close(&one->talk);
        proxy_request_reader_dispose(&one->http);
        free(one);
    }
}

void proxy_close(proxy *p)
{
    while (p->clients)
        client_close(p->clients);
    if (p->alarm_fd >= 0)
        (void)close(p->alarm_fd);
    p->alarm_fd = -1;
}

void proxy_free(proxy *p)
{
    if (!p)
        return;
    proxy_bury(p);
    utr_vec_dispose(&p->externals);
    free(p);
}
