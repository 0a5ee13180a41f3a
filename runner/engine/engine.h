/**
 * Client of the Docker Engine API, versions 1.41 to 1.45.
 *
 * 1. engine_open() finds the engine (host given, DOCKER_HOST, the current docker context, the default
 * socket), asks who answers and settles the API version.
 * 2. The calls below; each blocks until done, its bound is reached or cancelled. Any number of threads may
 * call at once.
 * 3. engine_free().
 *
 * Every failure carries the daemon's own message; err.sys is the HTTP status where there was one. Codes:
 * UTR_UNREACHABLE (no socket, permission, refused, name not found), UTR_TIMEOUT, UTR_CANCELLED, UTR_NOT_FOUND
 * (404), UTR_CONFLICT (409), UTR_ENGINE (any other refusal), UTR_PROTOCOL (an answer that is not the API's),
 * UTR_TOO_LARGE. Knows no global state and nothing of suites or stacks.
 */
#ifndef UTR_ENGINE_ENGINE_H
#define UTR_ENGINE_ENGINE_H

#include "base/buf.h"
#include "base/cancel.h"
#include "base/json.h"
#include "base/vec.h"

typedef struct engine engine;

/** How long a call may take, and who may end it early. */
typedef struct {
    int64_t deadline_ms;      /* of utr_clock_ms(); always set */
    const utr_cancel *cancel; /* or NULL */
} engine_bound;

/** A bound of ms from now. */
engine_bound engine_within(int64_t ms, const utr_cancel *cancel);

/** Who answers. Strings are borrowed from the engine. */
typedef struct {
    const char *host;        /* as used: "unix:///var/run/docker.sock", "tcp://..." */
    const char *version;     /* "20.10.24" */
    const char *api_version; /* as settled: "1.41" */
    const char *platform;    /* "linux/amd64" */
    bool is_local;           /* a unix socket: container addresses can be tried from here */
} engine_facts;

/**
 * Find the engine and settle the API version (/_ping, /version).
 * @param host   a DOCKER_HOST value, or NULL to look for it
 * @return UTR_UNREACHABLE with the reason and the fix in the text, UTR_TIMEOUT, UTR_CONFIG (a host that is
 * none)
 */
UTR_MUST_CHECK utr_code engine_open(const char *host, engine_bound bound, engine **out, utr_error *err);
void engine_free(engine *e);
void engine_get_facts(const engine *e, engine_facts *out);

/* ---- images ---- */

/** A health check as an image or a container carries it; test empty: none. */
typedef struct {
    utr_strs test; /* ["CMD", ...] or ["CMD-SHELL", "..."] or ["NONE"] */
    int64_t interval_ms, timeout_ms, start_period_ms;
    int retries;
} engine_health;

typedef struct {
    char *id;         /* "sha256:..." */
    utr_strs digests; /* "name@sha256:..." */
    utr_strs ports;   /* exposed: "5432/tcp" */
    engine_health health;
    json_t *labels; /* for utr_json_str(); NULL: none */
} engine_image;
void engine_image_dispose(engine_image *image);

/** Told of progress: one line of text without its newline, and how far it is (total 0: unknown). */
typedef void engine_progress(void *ctx, const char *what, int64_t done, int64_t total);

UTR_MUST_CHECK utr_code engine_image_inspect(engine *e, const char *ref, engine_bound bound,
                                             engine_image *out, utr_error *err);
/** POST /images/create; credentials come from the docker configuration file. progress may be NULL. */
UTR_MUST_CHECK utr_code engine_image_pull(engine *e, const char *ref, engine_progress *progress, void *ctx,
                                          engine_bound bound, utr_error *err);

typedef struct {
    const char *context;    /* a folder; its .dockerignore is honoured */
    const char *dockerfile; /* relative to the context, or absolute; NULL: "Dockerfile" */
    const char *tag;
    const char *target; /* or NULL */
    utr_strs args;      /* "NAME=value" */
    utr_strs labels;    /* "name=value" */
    bool no_cache, pull;
    engine_progress *progress; /* or NULL: gets the build's output lines */
    void *ctx;
} engine_build;

#define ENGINE_DIGEST_SIZE 65 /* lower-case hex with a terminator */
/**
 * What a build is made of, as a SHA-256: every entry of the context that would be sent (path, type, mode,
 * link target, size, content; no times, no owners), the Dockerfile's path, the target and the arguments.
 * Not the tag and not the labels, so that the digest can be one. Nothing is asked of an engine; the context
 * is read in pieces.
 * @param cancel  ends it early; or NULL
 * @param out     written on success
 * @return UTR_CONFIG (no folder, no Dockerfile, a broken .dockerignore, changed meanwhile), UTR_SYS (not
 * readable), UTR_CANCELLED
 */
UTR_MUST_CHECK utr_code engine_build_digest(const engine_build *build, const utr_cancel *cancel,
                                            char out[ENGINE_DIGEST_SIZE], utr_error *err);

/** POST /build with the context streamed as a tar. The daemon's error and the last lines of output are in
 * err. */
UTR_MUST_CHECK utr_code engine_image_build(engine *e, const engine_build *build, engine_bound bound,
                                           char **out_id, utr_error *err);

/* ---- containers ---- */

typedef struct {
    char *network; /* its name */
    char *address; /* IPv4, "" before start */
} engine_attachment;

typedef struct {
    int container_port;
    bool udp;
    char *host_address;
    int host_port;
} engine_published;

