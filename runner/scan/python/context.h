/** Whether what stands at a node of a Python tree happens whenever its function does. Used inside the Python
 * scan only. */
#ifndef UTR_SCAN_PYTHON_CONTEXT_H
#define UTR_SCAN_PYTHON_CONTEXT_H

#include "scan/tree.h"

/** What is known of a node. */
typedef enum {
    PYTHON_CONDITIONAL = 1, /* within its innermost function it stands in a branch, a loop, a handler ... */
    PYTHON_IN_FUNCTION = 2, /* in the body of one, at any depth */
} python_context;

/** For each node its python_context bits; freed with free(). */
unsigned char *python_contexts_new(const tree *t);

#endif
