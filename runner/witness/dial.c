#include "witness/dial.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/** A name being resolved outlives who wanted it: a thread of the pool may be at it. */
struct dial_lookup {
    uv_getaddrinfo_t request;
    dial *owner; /* NULL: nobody waits for it any more */
};

static void hang_up(dial *one)
{
    if (one->fd >= 0) {
        hub_forget(one->share, one->fd);
        (void)close(one->fd);
    }
    one->fd = -1;
}

static void forget_addresses(dial *one)
{
    uv_freeaddrinfo(one->addresses);
    one->addresses = one->next = NULL;
}

void dial_close(dial *one)
{
    if (one->lookup) {
        one->lookup->owner = NULL;
        (void)uv_cancel((uv_req_t *)&one->lookup->request); /* one that is being served runs on */
    }
    one->lookup = NULL;
    hang_up(one);
    forget_addresses(one);
    one->deadline_ms = 0;
}

static void done(dial *one, int fd)
{
    int problem = one->problem ? one->problem : UV_ETIMEDOUT;
    one->fd = fd >= 0 ? -1 : one->fd;
    dial_close(one);
    one->on_done(one->ctx, fd, fd >= 0 ? 0 : problem);
}

/** An address that leads nowhere must leave time for those after it. */
static int64_t address_deadline(const dial *one, int64_t now_ms)
{
    int64_t soon = now_ms + DIAL_MOST_MS_AN_ADDRESS;
    return one->next && soon < one->deadline_ms ? soon : one->deadline_ms;
}

/** The first is told: the addresses are sorted, what fails later may only be a family that is not there. */
static void note(dial *one, int problem)
{
    if (one->problem == 0)
        one->problem = problem;
}

/** @return whether the connection to the next address is under way */
static bool try_next(dial *one)
{
    const struct addrinfo *to = one->next;
    one->next = to->ai_next;
    one->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = &one->source};
    bool going = one->fd >= 0 &&
                 (connect(one->fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS) &&
                 epoll_ctl(one->share->hub->epoll_fd, EPOLL_CTL_ADD, one->fd, &event) == 0;
    if (!going)
        note(one, -errno);
    one->address_deadline_ms = address_deadline(one, utr_clock_ms());
    return going;
}

static void try_rest(dial *one)
{
    hang_up(one);
    while (one->next) {
        if (try_next(one))
            return;
        hang_up(one);
    }
    done(one, -1);
}

static void on_ready(hub_source *source, uint32_t events)
{
    (void)events;
    dial *one = (dial *)source;
    int problem = 0;
    socklen_t len = sizeof problem;
    if (one->fd < 0)
        return;
    if (getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &problem, &len) || problem) {
        note(one, -problem);
        try_rest(one);
        return;
    }
    hub_forget(one->share, one->fd);
    done(one, one->fd);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    dial_lookup *lookup = request->data;
    dial *one = lookup->owner;
    free(lookup);
    if (!one) {
        uv_freeaddrinfo(addresses);
        return;
    }
    one->lookup = NULL;
    one->addresses = one->next = addresses;
    note(one, status);
    try_rest(one);
}

void dial_open(dial *one, uv_loop_t *loop, const hub_share *share, const authority *to)
{
    static const struct addrinfo HINTS = {.ai_socktype = SOCK_STREAM};
    char port[8];
    (void)snprintf(port, sizeof port, "%u", to->port);
    one->source = (hub_source){.on_ready = on_ready, .owner = share->owner};
    one->share = share;
    one->fd = -1;
    one->deadline_ms = utr_clock_ms() + DIAL_MOST_MS;
    one->lookup = UTR_NEW(dial_lookup);
    one->lookup->owner = one;
    one->lookup->request.data = one->lookup;
    int problem = uv_getaddrinfo(loop, &one->lookup->request, on_resolved, to->host, port, &HINTS);
    if (problem == 0)
        return;
    free(one->lookup);
    one->lookup = NULL;
    one->problem = problem;
    one->deadline_ms = utr_clock_ms(); /* told by the next tick */
}

void dial_tick(dial *one, int64_t now_ms)
{
    if (one->deadline_ms == 0)
        return;
    if (now_ms >= one->deadline_ms) {
        done(one, -1);
    } else if (one->fd >= 0 && now_ms >= one->address_deadline_ms) {
        note(one, UV_ETIMEDOUT);
        try_rest(one);
    }
}
