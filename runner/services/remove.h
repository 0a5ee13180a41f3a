/** Removing what carries labels: containers (killed), then networks, then volumes. */
#ifndef UTR_SERVICES_REMOVE_H
#define UTR_SERVICES_REMOVE_H

#include "engine/engine.h"

/**
 * Remove everything that carries every one of the labels; what fails is tried again until bound. Ends when a
 * listing finds nothing.
 * @param out_removed  how many; written on failure too
 * @return the last round's first failure
 */
UTR_MUST_CHECK utr_code services_remove_labelled(engine *e, const utr_strs *labels, engine_bound bound,
                                                 size_t *out_removed, utr_error *err);

/** Remove these, all at once. One that is gone already is fine. @param out_removed is added to */
UTR_MUST_CHECK utr_code services_remove_listed(engine *e, engine_kind kind, const engine_list *list,
                                               engine_bound bound, size_t *out_removed, utr_error *err);

#endif
