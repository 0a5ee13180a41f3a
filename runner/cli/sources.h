/** The sources of a root as `scan` and `restore` read them: with its manifests, through its cache. Used
 * inside the cli only. */
#ifndef UTR_CLI_SOURCES_H
#define UTR_CLI_SOURCES_H

#include "cli/command.h"
#include "scan/scan.h"

typedef struct {
    manifest_set manifests; /* empty where the root has none */
    utr_strs mocks;         /* that they name */
    char *cache;            /* NULL: none */
    scan_options options;
    scan *scanner;
    scan_result result;
    utr_faults faults; /* of settings that a project's tests have */
} sources;

/** The root that the options mean: --root, or the one folder that is named where it lies outside of the
 * current one. */
const char *sources_root(const cli_options *options);

/**
 * Read the manifests and scan what the arguments name. The cache is said to be missing on stderr, where it
 * cannot be had.
 * @param out     zeroed; disposed of also after a failure
 * @param faults  of the manifests
 * @return as manifest_load_dir(), except that there may be none, scan_open() and scan_run()
 */
UTR_MUST_CHECK utr_code sources_read(const cli_options *options, sources *out, utr_faults *faults,
                                     utr_error *err);
void sources_dispose(sources *s);

#define auto_sources __attribute__((cleanup(sources_dispose)))

#endif
