#include "witness/conversation.h"

#include "base/memory.h"

#include <ctype.h>

/** A context that knows the conversation it belongs to. */
typedef struct {
    wire_context wire; /* first, so that the one is found from the other */
    conversation *talk;
} talk_context;

static evidence_counts *counts_of(conversation *talk, uint32_t scope)
{
    return evidence_of(talk->options.evidence, scope, talk->options.service);
}

static void on_exchange(wire_context *ctx, const wire_request *request, uint32_t flags)
{
    conversation *talk = ((talk_context *)ctx)->talk;
    evidence_request answered = {
        .print = request->print,
        .flags = flags,
        .scope = request->scope,
        .connection = talk->options.number,
        .opened = request->scope == talk->opened_in,
    };
    evidence_exchange(counts_of(talk, request->scope), &answered, &talk->hint);
}

static talk_context context_of(conversation *talk)
{
    return (talk_context){
        .wire = {.scope = talk->scope, .prints = talk->options.prints, .on_exchange = on_exchange},
        .talk = talk,
    };
}

static void leave_protocol(conversation *talk)
{
    if (talk->protocol)
        talk->protocol->dispose(talk->state);
    free(talk->state);
    talk->state = NULL;
    talk->protocol = NULL;
}

static void enter_protocol(conversation *talk, const wire_protocol *protocol)
{
    leave_protocol(talk);
    talk->protocol = protocol;
    talk->opaque = protocol->requests == wire_opaque.requests; /* all of that kind share it */
    talk->state = utr_calloc(1, protocol->size);
    protocol->init(talk->state);
}

static const wire_protocol *protocol_of(const conversation_options *options)
{
    static const wire_protocol *const BY_NAME[] = {
        [WITNESS_POSTGRES] = &wire_postgres, [WITNESS_REDIS] = &wire_redis,       [WITNESS_HTTP] = &wire_http,
        [WITNESS_OPAQUE] = &wire_opaque,     [WITNESS_EXTERNAL] = &wire_external,
    };
    static const struct {
        int port;
        const wire_protocol *protocol;
    } BY_PORT[] = {{5432, &wire_postgres}, {6379, &wire_redis}};
    if (options->protocol != WITNESS_AUTO)
        return BY_NAME[options->protocol];
    for (size_t i = 0; i < sizeof BY_PORT / sizeof *BY_PORT; i++)
        if (BY_PORT[i].port == options->container_port)
            return BY_PORT[i].protocol;
    return NULL;
}

static bool is_postgres(const uint8_t *first)
{
    uint32_t code = (uint32_t)first[4] << 24 | (uint32_t)first[5] << 16 | (uint32_t)first[6] << 8 | first[7];
    return first[0] == 0 && first[1] == 0 && (code == 196608 || (code >= 80877102 && code <= 80877104));
}

/** "GET /", "OPTIONS *": capitals, and a blank where they end within the first bytes. */
static bool is_http(const uint8_t *first, size_t len)
{
    size_t at = 0;
    while (at < len && isupper(first[at]))
        at++;
    return at >= 3 && (at == len || first[at] == ' ');
}

/** What the client's first bytes say. @return NULL: more are needed */
static const wire_protocol *protocol_told_by(const uint8_t *first, size_t len)
{
    if (first[0] == '*')
        return &wire_redis;
    if (first[0] != 0 && !isupper(first[0]))
        return &wire_opaque;
    if (len < CONVERSATION_FIRST_BYTES)
        return NULL;
    if (first[0] == 0)
        return is_postgres(first) ? &wire_postgres : &wire_opaque;
    return is_http(first, len) ? &wire_http : &wire_opaque;
}

