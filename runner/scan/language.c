#include "scan/language.h"

#include <string.h>

enum { MOST_TEXT = 200 };

scan_spot scan_spot_of(const tree *t, tree_node n)
{
    return (scan_spot){t->nodes[n].start, t->nodes[n].end, t->nodes[n].line};
}

/* The line that holds the byte, cut where a character ends. */
static char *line_text(tree_text text, size_t begin)
{
    const char *newline = memchr(text.data + begin, '\n', text.len - begin);
    size_t len = (newline ? (size_t)(newline - text.data) : text.len) - begin;
    len -= len && text.data[begin + len - 1] == '\r';
    size_t cut = len < MOST_TEXT ? len : MOST_TEXT;
    while (cut < len && cut && ((unsigned char)text.data[begin + cut] & 0xC0) == 0x80)
        cut--;
    return utr_strndup(text.data + begin, cut);
}

static size_t line_begin(tree_text text, size_t at)
{
    const char *newline = at ? memrchr(text.data, '\n', at) : NULL;
    return newline ? (size_t)(newline - text.data) + 1 : 0;
}

// NOLINTNEXTLINE(readability-function-size): six parameters, of which a struct would be written at each call
scan_finding *scan_add(const scan_source *source, scan_file *out, scan_kind kind, scan_spot spot,
                       const char *symbol, const char *subkind, ...)
{
    size_t begin = line_begin(source->text, spot.start);
    const char *newline = memchr(source->text.data + spot.start, '\n', source->text.len - spot.start);
    size_t line_end = newline ? (size_t)(newline - source->text.data) : source->text.len;
    size_t end = spot.end < line_end ? spot.end : line_end;
    va_list args;
    va_start(args, subkind);
    scan_finding *finding = utr_vec_push(&out->findings);
    *finding = (scan_finding){
        .kind = kind,
        .subkind = utr_vformat(subkind, args),
        .symbol = utr_strdup(symbol),
        .line = spot.line,
        .column = (int64_t)(spot.start - begin) + 1,
        .length = end > spot.start ? (int64_t)(end - spot.start) : 1,
        .text = line_text(source->text, begin),
    };
    va_end(args);
    return finding;
}

static void note(scan_file *out, scan_state state, char *why)
{
    out->state = state;
    free(out->why);
    out->why = why;
}

bool scan_parse(const scan_source *source, const TSLanguage *grammar, const tree_text *other, scan_file *out)
{
    if (source->text.len > SCAN_MOST_PARSED) {
        note(out, SCAN_TOO_LARGE,
             utr_format("over %d MiB: only what needs no grammar was looked for", SCAN_MOST_PARSED >> 20));
        return false;
    }
    utr_error err = {0}; /* goes into the file's account of itself */
    if (tree_parse(source->parser, grammar, other ? *other : source->text, source->tree, &err)) {
        note(out, SCAN_TOO_LARGE, utr_strdup(err.text));
        return false;
    }
    if (source->tree->broken && out->state == SCAN_READ)
        note(out, SCAN_BROKEN, utr_strdup("not all of it could be parsed; what could was scanned"));
    return true;
}

bool scan_is_named_mock(const scan_source *source, tree_text module)
{
    for (size_t i = 0; i < source->mocks->count; i++) {
        const char *name = source->mocks->items[i];
        size_t len = strlen(name);
        if (module.len >= len && memcmp(module.data, name, len) == 0 &&
            (module.len == len || module.data[len] == '.' || module.data[len] == '/'))
            return true;
    }
    return false;
}
