/** Files and paths. Descriptors are close-on-exec from birth. */
#ifndef UTR_BASE_FILES_H
#define UTR_BASE_FILES_H

#include "base/buf.h"

#include <unistd.h>

/** Read a whole regular file into buf, up to buf's limit. @return UTR_SYS (sys = errno), UTR_TOO_LARGE */
UTR_MUST_CHECK utr_code utr_file_read(const char *path, utr_buf *buf, utr_error *err);

/** Replace a file by len bytes, whole or not at all: written beside it, flushed, renamed. One that was there
 * keeps its mode and its owner. @return UTR_SYS */
UTR_MUST_CHECK utr_code utr_file_write(const char *path, const void *data, size_t len, utr_error *err);

/** Make a directory and its parents; one that exists is fine. @return UTR_SYS */
UTR_MUST_CHECK utr_code utr_dir_make(const char *path, utr_error *err);

/** Whether something is at path. */
bool utr_path_exists(const char *path);

/** dir/name, or name alone where it is absolute or dir is "" or "."; the caller frees it. */
char *utr_path_join(const char *dir, const char *name) __attribute__((returns_nonnull));

/** The folder that path lies in, "." where it names none; the caller frees it. */
char *utr_path_dir(const char *path) __attribute__((returns_nonnull));

static inline void utr_close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/** `auto_close int fd = -1;` closes fd at the end of the block. */
#define auto_close __attribute__((cleanup(utr_close_fd)))

#endif
