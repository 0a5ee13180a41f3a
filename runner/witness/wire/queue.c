#include "witness/wire/queue.h"

#include "base/memory.h"

enum { FIRST_CAPACITY = 8 };

void wire_queue_reset(wire_queue *queue)
{
    while (queue->count)
        wire_queue_remove_head(queue);
    if (queue->capacity > FIRST_CAPACITY) {
        free(queue->items);
        *queue = (wire_queue){0};
    }
}

void wire_queue_dispose(wire_queue *queue)
{
    wire_queue_reset(queue);
    free(queue->items);
    *queue = (wire_queue){0};
}

static void queue_grow(wire_queue *queue)
{
    uint32_t capacity = queue->capacity ? queue->capacity * 2 : FIRST_CAPACITY;
    wire_request *items = utr_calloc(capacity, sizeof *items);
    for (uint32_t i = 0; i < queue->count; i++)
        items[i] = *wire_queue_at(queue, i);
    free(queue->items);
    queue->items = items;
    queue->capacity = capacity;
    queue->head = 0;
}

static bool same_request(const wire_request *a, const wire_request *b)
{
    return a->print == b->print && a->scope == b->scope && a->flags == b->flags &&
           a->repeat < UINT32_MAX - b->repeat;
}

bool wire_queue_push(wire_queue *queue, wire_request request)
{
    wire_request *last = queue->count ? wire_queue_at(queue, queue->count - 1) : NULL;
    if (last && same_request(last, &request)) {
        last->repeat += request.repeat;
        fingerprint_drop(request.print);
        return true;
    }
    if (queue->count == WIRE_QUEUE_LIMIT) {
        fingerprint_drop(request.print);
        return false;
    }
    if (queue->count == queue->capacity)
        queue_grow(queue);
    *wire_queue_at(queue, queue->count++) = request;
    return true;
}

void wire_queue_remove_head(wire_queue *queue)
{
    fingerprint_drop(wire_queue_head(queue)->print);
    queue->head = (queue->head + 1) & (queue->capacity - 1);
    queue->count--;
}

void wire_queue_pop(wire_queue *queue)
{
    if (--wire_queue_head(queue)->repeat == 0)
        wire_queue_remove_head(queue);
}

void wire_queue_remove(wire_queue *queue, uint32_t index)
{
    fingerprint_drop(wire_queue_at(queue, index)->print);
    for (uint32_t i = index; i + 1 < queue->count; i++)
        *wire_queue_at(queue, i) = *wire_queue_at(queue, i + 1);
    queue->count--;
}
