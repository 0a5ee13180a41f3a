/**
 * Free loopback ports of this machine, for an engine to publish on.
 *
 * Chosen here and not by the engine: in a virtual machine or another network namespace, what is free there
 * may be taken here, and then a stranger would answer in the service's place. Held (bound, not listened at)
 * until the engine needs them.
 */
#ifndef UTR_SERVICES_RESERVE_H
#define UTR_SERVICES_RESERVE_H

#include "base/error.h"
#include "base/vec.h"

typedef struct {
    UTR_VEC(int) ports;
    UTR_VEC(int) fds; /* none once released */
} services_reserve;

/** @return UTR_SYS: no socket or no port is left; out is then as it was */
UTR_MUST_CHECK utr_code services_reserve_take(size_t count, services_reserve *out, utr_error *err);

/** Let the ports go; their numbers stay known. */
void services_reserve_release(services_reserve *reserve);
void services_reserve_dispose(services_reserve *reserve);

#endif
