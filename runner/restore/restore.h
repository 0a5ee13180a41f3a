/**
 * Python's disabled decorators switched back on: the text of a file with them, and the difference.
 *
 * 1. restore_make() with a file's text and the lines that are to be switched on.
 * 2. restore_diff() for people and for `patch -p1`, or write the change's text.
 * 3. restore_change_dispose().
 *
 * A decorator gets the indentation of its definition, what stood behind it stays as a comment, and where its
 * name is bound by nothing but an import that became a comment too (or comes from a library that is known),
 * that import is switched on (added). Nothing else of the file changes. Reads and writes no files.
 */
#ifndef UTR_RESTORE_RESTORE_H
#define UTR_RESTORE_RESTORE_H

#include "base/buf.h"
#include "base/vec.h"
#include "scan/tree.h"

/** A line that is different now. */
typedef struct {
    uint32_t line; /* from 1, of the text as it was */
    bool added;    /* in front of that line; else in its place */
    char *text;    /* without its newline */
} restore_edit;

typedef UTR_VEC(restore_edit) restore_edits;

typedef struct {
    restore_edits edits; /* by line; empty: nothing changes */
    char *text;          /* with the edits */
    size_t len;
    size_t switched; /* decorators */
    utr_strs notes;  /* what is left to be done, each "line: what" */
} restore_change;

/** Lines from 1, in order. */
typedef UTR_VEC(int64_t) restore_lines;

/**
 * @param text   of a Python file; borrowed for the call
 * @param lines  where the decorators begin
 * @param out    empty before; disposed of also after a failure
 * @return UTR_CONFLICT (the text would have more faults of syntax than before), UTR_TIMEOUT, UTR_TOO_LARGE
 * (it cannot be parsed to find out)
 */
UTR_MUST_CHECK utr_code restore_make(tree_text text, const restore_lines *lines, restore_change *out,
                                     utr_error *err);
void restore_change_dispose(restore_change *change);

/**
 * Append the change as a unified diff with three lines of context.
 * @param path  of the file, relative to where the diff is to be applied with -p1
 */
UTR_MUST_CHECK utr_code restore_diff(const restore_change *change, const char *path, tree_text text,
                                     utr_buf *out, utr_error *err);

#define auto_restore_change __attribute__((cleanup(restore_change_dispose)))

#endif
