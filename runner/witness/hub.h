/**
 * What a witness waits for, in one epoll set: its sockets, and libuv's own descriptor among them. One system
 * call waits for all of it, and none is spent on going from one set to the other.
 *
 * 1. hub_init() for a loop; hub_share_of() for each owner of sources (a worker); hub_watch() for each socket.
 * 2. hub_wait(), then hub_serve(), again and again; where hub_serve() says so, the loop has something to do.
 * 3. hub_drain() serves what has arrived for one owner, also from within hub_serve(): what is then left of
 * the others is reported again by the next wait.
 * 4. hub_put_off() keeps a short message until what was reported is served; then its receiver's on_message
 * has it.
 *
 * Sources belong to those who watch them. What was reported may still name a source that was closed
 * meanwhile, so its memory must stay while hub_is_serving().
 */
#ifndef UTR_WITNESS_HUB_H
#define UTR_WITNESS_HUB_H

#include "base/error.h"
#include "witness/outbox.h"

#include <stdint.h>
#include <sys/epoll.h>
#include <uv.h>

enum { HUB_EVENTS = 256, HUB_BUFFER_BYTES = 65536 };

/** Whatever epoll reports: the first member of what waits. */
typedef struct hub_source hub_source;
struct hub_source {
    void (*on_ready)(hub_source *source, uint32_t events);
    void *owner;
    void (*on_message)(hub_source *source, const uint8_t *data, size_t len); /* NULL: never has one */
};

typedef struct {
    int epoll_fd;
    uint8_t *buffer; /* HUB_BUFFER_BYTES, shared by all */
    outbox outbox;
    hub_source loop;
    bool loop_ready;
    struct epoll_event events[HUB_EVENTS]; /* reported; served up to at */
    int count, at;
    uint32_t depth; /* of calls that serve */
    uint32_t turn;  /* of hub_serve() */
} hub;

/** What the sources of one owner need of the hub; copied. */
typedef struct {
    hub *hub;
    void *owner;
} hub_share;

/** @return UTR_SYS */
UTR_MUST_CHECK utr_code hub_init(hub *h, uv_loop_t *loop, utr_error *err);
void hub_dispose(hub *h);

static inline hub_share hub_share_of(hub *h, void *owner)
{
    return (hub_share){h, owner};
}

/** Watch a descriptor for something to read. @return an errno, 0 on success */
int hub_watch(const hub_share *share, int fd, hub_source *source);

/**
 * Watch it no more. Also before it is closed: where a child that is just being started holds a copy, closing
 * alone would leave it in the set.
 */
void hub_forget(const hub_share *share, int fd);

/** Report what is ready, ends of connections first. @param timeout_ms  -1: until something comes */
void hub_wait(hub *h, int timeout_ms);

/**
 * Serve what the wait has reported.
 * @param before  called before each source's turn, with its owner; may drain it
 * @return whether libuv's descriptor was among it
 */
bool hub_serve(hub *h, void (*before)(void *owner));

/** Keep a copy of a message. @return false, and nothing is kept: it is long, or the hub is not serving */
bool hub_put_off(hub *h, hub_source *to, outbox_side side, const uint8_t *data, size_t len);

/** Hand out at once what is put off for one receiver. */
void hub_hand_out_to(hub *h, const hub_source *to);

/** Serve one owner's sources until nothing more has arrived, or for so many rounds. */
void hub_drain(hub *h, const void *owner, int rounds);

static inline bool hub_is_serving(const hub *h)
{
    return h->depth > 0;
}

#endif
