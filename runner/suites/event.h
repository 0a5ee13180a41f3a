/**
 * The event socket's protocol, version 2: what a plugin says, and what it is answered.
 *
 * A stream socket, its path in UTR_EVENTS. A connection for each worker, many at once. One JSON object a
 * line, at most 1 MiB, each answered by one line, {} or {"error": "..."}. A message with "answer": false is
 * not answered; if it is refused, the next answer's "error" says so. What is empty or false may be left out.
 *
 * hello {adapter, worker, workers, thread}
 *     First. adapter: the suite's format. worker: "main", or what tells it from the others that live.
 *     workers: main announces that others will come; without it only formats whose workers come by themselves
 *     (node) may have others. thread: a thread, of whose process others may say so, too; else a process has
 *     one connection. Where tests are read from a worker's output (go), its reading end comes along
 *     (SCM_RIGHTS).
 *     -> {env: {NAME: value}, pattern: glob or null, services: [name], parts: true, attention: path,
 *         alone: true}
 *     env: to be set before tests are imported; empty for main, whose process has it already. parts: run only
 *     what `next` hands out. attention: a file of one byte, to be mapped. 0: no connection of this worker was
 *     ever accepted by a listener of the runner; start and finish may go unanswered. 1: wait for answers.
 *     What goes unanswered may be appended to that file, a line each, in place of being sent: it is taken in
 *     before what is sent after it, and when the connection ends. alone: the file's byte stays 0.
 * collected {tests, names: [name], groups: [number]}
 *     tests: how many. names: at most 1,000 a message, the next in another with the same total. groups: of
 *     each name; tests of one number run in one process, in order. Where names were told, no other test can
 *     pass. Numbers and names of all workers are added up; processes that run parts must name the same tests.
 * next {}
 *     -> {tests: [index]}, of the names; empty: nothing is left.
 * start {test, requires: [service], uses: [fixture's id], again}
 *     -> {}, or {quiet_ms: 50}: nothing was started; be quiet that long and say it again. {told: true}:
 *     nothing was started; the worker that ran it died, so it has its result. uses: the wider fixtures that
 *     it uses. again: the test that runs begins anew; what it did so far does not count.
 * finish {test, status, seconds, message, file, line}
 *     status: suites.h.
 * fixture {scope, name, id, phase}
 *     phase: "start" or "end" of the set-up or tear-down of what is wider than a test. id: one for each
 *     instance, shown to people, "module fixture table (tests/test_a.py)". "was": what was started as a test
 *     is this fixture's work, which is over; no result follows.
 * tell {test, status, message, file, line}
 *     error or skipped: what could not run, or was left out: a file that cannot be imported, a test whose
 *     worker died. Nothing happens where it runs or has its result.
 * done {}
 *     After what may be the last test. -> {}, or {quiet_ms: 50}: be quiet that long and say it again.
 * look {}
 *     -> {}. Look now what was appended to the file of attention.
 *
 * `{"event": "next"}` says a message's name. What breaks the protocol is told as a fault, which refuses the
 * run, is answered with an error, and changes nothing else. Pure: bytes in, bytes out.
 */
#ifndef UTR_SUITES_EVENT_H
#define UTR_SUITES_EVENT_H

#include "base/buf.h"
#include "suites/session.h"

/** One connection. */
typedef struct {
    suites_session *session;
    suites_worker *worker; /* NULL until hello */
    bool thread;           /* it said that it is one */
    /* By whoever reads: */
    bool shares_process;         /* its process has another connection, for a thread */
    bool brings_output;          /* the reading end of its output came along */
    void (*drain)(void *source); /* what its worker is drained by; NULL: nothing */
    void *source;
    size_t expected;        /* tests of the collection that is being told; 0: none is */
    suites_names collected; /* of that */
    char *refused;          /* what went unanswered and was refused; NULL: nothing */
    utr_buf partial;        /* a line that is not complete yet */
} suites_event;

void suites_event_init(suites_event *event, suites_session *session);

/**
 * Take in bytes and append the answers.
 * @return false where a line is too long: the connection cannot go on, a fault being told
 */
UTR_MUST_CHECK bool suites_event_feed(suites_event *event, const char *data, size_t len, utr_buf *answers);

/** Nothing more comes. Frees what it holds; its worker is left to the caller. */
void suites_event_dispose(suites_event *event);

#endif
