/** The stack's networks and volumes in the engine. */
#ifndef UTR_SERVICES_RESOURCE_H
#define UTR_SERVICES_RESOURCE_H

#include "services/create.h"
#include "services/plan.h"

/** A network or volume that some planned service uses. */
typedef struct {
    const compose_resource *spec;
    bool is_volume;
    char *id;          /* once made: what containers name; an external one's own name */
    utr_error failure; /* code UTR_OK: made */
} services_resource;

typedef UTR_VEC(services_resource) services_resources;

/** What the plan's services name. @return UTR_CONFIG: a service names one that the stack does not declare */
UTR_MUST_CHECK utr_code services_resources_collect(const compose_stack *stack, const services_plan *plan,
                                                   services_resources *out, utr_error *err);
void services_resources_dispose(services_resources *resources);

/** Make it, unless it is external; what fails is left in resource->failure. */
void services_resource_make(engine *e, const services_identity *identity, const utr_cancel *cancel,
                            services_resource *resource);

/** The network of that key, or NULL. */
const services_resource *services_resource_network(const services_resources *resources, const char *key);

/** Whether containers on this network can be dialled from here: its bridge is an interface of this host. */
bool services_resource_is_here(const services_resource *network);

#endif
