/**
 * Presentation of a run: what happens, what came of it, and the files that others read.
 *
 * 1. report_live_new() on a stream; report_live_plan() once the plan is in the journal; report_live_fact()
 * for each fact from then on, report_live_tick() ten times a second so that a terminal stays alive.
 * 2. report_live_free() leaves the terminal clean; report_summary() says what was proven or why not, in the
 * last lines.
 * 3. report_json(), report_junit() write the files.
 *
 * Prints and writes only; every judgement is in the verdict.
 */
#ifndef UTR_REPORT_REPORT_H
#define UTR_REPORT_REPORT_H

#include "verdict/verdict.h"

#include <stdio.h>

typedef enum {
    REPORT_SIMPLE, /* a line for each thing that happens: CI logs, pipes */
    REPORT_RICH,   /* a live view: terminals */
    REPORT_JSON,   /* each fact as a line of JSON, for programs */
} report_mode;

/** RICH on a terminal that can move its cursor, SIMPLE elsewhere and where CI is set. */
report_mode report_mode_for(FILE *out);

typedef struct report_live report_live;

/** @param out borrowed. Colour only where out is a terminal and NO_COLOR is not set. */
report_live *report_live_new(FILE *out, report_mode mode);
void report_live_free(report_live *live);

/** What is going to run: categories, suites, services, proof owed, the estimate from earlier runs (SUITE
 * facts' seconds). */
void report_live_plan(report_live *live, const journal *j);

/** Show a fact as it happens. */
void report_live_fact(report_live *live, const journal_fact *fact);

/** Redraw what moves. */
void report_live_tick(report_live *live);

/** Show a suite's output because it failed: its last lines, and where all of it is. */
void report_live_output(report_live *live, const journal_fact *suite_finish, const char *log_path);

/**
 * The last lines: what was proven, or each reason with the test, the service and what to do; totals; where
 * the record is.
 * @param run_dir  where the run's files are, or NULL
 */
void report_summary(FILE *out, const verdict *v, const char *run_dir);

/** Which tests report_explain() tells of. */
typedef struct {
    const char *test; /* a glob or a part of "suite::test"; NULL: all */
    bool json;        /* a list of JSON objects, else text */
} report_question;

/**
 * The evidence behind a verdict, test by test: what each exchanged with which container, the most frequent
 * statements, where its proof fell short and what would satisfy it. Tests that are proven take a line each
 * unless they are asked for.
 * @return how many tests fit
 */
size_t report_explain(FILE *out, const verdict *v, const report_question *question);

/** The JSON report (docs/report.schema.json). @return UTR_SYS */
UTR_MUST_CHECK utr_code report_json(const verdict *v, const char *path, utr_error *err);

/** JUnit XML: refusals are errors of their tests; suite-level reasons are test cases of their own, so that no
 * reader shows green. @return UTR_SYS */
UTR_MUST_CHECK utr_code report_junit(const verdict *v, const char *path, utr_error *err);

#endif
