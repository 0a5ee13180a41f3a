/**
 * One look at a service's port from outside: does it accept, and does it speak?
 *
 * Postgres gets a startup message (Postgres protocol, 55.2.1), Redis a PING, HTTP a GET. These are the
 * runner's own words to a service and never count as evidence.
 */
#ifndef UTR_SERVICES_PROBE_H
#define UTR_SERVICES_PROBE_H

#include "base/cancel.h"

typedef enum {
    SERVICES_PROBE_PORT, /* accepting is all that can be asked */
    SERVICES_PROBE_POSTGRES,
    SERVICES_PROBE_REDIS,
    SERVICES_PROBE_HTTP,
} services_probe_kind;

/** By the port's customary use. */
services_probe_kind services_probe_kind_of(int container_port);

typedef enum {
    SERVICES_PROBE_CLOSED,   /* nobody accepts */
    SERVICES_PROBE_STARTING, /* it answered that it is not ready yet */
    SERVICES_PROBE_SILENT,   /* accepted, no answer */
    SERVICES_PROBE_ANSWERED, /* accepted; and answered, where there was a question */
} services_probe_result;

typedef struct {
    services_probe_kind kind;
    const char *host; /* IPv4 literal */
    int port;
    bool through_proxy; /* a published port: the engine's proxy accepts before the service does */
    const char *user;   /* Postgres; a role that exists keeps its log clean */
} services_probe;

/**
 * Look once.
 * @param wait_ms  the most it may take
 * @param reason   why it is not ANSWERED: "connection refused"; untouched otherwise
 */
services_probe_result services_probe_look(const services_probe *probe, int64_t wait_ms,
                                          const utr_cancel *cancel, char reason[128]);

/** What an answer's first bytes mean. Pure; for tests. */
services_probe_result services_probe_judge(services_probe_kind kind, const char *answer, size_t len);

#endif
