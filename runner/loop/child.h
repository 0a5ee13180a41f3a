/** Starting a program in a session of its own: the part between fork and exec. Inside loop/ only. */
#ifndef UTR_LOOP_CHILD_H
#define UTR_LOOP_CHILD_H

#include "loop/loop.h"

#include <sys/types.h>

/** A program that was started; the caller closes both descriptors and waits for pid. */
typedef struct {
    pid_t pid;  /* leads its session and process group */
    int pidfd;  /* readable once it ended */
    int output; /* what it writes; non-blocking; a pty's master reads EIO where a pipe reads 0 */
} loop_child;

/**
 * Start options->argv. Its stdin is /dev/null; with pty its controlling terminal is raw, does not echo and
 * leaves newlines alone. It is killed when the calling thread dies.
 * @param environment  "NAME=value", the whole of it; its PATH finds the program
 * @return UTR_NOT_FOUND (no such program; err names it and the PATH), UTR_SYS
 */
UTR_MUST_CHECK utr_code loop_child_start(const loop_spawn *options, const utr_strs *environment,
                                         loop_child *out, utr_error *err);

#endif
