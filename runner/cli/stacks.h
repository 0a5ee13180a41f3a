/** The stacks of the chosen categories and the engine they are on, for `services`. Used inside the cli only.
 */
#ifndef UTR_CLI_STACKS_H
#define UTR_CLI_STACKS_H

#include "cli/command.h"

typedef struct {
    run_plan *plan;
    engine *engine;
    char *root;  /* absolute */
    int lock_fd; /* held while services of this root are changed; -1: not */
} stacks;

/** Read the plan and open the engine. @return as run_plan_new() and engine_open() */
UTR_MUST_CHECK utr_code stacks_open(const cli_options *options, stacks *out, utr_faults *faults,
                                    utr_error *err);
void stacks_dispose(stacks *s);

/** Let nobody else change the services of this root until stacks_dispose(). @return UTR_CONFLICT where
 * somebody does */
UTR_MUST_CHECK utr_code stacks_lock(stacks *s, utr_error *err);

/** The compose project of the category at index; the caller frees it. */
char *stacks_project(const stacks *s, size_t index);

/** Bring up the chosen services of every category to stay; what is up already stays as it is. */
UTR_MUST_CHECK utr_code stacks_up(const cli_options *options, const stacks *s, utr_error *err);

#define auto_stacks __attribute__((cleanup(stacks_dispose)))

#endif
