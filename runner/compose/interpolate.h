/**
 * Variables in text, as Compose has them: $V, ${V}, ${V:-default}, ${V-default}, ${V:?message}, ${V?message},
 * ${V:+instead}, ${V+instead}, $$ for a dollar sign; what follows an operator is itself interpolated.
 * (Compose Specification, "Interpolation".)
 */
#ifndef UTR_COMPOSE_INTERPOLATE_H
#define UTR_COMPOSE_INTERPOLATE_H

#include "base/faults.h"

enum { COMPOSE_VAR_LAYERS = 3 };

/** Where variables come from: lists of "NAME=value", the first list that has a name wins. Borrowed. */
typedef struct {
    const utr_strs *layers[COMPOSE_VAR_LAYERS];
} compose_vars;

/** The value of a variable whose name has len bytes, or NULL. Borrowed from its layer. */
const char *compose_vars_get(const compose_vars *vars, const char *name, size_t len);

/** Add "name=value", in the place of an earlier one of that name. Takes entry. */
void compose_strs_set(utr_strs *strs, char *entry);

/** What an interpolation needs to know besides its text. */
typedef struct {
    const compose_vars *vars;
    utr_place place; /* of the text, for faults */
    utr_faults *faults;
    utr_faults *warnings; /* a variable that is not set and has no default */
} compose_interpolation;

/** The text with its variables replaced, which the caller frees; NULL after faults. At most 256 KiB. */
char *compose_interpolate(const compose_interpolation *how, const char *text);

#endif
