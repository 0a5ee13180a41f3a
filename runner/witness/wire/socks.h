/**
 * Reads what a client says to a SOCKS5 proxy before bytes are relayed: how it would authenticate, then whom
 * it wants to reach. Source: RFC 1928.
 *
 * 1. socks_greeting_next() until it gives a frame; answer with SOCKS_NO_AUTHENTICATION or SOCKS_NO_METHOD.
 * 2. socks_request_next() until it gives a frame; answer with socks_answer().
 *
 * Neither consumes a byte beyond its message: what follows belongs to whom the client reaches.
 */
#ifndef UTR_WITNESS_WIRE_SOCKS_H
#define UTR_WITNESS_WIRE_SOCKS_H

#include "witness/wire/authority.h"
#include "witness/wire/wire.h"

enum { SOCKS_VERSION = 5, SOCKS_NO_AUTHENTICATION = 0, SOCKS_NO_METHOD = 0xFF };
enum { SOCKS_MOST_BYTES = 262, SOCKS_ANSWER_BYTES = 10 };

typedef enum {
    SOCKS_GRANTED = 0,
    SOCKS_FAILED = 1,
    SOCKS_NOT_ALLOWED = 2,
    SOCKS_NETWORK_UNREACHABLE = 3,
    SOCKS_HOST_UNREACHABLE = 4,
    SOCKS_REFUSED = 5,
    SOCKS_TIMED_OUT = 6, /* "TTL expired": what others answer for it */
    SOCKS_NO_SUCH_COMMAND = 7,
    SOCKS_NO_SUCH_ADDRESS = 8,
} socks_reply;

/** Zero-initialised: before a message. */
typedef struct {
    uint16_t len;
    uint8_t bytes[SOCKS_MOST_BYTES];
} socks_reader;

/** @param out_method  of those the client offers, SOCKS_NO_AUTHENTICATION, else SOCKS_NO_METHOD */
wire_step socks_greeting_next(socks_reader *reader, wire_view *in, uint8_t *out_method);

typedef struct {
    socks_reply fault; /* SOCKS_GRANTED: none, `to` is whom to reach */
    authority to;
} socks_request;

wire_step socks_request_next(socks_reader *reader, wire_view *in, socks_request *out);

/** The answer to a request. */
void socks_answer(socks_reply reply, uint8_t out[SOCKS_ANSWER_BYTES]);

#endif
