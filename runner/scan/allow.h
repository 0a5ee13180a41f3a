/**
 * Excuses in the source: `utr: allow(skip, mock) reason, owner, until 2026-12-31`. Used inside the scan only.
 *
 * One holds for the findings of its kinds on its own line or, where it stands alone, on the line below its
 * comment. It must begin the comment, or follow a mark of comments in it ("# noqa  # utr: allow(...)"): what
 * a comment is says the language's grammar, so an excuse in a string is none.
 */
#ifndef UTR_SCAN_ALLOW_H
#define UTR_SCAN_ALLOW_H

#include "scan/language.h"

/**
 * Give findings their excuses, and tell excuses that are none or excuse nothing in out->faults; of a file
 * without tests that one excuses nothing is told for what is looked for there only.
 * @param source  its tree is parsed into anew where the text may hold an excuse; texts that are too large to
 * be parsed have none
 * @param out     read before
 */
void scan_allow_read(const scan_source *source, const TSLanguage *grammar, scan_file *out);

/** Whether the text may hold an excuse, by a search of its bytes. */
bool scan_allow_may_be_in(tree_text text);

#endif
