#include "restore/names.h"

#include "restore/remark.h"

#include <ctype.h>
#include <string.h>

/* Names that decorators begin with and that come from one place only. */
static const struct {
    const char *name, *import;
} KNOWN[] = {
    {"expectedFailure", "from unittest import expectedFailure"},
    {"fixture", "from pytest import fixture"},
    {"mark", "from pytest import mark"},
    {"pytest", "import pytest"},
    {"require_docker_services", "from utr import require_docker_services"},
    {"skipIf", "from unittest import skipIf"},
    {"skipUnless", "from unittest import skipUnless"},
    {"unittest", "import unittest"},
};

/* Without an import. */
static const char *const BUILT_IN[] = {"classmethod", "property", "staticmethod"};

/* Whether an import that goes on behind `import` binds the name: `a.b as c, d`; "*" may bind anything. */
static bool import_binds(words_reader *r, const char *name)
{
    bool is_first = true, binds = false;
    for (words_word w = words_next(r); w.len; w = words_next(r)) {
        if (words_is(w, "*"))
            return true;
        if (words_is(w, ",")) {
            if (binds)
                return true;
            is_first = true;
        } else if (words_is(w, "as")) {
            binds = words_is(words_next(r), name);
        } else if (is_first && !words_is(w, "(")) {
            binds = words_is(w, name);
            is_first = false;
        }
    }
    return binds;
}

static bool from_binds(words_reader *r, const char *name)
{
    words_word w = words_next(r);
    while (w.len && !words_is(w, "import"))
        w = words_next(r);
    return import_binds(r, name);
}

/* Whether the name that was just read is given something: `name = `, and in front `name: ` and `name, `. */
static bool is_given(const words_reader *r, bool is_first)
{
    words_reader ahead = *r;
    words_word behind = words_next(&ahead), after = words_next(&ahead);
    bool touches = after.len && after.start == behind.start + 1;
    if (words_is(behind, ":"))
        return is_first;
    return words_is(behind, "=") ? !(touches && words_is(after, "=")) : is_first && words_is(behind, ",");
}

/* `name := `, which binds wherever it stands. */
static bool is_walrus(const words_reader *r)
{
    words_reader ahead = *r;
    words_word behind = words_next(&ahead), after = words_next(&ahead);
    return words_is(behind, ":") && words_is(after, "=") && after.start == behind.start + 1;
}

static bool assigns(words_reader *r, words_word first, const char *name)
{
    words_word before = {0};
    int depth = 0; /* a keyword argument binds nothing */
    for (words_word w = first; w.len; before = w, w = words_next(r)) {
        depth += strchr("([{", *w.data) != NULL;
        depth -= strchr(")]}", *w.data) != NULL;
        if (!words_is(w, name) || (before.len && words_is(before, ".")))
            continue;
        if (before.len && (words_is(before, "as") || words_is(before, "for")))
            return true;
        if (is_walrus(r) || (depth <= 0 && is_given(r, !before.len)))
            return true;
    }
    return false;
}

static bool line_binds(const words_text *file, const python_logical *line, const char *name)
{
    words_reader r = words_from(file, line->start, line->end);
    words_word first = words_next(&r);
    if (words_is(first, "import"))
        return import_binds(&r, name);
    if (words_is(first, "from"))
        return from_binds(&r, name);
    if (words_is(first, "async"))
        first = words_next(&r);
    if (words_is(first, "def") || words_is(first, "class"))
        return words_is(words_next(&r), name);
    return assigns(&r, first, name);
}

static bool is_def(const words_text *file, const python_logical *line)
{
    words_reader r = words_from(file, line->start, line->end);
    words_word first = words_next(&r);
    return words_is(first, "def") || (words_is(first, "async") && words_is(words_next(&r), "def"));
}

/* Index of the first line behind a block whose head is at i. */
static size_t behind_block(const words_text *file, size_t i)
{
    const python_logical *all = file->lines->logical.items;
    size_t end = i + 1;
    while (end < file->lines->logical.count && all[end].indent > all[i].indent)
        end++;
    return end;
}

/* What a function binds is seen by nothing but what stands in it. */
static bool is_bound(const words_text *file, const char *name, size_t target)
{
    const python_lines *lines = file->lines;
    for (size_t i = 0; i < lines->logical.count;) {
        if (line_binds(file, &lines->logical.items[i], name))
            return true;
        size_t end = is_def(file, &lines->logical.items[i]) ? behind_block(file, i) : 0;
        i = end && (target < i || target >= end) ? end : i + 1;
    }
    return false;
}

/* Where the text behind the "#"s and blanks of a comment begins. */
static uint32_t body_of(const words_text *file, const python_comment *comment)
{
    uint32_t at = comment->start;
    while (at < comment->end && strchr("# \t", file->text.data[at]))
        at++;
    return at;
}

static bool is_remark(tree_text rest)
{
    size_t at = 0;
    while (at < rest.len && isspace((unsigned char)rest.data[at]))
        at++;
    return at == rest.len || rest.data[at] == '#' || rest.data[at] == '-';
}

/* The end of an import of one line that begins at `at` and binds the name; 0 where none does. */
static uint32_t import_end(const words_text *file, uint32_t at, uint32_t end, const char *name)
{
    const char *text = file->text.data;
    uint32_t stop = at;
    while (stop < end && text[stop] != '#' && text[stop] != '(' && strncmp(text + stop, " - ", 3) != 0)
        stop++;
    while (stop > at && isspace((unsigned char)text[stop - 1]))
        stop--;
    static const python_lines NONE = {0};
    const words_text plain = {.text = file->text, .lines = &NONE};
    words_reader r = words_from(&plain, at, stop);
    words_word first = words_next(&r);
    if (!words_is(first, "import") && !words_is(first, "from"))
        return 0;
    bool binds = words_is(first, "import") ? import_binds(&r, name) : from_binds(&r, name);
    return binds && is_remark((tree_text){text + stop, end - stop}) ? stop : 0;
}

