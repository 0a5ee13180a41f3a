/**
 * Cuts one direction of a PostgreSQL connection into messages.
 *
 * Source: PostgreSQL documentation, chapters 55.2 (message flow) and 55.7 (message formats), protocol 3. Of
 * each message only as much is kept as its type needs; the rest is skipped by its length.
 */
#ifndef UTR_WITNESS_WIRE_POSTGRES_READER_H
#define UTR_WITNESS_WIRE_POSTGRES_READER_H

#include "witness/wire/wire.h"

#include "base/buf.h"

enum { POSTGRES_QUERY_BYTES = 16384, POSTGRES_STARTUP_BYTES = 10000 };

/** A message; body is valid until the next call. */
typedef struct {
    uint8_t type; /* 0: a start-up message, which has none */
    const char *body;
    size_t len; /* bytes of the body that are there */
    bool cut;   /* the body is longer */
} postgres_message;

typedef struct {
    bool is_client;
    bool is_untyped; /* the client's start-up messages: until startup_done */
    uint8_t header[5];
    uint8_t header_len;
    bool in_body;
    size_t want;   /* bytes of the body to keep */
    uint64_t left; /* bytes of the message still to come */
    utr_buf kept;
} postgres_reader;

void postgres_reader_init(postgres_reader *reader, bool is_client);
void postgres_reader_dispose(postgres_reader *reader);

/** A message comes as soon as its kept part is there, its rest may still be on the way. */
wire_step postgres_next(postgres_reader *reader, wire_view *in, postgres_message *out);

#endif
