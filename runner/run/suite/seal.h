/**
 * A suite process in a network of its own, where every service is at its own names and ports.
 *
 * 1. run_seal_open() before the process is launched.
 * 2. run_seal_listen() for each of its workers: the first, main, gets the services' own addresses and those
 * of localhost; one that shows up later, a set of its own beside them.
 * 3. run_seal_enter() is the before_exec of the process, run_seal_close() when it has ended.
 */
#ifndef UTR_RUN_SEAL_H
#define UTR_RUN_SEAL_H

#include "run/suite/targets.h"

#include "isolation/isolation.h"

typedef struct run_seal run_seal;

/** Whether the category's suites are to be sealed, and can be: what keeps them open against their manifest's
 * word becomes a fact. */
bool run_seal_wanted(run_state *run, const manifest_category *category);

typedef struct {
    const run_targets *targets;                         /* outlive the seal */
    void (*on_elsewhere)(void *ctx, const char *where); /* as isolation_options */
    void *ctx;
} run_seal_options;

/** @return as isolation_open() */
UTR_MUST_CHECK utr_code run_seal_open(uv_loop_t *loop, const run_seal_options *options, run_seal **out,
                                      utr_error *err);

/**
 * Listeners for one worker.
 * @param out_addresses  empty before; where it dials each of the targets
 */
UTR_MUST_CHECK utr_code run_seal_listen(run_seal *seal, witness_worker *worker, utr_strs *out_addresses,
                                        utr_error *err);

/** One more listener at a free port of 127.0.0.1, the caller's. */
UTR_MUST_CHECK utr_code run_seal_listen_free(run_seal *seal, int *out_fd, utr_error *err);

/** before_exec; ctx is the seal. */
int run_seal_enter(void *seal);

/** NULL: on_elsewhere works; else why it does not. */
const char *run_seal_blind(const run_seal *seal);

/** on_closed comes once, later; the seal is gone then. */
void run_seal_close(run_seal *seal, void (*on_closed)(void *ctx), void *ctx);

#endif
