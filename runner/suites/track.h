/**
 * What runs in one suite: holds every adapter to one order of events and tells the listener.
 *
 * One test at a time, no result without a start, no second result for a test. What breaks that is told as a
 * fault, and changes nothing else. Strings are repaired (UTF-8) and bounded here, for all adapters. Pure: no
 * handles.
 */
#ifndef UTR_SUITES_TRACK_H
#define UTR_SUITES_TRACK_H

#include "suites/suites.h"

typedef struct suites_session suites_session;

typedef struct {
    char *id;
    char *scope;
    char *name;
} suites_fixture;

/** Of one worker. */
typedef struct {
    suites_session *session; /* borrowed */
    const char *suite;       /* its name, borrowed */
    void *worker;            /* what the listener's on_worker returned */
    char *running;           /* the test that runs; "" while its name is not known yet; NULL: none */
    size_t counted;          /* tests that it expects, by suites_track_collected() */
    int64_t started_us;
    UTR_VEC(suites_fixture) fixtures; /* those that are being set up or torn down, innermost last */
} suites_track;

void suites_track_init(suites_track *track, suites_session *session, void *worker);

void suites_track_dispose(suites_track *track);

/** Tell a fault; past the first 20 of the process they are only counted. */
void suites_track_fault(suites_track *track, const char *format, ...) UTR_PRINTF(2, 3);

/** How many tests there are going to be; the number replaces the one before. */
void suites_track_collected(suites_track *track, size_t tests);

/** A test starts, or (again) the one that runs does; requires and uses may be NULL.
 * @return false where that was impossible, a fault being told */
bool suites_track_start(suites_track *track, const suites_start *start);

/** The running test ended; seconds below 0 are measured. @return as suites_track_start() */
bool suites_track_finish(suites_track *track, const suites_result *result);

/** A test that is told whole, outside of any other. @return as suites_track_start() */
bool suites_track_tell(suites_track *track, const suites_result *result);

/** What runs as a test turns out to be a fixture's work, which is over. @return as suites_track_start() */
bool suites_track_was_fixture(suites_track *track, const char *id, const char *scope, const char *name);

/** A fixture begins or ends to work. @return as suites_track_start() */
bool suites_track_fixture(suites_track *track, const suites_fixture_event *event);

/** What still runs ends as an error with this message, and open fixtures end; a test without a name is left
 * out. */
void suites_track_abandon(suites_track *track, const char *message);

/** Why a test that still ran when its suite ended did not finish. */
const char *suites_track_why(const loop_exit *how);

#endif
