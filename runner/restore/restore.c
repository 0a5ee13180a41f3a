#include "restore/restore.h"

#include "restore/names.h"
#include "restore/remark.h"
#include "scan/grammars/grammars.h"
#include "scan/python/disabled.h"

#include <string.h>

typedef struct {
    tree_text text;
    python_lines lines;
    python_disableds found;
    const restore_lines *wanted;
    restore_change *out;
    tree_text newline; /* of the first line */
} restorer;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The blanks right in front of the byte at `at`. */
static uint32_t blanks_before(tree_text text, uint32_t at)
{
    uint32_t from = at;
    while (from && is_blank(text.data[from - 1]))
        from--;
    return at - from;
}

/* What the definition's own line begins with. */
static tree_text indent_of(const restorer *r, const python_disabled *d)
{
    uint32_t at = r->lines.logical.items[d->target].start;
    uint32_t blanks = blanks_before(r->text, at);
    return (tree_text){r->text.data + at - blanks, blanks};
}

static const python_comment *comment_at(const restorer *r, uint32_t line)
{
    size_t low = 0, high = r->lines.comments.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->lines.comments.items[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    return &r->lines.comments.items[low];
}

/* One line of a decorator: what its first line is indented by behind the "#" goes from all of them. */
static char *line_of(const restorer *r, const python_disabled *d, uint32_t line)
{
    const python_comment *comment = comment_at(r, line);
    tree_text indent = indent_of(r, d);
    uint32_t at = line == d->line ? d->at : python_disabled_body(d, r->text, comment);
    uint32_t end = line == d->last ? d->end : comment->end;
    uint32_t base = blanks_before(r->text, d->at), own = blanks_before(r->text, at);
    uint32_t deeper = line != d->line && own > base ? own - base : 0;
    auto_free char *front =
        utr_format("%.*s%.*s", (int)indent.len, indent.data, (int)deeper, r->text.data + at - deeper);
    tree_text rest = {r->text.data + end, comment->end - end};
    return remark_kept((tree_text){front, strlen(front)}, (tree_text){r->text.data + at, end - at}, rest);
}

static void bind_name(restorer *r, const python_disabled *d)
{
    const words_text file = {.text = r->text, .lines = &r->lines, .first = d->line};
    uint32_t end = d->at + 1;
    while (end < d->name_end && r->text.data[end] != '.')
        end++;
    auto_free char *name = utr_strndup(r->text.data + d->at + 1, end - d->at - 1);
    if (names_bind(&file, name, d->target, &r->out->edits) == NAMES_UNKNOWN)
        utr_strs_give(&r->out->notes,
                      utr_format("%u: nothing in this file binds '%s'; add what imports it", d->line, name));
}

static void switch_on(restorer *r, const python_disabled *d)
{
    for (uint32_t line = d->line; line <= d->last; line++)
        *utr_vec_push(&r->out->edits) = (restore_edit){line, false, line_of(r, d, line)};
    bind_name(r, d);
    r->out->switched++;
}

static bool is_wanted(const restorer *r, uint32_t line)
{
    size_t low = 0, high = r->wanted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->wanted->items[middle] < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->wanted->count && r->wanted->items[low] == line;
}

/* What is added to a line comes before what replaces it. */
static int by_line(const void *a, const void *b)
{
    const restore_edit *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (int)y->added - (int)x->added;
}

static void append(restore_change *out, const char *data, size_t len)
{
    if (len)
        (void)memcpy(out->text + out->len, data, len);
    out->len += len;
}

/* The end of a line that begins at `at`, with its newline; of its own text alone in out_len. */
static size_t end_of_line(tree_text text, size_t at, size_t *out_len)
{
    const char *newline = memchr(text.data + at, '\n', text.len - at);
    size_t end = newline ? (size_t)(newline - text.data) : text.len;
    *out_len = end - at - (end > at && newline && text.data[end - 1] == '\r');
    return newline ? end + 1 : end;
}

static void apply_to_line(restorer *r, size_t *edit, uint32_t line, tree_text text, size_t len)
{
    restore_change *out = r->out;
    bool replaced = false;
    for (; *edit < out->edits.count && out->edits.items[*edit].line == line; (*edit)++) {
        const restore_edit *one = &out->edits.items[*edit];
        append(out, one->text, strlen(one->text));
        if (one->added)
            append(out, r->newline.data, r->newline.len);
        replaced = replaced || !one->added;
    }
    append(out, text.data + (replaced ? len : 0), text.len - (replaced ? len : 0));
}

static void apply(restorer *r)
{
    size_t size = r->text.len + 1;
    for (size_t i = 0; i < r->out->edits.count; i++)
        size += strlen(r->out->edits.items[i].text) + 2;
    r->out->text = utr_calloc(size, 1);
    size_t edit = 0, len, end = end_of_line(r->text, 0, &len);
    r->newline = (tree_text){r->text.data + len, end - len};
    uint32_t line = 1;
    for (size_t at = 0; at < r->text.len; at = end, line++) {
        end = end_of_line(r->text, at, &len);
        apply_to_line(r, &edit, line, (tree_text){r->text.data + at, end - at}, len);
    }
}

/* A comment that stands further left than the decorator above it ends the block for tree-sitter, for Python
 * it does not. */
static char *without_comments(tree_text text)
{
    char *code = utr_calloc(text.len + 1, 1);
    python_lines lines = {0};
    (void)memcpy(code, text.data, text.len);
    python_lines_read(text, &lines);
    python_lines_blank_comments(&lines, code);
    python_lines_dispose(&lines);
    return code;
}

static utr_code count_faults(tree_parser *parser, tree_text text, size_t *out, utr_error *err)
{
    auto_free char *code = without_comments(text);
    auto_tree tree parsed = {0};
    if (tree_parse(parser, tree_sitter_python(), (tree_text){code, text.len}, &parsed, err))
        return err->code;
    size_t faults = 0;
    for (uint32_t i = 0; i < parsed.count; i++)
        faults += parsed.nodes[i].wrong;
    *out = faults;
    return UTR_OK;
}

static utr_code check(const restorer *r, tree_parser *parser, utr_error *err)
{
    size_t was = 0, is = 0;
    if (count_faults(parser, r->text, &was, err) ||
        count_faults(parser, (tree_text){r->out->text, r->out->len}, &is, err))
        return utr_wrap(err, "check what it would be");
    return is <= was ? UTR_OK : utr_fail(err, UTR_CONFLICT, "with its decorators it would not parse");
}

static utr_code make(restorer *r, tree_parser *parser, utr_error *err)
{
    for (size_t i = 0; i < r->found.count; i++) {
        if (is_wanted(r, r->found.items[i].line))
            switch_on(r, &r->found.items[i]);
    }
    if (!r->out->edits.count)
        return UTR_OK;
    qsort(r->out->edits.items, r->out->edits.count, sizeof *r->out->edits.items, by_line);
    apply(r);
    return check(r, parser, err);
}

utr_code restore_make(tree_text text, const restore_lines *lines, restore_change *out, utr_error *err)
{
    restorer r = {.text = text, .wanted = lines, .out = out};
    tree_parser *parser = tree_parser_new();
    python_lines_read(text, &r.lines);
    python_disabled_read(&r.lines, text, parser, &r.found);
    utr_code code = make(&r, parser, err);
    utr_vec_dispose(&r.found);
    python_lines_dispose(&r.lines);
    tree_parser_free(parser);
    return code;
}

void restore_change_dispose(restore_change *change)
{
    for (size_t i = 0; i < change->edits.count; i++)
        free(change->edits.items[i].text);
    utr_vec_dispose(&change->edits);
    utr_strs_dispose(&change->notes);
    free(change->text);
    *change = (restore_change){0};
}
