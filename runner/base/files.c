#include "base/files.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static utr_code read_all(int fd, const char *path, utr_buf *buf, utr_error *err)
{
    char chunk[16384];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return utr_fail_sys(err, errno, "read %s", path);
        if (got == 0)
            return UTR_OK;
        if (utr_buf_add(buf, chunk, (size_t)got, err))
            return utr_wrap(err, "read %s", path);
    }
}

utr_code utr_file_read(const char *path, utr_buf *buf, utr_error *err)
{
    /* Not blocking, so that a FIFO in a file's place cannot hold us up. */
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return utr_fail_sys(err, errno, "open %s", path);
    struct stat info;
    if (fstat(fd, &info) < 0)
        return utr_fail_sys(err, errno, "look at %s", path);
    if (S_ISDIR(info.st_mode))
        return utr_fail_sys(err, EISDIR, "open %s", path);
    return read_all(fd, path, buf, err);
}

static utr_code write_all(int fd, const char *path, const char *data, size_t len, utr_error *err)
{
    while (len) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return utr_fail_sys(err, errno, "write %s", path);
        data += put;
        len -= (size_t)put;
    }
    if (fsync(fd) < 0 && errno != EINVAL)
        return utr_fail_sys(err, errno, "flush %s", path);
    return UTR_OK;
}

/* /dev/stdout and pipes can only be written in place. */
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

static utr_code write_in_place(const char *path, const void *data, size_t len, utr_error *err)
{
    auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return utr_fail_sys(err, errno, "open %s", path);
    return write_all(fd, path, data, len, err);
}

/* Who may read a file and whose it is stays, as far as we may say so. */
static void keep_owner(int fd, const char *path)
{
    struct stat info;
    if (stat(path, &info) < 0)
        return;
    int ignored = fchown(fd, info.st_uid, info.st_gid);
    (void)ignored;
    (void)fchmod(fd, info.st_mode & 07777);
}

utr_code utr_file_write(const char *path, const void *data, size_t len, utr_error *err)
{
    if (is_special(path))
        return write_in_place(path, data, len, err);
    auto_free char *beside = utr_format("%s.%ld.new", path, (long)getpid());
    auto_close int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return utr_fail_sys(err, errno, "create %s", path);
    keep_owner(fd, path);
    utr_code code = write_all(fd, path, data, len, err);
    if (!code && rename(beside, path) < 0)
        code = utr_fail_sys(err, errno, "replace %s", path);
    if (code)
        (void)unlink(beside);
    return code;
}

static bool is_dir(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

utr_code utr_dir_make(const char *path, utr_error *err)
{
    if (!*path)
        return utr_fail_sys(err, ENOENT, "make directory ''");
    auto_free char *part = utr_strdup(path);
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            return utr_fail_sys(err, errno, "make directory %s", part);
        if (!slash)
            return is_dir(path) ? UTR_OK : utr_fail_sys(err, ENOTDIR, "make directory %s", path);
        *slash = '/';
    }
}

bool utr_path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

char *utr_path_join(const char *dir, const char *name)
{
    if (*name == '/' || !*dir || strcmp(dir, ".") == 0)
        return utr_format("%s", name);
    return utr_format("%s/%s", dir, name);
}

char *utr_path_dir(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return utr_format(".");
    return slash == path ? utr_format("/") : utr_strndup(path, (size_t)(slash - path));
}
