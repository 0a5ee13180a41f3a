/** What the processes of a suite write: in its log, a block a process, never one inside another. */
#ifndef UTR_RUN_OUTPUT_H
#define UTR_RUN_OUTPUT_H

#include "base/error.h"

#include <stdbool.h>

/** A log that is written to. All zero but fd = -1: none. */
typedef struct {
    char *path;
    int fd; /* -1: none, or a full disk; what is lost is said where the log is shown */
} run_output;

/** @param path  created anew; copied. @return UTR_SYS */
UTR_MUST_CHECK utr_code run_output_open(run_output *output, const char *path, utr_error *err);

void run_output_add(run_output *output, const char *data, size_t len);

/** Append all of a block's file, with a heading before it, and remove that file; the block is closed. */
void run_output_merge(run_output *output, run_output *block, const char *heading);

/** The file stays. */
void run_output_close(run_output *output);

#endif
