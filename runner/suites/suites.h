/**
 * Suites as processes, and what each test says of itself.
 *
 * 1. suites_launch() asks on_worker for the worker "main", starts the suite with its adapter (by format) and
 * its event socket. Other processes inside it may become workers of their own: on_worker again.
 * 2. The listener's callbacks tell, in order, what happens in each worker; adapters over the event socket
 * wait for the answer, so a callback has finished before the test goes on. Formats read from output (cmocka,
 * tap) are told as their lines come through the pty; suites_worker_drain() takes in at once what a worker has
 * said.
 * 3. on_worker_end comes once for each worker; on_exit exactly once, last.
 *
 * Adapters: pytest (plugin in runner/suites/pytest, put on PYTHONPATH and loaded with PYTEST_PLUGINS), node
 * (runner/suites/node, loaded with NODE_OPTIONS into mocha, jest, vitest and node:test), cmocka, gtest,
 * catch2, go, tap, junit, exit. Reports what tests say; judges nothing, and knows nothing of services.
 */
#ifndef UTR_SUITES_SUITES_H
#define UTR_SUITES_SUITES_H

#include "loop/loop.h"
#include "suites/collection.h"

/** Every status with its word: X(name, word). */
#define SUITES_STATUSES(X)                                                                                   \
    X(SUITES_PASSED, "passed")                                                                               \
    X(SUITES_FAILED, "failed")                                                                               \
    X(SUITES_ERROR, "error")                                                                                 \
    X(SUITES_SKIPPED, "skipped")                                                                             \
    X(SUITES_XFAILED, "xfailed")                                                                             \
    X(SUITES_XPASSED, "xpassed")

typedef enum {
#define SUITES_STATUS_ENUM(name, word) name,
    SUITES_STATUSES(SUITES_STATUS_ENUM)
#undef SUITES_STATUS_ENUM
} suites_status;

const char *suites_status_text(suites_status status);
/** @return false where word is no status */
bool suites_status_parse(const char *word, suites_status *out);

/*
 * What is told. Strings are UTF-8-repaired, bounded (8 KiB) and borrowed for the call. `waits`: whoever tells
 * it waits until the callback has returned; else it runs on meanwhile.
 */

/** A test begins. */
typedef struct {
    const char *test; /* "" where the format names a test only with its result (tap): its on_finish has the
                         name, and there is none when the suite ended without a further result */
    const utr_strs *requires; /* services that the test names itself; "*": all */
    const utr_strs *uses;     /* ids of wider fixtures that it uses */
    bool again;               /* the test that runs begins anew: what it did so far does not count */
    bool waits;
} suites_start;

/** A test that ended. */
typedef struct {
    const char *test;
    suites_status status;
    double seconds;
    const char *message; /* "" when there is none */
    const char *file;    /* "" when not known */
    int line;            /* 0 when not known */
    bool waits;
} suites_result;

/** A fixture that is wider than a test begins to work (set-up, tear-down), or has worked. */
typedef struct {
    const char *id; /* unique for the instance; shown to people */
    const char *scope;
    const char *name;
    bool start;
    bool was_test; /* not begun before: what runs as a test turns out to be this. It is over, as a fixture's
                      end says, and the test is gone without a result */
    bool waits;
} suites_fixture_event;

/**
 * A worker: tests that run one after another. Each suite process has its worker "main"; other processes
 * inside it become workers of their own. At most one test at a time runs in a worker; fixtures may be open
 * besides.
 */
typedef struct suites_worker suites_worker;

typedef struct {
    const char *name; /* unique among the workers that live; borrowed for the call */
    bool waits;       /* tells over the event socket and waits for answers */
    suites_worker *handle;
} suites_worker_info;

/** What a worker is given. Comes zeroed; what it owns is freed for the listener. */
typedef struct {
    utr_strs environment; /* "NAME=value", set for it */
    char *attention;      /* path of a file of one byte, see event.h; NULL: none */
    bool alone;           /* nothing that it does is witnessed */
    /** Main only: loop_spawn's before_exec. */
    int (*before_exec)(void *ctx);
    void *before_exec_ctx;
} suites_worker_setup;

/** Callbacks, all on the loop's thread; none may be NULL. `worker` is what on_worker returned. tap and exit
 * start their first test while suites_launch() still runs. */
typedef struct {
    /** A worker begins; main does before its process is made. @return NULL: failed, err says why */
    void *(*on_worker)(void *ctx, const suites_worker_info *info, suites_worker_setup *out, utr_error *err);
    /** Once for each on_worker that succeeded, after its last event, before on_exit. */
    void (*on_worker_end)(void *worker);
    /** How many tests are going to run, as far as it is known: told again when there are more. pytest: what
     * is left of its collection; tap: the plan; cmocka: the tests of its groups so far. */
    void (*on_collected)(void *ctx, size_t tests);
    /** Before each start that waits, and (done) after the last test. @return milliseconds for which the
     * worker shall be quiet first; 0: none */
    int64_t (*on_quiet)(void *worker, bool done);
    void (*on_start)(void *worker, const suites_start *start);
    void (*on_finish)(void *worker, const suites_result *result);
    void (*on_fixture)(void *worker, const suites_fixture_event *event);
    /** An adapter's protocol was broken; forged or impossible messages. */
    void (*on_fault)(void *ctx, const char *what);
    void (*on_output)(void *ctx, const char *data, size_t len);
    void (*on_exit)(void *ctx, const loop_exit *how);
} suites_listener;

typedef struct {
    const char *name;   /* of the suite */
    const char *format; /* one of suites_formats() */
    const utr_strs *argv;
    const utr_strs *environment; /* "NAME=value", the whole of it, before what on_worker gives to main and
                                    what the adapter adds */
    const char *directory;
    const char *run_dir; /* its event socket and temporary files go there; a short path (sun_path) is made
                            where it is long */
    const char *pattern; /* run only tests that match this glob (formats that can), or NULL */
    suites_collection *collection; /* shared by all processes of the suite; borrowed until on_exit */
    bool parts;                    /* run only what the collection hands out (formats that can) */
    const char *test;   /* the one test that this process runs, told under this name by formats that have no
                           names of their own; NULL: the whole suite */
    bool terminal;      /* its output may be shown on one */
    const char *report; /* junit: glob of the reports that it writes, from directory; NULL elsewhere */
    const utr_strs *service_names; /* what @require_docker_services may name */
    int64_t timeout_ms, grace_ms;
    const suites_listener *listener;
    void *ctx;
} suites_options;

typedef struct suites_process suites_process;

/** The formats that there are; ends with NULL. */
const char *const *suites_formats(void);

/** Whether tests of a format can be selected one by one. */
bool suites_format_selects(const char *format);

/** Whether each test of a format is told (else the suite is one test of its own name). */
bool suites_format_tells_tests(const char *format);

/** @return UTR_NOT_FOUND (no such program), UTR_SYS, or what on_worker said. On success on_exit comes once,
 * never before returning, and frees the process. */
UTR_MUST_CHECK utr_code suites_launch(uv_loop_t *loop, const suites_options *options, suites_process **out,
                                      utr_error *err);

/** Read and tell what the worker has said so far (event socket or output), without waiting. Nothing happens
 * while its words are being told already. */
void suites_worker_drain(suites_worker *worker);

/** End its whole process tree; now: at once. */
void suites_end(suites_process *process, bool now);

#endif
