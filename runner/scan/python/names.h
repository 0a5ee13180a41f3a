/**
 * What the imports of a file bind, and so which qualified name an expression stands for. Used inside the
 * Python scan only.
 *
 * Imports count wherever in the file they stand. Where several bind one name, one of pytest, unittest, mock,
 * importlib or builtins wins, else the first.
 */
#ifndef UTR_SCAN_PYTHON_NAMES_H
#define UTR_SCAN_PYTHON_NAMES_H

#include "base/vec.h"
#include "scan/tree.h"

#include <stdbool.h>

/** A name that is longer than this is none that anybody looks for. */
enum { PYTHON_NAME_SIZE = 256 };

typedef struct {
    tree_text name;   /* as it is bound; points into the tree's text */
    tree_node module; /* what it stands for: an identifier, a dotted_name or a relative_import ... */
    tree_node member; /* ... and a dotted_name in it; 0: none */
} python_binding;

typedef struct {
    UTR_VEC(python_binding) bindings; /* by name, the one that wins first */
    uint32_t stars;                   /* bit n: all of module n of those known is imported */
} python_names;

/** Write the names of a dotted_name, an identifier or a relative_import, joined by dots.
 * @return false where they do not fit, with out untouched */
bool python_dotted(const tree *t, tree_node n, char *out, size_t size);

#endif
