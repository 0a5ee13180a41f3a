/**
 * Sealed workers: a network of their own that holds nothing but the services' listeners.
 *
 * 1. isolation_check() says whether this machine can do it, by doing it.
 * 2. isolation_open() makes the namespaces with the listeners in them.
 * 3. isolation_take_listener() gives each listener to whoever answers there; isolation_listen() makes more
 * of them later.
 * 4. isolation_enter() is the before_exec of each process that belongs inside (loop/loop.h).
 * 5. isolation_close() when those processes have ended.
 *
 * Inside, the loopback interface is all there is. Anything else ends with ENETUNREACH. /etc/hosts knows the
 * services; every other name gets an address of the ranges that RFC 5737 keeps for documentation, so that
 * what a test wanted to reach is told by its name. The user, the files and the working directory stay as they
 * are; the folders where local databases put their sockets are empty. Needs CAP_SYS_ADMIN and some more, or a
 * kernel that lets a user make namespaces.
 *
 * Everything runs on the loop's thread. What isolation_enter() left out (isolation_blind()) is no failure.
 */
#ifndef UTR_ISOLATION_ISOLATION_H
#define UTR_ISOLATION_ISOLATION_H

#include "base/error.h"

#include <uv.h>

typedef struct isolation isolation;

/** A line of /etc/hosts. */
typedef struct {
    const char *name;    /* NULL: localhost, which is 127.0.0.1 and ::1 in any case */
    const char *address; /* of the loopback network: "127.0.0.2" */
} isolation_host;

/** Where to listen inside. */
typedef struct {
    const char *address; /* IPv4 or IPv6 as digits; "0.0.0.0" is any */
    int port;            /* 0: a free one; getsockname() of the listener tells it */
} isolation_bind;

/** Borrowed for the call, but for on_elsewhere and its ctx. */
typedef struct {
    const isolation_host *hosts;
    size_t host_count;
    const isolation_bind *binds;
    size_t bind_count;
    /* A process inside tried to reach something: "api.example.com:443", "10.1.2.3:6379", "[2001:db8::1]:80".
     * Told each time that it tried. */
    void (*on_elsewhere)(void *ctx, const char *where);
    void *ctx;
} isolation_options;

/** Whether this machine can seal workers: namespaces are made and thrown away.
 * @return UTR_SYS with the step that failed, and what would have to change */
UTR_MUST_CHECK utr_code isolation_check(utr_error *err);

/** Blocks for as long as a fork and some mounts take. @return UTR_SYS as isolation_check(), UTR_TIMEOUT */
UTR_MUST_CHECK utr_code isolation_open(uv_loop_t *loop, const isolation_options *options, isolation **out,
                                       utr_error *err);

/** The listening socket of options->binds[bind], the caller's from now on.
 * @return -1: taken before, or it could not be bound (an earlier bind covers it, the kernel has no IPv6) */
int isolation_take_listener(isolation *sealed, size_t bind);

/** One more listening socket inside, for a worker that shows up later; blocks for a fork.
 * @return UTR_SYS (EADDRINUSE: a test listens there) */
UTR_MUST_CHECK utr_code isolation_listen(isolation *sealed, const isolation_bind *bind, int *out_fd,
                                         utr_error *err);

/** Why on_elsewhere can never be called on this machine, for a person; NULL: it can. */
const char *isolation_blind(const isolation *sealed);

/** loop_spawn.before_exec: the calling process moves in. @return 0 or an errno */
int isolation_enter(void *sealed);

/** on_closed is called once, never before returning. A process that is still inside can connect no more. */
void isolation_close(isolation *sealed, void (*on_closed)(void *ctx), void *ctx);

#endif
