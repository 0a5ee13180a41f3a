/** One service's way from nothing to ready, on its own thread. */
#ifndef UTR_SERVICES_ITEM_H
#define UTR_SERVICES_ITEM_H

#include "services/internal.h"

/**
 * Create, wait for what it needs, start, wait until ready; tells each step, and FAILED with the reason and
 * the last log lines.
 * @return UTR_SERVICE: it did not come up; UTR_CANCELLED; the engine's codes
 */
UTR_MUST_CHECK utr_code services_item_bring_up(services_item *item, utr_error *err);

/** Enter a phase and wake whoever waits for it. */
void services_item_settle(services_item *item, services_phase phase);

#endif
