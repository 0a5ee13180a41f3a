/**
 * The event socket's protocol: what a plugin says, and what it is answered. Pure: bytes in, bytes out.
 *
 * One JSON object a line, at most 1 MiB, each answered by one line, {} or {"error": "..."}:
 *
 *     {"event": "hello", "adapter": "pytest", "worker": "main"}
 *         answered by {"env": {}, "pattern": "glob" or null, "services": ["name", ...]}
 *     {"event": "collected", "tests": 12}
 *     {"event": "start", "test": "a.py::test_b", "requires": ["redis-test"]}
 *     {"event": "finish", "test": "a.py::test_b", "status": "passed", "seconds": 0.1, "message": "",
 *      "file": "a.py", "line": 3}
 *     {"event": "fixture", "scope": "module", "name": "table", "phase": "start"}        and "end"
 *
 * What breaks the protocol is told as a fault, answered with an error, and changes nothing else.
 */
#ifndef UTR_SUITES_EVENT_H
#define UTR_SUITES_EVENT_H

#include "base/buf.h"
#include "suites/track.h"

/** One connection. */
typedef struct {
    suites_track *track;
    const utr_strs *services; /* borrowed */
    const char *pattern;      /* borrowed; NULL: all tests */
    bool greeted;             /* hello was said */
    utr_buf partial;          /* a line that is not complete yet */
} suites_event;

void suites_event_init(suites_event *event, suites_track *track, const utr_strs *services,
                       const char *pattern);

/**
 * Take in bytes and append the answers.
 * @return false where a line is too long: the connection cannot go on, a fault being told
 */
UTR_MUST_CHECK bool suites_event_feed(suites_event *event, const char *data, size_t len, utr_buf *answers);

/** The connection is gone: a test that runs ends as an error. Frees. */
void suites_event_finish(suites_event *event);

#endif
