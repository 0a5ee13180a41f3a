/**
 * One process a test: the tests that a suite's list command names, and how each is run.
 *
 * 1. run_select_list() starts the list command in a slot of its own; run_suite_listed() tells how that went.
 * 2. run_select_argv() and run_select_report() for each of `tests`, from `next` on.
 */
#ifndef UTR_RUN_SELECT_H
#define UTR_RUN_SELECT_H

#include "run/state.h"

struct run_suite;

typedef struct {
    bool asked;     /* the list command was started */
    bool known;     /* and told the tests */
    utr_strs tests; /* the longest first, as far as earlier runs tell */
    size_t next;    /* the first that was not yet started */
    utr_buf printed;
    loop_process *listing; /* NULL: it does not run */
} run_select;

void run_select_dispose(run_select *select);

/** @return UTR_NOT_FOUND, UTR_SYS where it cannot be started; else run_suite_listed() follows, later */
UTR_MUST_CHECK utr_code run_select_list(struct run_suite *suite, utr_error *err);

/**
 * The names in a list command's output, one a line; empty lines and carriage returns at their ends are left
 * out.
 * @param pattern  a glob that they must match, or NULL
 * @param out      empty before; the caller disposes of it, also after a failure
 * @return UTR_CONFIG with what is wrong: no name, one twice, one over 4 KiB, no UTF-8, too many
 */
UTR_MUST_CHECK utr_code run_select_read(const char *printed, const char *pattern, utr_strs *out,
                                        utr_error *err);

/** The command for a test; the caller disposes of it. */
utr_strs run_select_argv(const utr_strs *select, const char *test);

/** A report's glob for a test, whose own wildcards stand for themselves; NULL stays NULL. The caller frees
 * it. */
char *run_select_report(const char *report, const char *test);

#endif
