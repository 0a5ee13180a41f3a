/** Which def or class a line stands in, without a grammar. Used inside the Python scan only. */
#ifndef UTR_SCAN_PYTHON_SCOPE_H
#define UTR_SCAN_PYTHON_SCOPE_H

#include "scan/python/lines.h"

typedef struct {
    uint32_t line, end; /* (in front: sorted.h) indexes of logical lines: of its head, and of the first that
                           it does not hold */
    uint32_t parent;    /* 1 + index of the def or class around it; 0: none */
    uint32_t name, len; /* its name in the text */
} python_scope;

typedef UTR_VEC(python_scope) python_scopes;

/** Every def and class by indentation. @param out empty before; utr_vec_dispose() */
void python_scopes_read(const python_lines *lines, tree_text text, python_scopes *out);

/**
 * The names of all around a logical line from the outside in, joined by dots. Of the head of a def or class,
 * or a decorator of one: its own is the last.
 * @return a new string, or NULL where nothing is around it
 */
char *python_scope_symbol(const python_scopes *scopes, const python_lines *lines, tree_text text,
                          uint32_t line);

#endif
