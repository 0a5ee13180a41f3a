#include "isolation/isolation.h"

#include "base/files.h"
#include "base/memory.h"
#include "isolation/channel.h"
#include "isolation/filter.h"
#include "isolation/names.h"
#include "isolation/space.h"

#include <assert.h>
#include <errno.h>

/* In one turn of the loop, of each kind. */
enum { MOST_A_TURN = 64 };

/** Where the processes of one isolation_enter() want to go. */
typedef struct isolation_watch {
    uv_poll_t poll;
    int fd;
    isolation *owner;
    struct isolation_watch *next;
} isolation_watch;

struct isolation {
    isolation_made made;
    isolation_names *names;
    void (*on_elsewhere)(void *ctx, const char *where);
    void *ctx;
    int arrivals[2]; /* a process that enters sends its watch to [1]; we read [0] */
    uv_poll_t names_poll;
    uv_poll_t arrival_poll;
    isolation_watch *watches;
    size_t open; /* handles that are not closed yet */
    char blind[256];
    void (*on_closed)(void *ctx);
    void *closed_ctx;
};

/* --- where they want to go --- */

static void isolation_release(isolation *sealed)
{
    if (--sealed->open)
        return;
    isolation_made_dispose(&sealed->made);
    isolation_names_free(sealed->names);
    utr_close_fd(&sealed->arrivals[0]);
    utr_close_fd(&sealed->arrivals[1]);
    if (sealed->on_closed)
        sealed->on_closed(sealed->closed_ctx);
    free(sealed);
}

static void on_watch_closed(uv_handle_t *handle)
{
    isolation_watch *watch = handle->data;
    (void)close(watch->fd);
    isolation_release(watch->owner);
    free(watch);
}

