#include "witness/relay.h"

#include "base/memory.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Three attempts to connect: the kernel gives up after 7 seconds. */
enum { CONNECT_RETRIES = 2, READS_AFTER_FAILURE = 64 };

static relay_end *other_end(relay_end *end)
{
    return end == &end->owner->client ? &end->owner->target : &end->owner->client;
}

static void end_watch(relay_end *end, uint32_t interest)
{
    if (end->interest == interest || end->fd < 0)
        return;
    struct epoll_event event = {.events = interest, .data.ptr = &end->source};
    int op = !interest ? EPOLL_CTL_DEL : end->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    (void)epoll_ctl(end->owner->share->hub->epoll_fd, op, end->fd, &event);
    end->interest = interest;
}

/** Read where the other side takes what comes, write where something waits or the target is being dialled. */
static void end_update(relay_end *end)
{
    uint32_t interest = 0;
    bool dialling = !end->owner->connected && end == &end->owner->target;
    if (dialling)
        interest = EPOLLOUT;
    else if (!end->ended && other_end(end)->queued_len == 0)
        interest |= EPOLLIN | EPOLLRDHUP;
    if (end->queued_len > 0)
        interest |= EPOLLOUT;
    end_watch(end, interest);
}

static void end_close(relay_end *end, bool reset)
{
    static const struct linger RESET = {.l_onoff = 1, .l_linger = 0};
    if (end->fd >= 0) {
        end_watch(end, 0); /* a child that is being started may hold a copy: then closing does not end it */
        if (reset)
            (void)setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &RESET, sizeof RESET);
        (void)close(end->fd);
    }
    end->fd = -1;
    free(end->queued);
    end->queued = NULL;
    end->queued_len = 0;
}

void relay_close(relay *one, bool reset)
{
    if (one->closed)
        return;
    one->closed = true;
    end_close(&one->client, reset);
    end_close(&one->target, reset);
    one->observer->on_closed(one->ctx);
}

/** Pass the end of a direction on, once nothing of it waits; both ended: done. */
static void pass_end(relay_end *from)
{
    relay_end *to = other_end(from);
    if (!from->owner->connected || !from->ended || to->queued_len > 0 || to->shut)
        return;
    to->shut = true;
    (void)shutdown(to->fd, SHUT_WR);
    if (from->shut)
        relay_close(from->owner, false);
}

static ssize_t end_read(relay_end *end)
{
    const relay *one = end->owner;
    if (end != &one->client || !one->observer->read_client)
        return recv(end->fd, one->share->hub->buffer, RELAY_READ_BYTES, 0);
    ssize_t len = one->observer->read_client(one->ctx, end->fd, one->share->hub->buffer, HUB_BUFFER_BYTES);
    if (len == RELAY_LEAVE) {
        end_watch(end, 0);
        end->fd = -1;
    }
    return len;
}

