#include "scan/python/pack.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

/* Where a line ends, without trailing blanks; with them behind a backslash, which continues no line then. */
static uint32_t trimmed(tree_text text, uint32_t from, uint32_t to)
{
    uint32_t end = to;
    while (end > from && is_blank(text.data[end - 1]))
        end--;
    return end > from && text.data[end - 1] == '\\' ? to : end;
}

/* The statement and the string that hold a line's first byte, or that come next. */
typedef struct {
    const python_lines *lines;
    size_t logical, string;
} place;

/* Whether the line that begins at `from` lies within brackets, and its code, which begins `indent` bytes on,
 * further left than the statement that it belongs to. */
static bool is_dedented(place *p, uint32_t from, uint32_t indent)
{
    const python_lines *lines = p->lines;
    while (p->logical < lines->logical.count && lines->logical.items[p->logical].end <= from)
        p->logical++;
    if (p->logical == lines->logical.count)
        return false;
    const python_logical *s = &lines->logical.items[p->logical];
    if (s->start >= from || !s->closed || indent >= s->indent)
        return false;
    while (p->string < lines->strings.count && lines->strings.items[p->string].end <= from)
        p->string++;
    return p->string == lines->strings.count || lines->strings.items[p->string].start >= from;
}

static uint32_t indent_of(tree_text text, uint32_t from, uint32_t end)
{
    uint32_t at = from;
    while (at < end && is_blank(text.data[at]))
        at++;
    return at - from;
}

static uint32_t copy(tree_text text, uint32_t from, uint32_t end, python_packed *out, uint32_t at)
{
    memcpy(out->data + at, text.data + from, end - from);
    return at + end - from;
}

/* A line whose code begins at `code`, without long runs of blanks behind that: each leaves one, and what
 * stands behind it begins a row. Whether they stand in a string does not matter to the tree. @return where it
 * ends */
static uint32_t copy_line(tree_text text, uint32_t code, uint32_t end, python_packed *out, uint32_t at)
{
    static const char RUN[] = "        ";
    uint32_t line = out->rows.items[out->rows.count - 1].line;
    const char *run;
    while ((run = memmem(text.data + code, end - code, RUN, sizeof RUN - 1))) {
        at = copy(text, code, (uint32_t)(run - text.data) + 1, out, at);
        code = (uint32_t)(run - text.data);
        code += indent_of(text, code, end);
        *utr_vec_push(&out->rows) = (python_row){at, code, line};
    }
    return copy(text, code, end, out, at);
}

void python_pack(tree_text text, const python_lines *lines, python_packed *out)
{
    place p = {.lines = lines};
    uint32_t at = 0, line = 1;
    bool continued = false; /* a backslash joins the line before with this, even an empty one */
    out->data = utr_calloc(1, text.len + 2);
    for (uint32_t from = 0, to; from < text.len; from = to + 1, line++) {
        const char *newline = memchr(text.data + from, '\n', text.len - from);
        to = newline ? (uint32_t)(newline - text.data) : (uint32_t)text.len;
        uint32_t end = trimmed(text, from, to);
        if (end == from && !continued)
            continue;
        uint32_t indent = indent_of(text, from, end);
        if (at > 1 && out->data[at - 2] != '\\' && is_dedented(&p, from, indent))
            out->data[at - 1] = ' ';
        *utr_vec_push(&out->rows) = (python_row){at, from, line};
        at = copy(text, from, from + indent, out, at);
        at = copy_line(text, from + indent, end, out, at);
        out->data[at++] = '\n';
        continued = memchr(text.data + from, '\\', end - from) != NULL;
    }
    out->text = (tree_text){out->data, at};
}

void python_packed_dispose(python_packed *packed)
{
    free(packed->data);
    utr_vec_dispose(&packed->rows);
}

/* The row that holds a byte, at or behind row `low`. */
static const python_row *row_of(const python_packed *packed, size_t low, uint32_t byte)
{
    size_t high = packed->rows.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (packed->rows.items[middle].at <= byte)
            low = middle;
        else
            high = middle;
    }
    return &packed->rows.items[low];
}

void python_unpack(const python_packed *packed, tree_text text, tree *t)
{
    t->text = text.data;
    t->len = text.len;
    if (!packed->rows.count)
        return;
    const python_row *rows = packed->rows.items;
    size_t row =
        0; /* of the node's start: in the order of the text, but for empty nodes where it is broken */
    for (tree_node n = 0; n < t->count; n++) {
        tree_item *item = &t->nodes[n];
        while (row + 1 < packed->rows.count && rows[row + 1].at <= item->start)
            row++;
        const python_row *first = rows[row].at <= item->start ? &rows[row] : row_of(packed, 0, item->start);
        uint32_t last = item->end > item->start ? item->end - 1 : item->start;
        const python_row *until =
            row + 1 < packed->rows.count && rows[row + 1].at > last ? first : row_of(packed, 0, last);
        item->end += until->from - until->at;
        item->start += first->from - first->at;
        item->line = first->line;
        item->end = item->end > text.len ? (uint32_t)text.len : item->end;
        item->start = item->start > text.len ? (uint32_t)text.len : item->start;
    }
}
