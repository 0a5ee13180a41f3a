/*
 * Pairs PostgreSQL requests with their answers: start-up, simple and extended queries in any pipeline, COPY,
 * notifications.
 *
 * Source: PostgreSQL documentation, chapter 55.2. Each simple query becomes one entry a statement and one for
 * its end; the extended protocol becomes one entry a Parse, Execute and Sync. ReadyForQuery closes the oldest
 * end, so that whatever went wrong before it is left behind.
 */
#include "witness/wire/postgres_names.h"
#include "witness/wire/postgres_reader.h"
#include "witness/wire/queue.h"
#include "witness/wire/sql.h"
#include "witness/wire/tls.h"

#include <string.h>

/* What an entry of the queue waits for. */
enum {
    POSTGRES_PARSE = WIRE_PRIVATE << 0,
    POSTGRES_STATEMENT = WIRE_PRIVATE << 1,
    POSTGRES_QUERY_END = WIRE_PRIVATE << 2,
    POSTGRES_SYNC = WIRE_PRIVATE << 3,
    POSTGRES_COPY_END = WIRE_PRIVATE << 4, /* waits for nothing: marks where the client's COPY data ended */
    POSTGRES_LISTEN = WIRE_PRIVATE << 5,
    POSTGRES_END = POSTGRES_QUERY_END | POSTGRES_SYNC,
};

enum { CODE_PROTOCOL_3 = 3, CODE_CANCEL = 80877102, CODE_SSL = 80877103, CODE_GSS = 80877104 };
enum { STATEMENTS_A_QUERY = 64 };

typedef struct {
    postgres_reader client, server;
    postgres_names statements, portals;
    wire_queue waiting;
    wire_request listening; /* whom notifications answer */
    wire_request last;      /* completed last: whom an error at Sync belongs to */
    uint32_t login_scope, encryption_scope;
    bool begun;
    bool login, encryption; /* asked, not yet answered */
    bool copying_in;        /* the service takes COPY data and ignores Sync */
} postgres;

static void postgres_init(void *state)
{
    postgres *self = state;
    postgres_reader_init(&self->client, true);
    postgres_reader_init(&self->server, false);
}

static void postgres_dispose(void *state)
{
    postgres *self = state;
    postgres_reader_dispose(&self->client);
    postgres_reader_dispose(&self->server);
    postgres_names_dispose(&self->statements);
    postgres_names_dispose(&self->portals);
    wire_queue_dispose(&self->waiting);
    fingerprint_drop(self->listening.print);
    fingerprint_drop(self->last.print);
}

/* Requests. */

/** Queue a request; keeps a reference of its own to print. */
static bool wait_for(postgres *self, const wire_context *ctx, fingerprint *print, uint32_t flags)
{
    wire_request request = {
        .print = fingerprint_keep(print), .scope = ctx->scope, .repeat = 1, .flags = flags};
    return wire_queue_push(&self->waiting, request);
}

static bool wait_for_text(postgres *self, const wire_context *ctx, const char *text, uint32_t flags)
{
    fingerprint *print = fingerprint_intern(ctx->prints, text, strlen(text));
    bool ok = wait_for(self, ctx, print, flags);
    fingerprint_drop(print);
    return ok;
}

/** EXECUTE and FETCH are as trivial as what was prepared or declared under their name. */
static void follow_name(postgres *self, const sql_statement *statement, postgres_nature *nature)
{
    bool portal = statement->naming == SQL_DECLARES || statement->naming == SQL_FETCHES;
    postgres_names *names = portal ? &self->portals : &self->statements;
    size_t len = strlen(statement->name);
    postgres_nature named = {.flags = 0};
    if (statement->naming == SQL_PREPARES || statement->naming == SQL_DECLARES)
        postgres_names_set(names, statement->name, len, *nature);
    else if (statement->naming != SQL_NAMES_NOTHING &&
             postgres_names_get(names, statement->name, len, &named))
        nature->flags |= named.flags & WIRE_TRIVIAL;
}