typedef struct {
    char *id;
    char *name;     /* without the leading slash */
    char *image;    /* as asked for */
    char *image_id; /* "sha256:..." */
    char *status;   /* created|running|paused|restarting|removing|exited|dead */
    char *health;   /* "", starting, healthy, unhealthy */
    char *error;    /* what the engine says of a failed start, or "" */
    char *started_at;
    bool running, oom_killed;
    int exit_code, restart_count, pid;
    UTR_VEC(engine_attachment) networks;
    UTR_VEC(engine_published) ports;
    json_t *labels;
} engine_container;
void engine_container_dispose(engine_container *container);

/** POST /containers/create. @param config the API's body (ContainerConfig with HostConfig, NetworkingConfig);
 * borrowed */
UTR_MUST_CHECK utr_code engine_container_create(engine *e, const char *name, const json_t *config,
                                                engine_bound bound, char **out_id, utr_error *err);
UTR_MUST_CHECK utr_code engine_container_start(engine *e, const char *id, engine_bound bound, utr_error *err);
UTR_MUST_CHECK utr_code engine_container_inspect(engine *e, const char *id, engine_bound bound,
                                                 engine_container *out, utr_error *err);
/** Kill and remove with its anonymous volumes; one that is gone already is fine. */
UTR_MUST_CHECK utr_code engine_container_remove(engine *e, const char *id, engine_bound bound,
                                                utr_error *err);
UTR_MUST_CHECK utr_code engine_container_kill(engine *e, const char *id, const char *signal,
                                              engine_bound bound, utr_error *err);
/** Blocks until it stops. */
UTR_MUST_CHECK utr_code engine_container_wait(engine *e, const char *id, engine_bound bound,
                                              int *out_exit_code, utr_error *err);

/** Bytes of a container's output, as they come: is_stderr tells which stream (never set for a tty). */
typedef void engine_output(void *ctx, bool is_stderr, const char *data, size_t len);

typedef struct {
    int tail; /* last lines; -1: all */
    bool follow;
    bool timestamps;
    engine_output *output;
    void *ctx;
} engine_logs;
UTR_MUST_CHECK utr_code engine_container_logs(engine *e, const char *id, const engine_logs *options,
                                              engine_bound bound, utr_error *err);

typedef struct {
    int exit_code;
    utr_buf output; /* both streams in order, first 64 KiB; UTR_BUF_INIT not needed */
} engine_exec_result;
/** Run argv in the container, wait for it. env: "NAME=value"s or NULL. A non-zero exit is data. */
UTR_MUST_CHECK utr_code engine_exec(engine *e, const char *id, const utr_strs *argv, engine_bound bound,
                                    engine_exec_result *out, utr_error *err);

typedef struct {
    int64_t memory_bytes, memory_limit_bytes, cpu_ns;
    int64_t received_bytes, sent_bytes;
} engine_stats;
UTR_MUST_CHECK utr_code engine_container_stats(engine *e, const char *id, engine_bound bound,
                                               engine_stats *out, utr_error *err);

/** One row of a listing: containers, networks and volumes alike. */
typedef struct {
    char *id; /* a volume's is its name */
    char *name;
    char *state; /* containers; else "" */
    json_t *labels;
} engine_listed;
typedef UTR_VEC(engine_listed) engine_list;
void engine_list_dispose(engine_list *list);

typedef enum { ENGINE_CONTAINERS, ENGINE_NETWORKS, ENGINE_VOLUMES } engine_kind;
/** All of a kind that carry every one of the labels ("name" or "name=value"), stopped containers included. */
UTR_MUST_CHECK utr_code engine_list_labelled(engine *e, engine_kind kind, const utr_strs *labels,
                                             engine_bound bound, engine_list *out, utr_error *err);

/* ---- networks and volumes ---- */

/** @param config the API's body (Name, Driver, Labels, ...); borrowed */
UTR_MUST_CHECK utr_code engine_network_create(engine *e, const json_t *config, engine_bound bound,
                                              char **out_id, utr_error *err);
/** Put a container on a further network. @param endpoint the API's EndpointConfig (Aliases, ...); borrowed */
UTR_MUST_CHECK utr_code engine_network_connect(engine *e, const char *id, const char *container_id,
                                               const json_t *endpoint, engine_bound bound, utr_error *err);
UTR_MUST_CHECK utr_code engine_network_remove(engine *e, const char *id, engine_bound bound, utr_error *err);
/** @param config the API's body (Name, Driver, DriverOpts, Labels); borrowed */
UTR_MUST_CHECK utr_code engine_volume_create(engine *e, const json_t *config, engine_bound bound,
                                             utr_error *err);
UTR_MUST_CHECK utr_code engine_volume_remove(engine *e, const char *name, engine_bound bound, utr_error *err);

/* ---- events ---- */

typedef struct {
    const char *type;   /* container, network, ... */
    const char *action; /* die, oom, start, health_status: unhealthy, ... */
    const char *id;
    const json_t *attributes; /* labels, exitCode, name, ... */
    int64_t time_ns;
} engine_event;
/** @return whether to go on */
typedef bool engine_on_event(void *ctx, const engine_event *event);
/** GET /events for what carries all the labels, from since (unix seconds, 0: now) on, until on_event says
 * stop or bound. */
UTR_MUST_CHECK utr_code engine_events(engine *e, const utr_strs *labels, int64_t since_s,
                                      engine_on_event *on_event, void *ctx, engine_bound bound,
                                      utr_error *err);

#endif
