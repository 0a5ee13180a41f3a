#include "witness/wire/http_reader.h"

#include "base/memory.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { MOST_LINES = 1000, IDLE_KEEP_BYTES = 512 };

void http_reader_init(http_reader *reader, bool is_answer)
{
    *reader = (http_reader){.is_answer = is_answer, .line = UTR_BUF_INIT(HTTP_LINE_BYTES)};
}

void http_reader_dispose(http_reader *reader)
{
    utr_buf_dispose(&reader->line);
    free(reader->head);
}

/** Keep the beginning of a line; what is past the limit is dropped, its end still counts. */
static void line_keep(utr_buf *line, const uint8_t *data, size_t len)
{
    utr_error err = {0};
    size_t room = HTTP_LINE_BYTES - line->len;
    if (utr_buf_add(line, data, len < room ? len : room, &err))
        utr_error_reset(&err);
}

/** A whole line without its end, from the view where it lies there whole. @return false: more is needed */
static bool line_take(http_reader *r, wire_view *in, wire_view *out)
{
    const uint8_t *end = memchr(in->data, '\n', in->len);
    size_t len = end ? (size_t)(end - in->data) : in->len;
    bool direct = end && r->line.len == 0;
    if (!direct)
        line_keep(&r->line, in->data, len);
    *out = direct ? (wire_view){in->data, len} : (wire_view){(const uint8_t *)r->line.data, r->line.len};
    wire_skip(in, len + (end != NULL));
    if (out->len > 0 && out->data[out->len - 1] == '\r')
        out->len--;
    return end != NULL;
}

static void line_done(http_reader *r)
{
    if (r->line.capacity > IDLE_KEEP_BYTES)
        utr_buf_dispose(&r->line);
    else
        utr_buf_reset(&r->line);
}

static bool request_line(http_head *head, wire_view line)
{
    const uint8_t *space = memchr(line.data, ' ', line.len);
    size_t len = space ? (size_t)(space - line.data) : 0;
    if (len == 0 || len >= sizeof head->method)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isupper(line.data[i]) && line.data[i] != '-' && line.data[i] != '_')
            return false;
    memcpy(head->method, line.data, len);
    wire_skip(&line, len + 1);
    const uint8_t *end = memrchr(line.data, ' ', line.len);
    bool whole = end && line.len - (size_t)(end - line.data) > 5 && memcmp(end, " HTTP/", 6) == 0;
    if (!whole && line.len + len + 1 < HTTP_LINE_BYTES - 1)
        return false;
    size_t target = end ? (size_t)(end - line.data) : line.len;
    head->target_len = (uint16_t)(target < sizeof head->target ? target : sizeof head->target);
    memcpy(head->target, line.data, head->target_len);
    return target > 0;
}

static bool status_line(http_head *head, wire_view line)
{
    if (line.len < 12 || memcmp(line.data, "HTTP/1.", 7) != 0 || line.data[8] != ' ')
        return false;
    for (size_t i = 9; i < 12; i++) {
        if (!isdigit(line.data[i]))
            return false;
        head->status = head->status * 10 + (line.data[i] - '0');
    }
    return head->status >= 100;
}

static bool value_has(wire_view value, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= value.len; i++)
        if (strncasecmp((const char *)value.data + i, word, len) == 0)
            return true;
    return false;
}

static bool on_length(http_head *head, wire_view value)
{
    uint64_t length = 0;
    if (value.len == 0 || value.len > 18)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (!isdigit(value.data[i]))
            return false;
        length = length * 10 + (uint64_t)(value.data[i] - '0');
    }
    head->has_length = true;
    head->length = length;
    return true;
}

static bool on_transfer_encoding(http_head *head, wire_view value)
{
    head->chunked |= value_has(value, "chunked");
    return true;
}

static bool on_upgrade(http_head *head, wire_view value)
{
    head->upgrade = true;
    head->websocket |= value_has(value, "websocket");
    return true;
}

static bool on_expect(http_head *head, wire_view value)
{
    head->expects_continue |= value_has(value, "100-continue");
    return true;
}

static const struct {
    const char *name;
    bool (*act)(http_head *head, wire_view value);
} HEADERS[] = {
    {"content-length", on_length},
    {"transfer-encoding", on_transfer_encoding},
    {"upgrade", on_upgrade},
    {"expect", on_expect},
};

