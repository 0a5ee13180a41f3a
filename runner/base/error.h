/**
 * Errors as values.
 *
 * The caller owns a utr_error, passes it down, and the first failure fills it in. Each level on the way up
 * may wrap it with what it was doing. One place (cli, report) prints it. An error means that the runner could
 * not do its job; a failing test or a refused connection is data, never an error.
 *
 *     utr_error err = {0};
 *     if (engine_ping(engine, &reply, &err))
 *         return utr_wrap(&err, "reach the engine");
 */
#ifndef UTR_BASE_ERROR_H
#define UTR_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#define UTR_MUST_CHECK          __attribute__((warn_unused_result))
#define UTR_PRINTF(text, first) __attribute__((format(printf, text, first)))

/** Every code with its text: X(name, text). UTR_OK is zero, so `if (call(...))` reads "if it failed". */
#define UTR_CODES(X)                                                                                         \
    X(UTR_OK, "no error")                                                                                    \
    X(UTR_SYS, "system call failed")                                                                         \
    X(UTR_CONFIG, "wrong input")                                                                             \
    X(UTR_USAGE, "wrong usage")                                                                              \
    X(UTR_NOT_FOUND, "not found")                                                                            \
    X(UTR_TOO_LARGE, "too large")                                                                            \
    X(UTR_TIMEOUT, "deadline passed")                                                                        \
    X(UTR_CANCELLED, "cancelled")                                                                            \
    X(UTR_UNREACHABLE, "not reachable")                                                                      \
    X(UTR_CONFLICT, "conflict")                                                                              \
    X(UTR_PROTOCOL, "protocol violated")                                                                     \
    X(UTR_ENGINE, "the engine refused")                                                                      \
    X(UTR_SERVICE, "a service is broken")                                                                    \
    X(UTR_DEFECT, "defect in the runner")

typedef enum {
#define UTR_CODE_ENUM(name, text) name,
    UTR_CODES(UTR_CODE_ENUM)
#undef UTR_CODE_ENUM
} utr_code;

/** A failure with its context. Zero-initialised means clean. `sys` is an errno, uv code, CURLcode or HTTP
 * status. */
typedef struct {
    utr_code code;
    int sys;
    char text[512];
} utr_error;

/**
 * Record a failure. Asserts that err is still clean: the first failure wins.
 * @return code, so that `return utr_fail(...)` reads well
 */
utr_code utr_fail(utr_error *err, utr_code code, const char *format, ...) UTR_PRINTF(3, 4);

/** Record a failed system call as UTR_SYS; appends ": " and what strerror says of sys. */
utr_code utr_fail_sys(utr_error *err, int sys, const char *format, ...) UTR_PRINTF(3, 4);

/** Put "context: " in front of a recorded failure. @return the code that was recorded */
utr_code utr_wrap(utr_error *err, const char *format, ...) UTR_PRINTF(2, 3);

/** Forget a failure that the caller has dealt with. */
void utr_error_reset(utr_error *err);

/** The text of a code, for journals and tests. Never NULL. */
const char *utr_code_text(utr_code code);

#endif
