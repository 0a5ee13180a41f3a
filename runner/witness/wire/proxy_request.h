/**
 * Cuts what a client says to an HTTP proxy into heads and bodies, and rewrites the heads for whom they are
 * meant.
 *
 * Source: RFC 9110 section 9.3.6 (CONNECT), RFC 9112 sections 3.2.2 (absolute form) and 3.2.1 (origin form).
 *
 * 1. proxy_request_next() until it gives a frame: a head, and whom it wants to reach.
 * 2. Of a tunnel (CONNECT) nothing more is read. Else pass proxy_request_head() on, then as many bytes as
 * proxy_request_body() says, until that is none; then the next head comes.
 */
#ifndef UTR_WITNESS_WIRE_PROXY_REQUEST_H
#define UTR_WITNESS_WIRE_PROXY_REQUEST_H

#include "witness/wire/authority.h"
#include "witness/wire/http_reader.h"

enum { PROXY_HEAD_MOST_BYTES = 32768 };

typedef struct {
    bool tunnel; /* CONNECT */
    bool known;  /* `to` is whom to reach; false: the target is no authority and no http:// address */
    authority to;
} proxy_request;

typedef struct {
    http_reader http;
    utr_buf head; /* as it came, as far as it came */
    bool head_whole;
    bool upgrade; /* it may turn into another protocol: nothing after it is cut */
} proxy_request_reader;

void proxy_request_reader_init(proxy_request_reader *reader);
void proxy_request_reader_dispose(proxy_request_reader *reader);

/** Consume in, up to the end of a head. @return WIRE_BROKEN: no request, or one too large */
wire_step proxy_request_next(proxy_request_reader *reader, wire_view *in, proxy_request *out);

/**
 * The head in origin form, without what is meant for the proxy alone. Never longer than it came.
 * @return its length; the head is forgotten
 */
size_t proxy_request_head(proxy_request_reader *reader, uint8_t out[PROXY_HEAD_MOST_BYTES]);

/** How many bytes of the view belong to the present request. 0: a new head begins there */
size_t proxy_request_body(proxy_request_reader *reader, wire_view view);

#endif
