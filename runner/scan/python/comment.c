#include "scan/python/commented.h"
#include "scan/python/disabled.h"
#include "scan/python/python.h"
#include "scan/python/scope.h"

#include <string.h>

/* The name of a database that only lives in the test's own memory, behind whatever driver. */
static const char MEMORY[] = "sqlite:///:memory:";

typedef struct {
    python_file *file;
    tree_text text;
    python_scopes scopes;
} finder;

/* The symbol of a logical line, to be freed. */
static char *symbol_of(finder *f, uint32_t logical)
{
    if (!f->scopes.count)
        python_scopes_read(&f->file->lines, f->text, &f->scopes);
    return python_scope_symbol(&f->scopes, &f->file->lines, f->text, logical);
}

static void find_disabled(finder *f)
{
    const scan_source *source = f->file->source;
    python_disableds found = {0};
    python_disabled_read(&f->file->lines, f->text, source->parser, &found);
    for (size_t i = 0; i < found.count; i++) {
        const python_disabled *d = &found.items[i];
        auto_free char *symbol = symbol_of(f, d->target);
        scan_add(f->file->out, SCAN_DISABLED_DECORATOR, (scan_spot){d->at, d->end, d->line}, symbol, "%.*s",
                 (int)(d->name_end - d->at - 1), f->text.data + d->at + 1);
    }
    utr_vec_dispose(&found);
}

static bool is_test(tree_text text, const python_commented *definition)
{
    return !definition->is_class && definition->end - definition->name >= 5 &&
           memcmp(text.data + definition->name, "test_", 5) == 0;
}

static void find_commented(finder *f)
{
    const python_lines *lines = &f->file->lines;
    uint32_t line = 0;   /* of the comment before */
    bool in_run = false; /* a test was found in the comments right above */
    for (size_t i = 0; i < lines->comments.count; i++) {
        const python_comment *comment = &lines->comments.items[i];
        python_commented one;
        if (!comment->alone)
            continue;
        in_run = in_run && comment->line == line + 1;
        line = comment->line;
        if (!python_commented_read(f->text, comment, &one) || !is_test(f->text, &one))
            continue;
        auto_free char *name = utr_strndup(f->text.data + one.name, one.end - one.name);
        scan_add(f->file->out, SCAN_COMMENTED_TEST, (scan_spot){one.at, comment->end, comment->line}, name,
                 "%s%s", in_run ? "more" : "head", one.labelled ? "/labelled" : "");
        in_run = true;
    }
}

/* Whether nothing but the string is in its statement, which others may stand beside. */
static bool is_statement(const finder *f, const python_string *string)
{
    if (string->inside)
        return false;
    const python_lines *lines = &f->file->lines;
    const python_logical *l = &lines->logical.items[python_lines_at(lines, string->start)];
    uint32_t start = string->start, end = string->end;
    while (start > l->start && python_is_in(f->text.data[start - 1], " \t"))
        start--;
    while (end < l->end && python_is_in(f->text.data[end], " \t"))
        end++;
    return (start == l->start || f->text.data[start - 1] == ';') &&
           (end == l->end || f->text.data[end] == ';');
}

/* A line of a string that is a statement. */
static void look_at_line(finder *f, scan_spot line)
{
    uint32_t at = line.start;
    while (at < line.end && (f->text.data[at] == ' ' || f->text.data[at] == '\t'))
        at++;
    python_commented one;
    if (at == line.end || !python_commented_at(f->text, at, line.end, &one) || !is_test(f->text, &one))
        return;
    auto_free char *name = utr_strndup(f->text.data + one.name, one.end - one.name);
    scan_add(f->file->out, SCAN_UNCOLLECTED_TEST, (scan_spot){one.at, line.end, line.line}, name,
             "in-string");
}

static void find_in_strings(finder *f)
{
    const python_lines *lines = &f->file->lines;
    for (size_t i = 0; i < lines->strings.count; i++) {
        const python_string *string = &lines->strings.items[i];
        scan_spot rest = {string->start + string->prefix + string->quotes, string->end, string->line}, line;
        if (!is_statement(f, string) ||
            !memmem(f->text.data + rest.start, rest.end - rest.start, "def test_", 9))
            continue;
        while (scan_next_line(f->text.data, &rest, &line))
            look_at_line(f, line);
    }
}

/* Index of the string that holds the byte, or their count. */
static size_t string_at(const python_lines *lines, uint32_t byte)
{
    size_t low = 0, high = lines->strings.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->strings.items[middle].end <= byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low < lines->strings.count && lines->strings.items[low].start <= byte ? low : lines->strings.count;
}

/* How many line feeds there are from one byte to another. */
static uint32_t lines_in(const char *text, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        count += text[i] == '\n';
    return count;
}

/* One finding for each line of a string. */
static void find_memory(finder *f)
{
    const python_lines *lines = &f->file->lines;
    const char *const text = f->text.data, *const end = text + f->text.len;
    size_t before =
        lines->strings.count; /* the string of the hit before, where that was, and on which line */
    const char *hit;
    uint32_t line = 0, told = 0, counted = 0;
    for (const char *at = text; (hit = memmem(at, (size_t)(end - at), MEMORY, strlen(MEMORY)));
         at = hit + 1) {
        uint32_t start = (uint32_t)(hit - text);
        size_t i = string_at(lines, start);
        if (i == lines->strings.count || is_statement(f, &lines->strings.items[i]))
            continue;
        const python_string *string = &lines->strings.items[i];
        line = i == before ? line : string->line;
        line += lines_in(text, i == before ? counted : string->start, start);
        counted = start;
        if (i == before && line == told)
            continue;
        before = i;
        told = line;
        auto_free char *symbol = symbol_of(f, (uint32_t)python_lines_at(lines, start));
        scan_add(f->file->out, SCAN_MOCK, (scan_spot){start, start + (uint32_t)strlen(MEMORY), line}, symbol,
                 "string/sqlite-memory");
    }
}

void python_comments(python_file *f)
{
    finder one = {.file = f, .text = f->source->text};
    find_disabled(&one);
    find_commented(&one);
    find_in_strings(&one);
    find_memory(&one);
    utr_vec_dispose(&one.scopes);
}
