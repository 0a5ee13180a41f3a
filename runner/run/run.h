/**
 * A run, from a request to its exit code: the plan, and the stages in order.
 *
 * 1. run_plan_new() reads the manifests and compose files of the root and picks the categories; every fault
 * of every file comes at once.
 * 2. run_execute() takes the plan through the stages: prepare, bring-up, suites under the witness, removal,
 * verdict, reports.
 * 3. run_plan_free().
 *
 * Stages record facts in the journal; only the verdict judges, only the report prints. Owns the one loop.
 */
#ifndef UTR_RUN_RUN_H
#define UTR_RUN_RUN_H

#include "compose/compose.h"
#include "manifest/manifest.h"
#include "report/report.h"
#include "services/services.h"

/** What was asked for with --isolation. */
typedef enum { RUN_AS_MANIFESTS_SAY, RUN_OPEN, RUN_SEALED } run_isolation;

/** What the user asked for. Strings are borrowed. */
typedef struct {
    const char *root;        /* the project: categories/ lies in it, suites run in it */
    utr_strs categories;     /* empty: all */
    bool real_services;      /* bring up the services */
    bool fast_fail;          /* the first failure ends the run */
    bool keep_services;      /* leave them up at the end */
    const char *environment; /* readiness profile: test|development|staging|production */
    int workers;             /* suite processes at once */
    const char *pattern;     /* tests to run, a glob; NULL: all */
    run_isolation isolation;
    services_pull pull;
    report_mode mode;
    const char *json_path;  /* NULL: only in the run's folder */
    const char *junit_path; /* likewise */
    const char *run_dir;    /* NULL: ROOT/.utr/runs/ID */
    const char *command;    /* as typed, for the record */
} run_request;

/** A category with its stack. */
typedef struct {
    const manifest_category *manifest;
    compose_stack *stack; /* NULL: it names no services */
} run_category;

typedef struct {
    manifest_set set;
    UTR_VEC(run_category) categories; /* in the order in which they run */
} run_plan;

/**
 * Read and check everything that the request touches; nothing is started.
 * @param warnings  what compose files say and this program does not act on
 * @return UTR_NOT_FOUND (unknown category, with the nearest names; no manifests), UTR_CONFIG (see faults),
 * UTR_SYS
 */
UTR_MUST_CHECK utr_code run_plan_new(const run_request *request, run_plan **out, utr_faults *faults,
                                     utr_faults *warnings, utr_error *err);
void run_plan_free(run_plan *plan);

/** Make ROOT/.utr, where runs and caches are kept; git ignores it without being told by the user. @return
 * UTR_SYS */
UTR_MUST_CHECK utr_code run_folder_make(const char *root, utr_error *err);

/** The rules that a manifest may adjust or waive, for manifest_options; the caller disposes of them. */
utr_strs run_rule_names(void);

/** What services_new() is to bring up. */
typedef UTR_VEC(services_wanted) run_wanted;

/** The services of a category with their readiness under --env and the ports to be dialled; the caller
 * disposes of it. */
run_wanted run_plan_wanted(const run_category *category, const char *environment);
void run_wanted_dispose(run_wanted *wanted);

/** The compose project that a category's services go by: stable for a root, unless run_id makes it the run's
 * own. The caller frees it. */
char *run_project_name(const char *root, const char *category, const char *run_id);

/**
 * Run the plan, print to out, write the reports.
 * @param out_exit_code  design, section 4
 * @return UTR_SYS where the run's folder or a report could not be written, UTR_NOT_FOUND where the pattern
 * picked no test
 */
UTR_MUST_CHECK utr_code run_execute(const run_request *request, const run_plan *plan, FILE *out,
                                    int *out_exit_code, utr_error *err);

static inline void run_plan_release(run_plan **plan)
{
    run_plan_free(*plan);
}

#define auto_plan __attribute__((cleanup(run_plan_release)))

#endif
