#include "run/suite/attention.h"

#include "base/files.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

utr_code run_attention_open(run_attention *attention, const char *dir, utr_error *err)
{
    char *path = utr_format("%s/attention-XXXXXX", dir);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0 || pwrite(fd, "\0", 1, 0) != 1) {
        int sys = errno;
        utr_close_fd(&fd);
        free(path);
        return utr_fail_sys(err, sys, "make a file in %s", dir);
    }
    attention->path = path;
    attention->fd = fd;
    return UTR_OK;
}

void run_attention_call(run_attention *attention)
{
    attention->called = true;
    /* A worker that maps the file sees it at once. The byte has its place already: no full disk refuses it.
     */
    ssize_t put = attention->fd >= 0 ? pwrite(attention->fd, "\1", 1, 0) : 0;
    (void)put;
}

void run_attention_close(run_attention *attention)
{
    if (attention->path)
        (void)unlink(attention->path);
    utr_close_fd(&attention->fd);
    attention->fd = -1;
    free(attention->path);
    attention->path = NULL;
}
