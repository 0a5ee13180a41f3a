#include "witness/wire/websocket.h"

static size_t header_need(const websocket_reader *r)
{
    if (r->header_len < 2)
        return 2;
    uint8_t len = r->header[1] & 0x7F;
    size_t extended = len == 126 ? 2 : len == 127 ? 8 : 0;
    return 2 + extended + (r->header[1] & 0x80 ? 4 : 0);
}

static uint64_t payload_len(const websocket_reader *r)
{
    uint8_t len = r->header[1] & 0x7F;
    size_t bytes = len == 126 ? 2 : len == 127 ? 8 : 0;
    uint64_t number = bytes ? 0 : len;
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | r->header[2 + i];
    return number;
}

wire_step websocket_next(websocket_reader *r, wire_view *in, bool *out_is_data)
{
    while (in->len > 0) {
        size_t take = in->len < r->left ? in->len : (size_t)r->left;
        wire_skip(in, take);
        r->left -= take;
        if (in->len == 0)
            return WIRE_MORE;
        r->header[r->header_len++] = in->data[0];
        wire_skip(in, 1);
        if (r->header_len < header_need(r))
            continue;
        uint8_t opcode = r->header[0] & 0x0F;
        r->left = payload_len(r);
        r->header_len = 0;
        if ((opcode > 2 && opcode < 8) || opcode > 10 || r->left >> 63)
            return WIRE_BROKEN;
        *out_is_data = opcode <= 2;
        return WIRE_FRAME;
    }
    return WIRE_MORE;
}
