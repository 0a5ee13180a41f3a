/* Pairs HTTP/1.1 requests with their answers; follows a connection that becomes a WebSocket. */
#include "witness/wire/http_reader.h"
#include "witness/wire/queue.h"
#include "witness/wire/tls.h"
#include "witness/wire/websocket.h"

#include "base/memory.h"

#include <ctype.h>
#include <string.h>

enum {
    HTTP_HEAD = WIRE_PRIVATE << 0, /* its answer has no body */
    HTTP_CONNECT = WIRE_PRIVATE << 1,
    HTTP_WEBSOCKET = WIRE_PRIVATE << 2,
    HTTP_EXPECTS = WIRE_PRIVATE << 3,
};

typedef struct {
    websocket_reader client, server;
    wire_queue waiting; /* data frames that the service has not spoken after */
} websocket;

typedef struct {
    http_reader client, server;
    wire_queue waiting;
    wire_request upgraded; /* the request that opened the WebSocket */
    websocket *socket;     /* once it is one */
    bool begun, may_abandon;
} http;

static void http_init(void *state)
{
    http *self = state;
    http_reader_init(&self->client, false);
    http_reader_init(&self->server, true);
}

static void http_dispose(void *state)
{
    http *self = state;
    http_reader_dispose(&self->client);
    http_reader_dispose(&self->server);
    wire_queue_dispose(&self->waiting);
    fingerprint_drop(self->upgraded.print);
    if (self->socket)
        wire_queue_dispose(&self->socket->waiting);
    free(self->socket);
}

/* Requests. */

static const struct {
    const char *method;
    uint32_t flags;
} METHODS[] = {
    {"GET", WIRE_READ},   {"HEAD", WIRE_READ | HTTP_HEAD},       {"OPTIONS", WIRE_READ},
    {"TRACE", WIRE_READ}, {"CONNECT", WIRE_READ | HTTP_CONNECT},
};

/* What asks whether somebody is there; also below the prefixes. Source: Kubernetes, Spring Boot's Actuator,
 * the health-check drafts of the IETF, common use. */
static const char *const IDLE_PATHS[] = {
    "/health",         "/healthz",      "/healthcheck",     "/health-check",
    "/health/live",    "/health/ready", "/health/liveness", "/health/readiness",
    "/health/startup", "/ready",        "/readyz",          "/livez",
    "/live",           "/ping",         "/-/healthy",       "/-/ready",
    "/favicon.ico",
};
static const char *const IDLE_PREFIXES[] = {"/api", "/actuator", "/v1", "/v2", "/v3"};

enum { MOST_IDLE_BYTES = 64 };

/** The path in lower case, without scheme, host, query, doubled or last slashes. @return false where it is
 * long */
static bool plain_path(const http_head *head, char out[MOST_IDLE_BYTES])
{
    const char *at = head->target;
    const char *end = at + head->target_len;
    const char *host = head->target_len > 0 && *at != '/' ? memmem(at, head->target_len, "://", 3) : NULL;
    if (host)
        at = memchr(host + 3, '/', (size_t)(end - host - 3));
    size_t len = 0;
    char before = '\0';
    for (; at && at < end && *at != '?' && *at != '#' && len < MOST_IDLE_BYTES - 1; before = *at++)
        if (*at != '/' || before != '/')
            out[len++] = (char)tolower((unsigned char)*at);
    if (len == 0 || len == MOST_IDLE_BYTES - 1)
        return false;
    len -= len > 1 && before == '/';
    out[len] = '\0';
    return true;
}

static size_t prefix_len(const char *path)
{
    for (size_t i = 0; i < sizeof IDLE_PREFIXES / sizeof *IDLE_PREFIXES; i++) {
        size_t len = strlen(IDLE_PREFIXES[i]);
        if (strncmp(path, IDLE_PREFIXES[i], len) == 0 && path[len] == '/')
            return len;
    }
    return 0;
}

static bool is_idle_path(const http_head *head)
{
    char path[MOST_IDLE_BYTES] = "";
    if (!plain_path(head, path))
        return false;
    const char *own = path;
    for (size_t len = prefix_len(own); len > 0; len = prefix_len(own))
        own += len;
    for (size_t i = 0; i < sizeof IDLE_PATHS / sizeof *IDLE_PATHS; i++)
        if (strcmp(IDLE_PATHS[i], own) == 0)
            return true;
    return strncmp(own, "/_health", 8) == 0;
}

static uint32_t flags_of(const http_head *head)
{
    uint32_t flags = WIRE_WRITE;
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++)
        if (strcmp(METHODS[i].method, head->method) == 0)
            flags = METHODS[i].flags;
    bool any = head->target_len == 1 && head->target[0] == '*';
    if ((flags & WIRE_READ) && (is_idle_path(head) || any))
        flags |= WIRE_TRIVIAL;
    if (head->upgrade && head->websocket)
        flags |= HTTP_WEBSOCKET;
    if (head->expects_continue)
        flags |= HTTP_EXPECTS;
    return flags;
}

static bool on_request(http *self, const http_head *head, wire_context *ctx)
{
    uint32_t flags = flags_of(head);
    fingerprint_text text = {.len = 0};
    fingerprint_puts(&text, head->method, strlen(head->method));
    fingerprint_put(&text, ' ');
    if (head->target[0] == '*' || (flags & HTTP_CONNECT))
        fingerprint_put(&text, '*');
    else
        fingerprint_put_path(&text, head->target, head->target_len);
    wire_request request = {
        .print = fingerprint_intern(ctx->prints, text.text, text.len),
        .scope = ctx->scope,
        .repeat = 1,
        .flags = flags,
    };
    http_body_begin(&self->client, (flags & HTTP_CONNECT) != 0);
    return wire_queue_push(&self->waiting, request);
}

