/** A map from names to numbers over 0, for one text. Used inside scan/python only. */
#ifndef UTR_SCAN_PYTHON_INDEX_H
#define UTR_SCAN_PYTHON_INDEX_H

#include "scan/tree.h"

typedef struct {
    tree_text key; /* empty: free */
    uint32_t value;
} python_index_slot;

/** Zeroed to begin with. */
typedef struct {
    python_index_slot *slots;
    uint32_t count, capacity; /* capacity: a power of two, or 0 */
} python_index;

/** The value that a name has, 0 where it is new; may be set until the next call.
 * @param key not empty; borrowed as long as the index is used */
uint32_t *python_index_at(python_index *index, tree_text key);

/** The value that a name has, or 0. */
uint32_t python_index_get(const python_index *index, tree_text key);

void python_index_dispose(python_index *index);

#define auto_python_index __attribute__((cleanup(python_index_dispose)))

#endif
