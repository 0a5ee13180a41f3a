/**
 * What the wire decoders of the witness share: views of bytes, requests, exchanges, and the one shape of a
 * protocol.
 *
 * A decoder sees copies of bytes that were already forwarded. It never sees a descriptor, never waits and
 * never changes a byte. Readers cut a stream into frames (`wire_step x_next(reader, in, out)`); above them a
 * tracker per protocol pairs each request with its answer and reports the pair as an exchange.
 *
 * 1. wire_protocol.init() on zeroed memory of wire_protocol.size bytes for each connection.
 * 2. requests() and answers() with whatever arrived, in any cut; both consume `in`.
 * 3. On WIRE_OPAQUE what is left in `in` and all that follows is not for this decoder (TLS, an upgrade); on
 * WIRE_LOST the decoder met what it cannot explain and is not called again: nothing resynchronises.
 * 4. dispose().
 */
#ifndef UTR_WITNESS_WIRE_WIRE_H
#define UTR_WITNESS_WIRE_WIRE_H

#include "witness/wire/fingerprint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes that belong to somebody else. */
typedef struct {
    const uint8_t *data;
    size_t len;
} wire_view;

static inline void wire_skip(wire_view *view, size_t len)
{
    view->data += len;
    view->len -= len;
}

/** What a reader says: needs more bytes; a frame is in `out`; what came is not this protocol. */
typedef enum { WIRE_MORE, WIRE_FRAME, WIRE_BROKEN } wire_step;

/** What a tracker says. */
typedef enum { WIRE_FOLLOWING, WIRE_OPAQUE, WIRE_LOST } wire_verdict;

/** The nature of a request and of its answer. Flags from WIRE_PRIVATE on are the tracker's own. */
enum {
    WIRE_TRIVIAL = 1 << 0, /* not substantive */
    WIRE_READ = 1 << 1,
    WIRE_WRITE = 1 << 2,
    WIRE_ERROR = 1 << 3, /* answered with an error */
    WIRE_PRIVATE = 1 << 8,
};

/** A request, or `repeat` equal ones in a row. */
typedef struct {
    fingerprint *print; /* may be NULL */
    uint32_t scope;     /* in which its first bytes were read */
    uint32_t repeat;
    uint32_t flags;
} wire_request;

/** What a tracker needs from outside; valid for the call. */
typedef struct wire_context wire_context;
struct wire_context {
    uint32_t scope; /* that the bytes of the call belong to */
    fingerprint_cache *prints;
    /** One request was answered. request->repeat is to be ignored. */
    void (*on_exchange)(wire_context *ctx, const wire_request *request, uint32_t flags);
};

typedef struct {
    const char *name;
    size_t size;
    void (*init)(void *state);
    wire_verdict (*requests)(void *state, wire_view *in, wire_context *ctx);
    wire_verdict (*answers)(void *state, wire_view *in, wire_context *ctx);
    void (*dispose)(void *state);
} wire_protocol;

/** wire_postgres_tls and wire_redis_tls follow wire_postgres and wire_redis where they step aside: opaque,
 * but for the login. wire_external is opaque, with the TLS server name as the text of each request. */
extern const wire_protocol wire_redis, wire_postgres, wire_http, wire_opaque, wire_postgres_tls,
    wire_redis_tls, wire_external;

#endif
