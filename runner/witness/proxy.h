/**
 * The clients of a worker's proxy: what they ask for, whether they may, and the relay to it.
 *
 * 1. proxy_new() with what it shares with its worker; proxy_accept() for each client.
 * 2. proxy_bury() when the hub serves nothing.
 * 3. proxy_close() cuts every client; proxy_free() after that, when the hub serves nothing.
 *
 * A client is read no further than to the end of what it says to the proxy: it is looked at first
 * (MSG_PEEK), then taken.
 */
#ifndef UTR_WITNESS_PROXY_H
#define UTR_WITNESS_PROXY_H

#include "witness/evidence.h"
#include "witness/external.h"
#include "witness/relay.h"
#include "witness/wire/authority.h"

typedef struct {
    authority at;
    size_t service; /* index of its name */
} proxy_external;

typedef UTR_VEC(proxy_external) proxy_externals;

typedef struct {
    uv_loop_t *loop;
    const hub_share *share;
    evidence *evidence;
    fingerprint_cache *prints;
    witness *witness; /* numbers the connections */
    void (*on_elsewhere)(void *ctx, const char *where);
    void *ctx;
} proxy_options;

typedef struct proxy proxy;

/** @param options  copied, all of it borrowed  @param externals  the proxy's from now on, also on failure
 * @return UTR_SYS */
UTR_MUST_CHECK utr_code proxy_new(const proxy_options *options, proxy_externals *externals, proxy **out,
                                  utr_error *err);

/** @param fd  the proxy's from now on */
void proxy_accept(proxy *p, int fd);

void proxy_bury(proxy *p);
void proxy_close(proxy *p);

/** NULL is fine. */
void proxy_free(proxy *p);

#endif
