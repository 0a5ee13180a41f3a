/*
 * Traffic that cannot be decoded: an exchange is a turn in which the client spoke and the service answered.
 * Where it is TLS, only turns of application data beyond the handshake count. The turns of a login are
 * trivial as they are in clear, and known by how long the first record of their answer is. Of a TLS that
 * PostgreSQL began: at most three, up to the one that is answered with the server's parameters, which no
 * other answer of a login is as long as; a third that is short is a refusal. Of Redis: at most three from the
 * first on that are answered as AUTH, SELECT and PING are (+OK, +PONG) or, the first, as HELLO is; a refusal
 * is longer than the ones and shorter than the other. Of an external the turns bear the name of the server
 * that the client asks for.
 */
#include "witness/wire/client_hello.h"
#include "witness/wire/tls.h"

#include "base/memory.h"

#include <string.h>

enum { MOST_LOGIN_TURNS = 3, LEAST_PARAMETER_BYTES = 200 };
enum { MOST_OK_BYTES = 20, LEAST_HELLO_BYTES = 135, MOST_HELLO_BYTES = 200 };
/* An alert under TLS 1.3 looks like data: the goodbye of a server that is told goodbye is one. */
enum { ALERT_BYTES = 2 + 17 };
/* The records in which OpenSSL hands out session tickets, ahead of the first answer. */
enum { MOST_TICKETS = 2, LEAST_TICKET_BYTES = 220, MOST_TICKET_BYTES = 290 };

typedef enum { OPAQUE_UNDECIDED, OPAQUE_PLAIN, OPAQUE_TLS } opaque_kind;

typedef struct {
    opaque_kind kind;
    tls_reader client, server;
    tls_hello *hello; /* while the handshake lasts */
    bool is_13;
    bool asked;          /* the client has spoken, the service not yet */
    uint8_t login_turns; /* that may still come */
    uint8_t tickets;     /* likewise */
    bool is_redis;
    uint32_t asked_scope;
    bool external;
    client_hello *naming; /* of an external, until the server's name is known */
    fingerprint *name;    /* NULL: none */
} opaque;

static void opaque_init(void *state)
{
    (void)state; /* zeroed is ready */
}

static void postgres_login_init(void *state)
{
    opaque *self = state;
    self->login_turns = MOST_LOGIN_TURNS;
}

static void redis_login_init(void *state)
{
    opaque *self = state;
    self->is_redis = true;
    self->login_turns = MOST_LOGIN_TURNS;
    self->tickets = MOST_TICKETS;
}

static void external_init(void *state)
{
    opaque *self = state;
    self->external = true;
    self->naming = UTR_NEW(client_hello);
    client_hello_init(self->naming);
}

static void stop_naming(opaque *self)
{
    if (self->naming)
        client_hello_dispose(self->naming);
    free(self->naming);
    self->naming = NULL;
}

static void opaque_dispose(void *state)
{
    opaque *self = state;
    free(self->hello);
    stop_naming(self);
    fingerprint_drop(self->name);
}

/** @param in  what the client says, left as it is */
static void learn_name(opaque *self, wire_view in, const wire_context *ctx)
{
    if (!self->naming)
        return;
    wire_step step = client_hello_next(self->naming, &in);
    if (step == WIRE_MORE)
        return;
    if (step == WIRE_FRAME)
        self->name = fingerprint_intern(ctx->prints, self->naming->name,
                                        strnlen(self->naming->name, FINGERPRINT_BYTES));
    stop_naming(self);
}

static void ask(opaque *self, const wire_context *ctx)
{
    self->asked = true;
    self->asked_scope = ctx->scope;
}

static bool is_postgres_login(opaque *self, uint32_t record_len)
{
    bool ends = record_len >= LEAST_PARAMETER_BYTES;
    self->login_turns = ends ? 0 : self->login_turns - 1;
    return ends || self->login_turns > 0;
}

/** "+OK" up to four times, or "+PONG", without the bytes that a cipher adds. */
static bool is_consent(uint32_t record_len, uint32_t added)
{
    uint32_t len = record_len > added ? record_len - added : 0;
    return len == 7 || (len > 0 && len <= MOST_OK_BYTES && len % 5 == 0);
}

/* RFC 8446 section 5.2: a type and a tag. RFC 5288: a nonce and a tag; RFC 7905: a tag. */
static bool is_redis_login(opaque *self, uint32_t record_len)
{
    bool is_first = self->login_turns == MOST_LOGIN_TURNS;
    bool consents =
        self->is_13 ? is_consent(record_len, 17) : is_consent(record_len, 24) || is_consent(record_len, 16);
    bool greets = is_first && record_len >= LEAST_HELLO_BYTES && record_len <= MOST_HELLO_BYTES;
    self->login_turns = consents || greets ? self->login_turns - 1 : 0;
    return consents || greets;
}

