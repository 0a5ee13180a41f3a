/**
 * A file of one byte that a worker can look at without asking: whether the witness ever accepted a connection
 * of it. As long as it did not, nothing can be attributed wrongly, and the worker need not wait for answers.
 */
#ifndef UTR_RUN_ATTENTION_H
#define UTR_RUN_ATTENTION_H

#include "base/error.h"

#include <stdbool.h>

/** All zero but fd = -1: none. */
typedef struct {
    char *path;
    int fd;
    bool called;
} run_attention;

/** Make the file in a folder. @return UTR_SYS */
UTR_MUST_CHECK utr_code run_attention_open(run_attention *attention, const char *dir, utr_error *err);

/** From now on the byte is 1. */
void run_attention_call(run_attention *attention);

/** Remove the file. */
void run_attention_close(run_attention *attention);

#endif
