/** Removing what carries labels: containers (killed), then networks, then volumes. */
#ifndef UTR_SERVICES_REMOVE_H
#define UTR_SERVICES_REMOVE_H

#include "engine/engine.h"

/** A removal under way. */
typedef struct {
    engine *engine; /* borrowed */
    engine_bound bound;
    size_t removed; /* how many so far; counted on failure too */
} services_removal;

/**
 * Remove everything that carries every one of the labels; what fails is tried again until the bound. Ends
 * when a listing finds nothing.
 * @return the last round's first failure
 */
UTR_MUST_CHECK utr_code services_remove_labelled(services_removal *removal, const utr_strs *labels,
                                                 utr_error *err);

/** Remove these, all at once. One that is gone already is fine. */
UTR_MUST_CHECK utr_code services_remove_listed(services_removal *removal, engine_kind kind,
                                               const engine_list *list, utr_error *err);

#endif