/** @return the nature, with a reference that is the caller's */
static postgres_nature nature_of(postgres *self, const sql_statement *statement, bool cut,
                                 const wire_context *ctx)
{
    postgres_nature nature = {
        .print = fingerprint_intern(ctx->prints, statement->text.text, statement->text.len),
        .flags = statement->flags,
    };
    if (statement->text.len >= 6 && strncasecmp(statement->text.text, "LISTEN", 6) == 0)
        nature.flags |= POSTGRES_LISTEN;
    if (cut) /* what was not read may be anything */
        nature.flags &= ~(uint32_t)WIRE_TRIVIAL;
    follow_name(self, statement, &nature);
    return nature;
}

static bool on_query(postgres *self, const postgres_message *message, wire_context *ctx)
{
    sql_lexer query = {message->body, message->body + message->len};
    sql_statement statement;
    bool ok = true;
    size_t count = 0;
    for (; ok && count < STATEMENTS_A_QUERY && sql_next(&query, &statement); count++) {
        postgres_nature nature = nature_of(self, &statement, message->cut, ctx);
        ok = wait_for(self, ctx, nature.print, nature.flags | POSTGRES_STATEMENT);
        fingerprint_drop(nature.print);
    }
    if (count == 0)
        ok = wait_for_text(self, ctx, "(empty query)", WIRE_TRIVIAL | POSTGRES_STATEMENT);
    return ok && wait_for(self, ctx, NULL, POSTGRES_QUERY_END);
}

/** The string at the beginning of a body, and what follows it. @return false where it does not end */
static bool take_string(const char **body, size_t *len, const char **out, size_t *out_len)
{
    const char *end = memchr(*body, '\0', *len);
    if (!end)
        return false;
    *out = *body;
    *out_len = (size_t)(end - *body);
    *len -= *out_len + 1;
    *body = end + 1;
    return true;
}

static bool on_parse(postgres *self, const postgres_message *message, wire_context *ctx)
{
    const char *name = NULL;
    const char *body = message->body;
    size_t len = message->len;
    size_t name_len = 0;
    if (!take_string(&body, &len, &name, &name_len))
        return false;
    sql_lexer query = {body, body + len};
    sql_statement statement;
    if (!sql_next(&query, &statement))
        statement.flags = WIRE_TRIVIAL;
    postgres_nature nature = nature_of(self, &statement, message->cut, ctx);
    postgres_names_set(&self->statements, name, name_len, nature);
    bool ok = wait_for(self, ctx, nature.print, nature.flags | POSTGRES_PARSE);
    fingerprint_drop(nature.print);
    return ok;
}

static bool on_bind(postgres *self, const postgres_message *message, wire_context *ctx)
{
    const char *portal = NULL;
    const char *name = NULL;
    const char *body = message->body;
    size_t len = message->len;
    size_t portal_len = 0;
    size_t name_len = 0;
    if (!take_string(&body, &len, &portal, &portal_len) || !take_string(&body, &len, &name, &name_len))
        return false;
    postgres_nature nature = {.flags = WIRE_READ};
    if (postgres_names_get(&self->statements, name, name_len, &nature)) {
        postgres_names_set(&self->portals, portal, portal_len, nature);
        return true;
    }
    nature.print = fingerprint_intern(ctx->prints, "(prepared)", 10);
    postgres_names_set(&self->portals, portal, portal_len, nature);
    fingerprint_drop(nature.print);
    return true;
}

static bool on_execute(postgres *self, const postgres_message *message, wire_context *ctx)
{
    const char *portal = NULL;
    const char *body = message->body;
    size_t len = message->len;
    size_t portal_len = 0;
    postgres_nature nature = {.flags = WIRE_READ};
    if (!take_string(&body, &len, &portal, &portal_len))
        return false;
    (void)postgres_names_get(&self->portals, portal, portal_len, &nature);
    return wait_for(self, ctx, nature.print, nature.flags | POSTGRES_STATEMENT);
}

static bool on_close(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)ctx;
    const char *name = NULL;
    const char *body = message->body + 1;
    size_t len = message->len - 1;
    size_t name_len = 0;
    if (message->len < 1 || !take_string(&body, &len, &name, &name_len))
        return false;
    postgres_names_forget(message->body[0] == 'S' ? &self->statements : &self->portals, name, name_len);
    return true;
}

