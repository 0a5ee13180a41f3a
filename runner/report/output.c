/* The end of a failed suite's output. */
#include "report/parts.h"

#include "report/text.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

enum { LINES_SHOWN = 60, BYTES_READ = 128 * 1024 };

/* The last bytes of the file; the caller frees them. NULL with errno where it cannot be read. */
static char *read_tail(const char *path, bool *out_cut)
{
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > BYTES_READ ? size - BYTES_READ : 0;
    char *tail = utr_calloc(BYTES_READ + 1, 1);
    ssize_t got = pread(fd, tail, BYTES_READ, from);
    if (got < 0) {
        free(tail);
        return NULL;
    }
    tail[got] = '\0';
    for (ssize_t i = 0; i < got; i++) {
        if (!tail[i])
            tail[i] = ' '; /* what is behind a NUL is shown too */
    }
    *out_cut = from > 0;
    return tail;
}

/* Where the last lines begin. */
static const char *last_lines(const char *text, bool *out_cut)
{
    size_t len = strlen(text), lines = 0;
    for (const char *at = text + len; at > text; at--) {
        bool ends_line = at[-1] == '\n' && at != text + len;
        if (ends_line && ++lines == LINES_SHOWN) {
            *out_cut = true;
            return at;
        }
    }
    return text;
}

/* What opens and closes the part in which GitHub takes no commands; no test can guess it. */
static bool fence(char out[33])
{
    const char *actions = getenv("GITHUB_ACTIONS");
    uint64_t random[2];
    if (!actions || strcmp(actions, "true") != 0 || getrandom(random, sizeof random, 0) != sizeof random)
        return false; /* without a fence, text_clean() still breaks commands up */
    (void)snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
    return true;
}

static void put_tail(FILE *out, const char *tail, bool cut)
{
    char token[33] = "";
    bool fenced = fence(token);
    const char *from = last_lines(tail, &cut);
    if (fenced)
        (void)fprintf(out, "::stop-commands::%s\n", token);
    if (cut)
        (void)fputs("    ...\n", out);
    text_put_lines(out, "    ", from, LINES_SHOWN);
    if (fenced)
        (void)fprintf(out, "::%s::\n", token);
}

void parts_output(FILE *out, const journal_fact *suite_finish, const char *log_path)
{
    auto_free char *suite = text_clean(suite_finish->suite);
    bool cut = false;
    auto_free char *tail = read_tail(log_path, &cut);
    int failed = errno;
    if (!tail)
        (void)fprintf(out, "output of %s: cannot be read: %s: %s\n", suite, log_path, strerror(failed));
    else if (!*tail)
        (void)fprintf(out, "output of %s: it printed nothing\n", suite);
    else
        (void)fprintf(out, "output of %s, its end; all of it: %s\n", suite, log_path);
    if (tail && *tail)
        put_tail(out, tail, cut);
    (void)fflush(out);
}