/** @return bytes taken, or -1 where the side is gone */
static ssize_t end_send(const relay_end *end, const uint8_t *data, size_t len)
{
    for (;;) {
        ssize_t sent = send(end->fd, data, len, MSG_NOSIGNAL);
        if (sent >= 0)
            return sent;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/** Send at once what goes, keep the rest. @return false where the side is gone */
static bool end_forward(relay_end *end, const uint8_t *data, size_t len)
{
    ssize_t sent = end_send(end, data, len);
    if (sent < 0)
        return false;
    if ((size_t)sent == len)
        return true;
    end->queued_len = len - (size_t)sent;
    end->queued_at = 0;
    end->queued = utr_calloc(1, end->queued_len);
    memcpy(end->queued, data + sent, end->queued_len);
    return true;
}

/** @return false where the side is gone */
static bool end_flush(relay_end *end)
{
    ssize_t sent = end_send(end, end->queued + end->queued_at, end->queued_len);
    if (sent < 0)
        return false;
    end->queued_at += (size_t)sent;
    end->queued_len -= (size_t)sent;
    if (end->queued_len == 0) {
        free(end->queued);
        end->queued = NULL;
    }
    return true;
}

/** What a side had said before it went still goes to the other; then the reset does. */
static void give_up(relay_end *gone)
{
    relay *one = gone->owner;
    relay_end *to = other_end(gone);
    hub_hand_out_to(one->share->hub, &to->source);
    if (one->closed)
        return;
    for (int i = 0; i < READS_AFTER_FAILURE && to->queued_len == 0; i++) {
        ssize_t len = end_read(gone);
        if (len <= 0 || end_send(to, one->share->hub->buffer, (size_t)len) != len)
            break;
        one->observer->on_bytes(one->ctx, gone == &one->client, one->share->hub->buffer, (size_t)len);
    }
    relay_close(one, true);
}

static void refuse(relay *one)
{
    one->observer->on_refused(one->ctx);
    relay_close(one, true);
}

static void pass_on(relay_end *to, const uint8_t *data, size_t len)
{
    relay *one = to->owner;
    bool taken = end_forward(to, data, len);
    one->observer->on_bytes(one->ctx, to == &one->target, data, len);
    if (!taken) {
        one->connected ? give_up(to) : refuse(one);
        return;
    }
    end_update(to);
    end_update(other_end(to));
}

static void on_message(hub_source *source, const uint8_t *data, size_t len)
{
    relay_end *to = (relay_end *)source;
    if (!to->owner->closed)
        pass_on(to, data, len);
}

static void pump(relay_end *from)
{
    relay *one = from->owner;
    relay_end *to = other_end(from);
    hub *h = one->share->hub;
    outbox_side side = to == &one->target ? OUTBOX_SERVICE : OUTBOX_CLIENT;
    ssize_t len = end_read(from);
    if (len < 0) {
        if (len != RELAY_LEAVE && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return;
        relay_close(one, len != RELAY_LEAVE);
    } else if (len == 0) {
        from->ended = true;
        pass_end(from);
        if (!one->closed)
            end_update(from);
    } else if (!hub_put_off(h, &to->source, side, h->buffer, (size_t)len)) {
        pass_on(to, h->buffer, (size_t)len);
    }
}

static void connected(relay *one)
{
    int yes = 1;
    (void)setsockopt(one->target.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    one->connected = true;
    pass_end(&one->client);
    end_update(&one->target);
    end_update(&one->client);
}

static void on_dialled(relay *one)
{
    int problem = 0;
    socklen_t len = sizeof problem;
    if (getsockopt(one->target.fd, SOL_SOCKET, SO_ERROR, &problem, &len) || problem)
        refuse(one);
    else
        connected(one);
}

static void on_ready(hub_source *source, uint32_t events)
{
    relay_end *end = (relay_end *)source;
    relay *one = end->owner;
    if (one->closed)
        return;
    if (!one->connected && end == &one->target) {
        on_dialled(one);
        return;
    }
    if ((events & EPOLLOUT) && end->queued_len > 0) {
        if (!end_flush(end)) {
            give_up(end);
            return;
        }
        pass_end(other_end(end));
        if (one->closed)
            return;
        end_update(end);
        end_update(other_end(end));
    }
    bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !end->ended;
    if (readable && other_end(end)->queued_len == 0)
        pump(end);
}

/**
 * The target has not answered yet. What the client says meanwhile is read all the same, since it belongs to
 * the test that runs now; one buffer of it waits for the target.
 */
static void await(relay *one)
{
    end_update(&one->target);
    end_update(&one->client);
}

static void dial(relay *one, const struct sockaddr_in *target)
{
    int retries = CONNECT_RETRIES;
    one->target.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (one->target.fd < 0) {
        refuse(one);
        return;
    }
    (void)setsockopt(one->target.fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof retries);
    if (connect(one->target.fd, (const struct sockaddr *)target, sizeof *target) == 0)
        connected(one);
    else if (errno == EINPROGRESS)
        await(one);
    else
        refuse(one);
}

static void begin(relay *one, int client, const hub_share *share)
{
    int yes = 1;
    one->share = share;
    one->client = (relay_end){.source = {on_ready, share->owner, on_message}, .owner = one, .fd = client};
    one->target = (relay_end){.source = {on_ready, share->owner, on_message}, .owner = one, .fd = -1};
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void relay_open(relay *one, int fd, const struct sockaddr_in *target, const hub_share *share)
{
    begin(one, fd, share);
    dial(one, target);
}

void relay_join(relay *one, int client, int target, const hub_share *share)
{
    begin(one, client, share);
    one->target.fd = target;
    connected(one);
    pump(&one->client);
}
