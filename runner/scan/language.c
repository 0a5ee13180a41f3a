#include "scan/language.h"

#include <string.h>

scan_spot scan_spot_of(const tree *t, tree_node n)
{
    return (scan_spot){t->nodes[n].start, t->nodes[n].end, t->nodes[n].line};
}

bool scan_next_line(const char *text, scan_spot *io_rest, scan_spot *out_line)
{
    if (io_rest->start >= io_rest->end)
        return false;
    const char *newline = memchr(text + io_rest->start, '\n', io_rest->end - io_rest->start);
    *out_line = *io_rest;
    out_line->end = newline ? (uint32_t)(newline - text) : io_rest->end;
    io_rest->start = out_line->end + 1;
    io_rest->line++;
    return true;
}

scan_finding *scan_add(scan_file *out, scan_kind kind, scan_spot spot, const char *symbol,
                       const char *subkind, ...)
{
    va_list args;
    va_start(args, subkind);
    scan_finding *finding = utr_vec_push(&out->findings);
    *finding = (scan_finding){
        .kind = kind,
        .subkind = utr_vformat(subkind, args),
        .symbol = utr_strdup(symbol),
        .line = spot.line,
        .column = spot.start, /* as scan_add() is asked for */
        .length = spot.end > spot.start ? spot.end - spot.start : 1,
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
        note(out, err.code == UTR_TIMEOUT ? SCAN_UNPARSED : SCAN_TOO_LARGE,
             utr_format("%s; only what needs no grammar was looked for", err.text));
        return false;
    }
    if (source->tree->broken && out->state == SCAN_READ)
        note(out, SCAN_BROKEN, utr_strdup("not all of it could be parsed; what could was scanned"));
    return true;
}

bool scan_is_module(tree_text module, const char *name, const char *separators)
{
    size_t len = strlen(name);
    return tree_text_starts(module, name) && (module.len == len || strchr(separators, module.data[len]));
}

bool scan_is_named_mock(const scan_source *source, tree_text module)
{
    for (size_t i = 0; i < source->mocks->count; i++)
        if (scan_is_module(module, source->mocks->items[i], "./"))
            return true;
    return false;
}

bool scan_lies_below(const char *path, const char *const *names)
{
    for (const char *part = path, *slash; (slash = strchr(part, '/')); part = slash + 1)
        if (tree_text_is_one_of((tree_text){part, (size_t)(slash - part)}, names))
            return true;
    return false;
}

char *scan_words_of(const tree *t, tree_node body, scan_word_of *word_of, const void *file)
{
    auto_strs utr_strs words = {0};
    for (tree_node i = tree_first_named(t, body); i; i = tree_next_named(t, i)) {
        const char *word = word_of(file, i);
        if (!word)
            return NULL;
        if (!utr_strs_has(&words, word))
            utr_strs_add(&words, word);
    }
    return words.count ? utr_strs_join(&words, "+") : utr_strdup("nothing");
}
