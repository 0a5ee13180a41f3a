#include "scan/files/content.h"

#include "base/files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

enum { MOST_READ = 64 << 20, MOST_KEPT = 1 << 20, MOST_TRIES = 3 };

static content_state state_of(scan_state state, char *why)
{
    return (content_state){.state = state, .why = why};
}

static content_state failed(int sys)
{
    content_state state = state_of(SCAN_UNREADABLE, utr_strdup(strerror(sys)));
    state.gone = sys == ENOENT;
    return state;
}

static void make_room(content *c, size_t size)
{
    if (size <= c->capacity)
        return;
    free(c->data); /* what it held is not needed */
    c->data = utr_realloc_array(NULL, size, 1);
    c->capacity = size;
}

/* One byte more than the file is long is asked for: a longer file has grown. @return 0, or an errno */
static int read_up_to(content *c, int fd, size_t size)
{
    make_room(c, size + 2);
    c->len = 0;
    while (c->len <= size) {
        ssize_t got = read(fd, c->data + c->len, size + 1 - c->len);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got == 0)
            break;
        c->len += got > 0 ? (size_t)got : 0;
    }
    c->data[c->len] = '\0';
    return 0;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && is_same_time(a->st_mtim, b->st_mtim) &&
           is_same_time(a->st_ctim, b->st_ctim);
}

static content_state too_large(void)
{
    return state_of(SCAN_TOO_LARGE, utr_format("over %d MiB: not looked at", MOST_READ >> 20));
}

static content_state looked_at(const content *c)
{
    return memchr(c->data, '\0', c->len) ? state_of(SCAN_BINARY, utr_strdup("holds NUL bytes"))
                                         : state_of(SCAN_READ, NULL);
}

/* @return whether `out` is the answer: false where the file changed meanwhile */
static bool read_once(content *c, const char *path, content_state *out)
{
    struct stat before = {0};
    c->began = time(NULL);
    /* Not blocking, so that a FIFO in a file's place cannot hold us up. */
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int sys = fd < 0 || fstat(fd, &before) ? errno : 0;
    if (!sys && !S_ISREG(before.st_mode))
        *out = state_of(SCAN_UNREADABLE, utr_strdup("no regular file"));
    else if (!sys && before.st_size > MOST_READ)
        *out = too_large();
    else if (sys || (sys = read_up_to(c, fd, (size_t)before.st_size)))
        *out = failed(sys);
    else if (fstat(fd, &c->info) || !is_same(&before, &c->info) || c->len != (size_t)before.st_size)
        return false;
    else
        *out = looked_at(c);
    return true;
}

content_state content_read(content *out, const char *path)
{
    content_state state;
    for (int i = 0; i < MOST_TRIES; i++)
        if (read_once(out, path, &state))
            return state;
    return state_of(SCAN_UNREADABLE, utr_format("it changed while it was read, %d times", MOST_TRIES));
}

content_state content_copy(content *out, const char *text, size_t len)
{
    if (len > MOST_READ)
        return too_large();
    make_room(out, len + 1);
    (void)memcpy(out->data, text, len);
    out->data[len] = '\0';
    out->len = len;
    return looked_at(out);
}

void content_reset(content *c)
{
    c->len = 0;
    if (c->capacity > MOST_KEPT)
        content_dispose(c);
}

void content_dispose(content *c)
{
    free(c->data);
    *c = (content){0};
}

void content_blob_id(const char *data, size_t len, unsigned char out[CONTENT_BLOB_ID])
{
    char head[32];
    int head_len = snprintf(head, sizeof head, "blob %zu", len) + 1; /* with its NUL */
    EVP_MD_CTX *work = EVP_MD_CTX_new();
    bool fine = work && EVP_DigestInit_ex(work, EVP_sha1(), NULL) &&
                EVP_DigestUpdate(work, head, (size_t)head_len) && EVP_DigestUpdate(work, data, len) &&
                EVP_DigestFinal_ex(work, out, NULL);
    assert(fine); /* memory alone can be missing */
    EVP_MD_CTX_free(work);
}
