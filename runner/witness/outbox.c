#include "witness/outbox.h"

#include <string.h>

bool outbox_put(outbox *o, void *to, outbox_side side, const uint8_t *data, size_t len)
{
    if (len > OUTBOX_MESSAGE_BYTES || len > OUTBOX_BYTES - o->used || o->count == OUTBOX_MESSAGES)
        return false;
    memcpy(o->bytes + o->used, data, len);
    o->messages[o->count++] = (outbox_message){to, side, o->used, len};
    o->used += len;
    return true;
}

static void hand_out(outbox *o, outbox_message *one, outbox_deliver deliver)
{
    void *to = one->to;
    one->to = NULL;
    deliver(to, o->bytes + one->at, one->len);
}

void outbox_hand_out_to(outbox *o, const void *to, outbox_deliver deliver)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->messages[i].to == to)
            hand_out(o, &o->messages[i], deliver);
}

static void hand_out_side(outbox *o, outbox_side side, outbox_deliver deliver)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->messages[i].to && o->messages[i].side == side)
            hand_out(o, &o->messages[i], deliver);
}

void outbox_hand_out(outbox *o, outbox_deliver deliver)
{
    hand_out_side(o, OUTBOX_SERVICE, deliver);
    hand_out_side(o, OUTBOX_CLIENT, deliver);
    o->count = o->used = 0;
}
