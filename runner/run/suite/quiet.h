/**
 * When a worker is listened to while no test runs, and for how long.
 *
 * What a suite's timers and heartbeat threads send falls into whichever test runs, and would pay for it. It
 * shows itself between tests: what pays for test after test comes at intervals about as short as these, so a
 * pause twice as long hears it. A pause costs time, so it is made only where it could tell something: after a
 * test that was paid by nothing but what had paid for another (a statement on one connection, or on
 * connections that tests open themselves), once for each such statement, for twice the second shortest of
 * these tests: one may have been luck. Before what may be the last test, and after it, what paid for a single
 * one is listened to, too. All pauses of a worker are bounded by two seconds and a twentieth of its tests'
 * time. A suite that exchanges nothing never waits.
 *
 * 1. quiet_note() for each test, when it has ended.
 * 2. quiet_next() when a test is about to start, and when the last one has ended: for how long to be quiet
 * first. It is asked again after that time, until it says 0.
 *
 * What is heard may also be the late goodbye of the test before. Then that is let settle, and is listened to
 * once more: `phase` says what the time that was asked for last is for.
 *
 * Pure: no clock, no handles.
 */
#ifndef UTR_RUN_QUIET_H
#define UTR_RUN_QUIET_H

#include "witness/witness.h"

typedef enum {
    QUIET_NOT,           /* nothing was asked for */
    QUIET_LISTENS,       /* what is heard may be a goodbye */
    QUIET_SETTLES,       /* likewise */
    QUIET_LISTENS_AGAIN, /* what is heard goes on by itself */
} quiet_phase;

typedef struct {
    quiet_phase phase;
    int64_t asked_ms; /* for this phase */
    int64_t first_ms; /* when it listened first */
    void *keys;       /* a tree of what tests were paid by */
    size_t key_count;
    size_t tests;      /* so far */
    double seconds;    /* that they took */
    int64_t heard_ms;  /* listened so far */
    int64_t wanted_ms; /* what the last test asks for */
    bool begun;        /* the first start was asked about */
} quiet;

/** A test ended. */
void quiet_note(quiet *q, const witness_evidence_list *evidence, double seconds);

/** What the caller knows. */
typedef struct {
    bool connected; /* a connection of the worker was ever opened */
    bool done;      /* the last test has ended; false: one is about to start */
    bool last;      /* that may be the worker's last */
    bool heard;     /* something substantive, in the time that was asked for last */
} quiet_moment;

/** @return milliseconds; 0: go on */
int64_t quiet_next(quiet *q, quiet_moment moment);

void quiet_dispose(quiet *q);

#endif
