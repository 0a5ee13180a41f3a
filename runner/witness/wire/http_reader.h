/**
 * Cuts one direction of an HTTP/1.1 connection into message heads, and skips the bodies.
 *
 * Source: RFC 9112 (messages, chunked coding, message body length), RFC 9110. A head is a frame as soon as it
 * is whole; the caller then says with http_body_begin() whether a body follows.
 */
#ifndef UTR_WITNESS_WIRE_HTTP_READER_H
#define UTR_WITNESS_WIRE_HTTP_READER_H

#include "witness/wire/wire.h"

#include "base/buf.h"

enum { HTTP_LINE_BYTES = 8192, HTTP_TARGET_BYTES = 512 };

typedef enum {
    HTTP_FIRST_LINE,
    HTTP_HEADERS,
    HTTP_BODY,
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_END,
    HTTP_TRAILERS,
    HTTP_UNTIL_CLOSE,
} http_state;

/** What a head says. */
typedef struct {
    char method[16]; /* requests; upper case as sent */
    uint16_t target_len;
    char target[HTTP_TARGET_BYTES]; /* requests: its beginning */
    int status;                     /* answers */
    bool has_length, chunked, upgrade, websocket, expects_continue;
    uint64_t length;
} http_head;

typedef struct {
    bool is_answer;
    http_state state;
    utr_buf line; /* the beginning of a line that is not whole yet */
    uint32_t lines;
    uint64_t left; /* bytes of the body or chunk still to come */
    uint64_t body_seen;
    http_head *head; /* while one is being read */
} http_reader;

void http_reader_init(http_reader *reader, bool is_answer);
void http_reader_dispose(http_reader *reader);

/** @param out  a whole head, valid until the next call */
wire_step http_next(http_reader *reader, wire_view *in, const http_head **out);

/** What follows a head. @param bodiless  no body whatever the head says (HEAD, 1xx, 204, 304) */
void http_body_begin(http_reader *reader, bool bodiless);

/** Give a request body up that will never come (Expect: 100-continue, refused). */
void http_body_abandon(http_reader *reader);

#endif
