/** Where the name of a decorator comes from, and how it comes back. Used inside restore/ only. */
#ifndef UTR_RESTORE_NAMES_H
#define UTR_RESTORE_NAMES_H

#include "restore/restore.h"
#include "restore/words.h"

typedef enum {
    NAMES_BOUND,   /* nothing is to be done */
    NAMES_MENDED,  /* an edit brings it back */
    NAMES_UNKNOWN, /* nobody knows where it comes from */
} names_answer;

/**
 * @param name    the first word of a decorator's name
 * @param target  index of the logical line that it decorates
 * @param edits   gets the edit that binds it, unless it is there already
 */
names_answer names_bind(const words_text *file, const char *name, size_t target, restore_edits *edits);

#endif
