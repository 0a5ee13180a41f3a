/**
 * One suite of a category on its way: which of its processes start when, and what becomes of the whole.
 *
 * 1. run_suite_new() for each suite that was picked.
 * 2. While run_suite_wants(): run_suite_start_one() whenever a slot is free. The first records the suite's
 * start; when the last of its processes has ended, the suite's finish is recorded, and it wants nothing any
 * more.
 * 3. run_suite_free().
 */
#ifndef UTR_RUN_SUITE_H
#define UTR_RUN_SUITE_H

#include "run/suite/output.h"
#include "run/suite/select.h"
#include "run/suite/targets.h"

typedef struct run_suite {
    run_state *run;
    const run_category *category;
    const manifest_suite *manifest;
    const run_targets *targets;
    int64_t deadline_ms; /* the category's */
    double estimate;     /* seconds that it took before; 0: not known */
    utr_strs services;   /* the category's, by name */

    suites_collection *collection; /* what its processes collected, shared by all */
    run_select select;             /* its tests, where each has a process of its own */
    size_t started;                /* processes so far */
    size_t running;
    size_t lanes;      /* workers of these */
    int64_t began_us;  /* 0: not yet */
    int64_t collected; /* as recorded */
    loop_exit how;     /* of all processes together: the first failure, the sum of what they leaked */
    bool failed;       /* a test did */
    bool hopeless;     /* a process could not be started: no more of them */
    bool over;
    run_output log;
} run_suite;

run_suite *run_suite_new(run_state *run, const run_category *category, const manifest_suite *manifest,
                         const run_targets *targets, int64_t deadline_ms);
void run_suite_free(run_suite *suite);

/** Whether one more of its processes could start now. */
bool run_suite_wants(const run_suite *suite);

/** Start one, in a free slot. */
void run_suite_start_one(run_suite *suite);

/* What its processes tell of themselves. */
void run_suite_collected(run_suite *suite, size_t tests);
void run_suite_fault(run_suite *suite, const char *what);
/** A test failed, or a process. */
void run_suite_note_failure(run_suite *suite);
/** A process ended, its output being in the log. */
void run_suite_ended(run_suite *suite, const loop_exit *how);

/** The list command ended; err tells what was wrong. */
void run_suite_listed(run_suite *suite, const utr_error *err);

/** Whether a test that starts now may be its worker's last, as far as its tests are known. */
bool run_suite_is_near_its_end(const run_suite *suite);

/** How long a process that starts now may take. */
int64_t run_suite_left_ms(const run_suite *suite);

/** A fact about a suite. */
#define RUN_SUITE_FACT(suite_, kind_, ...)                                                                   \
    RUN_FACT(kind_, (suite_)->category->manifest->name, .suite = (suite_)->manifest->name, __VA_ARGS__)

#endif