/** After a refused Expect the client may send its body or its next request: does a request begin here? */
static void maybe_abandon(http *self, const wire_view *in)
{
    if (!self->may_abandon || in->len == 0)
        return;
    self->may_abandon = false;
    static const char *const STARTS[] = {"GET /",   "HEAD /",   "POST /",  "PUT /",
                                         "PATCH /", "DELETE /", "OPTIONS "};
    for (size_t i = 0; i < sizeof STARTS / sizeof *STARTS; i++)
        if (in->len >= strlen(STARTS[i]) && memcmp(in->data, STARTS[i], strlen(STARTS[i])) == 0)
            http_body_abandon(&self->client);
}

static wire_verdict socket_requests(http *self, wire_view *in, wire_context *ctx)
{
    bool is_data = false;
    for (;;) {
        wire_step step = websocket_next(&self->socket->client, in, &is_data);
        if (step != WIRE_FRAME)
            return step == WIRE_MORE ? WIRE_FOLLOWING : WIRE_LOST;
        wire_request request = {.print = fingerprint_keep(self->upgraded.print),
                                .scope = ctx->scope,
                                .repeat = 1,
                                .flags = is_data ? 0 : WIRE_TRIVIAL};
        if (!wire_queue_push(&self->socket->waiting, request))
            return WIRE_LOST;
    }
}

static wire_verdict http_requests(void *state, wire_view *in, wire_context *ctx)
{
    http *self = state;
    const http_head *head = NULL;
    if (self->socket)
        return socket_requests(self, in, ctx);
    if (!self->begun && in->len > 0 && in->data[0] == TLS_HANDSHAKE)
        return WIRE_OPAQUE;
    self->begun |= in->len > 0;
    maybe_abandon(self, in);
    for (;;) {
        wire_step step = http_next(&self->client, in, &head);
        if (step == WIRE_MORE)
            return WIRE_FOLLOWING;
        if (step == WIRE_FRAME && strcmp(head->method, "PRI") == 0) /* RFC 9113 3.4: HTTP/2 begins */
            return WIRE_OPAQUE;
        if (step == WIRE_BROKEN || !on_request(self, head, ctx))
            return WIRE_LOST;
    }
}

/* Answers. */

/** The service spoke: whatever the client sent before is answered; unasked, it answers the upgrade. */
static void on_frame(http *self, bool is_data, wire_context *ctx)
{
    wire_queue *waiting = &self->socket->waiting;
    if (!is_data) {
        wire_request *head = wire_queue_head(waiting);
        if (head && (head->flags & WIRE_TRIVIAL)) {
            ctx->on_exchange(ctx, head, head->flags);
            wire_queue_pop(waiting);
        }
        return;
    }
    if (!wire_queue_head(waiting))
        ctx->on_exchange(ctx, &self->upgraded, WIRE_READ);
    while (wire_queue_head(waiting)) {
        const wire_request *head = wire_queue_head(waiting);
        ctx->on_exchange(ctx, head, head->flags);
        wire_queue_pop(waiting);
    }
}

static wire_verdict socket_answers(http *self, wire_view *in, wire_context *ctx)
{
    bool is_data = false;
    for (;;) {
        wire_step step = websocket_next(&self->socket->server, in, &is_data);
        if (step != WIRE_FRAME)
            return step == WIRE_MORE ? WIRE_FOLLOWING : WIRE_LOST;
        on_frame(self, is_data, ctx);
    }
}

static void become_socket(http *self, const wire_request *request)
{
    self->upgraded = *request;
    fingerprint_keep(self->upgraded.print);
    self->socket = UTR_NEW(websocket);
}

/** A final answer, or one that changes the protocol. */
static wire_verdict on_final(http *self, const wire_request *request, int status, wire_context *ctx)
{
    uint32_t flags = request->flags;
    bool bodiless = (flags & HTTP_HEAD) || status < 200 || status == 204 || status == 304;
    bool tunnel = (flags & HTTP_CONNECT) && status / 100 == 2;
    http_body_begin(&self->server, bodiless || tunnel);
    ctx->on_exchange(ctx, request, status >= 400 ? flags | WIRE_ERROR : flags);
    bool in_body = self->client.state == HTTP_BODY || self->client.state == HTTP_CHUNK_SIZE;
    self->may_abandon = (flags & HTTP_EXPECTS) && status >= 300 && in_body && self->client.body_seen == 0;
    if (status == 101 && (flags & HTTP_WEBSOCKET))
        become_socket(self, request);
    wire_queue_pop(&self->waiting);
    return (status == 101 && !self->socket) || tunnel ? WIRE_OPAQUE : WIRE_FOLLOWING;
}

static wire_verdict http_answers(void *state, wire_view *in, wire_context *ctx)
{
    http *self = state;
    const http_head *head = NULL;
    while (!self->socket) {
        wire_step step = http_next(&self->server, in, &head);
        if (step == WIRE_MORE)
            return WIRE_FOLLOWING;
        if (step == WIRE_BROKEN)
            return WIRE_LOST;
        const wire_request *request = wire_queue_head(&self->waiting);
        int status = head->status;
        if (status < 200 && status != 101) {
            http_body_begin(&self->server, true);
            continue;
        }
        if (!request) { /* 408 before a close: unasked for, and nobody's */
            http_body_begin(&self->server, false);
            continue;
        }
        wire_verdict verdict = on_final(self, request, status, ctx);
        if (verdict != WIRE_FOLLOWING)
            return verdict;
    }
    return socket_answers(self, in, ctx);
}

const wire_protocol wire_http = {"http", sizeof(http), http_init, http_requests, http_answers, http_dispose};
