#include "journal/journal.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "journal/line.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { LINE_LIMIT = 1024 * 1024 };

struct journal {
    UTR_VEC(journal_fact *) facts;
    int fd;
    int write_errno;
    int64_t began_us;
    void (*on_fact)(void *ctx, const journal_fact *fact);
    void *ctx;
};

static journal *journal_empty(int fd)
{
    journal *j = UTR_NEW(journal);
    j->fd = fd;
    j->began_us = utr_clock_us();
    return j;
}

utr_code journal_new(const char *path, journal **out, utr_error *err)
{
    int fd = -1;
    if (path) {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
        if (fd < 0)
            return utr_fail_sys(err, errno, "create %s", path);
    }
    *out = journal_empty(fd);
    return UTR_OK;
}

void journal_free(journal *j)
{
    if (!j)
        return;
    for (size_t i = 0; i < j->facts.count; i++) {
        journal_line_dispose(j->facts.items[i]);
        free(j->facts.items[i]);
    }
    utr_vec_dispose(&j->facts);
    utr_close_fd(&j->fd);
    free(j);
}

void journal_watch(journal *j, void (*on_fact)(void *ctx, const journal_fact *fact), void *ctx)
{
    j->on_fact = on_fact;
    j->ctx = ctx;
}

static void write_line(journal *j, const journal_fact *fact)
{
    if (j->fd < 0 || j->write_errno)
        return;
    auto_free char *line = journal_line_format(fact);
    size_t len = strlen(line);
    line[len] = '\n'; /* one write, so that a killed run never leaves half a line before a whole one */
    ssize_t put = write(j->fd, line, len + 1);
    if (put != (ssize_t)(len + 1))
        j->write_errno = put < 0 ? errno : ENOSPC;
}

const journal_fact *journal_add(journal *j, const journal_fact *fact)
{
    journal_fact *kept = UTR_NEW(journal_fact);
    journal_line_copy(kept, fact);
    if (kept->at <= 0)
        kept->at = (double)(utr_clock_us() - j->began_us) / 1e6;
    *utr_vec_push(&j->facts) = kept;
    write_line(j, kept);
    if (j->on_fact)
        j->on_fact(j->ctx, kept);
    return kept;
}

char *journal_fact_format(const journal_fact *fact)
{
    return journal_line_format(fact);
}

utr_code journal_write_status(const journal *j, utr_error *err)
{
    return j->write_errno ? utr_fail_sys(err, j->write_errno, "write the journal") : UTR_OK;
}

size_t journal_count(const journal *j)
{
    return j->facts.count;
}

const journal_fact *journal_get(const journal *j, size_t index)
{
    assert(index < j->facts.count);
    return j->facts.items[index];
}

static utr_code read_line(journal *j, const char *path, size_t number, const char *line, utr_error *err)
{
    if (strlen(line) > LINE_LIMIT)
        return utr_fail(err, UTR_TOO_LARGE, "%s:%zu: longer than 1 MiB", path, number);
    journal_fact *fact = UTR_NEW(journal_fact);
    if (journal_line_parse(line, fact, err)) {
        free(fact);
        return utr_wrap(err, "%s:%zu", path, number);
    }
    *utr_vec_push(&j->facts) = fact;
    return UTR_OK;
}

/* @param begin  of the lines that are wanted */
static utr_code read_lines(journal *j, const char *path, const char *begin, char *text, utr_error *err)
{
    size_t number = 0;
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        number++;
        if (end > line && utr_text_starts(line, begin) && read_line(j, path, number, line, err))
            return err->code;
    }
    return UTR_OK;
}

static utr_code read_from(const char *path, const char *begin, journal **out, utr_error *err)
{
    auto_buf utr_buf text = UTR_BUF_INIT((size_t)1 << 30);
    if (utr_file_read(path, &text, err))
        return err->code;
    if (strlen(utr_buf_text(&text)) != text.len)
        return utr_fail(err, UTR_CONFIG, "%s: holds a NUL byte", path); /* what is behind it would be lost */
    auto_journal journal *j = journal_empty(-1);
    if (text.len && read_lines(j, path, begin, text.data, err))
        return err->code;
    *out = j;
    j = NULL;
    return UTR_OK;
}

utr_code journal_read(const char *path, journal **out, utr_error *err)
{
    return read_from(path, "", out, err);
}

utr_code journal_read_kind(const char *path, journal_kind kind, journal **out, utr_error *err)
{
    auto_free char *begin = utr_format("{\"kind\":\"%s\"", journal_kind_text(kind)); /* as it is written */
    return read_from(path, begin, out, err);
}
