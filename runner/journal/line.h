/** A fact as a line of JSON, by one table of fields. Used by journal.c only. */
#ifndef UTR_JOURNAL_LINE_H
#define UTR_JOURNAL_LINE_H

#include "journal/journal.h"

/** One JSON object without a newline; room for one more byte behind it. The caller frees it. */
char *journal_line_format(const journal_fact *fact);

/** @param out zeroed; on success its strings are its own. @return UTR_CONFIG with what is wrong */
UTR_MUST_CHECK utr_code journal_line_parse(const char *line, journal_fact *out, utr_error *err);

/** Deep copy into a zeroed fact. */
void journal_line_copy(journal_fact *to, const journal_fact *from);

void journal_line_dispose(journal_fact *fact);

#endif
