#include "restore/restore.h"

#include <string.h>

static const uint32_t CONTEXT = 3;

/* The lines of a text: where each begins, and where the last one ends. */
typedef UTR_VEC(size_t) line_starts;

typedef struct {
    const restore_edits *edits;
    tree_text text;
    line_starts starts;
    uint32_t added; /* by the hunks so far */
    utr_buf *out;
    utr_error *err;
} differ;

static void find_lines(differ *d)
{
    for (size_t at = 0; at < d->text.len;) {
        *utr_vec_push(&d->starts) = at;
        const char *end = memchr(d->text.data + at, '\n', d->text.len - at);
        at = end ? (size_t)(end - d->text.data) + 1 : d->text.len;
    }
    *utr_vec_push(&d->starts) = d->text.len;
}

static uint32_t line_count(const differ *d)
{
    return (uint32_t)d->starts.count - 1;
}

/* The lines from 0 of an edit are [before, behind). */
static uint32_t before(const restore_edit *edit)
{
    return edit->line - 1;
}

static uint32_t behind(const restore_edit *edit)
{
    return edit->added ? edit->line - 1 : edit->line;
}

static utr_code put(differ *d, const char *text, size_t len)
{
    return utr_buf_add(d->out, text, len, d->err);
}

static utr_code put_line(differ *d, char mark, uint32_t line)
{
    const char *text = d->text.data + d->starts.items[line];
    size_t len = d->starts.items[line + 1] - d->starts.items[line];
    if (put(d, &mark, 1) || put(d, text, len))
        return d->err->code;
    static const char NO_NEWLINE[] = "\n\\ No newline at end of file\n";
    return text[len - 1] == '\n' ? UTR_OK : put(d, NO_NEWLINE, sizeof NO_NEWLINE - 1);
}

/* What ends a line of the text: of one that is replaced its own, of one that is added that of the first. */
static const char *ending(const differ *d, const restore_edit *edit)
{
    uint32_t line = edit->added ? 0 : before(edit);
    size_t end = d->starts.items[line + 1];
    return end >= 2 && d->text.data[end - 2] == '\r' ? "\r\n" : "\n";
}

static utr_code put_edit(differ *d, const restore_edit *edit)
{
    const char *end = ending(d, edit);
    return put(d, "+", 1) || put(d, edit->text, strlen(edit->text)) || put(d, end, strlen(end)) ? d->err->code
                                                                                                : UTR_OK;
}

/* Edits without a line between them: what goes first, then what comes. */
static utr_code put_run(differ *d, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (!d->edits->items[i].added && put_line(d, '-', before(&d->edits->items[i])))
            return d->err->code;
    }
    for (size_t i = from; i < to; i++) {
        if (put_edit(d, &d->edits->items[i]))
            return d->err->code;
    }
    return UTR_OK;
}

static utr_code put_context(differ *d, uint32_t from, uint32_t to)
{
    for (uint32_t line = from; line < to; line++) {
        if (put_line(d, ' ', line))
            return d->err->code;
    }
    return UTR_OK;
}

static utr_code put_head(differ *d, size_t from, size_t to, uint32_t first, uint32_t end)
{
    uint32_t added = 0;
    for (size_t i = from; i < to; i++)
        added += d->edits->items[i].added;
    auto_free char *head = utr_format("@@ -%u,%u +%u,%u @@\n", first + 1, end - first, first + 1 + d->added,
                                      end - first + added);
    d->added += added;
    return put(d, head, strlen(head));
}

/* Edits [from, to), whose contexts touch. */
static utr_code put_hunk(differ *d, size_t from, size_t to)
{
    const restore_edit *edits = d->edits->items;
    uint32_t at = before(&edits[from]) > CONTEXT ? before(&edits[from]) - CONTEXT : 0;
    uint32_t end = behind(&edits[to - 1]) + CONTEXT;
    end = end < line_count(d) ? end : line_count(d);
    if (put_head(d, from, to, at, end))
        return d->err->code;
    while (from < to) {
        size_t run = from + 1;
        while (run < to && before(&edits[run]) == behind(&edits[run - 1]))
            run++;
        if (put_context(d, at, before(&edits[from])) || put_run(d, from, run))
            return d->err->code;
        at = behind(&edits[run - 1]);
        from = run;
    }
    return put_context(d, at, end);
}

/* As git writes names that would break a line up; a tab ends one that has blanks. */
static char *quoted(const char *side, const char *path)
{
    bool is_plain = true;
    for (const char *at = path; *at; at++)
        is_plain = is_plain && (unsigned char)*at >= ' ' && !strchr("\"\\\177", *at);
    if (is_plain)
        return utr_format("%s/%s%s", side, path, strchr(path, ' ') ? "\t" : "");
    utr_buf name = {0};
    utr_buf_print(&name, "\"%s/", side);
    for (const char *at = path; *at; at++) {
        if ((unsigned char)*at < ' ' || strchr("\"\\\177", *at))
            utr_buf_print(&name, "\\%03o", (unsigned)(unsigned char)*at);
        else
            utr_buf_print(&name, "%c", *at);
    }
    utr_buf_puts(&name, "\"");
    return utr_buf_take(&name);
}

static utr_code put_names(differ *d, const char *path)
{
    path += strspn(path, "/");
    auto_free char *was = quoted("a", path);
    auto_free char *is = quoted("b", path);
    auto_free char *names = utr_format("--- %s\n+++ %s\n", was, is);
    return put(d, names, strlen(names));
}

static utr_code put_hunks(differ *d)
{
    for (size_t i = 0; i < d->edits->count;) {
        size_t end = i + 1;
        while (end < d->edits->count &&
               before(&d->edits->items[end]) <= behind(&d->edits->items[end - 1]) + 2 * CONTEXT)
            end++;
        if (put_hunk(d, i, end))
            return d->err->code;
        i = end;
    }
    return UTR_OK;
}

utr_code restore_diff(const restore_change *change, const char *path, tree_text text, utr_buf *out,
                      utr_error *err)
{
    if (!change->edits.count)
        return UTR_OK;
    differ d = {.edits = &change->edits, .text = text, .out = out, .err = err};
    find_lines(&d);
    utr_code code = put_names(&d, path);
    code = code ? code : put_hunks(&d);
    utr_vec_dispose(&d.starts);
    return code;
}
