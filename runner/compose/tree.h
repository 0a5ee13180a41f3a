/**
 * YAML trees that can be made, not only read: the interpolated copy of a file, and what merging yields.
 *
 * Nodes and texts belong to a pool and live until compose_pool_dispose(); keys and places are borrowed from
 * the documents that they come from.
 */
#ifndef UTR_COMPOSE_TREE_H
#define UTR_COMPOSE_TREE_H

#include "base/yaml.h"
#include "compose/interpolate.h"

typedef struct {
    UTR_VEC(void *) owned;
    size_t text_bytes; /* interpolated so far */
} compose_pool;

void compose_pool_dispose(compose_pool *pool);

/** Memory that lives as long as the pool: takes memory, returns it. */
void *compose_pool_own(compose_pool *pool, void *memory);

/** A new node of the kind and place, with room for count items or pairs (count itself is left 0). */
utr_yaml *compose_node_new(compose_pool *pool, utr_yaml_kind kind, utr_place place, size_t count);

/** A new plain scalar; text is taken. */
utr_yaml *compose_node_text(compose_pool *pool, utr_place place, char *text);

/** Append to a sequence or a mapping that has room. */
void compose_node_push(utr_yaml *sequence, const utr_yaml *item);
void compose_node_set(utr_yaml *mapping, const char *key, utr_place place, const utr_yaml *value);

/**
 * A copy, of lists and mappings of at most 2,000 entries, with every scalar value interpolated (keys are not,
 * nor anything under an `x-` key). Tags other than !reset, !override and YAML's own are faults. A text that
 * variables went into counts as quoted: it is text, whatever it looks like.
 * @param how    its place is set anew for each scalar
 */
const utr_yaml *compose_tree_copy(compose_pool *pool, const compose_interpolation *how, const utr_yaml *node);

#endif
