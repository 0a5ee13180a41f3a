/** Who wrote the lines that findings stand on. Used inside the cli only. */
#ifndef UTR_CLI_BLAME_H
#define UTR_CLI_BLAME_H

#include "history/history.h"
#include "report/findings/findings.h"

/**
 * Fill in every item's blame.
 * @param out_history  owns what is filled in: closed after the report was printed. NULL to begin with
 * @return as history_open() and history_blame()
 */
UTR_MUST_CHECK utr_code blame_fill(findings_report *report, history **out_history, utr_error *err);

#endif
