#include "witness/wire/proxy_request.h"

#include <string.h>
#include <strings.h>

static const char SCHEME[] = "http://";
enum { SCHEME_LEN = sizeof SCHEME - 1, HTTP_PORT = 80 };

void proxy_request_reader_init(proxy_request_reader *reader)
{
    *reader = (proxy_request_reader){.head = UTR_BUF_INIT(PROXY_HEAD_MOST_BYTES)};
    http_reader_init(&reader->http, false);
}

void proxy_request_reader_dispose(proxy_request_reader *reader)
{
    http_reader_dispose(&reader->http);
    utr_buf_dispose(&reader->head);
}

/** How many bytes an absolute address has before its path. */
static size_t authority_end(const char *target, size_t len)
{
    size_t at = SCHEME_LEN;
    while (at < len && !strchr("/?# ", target[at]))
        at++;
    return at;
}

static bool is_absolute(const char *target, size_t len)
{
    return len > SCHEME_LEN && strncasecmp(target, SCHEME, SCHEME_LEN) == 0;
}

static bool read_target(const http_head *head, bool tunnel, authority *out)
{
    if (tunnel)
        return authority_read(head->target, head->target_len, 0, out);
    if (!is_absolute(head->target, head->target_len))
        return false;
    const char *begin = head->target + SCHEME_LEN;
    const char *end = head->target + authority_end(head->target, head->target_len);
    const char *user = memrchr(begin, '@', (size_t)(end - begin));
    begin = user ? user + 1 : begin;
    return authority_read(begin, (size_t)(end - begin), HTTP_PORT, out);
}

wire_step proxy_request_next(proxy_request_reader *reader, wire_view *in, proxy_request *out)
{
    utr_error err = {0};
    const http_head *head = NULL;
    wire_view before = *in;
    wire_step step = http_next(&reader->http, in, &head);
    if (utr_buf_add(&reader->head, before.data, before.len - in->len, &err))
        return WIRE_BROKEN;
    if (step != WIRE_FRAME)
        return step;
    out->tunnel = strcmp(head->method, "CONNECT") == 0;
    out->known = read_target(head, out->tunnel, &out->to);
    reader->upgrade = head->upgrade;
    reader->head_whole = true;
    http_body_begin(&reader->http, out->tunnel);
    return WIRE_FRAME;
}

/* Rewriting. */

typedef struct {
    uint8_t *at;
} writer;

static void put(writer *out, const char *text, size_t len)
{
    memcpy(out->at, text, len);
    out->at += len;
}

/** "GET http://host/path HTTP/1.1" becomes "GET /path HTTP/1.1". */
static void put_first_line(writer *out, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    size_t method = (size_t)(space - line) + 1;
    const char *target = line + method;
    size_t left = len - method;
    put(out, line, method);
    if (is_absolute(target, left)) {
        size_t skip = authority_end(target, left);
        if (target[skip] != '/')
            put(out, "/", 1);
        target += skip;
        left -= skip;
    }
    put(out, target, left);
}

static bool is_for_proxy(const char *line, size_t len)
{
    return len >= 6 && strncasecmp(line, "proxy-", 6) == 0;
}

size_t proxy_request_head(proxy_request_reader *reader, uint8_t out[PROXY_HEAD_MOST_BYTES])
{
    writer to = {out};
    bool first = true;
    const char *at = reader->head.data;
    const char *end = at + reader->head.len;
    for (size_t len = 0; at < end; at += len) {
        len = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) + 1;
        bool empty = at[0] == '\n' || at[0] == '\r';
        if (first && !empty)
            put_first_line(&to, at, len);
        else if (!is_for_proxy(at, len) && !first)
            put(&to, at, len);
        first = first && empty;
    }
    utr_buf_reset(&reader->head);
    reader->head_whole = false;
    return (size_t)(to.at - out);
}

/** Up to where the reader is sure to be inside the present request: its data, or the end of a line. */
static wire_view slice(const http_reader *http, wire_view view)
{
    const uint8_t *newline = NULL;
    if (http->state == HTTP_BODY || http->state == HTTP_CHUNK_DATA)
        view.len = http->left < view.len ? (size_t)http->left : view.len;
    else if ((newline = memchr(view.data, '\n', view.len)))
        view.len = (size_t)(newline - view.data) + 1;
    return view;
}

static bool in_body(const http_reader *http)
{
    return http->state != HTTP_FIRST_LINE && http->state != HTTP_HEADERS;
}

size_t proxy_request_body(proxy_request_reader *reader, wire_view view)
{
    const http_head *none = NULL;
    size_t len = view.len;
    if (reader->upgrade)
        return len;
    while (view.len > 0 && in_body(&reader->http)) {
        wire_view part = slice(&reader->http, view);
        wire_skip(&view, part.len);
        if (http_next(&reader->http, &part, &none) == WIRE_BROKEN) {
            reader->upgrade = true; /* whoever it is for will say what is wrong with it */
            return len;
        }
    }
    return len - view.len;
}
