#include "witness/wire/postgres_reader.h"

#include <string.h>

enum { MOST_BYTES = 0x40000000, IDLE_KEEP_BYTES = 1024 };

/* How many bytes of each message's body are kept, plus one; 0: no such message. */
static const uint16_t CLIENT_WANTS[128] = {
    ['Q'] = POSTGRES_QUERY_BYTES + 1,
    ['P'] = POSTGRES_QUERY_BYTES + 1,
    ['B'] = 257,
    ['E'] = 129,
    ['C'] = 129,
    ['D'] = 1,
    ['S'] = 1,
    ['H'] = 1,
    ['X'] = 1,
    ['F'] = 5,
    ['p'] = 1,
    ['d'] = 1,
    ['c'] = 1,
    ['f'] = 1,
};
static const uint16_t SERVER_WANTS[128] = {
    ['R'] = 5, ['K'] = 1, ['S'] = 1, ['Z'] = 2, ['T'] = 1, ['D'] = 1, ['C'] = 1, ['E'] = 1,
    ['I'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['n'] = 1, ['t'] = 1, ['s'] = 1, ['N'] = 1,
    ['A'] = 1, ['G'] = 1, ['H'] = 1, ['W'] = 1, ['d'] = 1, ['c'] = 1, ['V'] = 1, ['v'] = 1,
};

void postgres_reader_init(postgres_reader *reader, bool is_client)
{
    *reader = (postgres_reader){.is_client = is_client, .is_untyped = is_client};
    reader->kept = UTR_BUF_INIT(POSTGRES_QUERY_BYTES);
}

void postgres_reader_dispose(postgres_reader *reader)
{
    utr_buf_dispose(&reader->kept);
}

static uint32_t number_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/** The header is there: what follows? */
static bool body_begin(postgres_reader *r)
{
    uint32_t len = number_at(r->header + !r->is_untyped);
    const uint16_t *wants = r->is_client ? CLIENT_WANTS : SERVER_WANTS;
    uint16_t want = r->is_untyped ? 9 : r->header[0] < 128 ? wants[r->header[0]] : 0;
    uint32_t most = r->is_untyped ? POSTGRES_STARTUP_BYTES : MOST_BYTES;
    if (want == 0 || len < 4 || len > most)
        return false;
    r->left = len - 4;
    r->want = want - 1U < r->left ? want - 1U : (size_t)r->left;
    r->in_body = true;
    return true;
}

static void header_take(postgres_reader *r, wire_view *in)
{
    size_t need = (r->is_untyped ? 4U : 5U) - r->header_len;
    size_t take = in->len < need ? in->len : need;
    memcpy(r->header + r->header_len, in->data, take);
    r->header_len = (uint8_t)(r->header_len + take);
    wire_skip(in, take);
}

static void message_of(postgres_reader *r, const void *body, postgres_message *out)
{
    out->type = r->is_untyped ? 0 : r->header[0];
    out->body = body;
    out->len = r->want;
    out->cut = r->left > r->want;
    r->left -= r->want;
    r->in_body = false;
    r->header_len = 0;
}

/** The kept part of a body: straight from the view where it is whole, else collected. */
static wire_step body_take(postgres_reader *r, wire_view *in, postgres_message *out)
{
    utr_error err = {0};
    if (r->kept.len == 0 && in->len >= r->want) {
        message_of(r, in->data, out);
        wire_skip(in, out->len);
        return WIRE_FRAME;
    }
    size_t need = r->want - r->kept.len;
    size_t take = in->len < need ? in->len : need;
    if (take > 0 && utr_buf_add(&r->kept, in->data, take, &err))
        return WIRE_BROKEN;
    wire_skip(in, take);
    if (r->kept.len < r->want)
        return WIRE_MORE;
    message_of(r, r->kept.data, out);
    return WIRE_FRAME;
}

static void forget_kept(postgres_reader *r)
{
    if (r->kept.capacity > IDLE_KEEP_BYTES)
        utr_buf_dispose(&r->kept);
    else
        utr_buf_reset(&r->kept);
}

wire_step postgres_next(postgres_reader *r, wire_view *in, postgres_message *out)
{
    for (;;) {
        if (!r->in_body && r->left > 0) {
            size_t take = in->len < r->left ? in->len : (size_t)r->left;
            wire_skip(in, take);
            r->left -= take;
        }
        if (r->in_body)
            return body_take(r, in, out);
        if (r->kept.len > 0)
            forget_kept(r);
        if (in->len == 0)
            return WIRE_MORE;
        header_take(r, in);
        if (r->header_len < (r->is_untyped ? 4 : 5))
            return WIRE_MORE;
        if (!body_begin(r))
            return WIRE_BROKEN;
    }
}
