/** The folder of a run: its name, its files, and what earlier runs left. Used inside the run only. */
#ifndef UTR_RUN_RECORD_H
#define UTR_RUN_RECORD_H

#include "base/json.h"
#include "journal/journal.h"

typedef struct {
    char *id;          /* "20261231-235959-1a2b3c" */
    char *dir;         /* ROOT/.utr/runs/ID or what was asked for */
    char *log_dir;     /* dir/logs */
    char *root;        /* absolute */
    journal *before;   /* what the suites of the run before took, or NULL */
    char *before_path; /* its journal */
    json_t *times;     /* of the tests in it; NULL until asked for */
} run_record;

/**
 * Make the run's folder, point ROOT/.utr/last to it, and read what the run before took.
 * @param dir  or NULL: ROOT/.utr/runs/ID
 * @return UTR_SYS, UTR_CONFLICT (the folder asked for holds a run already)
 */
UTR_MUST_CHECK utr_code run_record_open(const char *root, const char *dir, run_record *out, utr_error *err);
void run_record_dispose(run_record *record);

/** A file in the run's folder; the caller frees it. */
char *run_record_path(const run_record *record, const char *name);

/** The log of a suite or step; the caller frees it. */
char *run_record_log(const run_record *record, const char *category, const char *name);

/** How long a suite took in the run before; 0: not known. Seconds. */
double run_record_estimate(const run_record *record, const char *category, const char *suite);

/** The same of a test; below 0: not known. */
double run_record_test_estimate(run_record *record, const char *category, const char *suite,
                                const char *test);

#endif
