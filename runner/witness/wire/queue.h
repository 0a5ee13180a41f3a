/** Requests that wait for their answers, in order. Equal ones in a row are one entry with a count. */
#ifndef UTR_WITNESS_WIRE_QUEUE_H
#define UTR_WITNESS_WIRE_QUEUE_H

#include "witness/wire/wire.h"

enum { WIRE_QUEUE_LIMIT = 1 << 16 };

/** Zero-initialised: empty. */
typedef struct {
    wire_request *items; /* a ring */
    uint32_t head, count, capacity;
} wire_queue;

void wire_queue_dispose(wire_queue *queue);

/** Drop every entry, keep a little memory. */
void wire_queue_reset(wire_queue *queue);

/**
 * Append a request; request.repeat is its count (at least 1).
 * @param request  its reference to the fingerprint goes to the queue, also on failure
 * @return false past WIRE_QUEUE_LIMIT entries
 */
bool wire_queue_push(wire_queue *queue, wire_request request);

/** The oldest entry, or NULL. Valid until the next push. */
static inline wire_request *wire_queue_head(const wire_queue *queue)
{
    return queue->count ? &queue->items[queue->head] : NULL;
}

/** The entry at an index from the oldest. */
static inline wire_request *wire_queue_at(const wire_queue *queue, uint32_t index)
{
    return &queue->items[(queue->head + index) & (queue->capacity - 1)];
}

/** Take one request off the oldest entry. */
void wire_queue_pop(wire_queue *queue);

/** Drop the oldest entry, whatever its count. */
void wire_queue_remove_head(wire_queue *queue);

/** Take the entry at an index out, whatever its count. */
void wire_queue_remove(wire_queue *queue, uint32_t index);

#endif