void conversation_open(conversation *talk, const conversation_options *options)
{
    *talk = (conversation){.options = *options};
    const wire_protocol *protocol = protocol_of(options);
    if (protocol)
        enter_protocol(talk, protocol);
    const evidence *all = options->evidence;
    size_t depth = all->scopes.count - 1;
    talk->scope = talk->opened_in = evidence_innermost(all)->id;
    talk->counted[depth < CONVERSATION_SCOPES ? depth : CONVERSATION_SCOPES - 1] = talk->scope;
    counts_of(talk, talk->scope)->seen.connections++;
}

void conversation_close(conversation *talk)
{
    leave_protocol(talk);
}

void conversation_refused(conversation *talk)
{
    counts_of(talk, talk->scope)->seen.refused = true;
}

static void lose(conversation *talk)
{
    leave_protocol(talk);
    talk->lost = true;
}

/** What goes on where a decoder steps aside. */
static const wire_protocol *opaque_after(const wire_protocol *protocol)
{
    if (protocol == &wire_postgres)
        return &wire_postgres_tls;
    return protocol == &wire_redis ? &wire_redis_tls : &wire_opaque;
}

/** Hand bytes to the decoder; where it steps aside, what is left goes to the one for what cannot be read. */
static void decode(conversation *talk, wire_view in, bool sent)
{
    talk_context ctx = context_of(talk);
    for (;;) {
        const wire_protocol *protocol = talk->protocol;
        wire_verdict verdict = (sent ? protocol->requests : protocol->answers)(talk->state, &in, &ctx.wire);
        if (verdict == WIRE_LOST)
            lose(talk);
        if (verdict != WIRE_OPAQUE)
            return;
        enter_protocol(talk, opaque_after(protocol));
        counts_of(talk, talk->scope)->seen.opaque = true;
    }
}

static void mark(conversation *talk, evidence_counts *counts)
{
    counts->seen.lost |= talk->lost;
    counts->seen.opaque |= talk->opaque;
}

/** The connection is used in the innermost scope: count it there once, if it was opened elsewhere. */
static void note_use(conversation *talk)
{
    const evidence *all = talk->options.evidence;
    const evidence_scope *scope = evidence_innermost(all);
    size_t depth = all->scopes.count - 1;
    uint32_t *counted = &talk->counted[depth < CONVERSATION_SCOPES ? depth : CONVERSATION_SCOPES - 1];
    talk->scope = scope->id;
    if (*counted == scope->id)
        return;
    *counted = scope->id;
    counts_of(talk, scope->id)->seen.inherited_connections++;
}

/** Collect the first bytes until they tell the protocol; then the decoder gets them. */
static void tell_protocol(conversation *talk, wire_view *in)
{
    size_t room = sizeof talk->first - talk->first_len;
    size_t take = in->len < room ? in->len : room;
    memcpy(talk->first + talk->first_len, in->data, take);
    talk->first_len = (uint8_t)(talk->first_len + take);
    wire_skip(in, take);
    const wire_protocol *protocol = protocol_told_by(talk->first, talk->first_len);
    if (!protocol)
        return;
    enter_protocol(talk, protocol);
    decode(talk, (wire_view){talk->first, talk->first_len}, true);
}

void conversation_sent(conversation *talk, const uint8_t *data, size_t len)
{
    wire_view in = {data, len};
    note_use(talk);
    if (!talk->protocol && !talk->lost)
        tell_protocol(talk, &in);
    if (talk->protocol && in.len > 0)
        decode(talk, in, true);
    evidence_counts *counts = counts_of(talk, talk->scope);
    counts->seen.bytes_sent += len;
    mark(talk, counts);
}

void conversation_received(conversation *talk, const uint8_t *data, size_t len)
{
    if (!talk->protocol && !talk->lost) { /* the service speaks first: none that we know does */
        enter_protocol(talk, &wire_opaque);
        if (talk->first_len > 0)
            decode(talk, (wire_view){talk->first, talk->first_len}, true);
    }
    if (talk->protocol)
        decode(talk, (wire_view){data, len}, false);
    evidence_counts *counts = counts_of(talk, talk->scope);
    counts->seen.bytes_received += len;
    mark(talk, counts);
}
