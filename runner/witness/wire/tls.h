/**
 * Follows the record layer of TLS without its keys: who has sent application data beyond the handshake.
 *
 * Source: RFC 8446 section 5.1, RFC 5246 section 6.2. In TLS 1.3 the handshake's end is itself sent as
 * application data, so each side's first such flight is left out.
 */
#ifndef UTR_WITNESS_WIRE_TLS_H
#define UTR_WITNESS_WIRE_TLS_H

#include "witness/wire/wire.h"

enum { TLS_HANDSHAKE = 22, TLS_APPLICATION = 23, TLS_HELLO_BYTES = 512 };

/** One direction. Zero-initialised: at the start. */
typedef struct {
    uint8_t header[5];
    uint8_t header_len;
    uint32_t body_left;
    uint32_t records; /* of application data that began */
} tls_reader;

/** Consume in. @return WIRE_FRAME after each header of an application-data record, WIRE_BROKEN: no TLS */
wire_step tls_next(tls_reader *reader, wire_view *in);

/** What is needed of the server's first record to tell its version. Zero-initialised: empty. */
typedef struct {
    uint16_t len;
    uint8_t bytes[TLS_HELLO_BYTES];
} tls_hello;

/** Whether a ServerHello record (as far as it is there) settles on TLS 1.3. */
bool tls_hello_is_13(const tls_hello *hello);

#endif
