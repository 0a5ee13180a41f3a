/** Which commit a run is of. Used inside the run only. */
#ifndef UTR_RUN_COMMIT_H
#define UTR_RUN_COMMIT_H

#include <stdbool.h>

/** HEAD's commit of the git work tree around root, and whether it has changes; the caller frees it. NULL: no
 * git. */
char *run_commit(const char *root, bool *out_dirty);

#endif
