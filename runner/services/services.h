/**
 * Bring-up, readiness, watching and removal of a stack's services.
 *
 * 1. services_new() with the engine, the stack and what is wanted; starts the reaper (a process that removes
 * everything that carries the session's label as soon as this process is gone, however it died).
 * 2. services_sweep() removes what dead runs left; services_up() pulls or builds, creates, starts and waits
 * until ready, in dependency order, in parallel where the order allows. Blocking: called on a worker thread.
 * 3. services_watch() on a thread of its own until cancelled: says when a service died, restarted or turned
 * unhealthy.
 * 4. services_down() removes everything that carries the session's label; services_free() ends the reaper.
 *
 * Everything that happens is told through one callback, called from several threads at once. Ready means that
 * the service's own health check passed, run by us through the exec API (design, section 6); without one, the
 * port accepting and a protocol-level answer.
 */
#ifndef UTR_SERVICES_SERVICES_H
#define UTR_SERVICES_SERVICES_H

#include "compose/compose.h"
#include "engine/engine.h"

/** What can be told of a service: X(name, word). */
#define SERVICES_STATES(X)                                                                                   \
    X(SERVICES_PULLING, "pulling")                                                                           \
    X(SERVICES_BUILDING, "building")                                                                         \
    X(SERVICES_CREATING, "creating")                                                                         \
    X(SERVICES_STARTED, "started")                                                                           \
    X(SERVICES_READY, "ready")                                                                               \
    X(SERVICES_COMPLETED, "completed") /* a one-shot service that exited 0 */                                \
    X(SERVICES_FAILED, "failed")       /* not brought up; detail says why */                                 \
    X(SERVICES_EXITED, "exited")                                                                             \
    X(SERVICES_OOM_KILLED, "oom-killed")                                                                     \
    X(SERVICES_UNHEALTHY, "unhealthy")                                                                       \
    X(SERVICES_RESTARTED, "restarted")                                                                       \
    X(SERVICES_REMOVED, "removed")

typedef enum {
#define SERVICES_STATE_ENUM(name, word) name,
    SERVICES_STATES(SERVICES_STATE_ENUM)
#undef SERVICES_STATE_ENUM
} services_state;

/** The word for a state. Never NULL. */
const char *services_state_text(services_state state);

/** A port of a ready service, and where it is dialled from here. */
typedef struct {
    int container_port;
    char *host; /* IPv4 literal */
    int port;
} services_address;

/** A service that runs. Strings owned by the services object, valid until services_free(). */
typedef struct {
    const char *name;
    const char *image;        /* as written */
    const char *image_id;     /* "sha256:..." */
    const char *container_id; /* full */
    double ready_seconds;     /* from container start to ready */
    const services_address *addresses;
    size_t address_count;
    bool one_shot;
} services_running;

/** Something happened. Borrowed for the call. */
typedef struct {
    services_state state;
    const char *service;
    const char *detail;              /* progress or reason, or "" */
    double seconds;                  /* since services_up() began */
    const services_running *running; /* READY and COMPLETED, else NULL */
} services_event;
typedef void services_on_event(void *ctx, const services_event *event);

/** How readiness is waited for (design, section 5). */
typedef struct {
    int64_t timeout_ms; /* one check */
    int retries;        /* failures in a row once the port accepts */
    int64_t delay_ms;   /* longest pause between two checks */
    int64_t start_ms;   /* from container start to ready */
} services_readiness;

typedef enum { SERVICES_PULL_MISSING, SERVICES_PULL_ALWAYS, SERVICES_PULL_NEVER } services_pull;

/** One service that is wanted. What it depends on is brought up too, with the default readiness. */
typedef struct {
    const char *name;
    services_readiness readiness;
    bool critical;    /* false: its failure is told but does not end the bring-up */
    const int *ports; /* container ports that will be dialled, besides those declared */
    size_t port_count;
} services_wanted;

typedef struct {
    engine *engine;             /* borrowed */
    const compose_stack *stack; /* borrowed */
    const char *project;        /* com.docker.compose.project; prefix of every name */
    const char *session;        /* our label's value; unique to the run */
    const services_wanted *wanted;
    size_t wanted_count;
    services_pull pull;
    const char *log_dir; /* a log per service goes there; NULL: none kept */
    bool keep;           /* no reaper; services_down() leaves them up */
    services_on_event *on_event;
    void *ctx;
} services_options;

typedef struct services services;

/** Check that what is wanted can be ordered; nothing is started and no engine is needed.
 * @return UTR_CONFIG: an unknown name (with the nearest), services that depend on each other in a circle */
UTR_MUST_CHECK utr_code services_check(const compose_stack *stack, const services_wanted *wanted,
                                       size_t wanted_count, utr_error *err);

/** Checks the wanted names, plans the order (a cycle is UTR_CONFIG), starts the reaper. The options are
 * copied, what they point to is borrowed. */
UTR_MUST_CHECK utr_code services_new(const services_options *options, services **out, utr_error *err);
void services_free(services *s);

/** Remove what carries our label and belongs to a process that is dead (other boot, pid gone, or pid reused).
 * @param out_removed number of containers, networks, volumes */
UTR_MUST_CHECK utr_code services_sweep(engine *e, engine_bound bound, size_t *out_removed, utr_error *err);

/** @return UTR_SERVICE with the reason and the last 50 log lines told as events; UTR_ENGINE...,
 * UTR_CANCELLED. What was started stays for services_down(). */
UTR_MUST_CHECK utr_code services_up(services *s, const utr_cancel *cancel, utr_error *err);

/** The running service of that name, or NULL. */
const services_running *services_find(const services *s, const char *name);

/** Follow the engine's events for our containers until cancelled. @return UTR_CANCELLED when told to stop;
 * UTR_UNREACHABLE when the engine went away */
UTR_MUST_CHECK utr_code services_watch(services *s, const utr_cancel *cancel, utr_error *err);

/** Remove containers (killed, not stopped), networks and volumes of the session. Tries everything; the first
 * failure is returned. */
UTR_MUST_CHECK utr_code services_down(services *s, engine_bound bound, utr_error *err);

/* ---- stacks that were kept (`services up|down|status|logs`) ---- */

/** A container of ours, whoever started it. Owns its strings. */
typedef struct {
    char *project, *service, *session, *container_id;
    char *state;  /* created|running|exited... */
    char *health; /* "", starting, healthy, unhealthy */
    bool is_kept; /* brought up to stay */
    UTR_VEC(services_address) addresses;
} services_status_row;
typedef UTR_VEC(services_status_row) services_status_list;
void services_status_dispose(services_status_list *list);

/** The containers of ours in a project. Their logs: engine_container_logs(). @param project NULL: in all */
UTR_MUST_CHECK utr_code services_status(engine *e, const char *project, engine_bound bound,
                                        services_status_list *out, utr_error *err);

/** Remove a kept stack: containers, networks and volumes that carry our `keep` label and the project's.
 * @param project      NULL: every kept stack
 * @param out_removed  how many; written on failure too */
UTR_MUST_CHECK utr_code services_remove_project(engine *e, const char *project, engine_bound bound,
                                                size_t *out_removed, utr_error *err);

/** What main() runs instead of everything else when argv[1] is "--reaper": the process that services_new()
 * starts from this same binary. @return the process's exit code */
int services_reaper_main(int argc, char **argv);

#endif
