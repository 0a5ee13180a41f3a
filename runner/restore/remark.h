/** A line of code that was a comment. Used inside restore/ only. */
#ifndef UTR_RESTORE_REMARK_H
#define UTR_RESTORE_REMARK_H

#include "scan/tree.h"

/** The code behind its indentation; what stood behind it is kept as a comment. The caller frees it. */
char *remark_kept(tree_text indent, tree_text code, tree_text rest);

#endif
