/**
 * What a scan's findings mean: at which level, by the rules and a root's manifests, and who excuses them.
 *
 * A finding in the sources of several suites is judged for each, and the worst judgement is told. One whose
 * rule is off is not told. Reads only; judges what stands in the sources, and nothing of a run.
 */
#ifndef UTR_REVIEW_REVIEW_H
#define UTR_REVIEW_REVIEW_H

#include "manifest/manifest.h"
#include "report/findings/findings.h"
#include "scan/scan.h"

typedef struct {
    const char *root;              /* as scan_options.root */
    const scan_result *result;     /* of that root */
    const manifest_set *manifests; /* of that root; may be empty */
    const char *today;             /* "YYYY-MM-DD"; NULL: the day in UTC */
} review_options;

/**
 * @param out  empty before; its strings are borrowed from the result and the manifests. exit_code is 3 where
 * something is refused, 2 where an excuse is none, else 0
 */
void review_findings(const review_options *options, findings_report *out);

/** The modules that the manifests name as mocks, each once; the caller disposes of them. */
utr_strs review_mocks(const manifest_set *manifests);

#endif
