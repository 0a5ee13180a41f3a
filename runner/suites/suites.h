/**
 * Suites as processes, and what each test says of itself.
 *
 * 1. suites_launch() starts a suite with its adapter (by format) and its event socket.
 * 2. The listener's callbacks tell, in order, what happens; adapters over the event socket wait for the
 * answer, so a callback has finished before the test goes on. Formats read from output (cmocka, tap) are told
 * as their lines come through the pty; suites_drain() reads what is there at once.
 * 3. on_exit comes exactly once, last.
 *
 * Adapters: pytest (plugin in runner/suites/pytest, put on PYTHONPATH and loaded with PYTEST_PLUGINS),
 * cmocka, tap, exit. Reports what tests say; judges nothing, and knows nothing of services.
 */
#ifndef UTR_SUITES_SUITES_H
#define UTR_SUITES_SUITES_H

#include "loop/loop.h"

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

/** A test that ended. Strings are UTF-8-repaired, bounded (8 KiB) and borrowed for the call. */
typedef struct {
    const char *test;
    suites_status status;
    double seconds;
    const char *message; /* "" when there is none */
    const char *file;    /* "" when not known */
    int line;            /* 0 when not known */
} suites_result;

/** Callbacks, all on the loop's thread; none may be NULL. */
typedef struct {
    void (*on_collected)(void *ctx,
                         size_t tests); /* pytest: what it is going to run; tap: the plan; cmocka: the tests
                                           of its groups so far, told again with each group */
    /* test is "" where the format names a test only with its result (tap): its on_finish has the name, and
     * there is none when the suite ended without a further result. tap and exit start their first test while
     * suites_launch() still runs. */
    void (*on_start)(void *ctx, const char *test, const utr_strs *requires);
    void (*on_finish)(void *ctx, const suites_result *result);
    void (*on_fixture)(void *ctx, const char *scope, const char *name, bool start);
    void (*on_fault)(void *ctx,
                     const char *what); /* adapter protocol broken, forged or impossible messages */
    void (*on_output)(void *ctx, const char *data, size_t len);
    void (*on_exit)(void *ctx, const loop_exit *how);
} suites_listener;

typedef struct {
    const char *name;   /* of the suite */
    const char *format; /* one of suites_formats() */
    const utr_strs *argv;
    const utr_strs *environment; /* "NAME=value", the whole of it, before what the adapter adds */
    const char *directory;
    const char *run_dir; /* its event socket and temporary files go there; a short path (sun_path) is made
                            where it is long */
    const char *pattern; /* run only tests that match this glob (formats that can), or NULL */
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

/** Whether a suite of the format waits for our answer to each thing that it tells: then nothing of a test
 * comes before its start is told, and nothing of the next before its end is. */
bool suites_format_waits(const char *format);

/** @return UTR_NOT_FOUND (no such program), UTR_SYS. On success on_exit comes once, never before returning,
 * and frees the process. */
UTR_MUST_CHECK utr_code suites_launch(uv_loop_t *loop, const suites_options *options, suites_process **out,
                                      utr_error *err);

/** Read and tell what it has written so far. */
void suites_drain(suites_process *process);

/** End its whole process tree; now: at once. */
void suites_end(suites_process *process, bool now);

#endif
