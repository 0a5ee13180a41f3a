/** What the parts of services share: the object itself. Included by them only. */
#ifndef UTR_SERVICES_INTERNAL_H
#define UTR_SERVICES_INTERNAL_H

#include "services/address.h"
#include "services/create.h"
#include "services/image.h"
#include "services/log.h"
#include "services/plan.h"
#include "services/reaper.h"
#include "services/reserve.h"
#include "services/resource.h"

#include <pthread.h>
#include <stdatomic.h>

typedef enum { ITEM_WAITING, ITEM_STARTED, ITEM_READY, ITEM_COMPLETED, ITEM_FAILED } services_phase;

/** One service on its way. Its thread alone writes it until the phase, under the lock, says what is settled.
 */
typedef struct {
    services *owner;
    const services_node *node;
    services_image *image;
    services_readiness readiness;
    services_ports ports;
    services_reserve reserve; /* where they are published, one each, if on this machine */
    services_phase phase;     /* under the lock */
    char *container_id;
    char *started_at; /* as the engine says it; another one means that it was restarted */
    int64_t started_ms;
    services_addresses addresses;
    services_log *log;
    services_running running;                /* from READY or COMPLETED on */
    bool told_end, told_unhealthy, told_oom; /* the watch's own */
} services_item;

struct services {
    services_options options;
    services_identity identity;
    services_plan plan;
    services_images images;
    services_resources resources;
    services_item *items; /* beside plan.nodes */
    char *engine_host;    /* where published ports are dialled */
    services_reaper reaper;
    int64_t began_ms;
    utr_cancel stop; /* ends the bring-up: cancelled, or a critical service failed */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a phase, or stopping */
    bool stopping;
    utr_error failure;  /* the first critical one */
    atomic_bool unsure; /* a call ended without an answer: the engine may still make something */
    atomic_bool going_down;
};

/** Tell what happened to a service. detail may be NULL. */
void services_tell(services *s, services_state state, const services_item *item, const char *detail);

/** "reason", and under it the last 50 lines of the service's log; the caller frees it. */
char *services_say_with_log(const services_item *item, const char *reason);

/** Whether ending with exit code 0 is this service's way to be done. */
bool services_item_may_complete(const services_item *item);

services_item *services_item_find(const services *s, const char *name);

#endif
