#include "run/suite/output.h"

#include "base/files.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

utr_code run_output_open(run_output *output, const char *path, utr_error *err)
{
    output->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output->fd < 0)
        return utr_fail_sys(err, errno, "create %s", path);
    output->path = utr_strdup(path);
    return UTR_OK;
}

void run_output_add(run_output *output, const char *data, size_t len)
{
    while (output->fd >= 0 && len) {
        ssize_t put = write(output->fd, data, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) { /* a full disk is not the suite's fault */
            (void)close(output->fd);
            output->fd = -1;
            return;
        }
        data += put;
        len -= (size_t)put;
    }
}

void run_output_merge(run_output *output, run_output *block, const char *heading)
{
    char chunk[1 << 16];
    ssize_t got = 0;
    auto_free char *line = utr_format("== %s ==\n", heading);
    run_output_add(output, line, strlen(line));
    off_t at = 0;
    while (block->fd >= 0 && (got = pread(block->fd, chunk, sizeof chunk, at)) > 0) {
        run_output_add(output, chunk, (size_t)got);
        at += got;
    }
    if (block->path)
        (void)unlink(block->path);
    run_output_close(block);
}

void run_output_close(run_output *output)
{
    utr_close_fd(&output->fd);
    output->fd = -1;
    free(output->path);
    output->path = NULL;
}
