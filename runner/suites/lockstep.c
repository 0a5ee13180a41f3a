#include "suites/lockstep.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

utr_code suites_lockstep_open(suites_lockstep *step, int fd, utr_error *err)
{
    *step = (suites_lockstep){fd, {-1, -1}};
    int flags = fcntl(fd, F_GETFL);
    if (fcntl(fd, F_GETPIPE_SZ) < 0 || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ||
        pipe2(step->side, O_CLOEXEC | O_NONBLOCK)) {
        utr_code code = utr_fail_sys(err, errno, "the output is no pipe that can be looked into");
        suites_lockstep_close(step);
        return code;
    }
    return UTR_OK;
}

ssize_t suites_lockstep_peek(suites_lockstep *step, char *data, size_t size)
{
    ssize_t seen;
    do {
        seen = tee(step->fd, step->side[1], size, SPLICE_F_NONBLOCK);
    } while (seen < 0 && errno == EINTR);
    if (seen <= 0)
        return seen;
    ssize_t got = 0;
    while (got < seen) { /* as many packets as there were */
        ssize_t part = read(step->side[0], data + got, (size_t)(seen - got));
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return part;
        got += part;
    }
    return got;
}

void suites_lockstep_take(suites_lockstep *step, size_t len)
{
    char data[4096];
    while (len) {
        ssize_t got = read(step->fd, data, len < sizeof data ? len : sizeof data);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        len -= (size_t)got;
    }
}

void suites_lockstep_close(suites_lockstep *step)
{
    utr_close_fd(&step->fd);
    utr_close_fd(&step->side[0]);
    utr_close_fd(&step->side[1]);
    *step = SUITES_LOCKSTEP_NONE;
}
