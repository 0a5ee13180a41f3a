/**
 * Moves bytes between a client and a target, and shows each to an observer after it was forwarded.
 *
 * 1. relay_set_init() once for each worker: its epoll descriptor and the buffer that all its relays share.
 * 2. relay_open() with an accepted socket; the target is dialled without waiting; of what the client says
 * meanwhile a buffer is taken at once, so that it is seen when it was said.
 * 3. source.on_ready() for every event that epoll reports with the source as its data.
 * 4. on_closed comes once, when both sockets are closed; the relay's memory is then its owner's again, but
 * events that epoll has already reported may still name it.
 *
 * Knows no protocol. A side that takes no more stops the reading from the other; the end of one direction is
 * passed on as the end of that direction, a reset as a reset. One turn moves a bounded number of bytes.
 */
#ifndef UTR_WITNESS_RELAY_H
#define UTR_WITNESS_RELAY_H

#include "base/error.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

enum { RELAY_BUFFER_BYTES = 65536, RELAY_READS_A_TURN = 4, RELAY_LEAVE = -2 };

/** Whatever epoll reports: the first member of what waits. */
typedef struct relay_source relay_source;
struct relay_source {
    void (*on_ready)(relay_source *source, uint32_t events);
};

typedef struct {
    int epoll_fd;
    uint8_t *buffer; /* RELAY_BUFFER_BYTES, shared by all relays of the set */
} relay_set;

/** @return UTR_SYS */
UTR_MUST_CHECK utr_code relay_set_init(relay_set *set, utr_error *err);
void relay_set_dispose(relay_set *set);

/** Watch a descriptor for something to read. @return an errno, 0 on success */
int relay_set_watch(const relay_set *set, int fd, relay_source *source);

/**
 * Watch it no more. Also before it is closed: where a child that is just being started holds a copy, closing
 * alone would leave it in the set.
 */
void relay_set_forget(const relay_set *set, int fd);

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
    relay_source source;
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
    const relay_set *set;
    const relay_observer *observer;
    void *ctx;
    bool connected, closed;
};

/**
 * Take an accepted socket over and dial the target. A target that refuses is told to the observer, the client
 * is reset; that may happen before the call returns.
 * @param fd   owned by the relay from now on
 * @param one  with observer and ctx filled in, else zeroed; both are borrowed, as is set
 */
void relay_open(relay *one, int fd, const struct sockaddr_in *target, const relay_set *set);

/**
 * Join two sockets that are connected, and pass on what the client has said; that may close the relay before
 * the call returns. Otherwise as relay_open().
 */
void relay_join(relay *one, int client, int target, const relay_set *set);

/** Close both sockets at once. Safe to call again. @param reset  tell both by a reset */
void relay_close(relay *one, bool reset);

#endif
