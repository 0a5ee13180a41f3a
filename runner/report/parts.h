/** What several parts of the report share. Used inside the report only. */
#ifndef UTR_REPORT_PARTS_H
#define UTR_REPORT_PARTS_H

#include "base/json.h"
#include "verdict/verdict.h"

#include <stdio.h>

/** Print the plan that the journal begins with. */
void parts_plan(FILE *out, bool colour, const journal *j);

/** Print the last lines of a suite's log, indented, and where all of it is. Fenced where GitHub Actions would
 * take commands from it. */
void parts_output(FILE *out, const journal_fact *suite_finish, const char *log_path);

/** What is owed in words: "each test 1 exchange with postgres-test". The caller frees it. */
char *parts_debt(const journal_fact *owed);

/** A test and a reason as docs/report.schema.json describes them; new references. */
json_t *parts_test_json(const verdict_test *test);
json_t *parts_reason_json(const verdict_reason *reason);

#endif
