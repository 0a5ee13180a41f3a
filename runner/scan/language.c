#include "scan/language.h"

#include <string.h>

scan_spot scan_spot_of(const tree *t, tree_node n)
{
    return (scan_spot){t->nodes[n].start, t->nodes[n].end, t->nodes[n].line};
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
