/** A worker's listeners, connections and scopes; see witness.h. */
#ifndef UTR_WITNESS_WORKER_H
#define UTR_WITNESS_WORKER_H

#include "witness/evidence.h"
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

/** A worker begins or has begun to close, or its memory is gone. */
void witness_worker_opened(witness *w, witness_worker *worker);
void witness_worker_closing(witness *w, const witness_worker *worker);
void witness_worker_closed(witness *w);

#endif