static bool on_sync(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    return self->copying_in || wait_for(self, ctx, NULL, POSTGRES_SYNC);
}

static bool on_function_call(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    return wait_for_text(self, ctx, "(function call)", WIRE_READ | POSTGRES_STATEMENT) &&
           wait_for(self, ctx, NULL, POSTGRES_QUERY_END);
}

static bool on_copy_end(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    bool was_copying = self->copying_in;
    self->copying_in = false;
    return was_copying || wait_for(self, ctx, NULL, POSTGRES_COPY_END);
}

static uint32_t startup_code(const postgres_message *message)
{
    const uint8_t *body = (const uint8_t *)message->body;
    if (message->len < 4)
        return 0;
    return (uint32_t)body[0] << 24 | (uint32_t)body[1] << 16 | (uint32_t)body[2] << 8 | body[3];
}

static bool on_startup(postgres *self, const postgres_message *message, wire_context *ctx)
{
    uint32_t code = startup_code(message);
    if (code == CODE_CANCEL)
        return true;
    if (code == CODE_SSL || code == CODE_GSS) {
        self->encryption = true;
        self->encryption_scope = ctx->scope;
        return true;
    }
    self->client.is_untyped = false;
    self->login = true;
    self->login_scope = ctx->scope;
    return code >> 16 == CODE_PROTOCOL_3;
}

/** A message type and what it does; types that are not listed change nothing. */
typedef struct {
    uint8_t type;
    bool (*act)(postgres *self, const postgres_message *message, wire_context *ctx);
} action;

static const action CLIENT_ACTIONS[] = {
    {'Q', on_query}, {'B', on_bind},  {'E', on_execute},       {'S', on_sync},     {'P', on_parse},
    {'C', on_close}, {0, on_startup}, {'F', on_function_call}, {'c', on_copy_end}, {'f', on_copy_end},
};

static wire_verdict postgres_requests(void *state, wire_view *in, wire_context *ctx)
{
    postgres *self = state;
    postgres_message message;
    if (!self->begun && in->len > 0 && in->data[0] == TLS_HANDSHAKE)
        return WIRE_OPAQUE;
    self->begun |= in->len > 0;
    for (;;) {
        wire_step step = postgres_next(&self->client, in, &message);
        if (step == WIRE_MORE)
            return WIRE_FOLLOWING;
        if (step == WIRE_BROKEN)
            return WIRE_LOST;
        for (size_t i = 0; i < sizeof CLIENT_ACTIONS / sizeof *CLIENT_ACTIONS; i++)
            if (CLIENT_ACTIONS[i].type == message.type && !CLIENT_ACTIONS[i].act(self, &message, ctx))
                return WIRE_LOST;
    }
}

/* Answers. */

static void report(wire_context *ctx, const char *text, uint32_t scope, uint32_t flags)
{
    fingerprint *print = fingerprint_intern(ctx->prints, text, strlen(text));
    wire_request request = {.print = print, .scope = scope, .repeat = 1};
    ctx->on_exchange(ctx, &request, flags);
    fingerprint_drop(print);
}

static void remember(wire_request *where, const wire_request *request)
{
    fingerprint *print = fingerprint_keep(request->print);
    fingerprint_drop(where->print);
    *where = *request;
    where->print = print;
}

/** The oldest entry of a kind, if no end stands before it; what stands before it is dropped. */
static const wire_request *oldest(postgres *self, uint32_t kinds)
{
    const wire_request *head = wire_queue_head(&self->waiting);
    while (head && !(head->flags & (kinds | POSTGRES_END))) {
        wire_queue_remove_head(&self->waiting);
        head = wire_queue_head(&self->waiting);
    }
    return head && (head->flags & kinds) ? head : NULL;
}

static bool on_complete(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    const wire_request *head = oldest(self, POSTGRES_STATEMENT);
    if (!head)
        return true;
    if (head->flags & POSTGRES_LISTEN)
        remember(&self->listening, head);
    remember(&self->last, head);
    ctx->on_exchange(ctx, head, head->flags);
    wire_queue_pop(&self->waiting);
    return true;
}

