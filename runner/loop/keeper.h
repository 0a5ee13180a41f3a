/**
 * A process that waits for the death of ours, and then ends what ours had started and could not end any more:
 * after SIGKILL the kernel ends the suites themselves, but not what they started.
 *
 * 1. loop_keeper_start() before the first spawn and before the first thread: it forks.
 * 2. loop_keeper_end() once nothing is left to end.
 */
#ifndef UTR_LOOP_KEEPER_H
#define UTR_LOOP_KEEPER_H

#include "base/error.h"

#include <sys/types.h>

typedef struct {
    pid_t pid; /* 0: none */
    int fd;    /* its closing tells our death */
} loop_keeper;

/** @return UTR_SYS */
UTR_MUST_CHECK utr_code loop_keeper_start(loop_keeper *out, utr_error *err);

/** Ends it without work to do. One that was never started (all zero) is fine. */
void loop_keeper_end(loop_keeper *keeper);

#endif
