#include "witness/hub.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void on_loop(hub_source *source, uint32_t events)
{
    (void)events;
    hub *h = source->owner;
    h->loop_ready = true;
}

utr_code hub_init(hub *h, uv_loop_t *loop, utr_error *err)
{
    *h = (hub){.epoll_fd = epoll_create1(EPOLL_CLOEXEC), .loop = {.on_ready = on_loop, .owner = h}};
    if (h->epoll_fd < 0)
        return utr_fail_sys(err, errno, "create an epoll set");
    h->buffer = utr_calloc(1, HUB_BUFFER_BYTES);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &h->loop};
    if (epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, uv_backend_fd(loop), &event) == 0)
        return UTR_OK;
    int problem = errno;
    hub_dispose(h);
    return utr_fail_sys(err, problem, "watch the loop");
}

void hub_dispose(hub *h)
{
    (void)close(h->epoll_fd);
    free(h->buffer);
}

int hub_watch(const hub_share *share, int fd, hub_source *source)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};
    source->owner = share->owner;
    return epoll_ctl(share->hub->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? errno : 0;
}

void hub_forget(const hub_share *share, int fd)
{
    (void)epoll_ctl(share->hub->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/**
 * epoll reports a source that it has reported before ahead of newer ones, whatever happened first. A service
 * that cuts a connection and then says so on another must not be heard in that order.
 */
static void ends_first(hub *h)
{
    int front = 0;
    for (int i = 0; i < h->count; i++) {
        struct epoll_event one = h->events[i];
        if (!(one.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
            continue;
        memmove(h->events + front + 1, h->events + front, (size_t)(i - front) * sizeof one);
        h->events[front++] = one;
    }
}

void hub_wait(hub *h, int timeout_ms)
{
    h->at = 0;
    h->count = epoll_wait(h->epoll_fd, h->events, HUB_EVENTS, timeout_ms);
    ends_first(h);
}

static void deliver(void *to, const uint8_t *data, size_t len)
{
    hub_source *source = to;
    source->on_message(source, data, len);
}

bool hub_put_off(hub *h, hub_source *to, outbox_side side, const uint8_t *data, size_t len)
{
    return hub_is_serving(h) && outbox_put(&h->outbox, to, side, data, len);
}

void hub_hand_out_to(hub *h, const hub_source *to)
{
    outbox_hand_out_to(&h->outbox, to, deliver);
}

bool hub_serve(hub *h, void (*before)(void *owner))
{
    h->depth++;
    h->turn++;
    h->loop_ready = false;
    while (h->at < h->count) {
        hub_source *source = h->events[h->at].data.ptr;
        if (source != &h->loop)
            before(source->owner);
        if (h->at == h->count) /* it was served there, and what else there was is reported again */
            break;
        uint32_t events = h->events[h->at++].events;
        source->on_ready(source, events);
    }
    outbox_hand_out(&h->outbox, deliver);
    h->depth--;
    return h->loop_ready;
}

/** @return whether there was anything */
static bool serve_owned(hub *h, const void *owner)
{
    bool any = false;
    while (h->at < h->count) {
        const struct epoll_event *one = &h->events[h->at++];
        hub_source *source = one->data.ptr;
        if (source->owner != owner)
            continue;
        any = true;
        source->on_ready(source, one->events);
    }
    outbox_hand_out(&h->outbox, deliver);
    return any;
}

void hub_drain(hub *h, const void *owner, int rounds)
{
    h->depth++;
    (void)serve_owned(h, owner);
    for (int round = 0; round < rounds; round++) {
        hub_wait(h, 0);
        if (!serve_owned(h, owner) && h->count < HUB_EVENTS)
            break;
    }
    h->depth--;
}
