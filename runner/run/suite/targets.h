/** The ports of a category's services: what the witness dials, and what suites dial in their place. */
#ifndef UTR_RUN_TARGETS_H
#define UTR_RUN_TARGETS_H

#include "run/state.h"

typedef struct {
    const char *service;
    int container_port;
    int preferred; /* the port that compose publishes; 0: none */
    const compose_service *composed;
    size_t target; /* the witness's */
} run_target;

typedef struct {
    witness *witness;          /* NULL: the suites run without services, and items is empty */
    bool sealed;               /* each suite process has a network of its own */
    UTR_VEC(run_target) items; /* in the order of the manifest */
} run_targets;

/** @param out  has its witness, which the targets of all services that run are added to; disposed of with
 * run_targets_dispose() */
void run_targets_fill(const run_category *category, const bring_up *up, run_targets *out);
void run_targets_dispose(run_targets *targets);

/** The index of a service's port; items.count where it is not there. */
size_t run_targets_find(const run_targets *targets, const char *service, int container_port);

#endif
