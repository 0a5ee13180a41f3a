/**
 * What is kept in order, so that looking something up is no walk: sets of names, and structs by where they
 * begin. Used inside the scan only.
 *
 *     sorted_names_add(&names, name) ...  sorted_names_end(&names);  sorted_names_have(&names, name)
 */
#ifndef UTR_SCAN_SORTED_H
#define UTR_SCAN_SORTED_H

#include "base/vec.h"
#include "scan/tree.h"

#include <stdbool.h>

/** Add a name, whether or not it is there already. */
void sorted_names_add(utr_strs *names, tree_text name);

/** All are added: sort them. */
void sorted_names_end(utr_strs *names);

bool sorted_names_have(const utr_strs *names, tree_text name);

/**
 * How many of an array's structs begin at key or in front of it.
 * @param items  each has a uint32_t in front (a node, a byte, a line), and they are in its order
 */
size_t sorted_up_to(const void *items, size_t count, size_t size, uint32_t key);

#endif
