/**
 * A text without its empty lines, the blanks at the ends of lines and long runs of them elsewhere: a
 * condensed one is full of them, and the grammar would read each. A line inside brackets that is indented
 * less than its statement joins the one above: the grammar takes it for the end of a block. Used inside the
 * Python scan only.
 *
 * Parse `text`, then python_unpack() the tree: its nodes lie in the text as it was before.
 */
#ifndef UTR_SCAN_PYTHON_PACK_H
#define UTR_SCAN_PYTHON_PACK_H

#include "scan/python/lines.h"

/** Where a line that stays begins, or what stands there behind a run of blanks. */
typedef struct {
    uint32_t at;   /* in the packed text */
    uint32_t from; /* in the text as it was */
    uint32_t line; /* there, from 1 */
} python_row;

typedef struct {
    tree_text text;
    char *data;
    UTR_VEC(python_row) rows;
} python_packed;

/** Pack a text. @param lines of it, or of what it was condensed from. @param out empty before; disposed of
 * with python_packed_dispose() */
void python_pack(tree_text text, const python_lines *lines, python_packed *out);
void python_packed_dispose(python_packed *packed);

/** Move the nodes of a tree of packed->text to where they lie in text, which the tree borrows. */
void python_unpack(const python_packed *packed, tree_text text, tree *t);

#endif
