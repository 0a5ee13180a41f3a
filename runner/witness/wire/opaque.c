/*
 * Traffic that cannot be decoded: an exchange is a turn in which the client spoke and the service answered.
 * Where it is TLS, only turns of application data beyond the handshake count. Of a TLS that PostgreSQL began,
 * the turns of the login are trivial as they are in clear: at most three, up to the one that the service
 * answers with its parameters, which no other answer of a login is as long as. A third that is short is a
 * refusal. Of an external the turns bear the name of the server that the client asks for.
 */
#include "witness/wire/client_hello.h"
#include "witness/wire/tls.h"

#include "base/memory.h"

#include <string.h>

enum { MOST_LOGIN_TURNS = 3, LEAST_PARAMETER_BYTES = 200 };

typedef enum { OPAQUE_UNDECIDED, OPAQUE_PLAIN, OPAQUE_TLS } opaque_kind;

typedef struct {
    opaque_kind kind;
    tls_reader client, server;
    tls_hello *hello; /* while the handshake lasts */
    bool is_13;
    bool asked;          /* the client has spoken, the service not yet */
    uint8_t login_turns; /* that may still come */
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

/** Whether a turn, answered with a record of that length, is part of a login that may succeed. */
static bool is_login(opaque *self, uint32_t record_len)
{
    if (self->login_turns == 0)
        return false;
    bool ends = record_len >= LEAST_PARAMETER_BYTES;
    self->login_turns = ends ? 0 : self->login_turns - 1;
    return ends || self->login_turns > 0;
}

/** @return one reference, or NULL */
static fingerprint *print_of(const opaque *self, const wire_context *ctx)
{
    if (self->external)
        return fingerprint_keep(self->name);
    return self->kind == OPAQUE_TLS ? fingerprint_intern(ctx->prints, "(TLS)", 5)
                                    : fingerprint_intern(ctx->prints, "(bytes)", 7);
}

static void answer(opaque *self, uint32_t record_len, wire_context *ctx)
{
    if (!self->asked)
        return;
    bool tls = self->kind == OPAQUE_TLS;
    fingerprint *print = print_of(self, ctx);
    wire_request request = {.print = print, .scope = self->asked_scope, .repeat = 1};
    ctx->on_exchange(ctx, &request, tls && is_login(self, record_len) ? WIRE_TRIVIAL : 0);
    fingerprint_drop(print);
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
