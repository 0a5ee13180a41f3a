#include "base/faults.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

static const size_t MOST_FAULTS = 100;

void utr_faults_add(utr_faults *faults, utr_place place, const char *format, ...)
{
    if (faults->texts.count == MOST_FAULTS) {
        faults->dropped++;
        return;
    }
    char what[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (place.line)
        utr_strs_give(&faults->texts, utr_format("%s:%d:%d: %s", place.path, place.line, place.column, what));
    else
        utr_strs_give(&faults->texts, utr_format("%s: %s", place.path, what));
}

void utr_faults_unknown(utr_faults *faults, utr_place place, const char *what, const char *word,
                        const utr_strs *known)
{
    const char *nearest = utr_text_nearest(word, (const char *const *)known->items, known->count);
    auto_free char *all = utr_strs_join(known, ", ");
    if (nearest)
        utr_faults_add(faults, place, "unknown %s '%.200s'; did you mean '%s'?", what, word, nearest);
    else
        utr_faults_add(faults, place, "unknown %s '%.200s'; known: %s", what, word, *all ? all : "none");
}

void utr_faults_dispose(utr_faults *faults)
{
    utr_strs_dispose(&faults->texts);
}
