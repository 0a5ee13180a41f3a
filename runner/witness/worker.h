/** A worker's listeners, connections and scopes; see witness.h. */
#ifndef UTR_WITNESS_WORKER_H
#define UTR_WITNESS_WORKER_H

#include "witness/evidence.h"
#include "witness/proxy.h"
#include "witness/relay.h"
#include "witness/witness.h"

/** A target as the witness keeps it. */
typedef struct {
    struct sockaddr_in address;
    size_t service; /* index of its name */
    int container_port;
    witness_protocol protocol;
} worker_target;

/** What a worker may use of its witness. */
typedef UTR_VEC(worker_target) worker_targets;

uv_loop_t *witness_loop(const witness *w);
const worker_target *witness_target_at(const witness *w, size_t index);
const utr_strs *witness_services(const witness *w);

/** The number of a connection that was just accepted. */
uint32_t witness_next_connection(witness *w);

/** The index of a service's name. */
size_t witness_service_index(witness *w, const char *service);

/** Fill in what a proxy shares with its worker. */
void witness_worker_share(witness_worker *worker, proxy_options *out);

/** Listen for a proxy. @param p  the worker's from now on, as is fd, also on failure  @param fd  -1: on
 * 127.0.0.1 */
UTR_MUST_CHECK utr_code witness_worker_proxy(witness_worker *worker, proxy *p, int fd, int *out_port,
                                             utr_error *err);

hub *witness_hub(witness *w);

/** A worker begins. */
void witness_worker_opened(witness *w, witness_worker *worker);

/** Free what was closed, unless the hub is serving: then that is done when it has. */
void witness_bury(witness *w);

/** The same for one worker. @return whether it was closed, and is gone */
bool witness_worker_bury(witness_worker *worker);

/** hub_serve()'s before */
void witness_worker_announce(void *owner);

#endif
