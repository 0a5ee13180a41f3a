#include "gate/pair.h"

#include <stdarg.h>
#include <string.h>

/* Longer lines are shown so far. */
static const size_t MOST_SHOWN = 200;

void gate_pairs_dispose(gate_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        gate_pair *pair = &pairs->items[i];
        scan_file_dispose(&pair->old);
        scan_file_dispose(&pair->new);
        utr_buf_dispose(&pair->was);
        utr_buf_dispose(&pair->is);
        free(pair->before);
        free(pair->after);
    }
    utr_vec_dispose(pairs);
}

static void weakening_dispose(gate_weakening *told)
{
    free(told->file);
    free(told->symbol);
    free(told->message);
    free(told->text);
}

void gate_work_dispose(gate_work *work)
{
    gate_pairs_dispose(&work->pairs);
    for (size_t i = 0; i < work->items.count; i++) {
        weakening_dispose(&work->items.items[i].told);
        free(work->items.items[i].blame_path);
        free(work->items.items[i].blame_text);
    }
    for (size_t i = 0; i < work->unread.count; i++) {
        free(work->unread.items[i].file);
        free(work->unread.items[i].why);
    }
    utr_vec_dispose(&work->items);
    utr_vec_dispose(&work->unread);
}

void gate_result_dispose(gate_result *result)
{
    for (size_t i = 0; i < result->items.count; i++)
        weakening_dispose(&result->items.items[i]);
    for (size_t i = 0; i < result->unread.count; i++) {
        free(result->unread.items[i].file);
        free(result->unread.items[i].why);
    }
    utr_vec_dispose(&result->items);
    utr_vec_dispose(&result->unread);
    free(result->base_name);
    history_close(result->history);
    *result = (gate_result){0};
}

void gate_note(gate_work *work, const char *path, const char *why)
{
    gate_unread *unread = utr_vec_push(&work->unread);
    unread->file = utr_strdup(path);
    unread->why = utr_strdup(why);
}

gate_item *gate_add(gate_work *work, gate_kind kind, const char *symbol, const char *message, ...)
{
    va_list args;
    va_start(args, message);
    gate_item *item = utr_vec_push(&work->items);
    item->told.kind = kind;
    item->told.refuses = true;
    item->told.symbol = utr_strdup(symbol);
    item->told.message = utr_vformat(message, args);
    va_end(args);
    return item;
}

/* Not cut within a character. */
static char *shown(const char *line)
{
    size_t len = strlen(line);
    if (len > MOST_SHOWN)
        for (len = MOST_SHOWN; len && ((unsigned char)line[len] & 0xC0) == 0x80;)
            len--;
    return utr_strndup(line, len);
}

/* @return the whole line, for the caller to free */
static char *place(gate_item *item, const char *file, const utr_buf *text, int64_t line)
{
    char *whole = gate_line(text, line);
    item->told.file = utr_strdup(file);
    item->told.line = line > 0 ? line : 1;
    item->told.text = shown(whole);
    return whole;
}

void gate_here(gate_item *item, const gate_pair *pair, int64_t line)
{
    free(place(item, pair->after, &pair->is, line));
    item->blame_path = utr_strdup(pair->after);
    item->blame_line = line;
}

void gate_gone(gate_item *item, const gate_pair *pair, int64_t line)
{
    auto_free char *whole = place(item, pair->before, &pair->was, line);
    item->blame_path = utr_strdup(pair->after ? pair->after : pair->before);
    if (pair->after && *whole)
        item->blame_text = utr_strdup(whole);
}

const char *gate_line_at(const utr_buf *text, int64_t line, size_t *out_len)
{
    const char *at = utr_buf_text(text), *end = at + text->len;
    for (int64_t i = 1; i < line && at; i++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    *out_len = at ? strcspn(at, "\r\n") : 0;
    return line > 0 ? at : NULL;
}

char *gate_line(const utr_buf *text, int64_t line)
{
    size_t len = 0;
    const char *at = gate_line_at(text, line, &len);
    return utr_strndup(at ? at : "", at ? len : 0);
}