static bool header_line(http_head *head, wire_view line)
{
    const uint8_t *colon = memchr(line.data, ':', line.len);
    if (!colon)
        return false;
    size_t len = (size_t)(colon - line.data);
    wire_view value = {colon + 1, line.len - len - 1};
    while (value.len > 0 && (value.data[0] == ' ' || value.data[0] == '\t'))
        wire_skip(&value, 1);
    while (value.len > 0 && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == '\t'))
        value.len--;
    for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++)
        if (strlen(HEADERS[i].name) == len && strncasecmp((const char *)line.data, HEADERS[i].name, len) == 0)
            return HEADERS[i].act(head, value);
    return true;
}

static wire_step on_first_line(http_reader *r, wire_view line)
{
    if (line.len == 0) /* RFC 9112 2.2: empty lines before a request are ignored */
        return WIRE_MORE;
    if (!r->head)
        r->head = UTR_NEW(http_head);
    *r->head = (http_head){0};
    r->lines = 0;
    r->state = HTTP_HEADERS;
    bool ok = r->is_answer ? status_line(r->head, line) : request_line(r->head, line);
    return ok ? WIRE_MORE : WIRE_BROKEN;
}

static wire_step on_header(http_reader *r, wire_view line, const http_head **out)
{
    if (line.len == 0) {
        *out = r->head;
        return WIRE_FRAME;
    }
    if (++r->lines > MOST_LINES || !header_line(r->head, line))
        return WIRE_BROKEN;
    return WIRE_MORE;
}

static wire_step on_chunk_size(http_reader *r, wire_view line)
{
    uint64_t size = 0;
    size_t at = 0;
    for (; at < line.len && isxdigit(line.data[at]); at++) {
        unsigned char digit = (unsigned char)tolower(line.data[at]);
        size = size * 16 + (uint64_t)(isdigit(digit) ? digit - '0' : digit - 'a' + 10);
    }
    if (at == 0 || at > 15)
        return WIRE_BROKEN;
    r->left = size;
    r->state = size ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
    return WIRE_MORE;
}

static wire_step on_line(http_reader *r, wire_view line, const http_head **out)
{
    switch (r->state) {
    case HTTP_FIRST_LINE:
        return on_first_line(r, line);
    case HTTP_HEADERS:
        return on_header(r, line, out);
    case HTTP_CHUNK_SIZE:
        return on_chunk_size(r, line);
    case HTTP_CHUNK_END:
        r->state = HTTP_CHUNK_SIZE;
        return line.len == 0 ? WIRE_MORE : WIRE_BROKEN;
    case HTTP_TRAILERS:
        if (line.len == 0)
            r->state = HTTP_FIRST_LINE;
        return WIRE_MORE;
    case HTTP_BODY:
    case HTTP_CHUNK_DATA:
    case HTTP_UNTIL_CLOSE:
        break;
    }
    return WIRE_BROKEN;
}

static bool in_data(const http_reader *r)
{
    return r->state == HTTP_BODY || r->state == HTTP_CHUNK_DATA;
}

static void skip_data(http_reader *r, wire_view *in)
{
    size_t take = in->len < r->left ? in->len : (size_t)r->left;
    wire_skip(in, take);
    r->left -= take;
    r->body_seen += take;
    if (r->left == 0)
        r->state = r->state == HTTP_BODY ? HTTP_FIRST_LINE : HTTP_CHUNK_END;
}

wire_step http_next(http_reader *r, wire_view *in, const http_head **out)
{
    wire_step step = WIRE_MORE;
    wire_view line;
    while (step == WIRE_MORE && in->len > 0) {
        if (r->state == HTTP_UNTIL_CLOSE) {
            wire_skip(in, in->len);
        } else if (in_data(r)) {
            skip_data(r, in);
        } else if (line_take(r, in, &line)) {
            step = on_line(r, line, out);
            line_done(r);
        }
    }
    return step;
}

void http_body_begin(http_reader *r, bool bodiless)
{
    const http_head *head = r->head;
    bool none = bodiless || (!head->chunked && head->has_length && head->length == 0);
    r->body_seen = 0;
    r->left = head->length;
    if (none)
        r->state = HTTP_FIRST_LINE;
    else if (head->chunked)
        r->state = HTTP_CHUNK_SIZE;
    else if (head->has_length)
        r->state = HTTP_BODY;
    else
        r->state = r->is_answer ? HTTP_UNTIL_CLOSE : HTTP_FIRST_LINE;
    free(r->head);
    r->head = NULL;
}

void http_body_abandon(http_reader *r)
{
    r->state = HTTP_FIRST_LINE;
    r->left = 0;
}