static bool on_parsed(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    (void)ctx;
    if (oldest(self, POSTGRES_PARSE))
        wire_queue_pop(&self->waiting);
    return true;
}

/** An error answers the oldest request; what follows it up to the next end is skipped by the service. */
static bool on_error(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    self->copying_in = false;
    if (self->login) { /* a refused login: a test may be about just that */
        report(ctx, "LOGIN", self->login_scope, WIRE_ERROR);
        self->login = false;
        return true;
    }
    const wire_request *head = oldest(self, POSTGRES_PARSE | POSTGRES_STATEMENT);
    if (head)
        ctx->on_exchange(ctx, head, head->flags | WIRE_ERROR);
    else if (wire_queue_head(&self->waiting) && self->last.print)
        ctx->on_exchange(ctx, &self->last, self->last.flags | WIRE_ERROR);
    (void)oldest(self, 0);
    return true;
}

static bool on_ready(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    self->copying_in = false;
    if (self->login) {
        report(ctx, "LOGIN", self->login_scope, WIRE_TRIVIAL);
        self->login = false;
        return true;
    }
    if (oldest(self, POSTGRES_END))
        wire_queue_pop(&self->waiting);
    return true;
}

/** The service takes COPY data: it ignores each Sync until the client says that the data ended. */
static bool on_copy_in(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    (void)ctx;
    self->copying_in = true;
    if (!oldest(self, POSTGRES_STATEMENT))
        return true;
    while (self->copying_in && self->waiting.count > 1) {
        uint32_t flags = wire_queue_at(&self->waiting, 1)->flags;
        if (!(flags & (POSTGRES_SYNC | POSTGRES_COPY_END)))
            break;
        self->copying_in = !(flags & POSTGRES_COPY_END);
        wire_queue_remove(&self->waiting, 1);
    }
    return true;
}

static bool on_notification(postgres *self, const postgres_message *message, wire_context *ctx)
{
    (void)message;
    if (self->listening.print)
        ctx->on_exchange(ctx, &self->listening, WIRE_READ);
    return true;
}

static const action SERVER_ACTIONS[] = {
    {'C', on_complete}, {'Z', on_ready},    {'1', on_parsed},  {'E', on_error},   {'I', on_complete},
    {'s', on_complete}, {'V', on_complete}, {'G', on_copy_in}, {'W', on_copy_in}, {'A', on_notification},
};

/** The one byte that answers a request for encryption. */
static wire_verdict on_encryption(postgres *self, wire_view *in, wire_context *ctx)
{
    uint8_t answer = in->data[0];
    self->encryption = false;
    if (answer == 'E') { /* an old or overloaded service: an ordinary error follows */
        self->login = true;
        self->login_scope = self->encryption_scope;
        return WIRE_FOLLOWING;
    }
    wire_skip(in, 1);
    report(ctx, "SSLRequest", self->encryption_scope, WIRE_TRIVIAL);
    if (answer == 'S' || answer == 'G')
        return WIRE_OPAQUE;
    return answer == 'N' ? WIRE_FOLLOWING : WIRE_LOST;
}

static wire_verdict postgres_answers(void *state, wire_view *in, wire_context *ctx)
{
    postgres *self = state;
    postgres_message message;
    if (self->encryption && in->len > 0) {
        wire_verdict verdict = on_encryption(self, in, ctx);
        if (verdict != WIRE_FOLLOWING)
            return verdict;
    }
    for (;;) {
        wire_step step = postgres_next(&self->server, in, &message);
        if (step == WIRE_MORE)
            return WIRE_FOLLOWING;
        if (step == WIRE_BROKEN)
            return WIRE_LOST;
        for (size_t i = 0; i < sizeof SERVER_ACTIONS / sizeof *SERVER_ACTIONS; i++)
            if (SERVER_ACTIONS[i].type == message.type && !SERVER_ACTIONS[i].act(self, &message, ctx))
                return WIRE_LOST;
    }
}

const wire_protocol wire_postgres = {"postgres",        sizeof(postgres), postgres_init,
                                     postgres_requests, postgres_answers, postgres_dispose};
