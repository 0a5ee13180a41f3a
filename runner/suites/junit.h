/**
 * JUnit XML that a suite writes.
 *
 * 1. suites_junit_mark() before the suite starts remembers which reports lie there already.
 * 2. suites_junit_collect() after its end tells each test case of the reports that were written meanwhile. A
 * report that was there before and was not written anew tells nothing.
 *
 * Reads with libxml2: nothing is fetched, no entity is replaced, a document type is refused. Understands what
 * JUnit, Surefire, pytest, GoogleTest, Catch2, gotestsum and nextest write: failure, error, skipped,
 * rerunFailure, flakyFailure.
 */
#ifndef UTR_SUITES_JUNIT_H
#define UTR_SUITES_JUNIT_H

#include "suites/suites.h"

#include <jansson.h>

typedef void suites_junit_case(void *ctx, const suites_result *result);

/**
 * Tell each test case of a report, in order.
 * @param times    a JSON object that keeps names apart over several reports, see names.h
 * @param on_case  named "classname.name"; seconds below 0 where the report does not say
 * @return UTR_SYS, UTR_TOO_LARGE (over 64 MiB), UTR_CONFLICT (no JUnit XML, or not well formed); cases before
 * the fault have been told
 */
UTR_MUST_CHECK utr_code suites_junit_read(const char *path, json_t *times, suites_junit_case *on_case,
                                          void *ctx, utr_error *err);

typedef struct suites_junit suites_junit;

/** @param pattern  a glob, from directory; both are copied */
suites_junit *suites_junit_mark(const char *directory, const char *pattern);

/** Tell the test cases of the reports that were written since the mark.
 * @return UTR_NOT_FOUND (no report was written, or none with a test case), or as suites_junit_read() */
UTR_MUST_CHECK utr_code suites_junit_collect(suites_junit *junit, suites_junit_case *on_case, void *ctx,
                                             utr_error *err);

/** NULL is fine. */
void suites_junit_free(suites_junit *junit);

#endif
