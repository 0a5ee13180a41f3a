/**
 * A request to stop that blocking work on other threads can wait on.
 *
 * One owner trips it, any number of threads wait on it. Once tripped it stays tripped.
 */
#ifndef UTR_BASE_CANCEL_H
#define UTR_BASE_CANCEL_H

#include "base/error.h"

#include <stdint.h>

typedef struct {
    int fd; /* an eventfd, readable once tripped; may be polled, never read */
} utr_cancel;

/** @return UTR_SYS where the kernel has no descriptor left */
UTR_MUST_CHECK utr_code utr_cancel_init(utr_cancel *cancel, utr_error *err);

void utr_cancel_dispose(utr_cancel *cancel);

/** Ask to stop. Safe from any thread and from a signal handler. */
void utr_cancel_trip(utr_cancel *cancel);

/** Whether it was tripped. A NULL cancel never is. */
bool utr_cancel_is_tripped(const utr_cancel *cancel);

/** Sleep for ms, or less when tripped. A NULL cancel only sleeps. @return whether it was tripped */
bool utr_cancel_sleep(const utr_cancel *cancel, int64_t ms);

#endif
