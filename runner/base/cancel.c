#include "base/cancel.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

utr_code utr_cancel_init(utr_cancel *cancel, utr_error *err)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return utr_fail_sys(err, errno, "make an eventfd");
    cancel->fd = fd;
    return UTR_OK;
}

void utr_cancel_dispose(utr_cancel *cancel)
{
    if (cancel->fd >= 0)
        (void)close(cancel->fd);
    cancel->fd = -1;
}

void utr_cancel_trip(utr_cancel *cancel)
{
    uint64_t one = 1;
    ssize_t put = write(cancel->fd, &one, sizeof one);
    (void)put; /* a full counter is tripped too */
}

bool utr_cancel_is_tripped(const utr_cancel *cancel)
{
    return utr_cancel_sleep(cancel, 0);
}

bool utr_cancel_sleep(const utr_cancel *cancel, int64_t ms)
{
    int64_t now = utr_clock_ms();
    int64_t end = ms < INT64_MAX - now ? now + ms : INT64_MAX;
    struct pollfd wait = {.fd = cancel ? cancel->fd : -1, .events = POLLIN};
    for (;;) {
        int64_t left = end - utr_clock_ms();
        bool last = left <= INT_MAX; /* poll takes an int: a longer sleep is several */
        int got = poll(&wait, 1, left <= 0 ? 0 : last ? (int)left : INT_MAX);
        if (got > 0)
            return true;
        if (got == 0 ? last : errno != EINTR)
            return false;
    }
}
