/**
 * What starts, and in which order: the wanted services and all they depend on. A pure function of the stack.
 */
#ifndef UTR_SERVICES_PLAN_H
#define UTR_SERVICES_PLAN_H

#include "services/services.h"

/** One dependency: nodes[node] stands before the one that needs it. */
typedef struct {
    size_t node;
    compose_condition condition;
    bool required;
} services_need;

typedef struct {
    const compose_service *spec;   /* of the stack */
    const services_wanted *wanted; /* NULL: brought up only because another needs it */
    bool critical;                 /* its failure ends the bring-up */
    bool one_shot;                 /* ready means done: another waits for its completion */
    bool awaited_healthy;          /* another waits until it is healthy: ending early is never fine */
    UTR_VEC(services_need) needs;
} services_node;

typedef struct {
    UTR_VEC(services_node) nodes; /* in an order in which they can start */
    utr_strs order;               /* their names */
} services_plan;

/**
 * Plan the wanted services with everything they need. A dependency with `required: false` is brought up too,
 * unless the stack lacks it or a profile keeps it off.
 * @param out  on success a plan that borrows from stack and wanted; services_plan_dispose()
 * @return UTR_CONFIG: an unknown name (with the nearest), a cycle (with its path)
 */
UTR_MUST_CHECK utr_code services_plan_make(const compose_stack *stack, const services_wanted *wanted,
                                           size_t wanted_count, services_plan *out, utr_error *err);
void services_plan_dispose(services_plan *plan);

/** The service that `network_mode: service:NAME` names, or NULL. */
const char *services_plan_network_owner(const compose_service *spec);

#endif