static void watch_close(isolation_watch *watch)
{
    isolation_watch **at = &watch->owner->watches;
    while (*at != watch)
        at = &(*at)->next;
    *at = watch->next;
    uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static void on_wish(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    const isolation_watch *watch = poll->data;
    const isolation *owner = watch->owner;
    isolation_wish wish;
    char where[1100]; /* a name as RFC 1035 writes it, each byte escaped, and a port */
    for (int turn = 0; turn < MOST_A_TURN && isolation_filter_next(watch->fd, &wish); turn++) {
        if (isolation_names_tell(owner->names, &wish.address, where, sizeof where))
            owner->on_elsewhere(owner->ctx, where);
    }
    if (isolation_filter_over(watch->fd))
        watch_close(poll->data);
}

/* Where it cannot be watched, it is closed, and the process's connect() fails: better seen than blocked. */
static void watch_new(isolation *sealed, int fd)
{
    isolation_watch *watch = UTR_NEW(isolation_watch);
    *watch = (isolation_watch){.fd = fd, .owner = sealed};
    if (uv_poll_init(sealed->arrival_poll.loop, &watch->poll, fd) < 0) {
        (void)close(fd);
        free(watch);
        return;
    }
    watch->poll.data = watch;
    watch->next = sealed->watches;
    sealed->watches = watch;
    sealed->open++;
    (void)uv_poll_start(&watch->poll, UV_READABLE, on_wish);
}

static void on_arrival(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    isolation_word word;
    int fd = -1;
    if (isolation_channel_receive(((isolation *)poll->data)->arrivals[0], 0, &word, &fd) == 0 && fd >= 0)
        watch_new(poll->data, fd);
}

/* --- names --- */

static void on_query(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    isolation *sealed = poll->data;
    int fd = sealed->made.names;
    for (int turn = 0; turn < MOST_A_TURN; turn++) {
        uint8_t query[512];
        uint8_t answer[512];
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;
        ssize_t got = recvfrom(fd, query, sizeof query, 0, (struct sockaddr *)&from, &from_len);
        if (got < 0)
            return;
        size_t len = isolation_names_answer(sealed->names, query, (size_t)got, answer);
        if (len)
            (void)sendto(fd, answer, len, 0, (const struct sockaddr *)&from, from_len);
    }
}

/* --- its life --- */

utr_code isolation_check(utr_error *err)
{
    isolation_made made;
    if (isolation_space_make(&(isolation_options){0}, &made, err))
        return err->code;
    isolation_made_dispose(&made);
    return UTR_OK;
}

static int poll_open(uv_loop_t *loop, isolation *sealed, uv_poll_t *poll, int fd)
{
    int uv = uv_poll_init(loop, poll, fd);
    if (uv < 0)
        return uv;
    sealed->open++;
    poll->data = sealed;
    return 0;
}

static void on_poll_closed(uv_handle_t *handle)
{
    isolation_release(handle->data);
}

static void poll_close(uv_poll_t *poll)
{
    if (poll->data)
        uv_close((uv_handle_t *)poll, on_poll_closed);
}

/* @return an errno */
static int isolation_serve(uv_loop_t *loop, isolation *sealed)
{
    int sys = isolation_channel_open(sealed->arrivals);
    if (sys)
        return sys;
    int uv = poll_open(loop, sealed, &sealed->arrival_poll, sealed->arrivals[0]);
    if (uv == 0)
        uv = poll_open(loop, sealed, &sealed->names_poll, sealed->made.names);
    if (uv < 0)
        return -uv;
    (void)uv_poll_start(&sealed->arrival_poll, UV_READABLE, on_arrival);
    (void)uv_poll_start(&sealed->names_poll, UV_READABLE, on_query);
    return 0;
}

static void blind_tell(isolation *sealed)
{
    utr_error why = {0};
    if (!sealed->made.blind)
        return;
    (void)utr_fail_sys(&why, sealed->made.blind, "this kernel does not tell where tests want to go");
    (void)snprintf(sealed->blind, sizeof sealed->blind, "%s", why.text);
}

utr_code isolation_open(uv_loop_t *loop, const isolation_options *options, isolation **out, utr_error *err)
{
    assert(options->on_elsewhere);
    isolation_made made;
    if (isolation_space_make(options, &made, err))
        return err->code;
    isolation *sealed = UTR_NEW(isolation);
    *sealed = (isolation){.made = made,
                          .names = isolation_names_new(options->hosts, options->host_count),
                          .on_elsewhere = options->on_elsewhere,
                          .ctx = options->ctx,
                          .arrivals = {-1, -1},
                          .open = 1}; /* until isolation_close() */
    blind_tell(sealed);
    int sys = isolation_serve(loop, sealed);
    if (sys) {
        isolation_close(sealed, NULL, NULL);
        return utr_fail_sys(err, sys, "serve a sealed worker");
    }
    *out = sealed;
    return UTR_OK;
}

int isolation_take_listener(isolation *sealed, size_t bind)
{
    assert(bind < sealed->made.listener_count);
    int fd = sealed->made.listeners[bind];
    sealed->made.listeners[bind] = -1;
    return fd;
}

utr_code isolation_listen(isolation *sealed, const isolation_bind *bind, int *out_fd, utr_error *err)
{
    return isolation_space_listen(&sealed->made.space, bind, out_fd, err);
}

const char *isolation_blind(const isolation *sealed)
{
    return *sealed->blind ? sealed->blind : NULL;
}

int isolation_enter(void *ctx)
{
    const isolation *sealed = ctx;
    int sys = isolation_inside_enter(&sealed->made.space);
    if (sys || sealed->made.blind)
        return sys;
    int watch = -1;
    sys = isolation_filter_install(&watch);
    if (sys)
        return sys;
    sys = isolation_channel_send(sealed->arrivals[1], (isolation_word){.told = TOLD_WATCH}, watch);
    (void)close(watch);
    return sys;
}

void isolation_close(isolation *sealed, void (*on_closed)(void *ctx), void *ctx)
{
    sealed->on_closed = on_closed;
    sealed->closed_ctx = ctx;
    while (sealed->watches)
        watch_close(sealed->watches);
    poll_close(&sealed->arrival_poll);
    poll_close(&sealed->names_poll);
    isolation_release(sealed);
}