/* Two decorators may want the same import. */
static void replace_once(restore_edits *edits, uint32_t line, char *text)
{
    for (size_t i = 0; i < edits->count; i++) {
        if (edits->items[i].line == line && !edits->items[i].added) {
            free(text);
            return;
        }
    }
    *utr_vec_push(edits) = (restore_edit){line, false, text};
}

/* `# from utr import x`, from the first column on and above the decorator. */
static bool uncomment_import(const words_text *file, const python_comment *c, const char *name,
                             restore_edits *edits)
{
    const char *text = file->text.data;
    bool is_outmost = c->alone && !c->inside && (!c->start || text[c->start - 1] == '\n');
    uint32_t at = body_of(file, c);
    uint32_t end = is_outmost && c->line < file->first ? import_end(file, at, c->end, name) : 0;
    if (!end)
        return false;
    tree_text code = {text + at, end - at};
    char *line = remark_kept((tree_text){text, 0}, code, (tree_text){text + end, c->end - end});
    replace_once(edits, c->line, line);
    return true;
}

/* What stands in front of the comment's line, over other comments. */
static char before_line(const words_text *file, size_t comment)
{
    const python_comment *all = file->lines->comments.items;
    uint32_t at = all[comment].start;
    for (;;) {
        while (at && isspace((unsigned char)file->text.data[at - 1]))
            at--;
        while (comment && all[comment].start >= at)
            comment--;
        if (!at)
            return '\0';
        if (all[comment].end != at)
            return file->text.data[at - 1];
        at = all[comment].start;
    }
}

/* `# name,` among the names of `from m import (`. */
static bool uncomment_name(const words_text *file, size_t index, const char *name, restore_edits *edits)
{
    const python_comment *c = &file->lines->comments.items[index];
    const char *text = file->text.data;
    uint32_t at = body_of(file, c), end = at;
    while (end < c->end && words_is_letter(text[end]))
        end++;
    if (!c->alone || !c->inside || !c->next || !words_is((words_word){text + at, end - at, at}, name))
        return false;
    const python_logical *line = &file->lines->logical.items[c->next - 1];
    words_reader r = words_from(file, line->start, line->end);
    bool comma = end < c->end && text[end] == ',';
    tree_text rest = {text + end + comma, c->end - end - comma};
    if (!words_is(words_next(&r), "from") || !strchr("(,", before_line(file, index)) || !is_remark(rest))
        return false;
    uint32_t start = c->start;
    while (start && text[start - 1] != '\n')
        start--;
    auto_free char *code = utr_format("%s,", name);
    char *edit =
        remark_kept((tree_text){text + start, c->start - start}, (tree_text){code, strlen(code)}, rest);
    replace_once(edits, c->line, edit);
    return true;
}

static bool uncomment(const words_text *file, const char *name, restore_edits *edits)
{
    for (size_t i = 0; i < file->lines->comments.count; i++) {
        if (uncomment_import(file, &file->lines->comments.items[i], name, edits) ||
            uncomment_name(file, i, name, edits))
            return true;
    }
    return false;
}

static uint32_t line_of_end(const words_text *file, const python_logical *line)
{
    uint32_t number = line->line;
    for (uint32_t at = line->start; at < line->end; at++)
        number += file->text.data[at] == '\n';
    return number;
}

static bool is_docstring(const words_text *file, const python_logical *line)
{
    const python_lines *lines = file->lines;
    return lines->strings.count && lines->strings.items[0].start == line->start &&
           lines->strings.items[0].end == line->end;
}

/* In front of which line an import goes: behind the first ones, or behind the module's docstring. */
static uint32_t place_of_import(const words_text *file)
{
    const python_lines *lines = file->lines;
    uint32_t place = 0;
    for (size_t i = 0; i < lines->logical.count && lines->logical.items[i].line < file->first; i++) {
        const python_logical *line = &lines->logical.items[i];
        words_reader r = words_from(file, line->start, line->end);
        words_word first = words_next(&r);
        bool is_import = words_is(first, "import") || words_is(first, "from");
        if (line->indent == 0 && (is_import || (!i && is_docstring(file, line))))
            place = line_of_end(file, line) + 1;
        else if (words_is(first, "def") || words_is(first, "class") || words_is(first, "@"))
            break;
    }
    if (place)
        return place;
    uint32_t first = lines->logical.count ? lines->logical.items[0].line : file->first;
    return first < file->first ? first : file->first;
}

static bool is_planned(const restore_edits *edits, const char *import)
{
    for (size_t i = 0; i < edits->count; i++) {
        if (edits->items[i].added && strcmp(edits->items[i].text, import) == 0)
            return true;
    }
    return false;
}

static bool add_known(const words_text *file, const char *name, restore_edits *edits)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (strcmp(KNOWN[i].name, name) != 0)
            continue;
        if (!is_planned(edits, KNOWN[i].import))
            *utr_vec_push(edits) = (restore_edit){place_of_import(file), true, utr_strdup(KNOWN[i].import)};
        return true;
    }
    return false;
}

static bool is_built_in(const char *name)
{
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++) {
        if (strcmp(BUILT_IN[i], name) == 0)
            return true;
    }
    return false;
}

names_answer names_bind(const words_text *file, const char *name, size_t target, restore_edits *edits)
{
    if (is_built_in(name) || is_bound(file, name, target))
        return NAMES_BOUND;
    return uncomment(file, name, edits) || add_known(file, name, edits) ? NAMES_MENDED : NAMES_UNKNOWN;
}
