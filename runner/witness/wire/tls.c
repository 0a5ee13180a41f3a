#include "witness/wire/tls.h"

#include <string.h>

enum { OLDEST_TYPE = 20, NEWEST_TYPE = 24, MOST_BODY = 16384 + 2048 };

static wire_step record_begin(tls_reader *r)
{
    uint32_t len = (uint32_t)r->header[3] << 8 | r->header[4];
    bool known = r->header[0] >= OLDEST_TYPE && r->header[0] <= NEWEST_TYPE && r->header[1] == 3;
    if (!known || len > MOST_BODY)
        return WIRE_BROKEN;
    r->header_len = 0;
    r->body_left = len;
    if (r->header[0] != TLS_APPLICATION)
        return WIRE_MORE;
    r->records++;
    return WIRE_FRAME;
}

wire_step tls_next(tls_reader *r, wire_view *in)
{
    wire_step step = WIRE_MORE;
    while (step == WIRE_MORE && in->len > 0) {
        if (r->body_left > 0) {
            size_t take = in->len < r->body_left ? in->len : r->body_left;
            wire_skip(in, take);
            r->body_left -= (uint32_t)take;
            continue;
        }
        r->header[r->header_len++] = in->data[0];
        wire_skip(in, 1);
        if (r->header_len == sizeof r->header)
            step = record_begin(r);
    }
    return step;
}

static uint32_t number_at(const tls_hello *hello, size_t at)
{
    return at + 2 <= hello->len ? (uint32_t)hello->bytes[at] << 8 | hello->bytes[at + 1] : 0;
}

bool tls_hello_is_13(const tls_hello *hello)
{
    enum { SESSION_AT = 5 + 4 + 2 + 32, SUPPORTED_VERSIONS = 43, VERSION_13 = 0x0304 };
    if (hello->len <= SESSION_AT || hello->bytes[0] != TLS_HANDSHAKE || hello->bytes[5] != 2)
        return false;
    size_t at = SESSION_AT + 1U + hello->bytes[SESSION_AT] + 3U; /* cipher suite, compression */
    size_t end = at + 2 + number_at(hello, at);
    for (at += 2; at + 4 <= end && at + 4 <= hello->len; at += 4 + number_at(hello, at + 2))
        if (number_at(hello, at) == SUPPORTED_VERSIONS)
            return number_at(hello, at + 4) == VERSION_13;
    return false;
}
