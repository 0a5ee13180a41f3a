/**
 * Resolves a host's name and connects to it, each of its addresses in turn, without waiting.
 *
 * 1. dial_open() with on_done and ctx filled in.
 * 2. dial_tick() now and then, at least every second: deadlines are looked at there and nowhere else.
 * 3. on_done comes once, never before dial_open() returns; or dial_close() comes first.
 *
 * The memory is the caller's; after on_done or dial_close() nothing of the loop names it, but the hub may, as
 * long as it serves what was reported.
 */
#ifndef UTR_WITNESS_DIAL_H
#define UTR_WITNESS_DIAL_H

#include "witness/hub.h"
#include "witness/wire/authority.h"

#include <uv.h>

enum { DIAL_MOST_MS = 10000, DIAL_MOST_MS_AN_ADDRESS = 3000 };

typedef struct dial_lookup dial_lookup;
typedef struct dial dial;

struct dial {
    hub_source source;
    /** @param fd  connected, the callee's; -1: failed  @param problem  why: a libuv error */
    void (*on_done)(void *ctx, int fd, int problem);
    void *ctx;
    const hub_share *share;
    dial_lookup *lookup; /* while the name is being resolved */
    struct addrinfo *addresses, *next;
    int fd; /* being connected, or -1 */
    int problem;
    int64_t deadline_ms, address_deadline_ms;
};

/** @param one  with on_done and ctx filled in, else zeroed  @param share  borrowed */
void dial_open(dial *one, uv_loop_t *loop, const hub_share *share, const authority *to);
void dial_tick(dial *one, int64_t now_ms);
void dial_close(dial *one);

#endif
