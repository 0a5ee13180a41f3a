#include "suites/spool.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

void suites_spool_open(suites_spool *spool, const char *path)
{
    *spool = (suites_spool){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (spool->fd >= 0)
        spool->at = lseek(spool->fd, 0, SEEK_END);
}

void suites_spool_close(suites_spool *spool)
{
    utr_close_fd(&spool->fd);
    *spool = SUITES_SPOOL_NONE;
}

/* @return bytes up to the last end of a line; a line longer than the buffer comes in pieces */
static size_t whole_lines(const char *data, size_t len)
{
    const char *end = len ? memrchr(data, '\n', len) : NULL;
    if (end)
        return (size_t)(end - data) + 1;
    return len == CHUNK ? len : 0;
}

bool suites_spool_take(suites_spool *spool, suites_event *event, utr_buf *answers)
{
    char data[CHUNK];
    while (spool->fd >= 0) {
        ssize_t got = pread(spool->fd, data, sizeof data, spool->at);
        if (got < 0 && errno == EINTR)
            continue;
        size_t whole = whole_lines(data, got > 0 ? (size_t)got : 0);
        if (!whole)
            return true;
        spool->at += (off_t)whole;
        if (!suites_event_feed(event, data, whole, answers))
            return false;
    }
    return true;
}
