/**
 * The faults of an input file, all of them at once.
 *
 * A reader adds each fault as it finds it and goes on; the caller prints them together.
 */
#ifndef UTR_BASE_FAULTS_H
#define UTR_BASE_FAULTS_H

#include "base/error.h"
#include "base/vec.h"

/** Where something stands in a file. line and column count from 1; line 0: the file as a whole. */
typedef struct {
    const char *path;
    int line;
    int column;
} utr_place;

typedef struct {
    utr_strs texts; /* each "path:line:column: what is wrong; what would be right" */
    size_t dropped; /* past the first 100 */
} utr_faults;

/** Record one fault. */
void utr_faults_add(utr_faults *faults, utr_place place, const char *format, ...) UTR_PRINTF(3, 4);

/** Record "unknown key 'k'; did you mean 'n'?" with the nearest of the known names, or all of them. */
void utr_faults_unknown(utr_faults *faults, utr_place place, const char *what, const char *word,
                        const utr_strs *known);

void utr_faults_dispose(utr_faults *faults);

#define auto_faults __attribute__((cleanup(utr_faults_dispose)))

#endif
