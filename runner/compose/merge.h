/**
 * Several Compose files as one: mappings merged, lists appended, single values replaced, with the exceptions
 * that the Compose Specification ("Merge") names; `!reset` removes, `!override` replaces whole.
 */
#ifndef UTR_COMPOSE_MERGE_H
#define UTR_COMPOSE_MERGE_H

#include "compose/tree.h"

/**
 * Merge over into base; neither is changed.
 * @param base   NULL: over is the first file
 * @param faults a mapping over a list and the like
 */
const utr_yaml *compose_merge(compose_pool *pool, const utr_yaml *base, const utr_yaml *over,
                              utr_faults *faults);

#endif
