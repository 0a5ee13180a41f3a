/**
 * Waiting until a started container is ready (design, section 6).
 *
 * The gate: a port of it accepts, and Postgres and Redis say that they are up. Behind the gate, its health
 * check, run by us through the exec API; a check that passed once is enough. The engine's health interval is
 * not waited for. Meanwhile a container that stops is noticed at once.
 */
#ifndef UTR_SERVICES_READY_H
#define UTR_SERVICES_READY_H

#include "services/log.h"
#include "services/services.h"

typedef struct {
    engine *engine;
    const char *container_id;
    services_readiness profile;
    int64_t started_ms;           /* of utr_clock_ms() */
    int64_t grace_ms;             /* the check's start period: failures in it do not count */
    const utr_strs *check;        /* argv of the health check; empty: none */
    const services_address *gate; /* any of them accepting opens it; none: no gate */
    size_t gate_count;
    bool gate_is_hint;  /* ports that only the image exposes: the check may pass without them */
    bool through_proxy; /* published ports */
    const char *user;   /* of Postgres, or NULL */
    const services_log *log;
    const utr_cancel *cancel;
} services_ready_task;

typedef enum {
    SERVICES_READY_PASSED,
    SERVICES_READY_ENDED,   /* the container stopped */
    SERVICES_READY_GAVE_UP, /* the profile's start or retries are used up */
} services_ready_kind;

typedef struct {
    services_ready_kind kind;
    int exit_code; /* ENDED */
    bool oom_killed;
    char reason[400]; /* unless PASSED: probe, target, last error, state of the container */
} services_ready_outcome;

/** @return UTR_CANCELLED, UTR_UNREACHABLE...: the engine, not the service, is at fault */
UTR_MUST_CHECK utr_code services_ready_wait(const services_ready_task *task, services_ready_outcome *out,
                                            utr_error *err);

/** The pause after this one: 20 ms, 40 ms ... up to delay_ms. Pure. @param last_ms 0: the first */
int64_t services_ready_pause(int64_t last_ms, int64_t delay_ms);

/** The argv that runs a health check's test as Compose and images write it; empty for NONE. */
void services_ready_argv(const utr_strs *test, utr_strs *out);

/** Why a container stopped, in words. */
void services_ready_say_end(const engine_container *container, char *out, size_t size);

#endif
