/**
 * One worker of a suite: tests that run one after another, and what the witness sees of them meanwhile.
 *
 * 1. run_lane_open() when the worker begins: listeners of its own in front of every service, and what it
 * needs to dial them.
 * 2. run_lane_quiet() before each test, run_lane_start() and run_lane_finish() around it, run_lane_fixture()
 * around what works for several: each becomes facts, with the evidence of what crossed the wire between them.
 * 3. run_lane_close() when the worker has ended: what came while nothing ran.
 */
#ifndef UTR_RUN_LANE_H
#define UTR_RUN_LANE_H

#include "run/suite/attention.h"
#include "run/suite/seal.h"
#include "run/suite/suite.h"

typedef struct run_lane run_lane;

/**
 * @param seal       the network of its process, which outlives it; NULL: the machine's
 * @param out_setup  filled in for the worker
 * @return NULL where it cannot listen, or a variable cannot be made; err says why
 */
run_lane *run_lane_open(run_suite *suite, run_seal *seal, const suites_worker_info *info,
                        suites_worker_setup *out_setup, utr_error *err);
void run_lane_close(run_lane *lane);

int64_t run_lane_quiet(run_lane *lane, bool done);
void run_lane_start(run_lane *lane, const suites_start *start);
void run_lane_finish(run_lane *lane, const suites_result *result);
/** Whether a test runs. */
bool run_lane_runs(const run_lane *lane);
/** It tries to reach what is not there. */
void run_lane_elsewhere(run_lane *lane, const char *where);
void run_lane_fixture(run_lane *lane, const suites_fixture_event *event);

#endif
