/**
 * Short messages that one turn of the hub has read, kept until it has read all there was.
 *
 * What is meant for a service goes out first, so that services work while the answers go out to the tests; a
 * turn that sends each message as it reads it wakes them one by one, and moves fewer exchanges a second. The
 * messages for one receiver keep their order.
 */
#ifndef UTR_WITNESS_OUTBOX_H
#define UTR_WITNESS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer message is bulk: better sent from where it was read than copied. */
enum { OUTBOX_BYTES = 65536, OUTBOX_MESSAGES = 256, OUTBOX_MESSAGE_BYTES = 4096 };

typedef enum { OUTBOX_SERVICE, OUTBOX_CLIENT } outbox_side;

typedef struct {
    void *to; /* NULL: handed out */
    outbox_side side;
    size_t at, len;
} outbox_message;

/** Zeroed: empty. Owns nothing. */
typedef struct {
    uint8_t bytes[OUTBOX_BYTES];
    size_t used, count;
    outbox_message messages[OUTBOX_MESSAGES];
} outbox;

/** Must not put more in. */
typedef void (*outbox_deliver)(void *to, const uint8_t *data, size_t len);

/** Keep a copy of a message. @return false where it is too long or there is no room: nothing is kept */
bool outbox_put(outbox *o, void *to, outbox_side side, const uint8_t *data, size_t len);

/** Deliver what is kept for one receiver. */
void outbox_hand_out_to(outbox *o, const void *to, outbox_deliver deliver);

/** Deliver all of it; the box is empty then. */
void outbox_hand_out(outbox *o, outbox_deliver deliver);

#endif
