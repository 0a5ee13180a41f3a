/** Who speaks on the event socket: processes, as the kernel names them. */
#ifndef UTR_SUITES_PEER_H
#define UTR_SUITES_PEER_H

#include "base/vec.h"

#include <sys/types.h>

typedef UTR_VEC(pid_t) peer_list;

/**
 * Whether a process may speak for a worker of a suite: it is the suite's process or descends from it, and
 * from none of those that speak for workers already.
 * @param others  their processes
 * @return NULL: it may; else what is wrong
 */
const char *peer_check(pid_t pid, pid_t suite, const peer_list *others);

#endif
