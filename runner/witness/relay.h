/**
 * Moves bytes between a client and a target, and shows each to an observer after it was forwarded.
 *
 * 1. relay_open() with an accepted socket; the target is dialled without waiting; of what the client says
 * meanwhile a buffer is taken at once, so that it is seen when it was said.
 * 2. The hub serves its two sockets.
 * 3. on_closed comes once, when both sockets are closed; the relay's memory is then its owner's again, but
 * not before the hub has served what was reported.
 *
 * Knows no protocol. A side that takes no more stops the reading from the other; the end of one direction is
 * passed on as the end of that direction, a reset as a reset. One turn reads once a direction, and sends what
 * is short when it has read all there was.
 */
#ifndef UTR_WITNESS_RELAY_H
#define UTR_WITNESS_RELAY_H

#include "witness/hub.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

/* Little at a time: copied within the processor's nearest cache, bulk goes faster than with fewer system
 * calls. */
enum { RELAY_READ_BYTES = 16384, RELAY_LEAVE = -2 };

/** Told after the fact; must not close the relay. */
typedef struct {
    /** Reads what the client says in place of recv(), for who has to change it; RELAY_LEAVE: the client is to
     * go on without this relay, which closes and leaves that socket open. NULL: recv() */
    ssize_t (*read_client)(void *ctx, int fd, uint8_t *data, size_t room);
    void (*on_bytes)(void *ctx, bool from_client, const uint8_t *data, size_t len);
    void (*on_refused)(void *ctx);
    void (*on_closed)(void *ctx);
} relay_observer;

typedef struct relay relay;

/** One of the two sockets. */
typedef struct {
    hub_source source;
    relay *owner;
    int fd;
    uint32_t interest; /* what epoll watches; 0: not in the set */
    bool ended;        /* has sent all it will */
    bool shut;         /* has been told so of the other */
    uint8_t *queued;   /* what it would not take yet, or NULL */
    size_t queued_at, queued_len;
} relay_end;

struct relay {
    relay_end client, target;
    const hub_share *share;
    const relay_observer *observer;
    void *ctx;
    bool connected, closed;
};

/**
 * Take an accepted socket over and dial the target. A target that refuses is told to the observer, the client
 * is reset; that may happen before the call returns.
 * @param fd   owned by the relay from now on
 * @param one  with observer and ctx filled in, else zeroed; both are borrowed, as is share
 */
void relay_open(relay *one, int fd, const struct sockaddr_in *target, const hub_share *share);

/**
 * Join two sockets that are connected, and pass on what the client has said; that may close the relay before
 * the call returns. Otherwise as relay_open().
 */
void relay_join(relay *one, int client, int target, const hub_share *share);

/** Close both sockets at once. Safe to call again. @param reset  tell both by a reset */
void relay_close(relay *one, bool reset);

#endif
