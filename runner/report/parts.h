/** What the live view is made of besides itself. Used inside the report only. */
#ifndef UTR_REPORT_PARTS_H
#define UTR_REPORT_PARTS_H

#include "journal/journal.h"

#include <stdio.h>

/** Print the plan that the journal begins with. */
void parts_plan(FILE *out, bool colour, const journal *j);

/** Print the last lines of a suite's log, indented, and where all of it is. Fenced where GitHub Actions would
 * take commands from it. */
void parts_output(FILE *out, const journal_fact *suite_finish, const char *log_path);

#endif