/** Whether a turn, answered with a record of that length, is part of a login that may succeed. */
static bool is_login(opaque *self, uint32_t record_len)
{
    if (self->login_turns == 0)
        return false;
    return self->is_redis ? is_redis_login(self, record_len) : is_postgres_login(self, record_len);
}

/** Whether a record of TLS 1.3 is a session ticket or an alert, which answer nothing. */
static bool is_of_tls_itself(opaque *self, uint32_t record_len)
{
    if (self->is_13 && record_len == ALERT_BYTES)
        return true;
    bool fits = record_len >= LEAST_TICKET_BYTES && record_len <= MOST_TICKET_BYTES;
    if (self->is_13 && fits && self->tickets > 0) {
        self->tickets--;
        return true;
    }
    self->tickets = 0;
    return false;
}

static void answer(opaque *self, uint32_t record_len, wire_context *ctx)
{
    bool tls = self->kind == OPAQUE_TLS;
    if (!self->asked || is_of_tls_itself(self, record_len))
        return;
    wire_request request = {.print = self->name, .scope = self->asked_scope, .repeat = 1};
    ctx->on_exchange(ctx, &request, tls && is_login(self, record_len) ? WIRE_TRIVIAL : 0);
    self->asked = false;
}

static void decide(opaque *self, uint8_t first)
{
    if (self->kind != OPAQUE_UNDECIDED)
        return;
    self->kind = first == TLS_HANDSHAKE ? OPAQUE_TLS : OPAQUE_PLAIN;
    if (self->kind == OPAQUE_TLS)
        self->hello = UTR_NEW(tls_hello);
}

static wire_verdict opaque_requests(void *state, wire_view *in, wire_context *ctx)
{
    opaque *self = state;
    if (in->len == 0)
        return WIRE_FOLLOWING;
    decide(self, in->data[0]);
    learn_name(self, *in, ctx);
    if (self->kind == OPAQUE_PLAIN) {
        ask(self, ctx);
        return WIRE_FOLLOWING;
    }
    wire_step step = tls_next(&self->client, in);
    for (; step == WIRE_FRAME; step = tls_next(&self->client, in))
        if (self->client.records >
            (self->is_13 ? 1U : 0U)) /* the first is the client's Finished in TLS 1.3 */
            ask(self, ctx);
    return step == WIRE_BROKEN ? WIRE_LOST : WIRE_FOLLOWING;
}

static void learn_version(opaque *self, const wire_view *in)
{
    if (!self->hello)
        return;
    size_t room = sizeof self->hello->bytes - self->hello->len;
    size_t take = in->len < room ? in->len : room;
    memcpy(self->hello->bytes + self->hello->len, in->data, take);
    self->hello->len = (uint16_t)(self->hello->len + take);
    self->is_13 = tls_hello_is_13(self->hello);
    if (self->is_13 || self->hello->len == sizeof self->hello->bytes) {
        free(self->hello);
        self->hello = NULL;
    }
}

static wire_verdict opaque_answers(void *state, wire_view *in, wire_context *ctx)
{
    opaque *self = state;
    if (in->len == 0)
        return WIRE_FOLLOWING;
    if (self->kind != OPAQUE_TLS) {
        answer(self, 0, ctx);
        return WIRE_FOLLOWING;
    }
    learn_version(self, in);
    wire_step step = tls_next(&self->server, in);
    for (; step == WIRE_FRAME; step = tls_next(&self->server, in))
        answer(self, self->server.body_left, ctx);
    return step == WIRE_BROKEN ? WIRE_LOST : WIRE_FOLLOWING;
}

const wire_protocol wire_opaque = {"opaque",        sizeof(opaque), opaque_init,
                                   opaque_requests, opaque_answers, opaque_dispose};

const wire_protocol wire_postgres_tls = {"opaque",        sizeof(opaque), postgres_login_init,
                                         opaque_requests, opaque_answers, opaque_dispose};

const wire_protocol wire_external = {"opaque",        sizeof(opaque), external_init,
                                     opaque_requests, opaque_answers, opaque_dispose};

const wire_protocol wire_redis_tls = {"opaque",        sizeof(opaque), redis_login_init,
                                      opaque_requests, opaque_answers, opaque_dispose};
