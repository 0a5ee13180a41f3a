/**
 * Compose files, read whole into a stack (the Compose Specification).
 *
 * 1. compose_load() reads one or more files, merges them, interpolates, resolves anchors, and checks
 * everything.
 * 2. Read the open structs below. All paths in them are absolute or relative to the working directory; all
 * defaults are filled in.
 * 3. compose_free().
 *
 * Every fault of every file comes at once, each with path:line:column. What is not understood is a fault
 * where ignoring it would change what runs, a warning otherwise; nothing is dropped in silence.
 */
#ifndef UTR_COMPOSE_COMPOSE_H
#define UTR_COMPOSE_COMPOSE_H

#include "base/faults.h"

#include <stdint.h>

typedef enum {
    COMPOSE_STARTED,   /* service_started */
    COMPOSE_HEALTHY,   /* service_healthy */
    COMPOSE_COMPLETED, /* service_completed_successfully */
} compose_condition;

typedef struct {
    char *service;
    compose_condition condition;
    bool required;
} compose_dependency;

/** healthcheck; test empty: none declared. disabled: `disable: true` or NONE (an image's own check is off
 * too). */
typedef struct {
    utr_strs test; /* ["CMD", ...] or ["CMD-SHELL", "..."] */
    int64_t interval_ms, timeout_ms, start_period_ms, start_interval_ms; /* 0: not given */
    int retries;                                                         /* 0: not given */
    bool disabled;
} compose_health;

typedef struct {
    char *context; /* NULL: nothing to build */
    char *dockerfile;
    char *target;  /* or NULL */
    utr_strs args; /* "NAME=value" */
    utr_strs labels;
} compose_build;

typedef struct {
    int container_port;
    int host_port;      /* 0: any free one */
    int host_port_last; /* host_port; more where any one of host_port..host_port_last may be taken */
    char *host_address; /* "" : every address */
    bool udp;
} compose_port;

typedef enum { COMPOSE_BIND, COMPOSE_VOLUME, COMPOSE_TMPFS } compose_mount_kind;
typedef struct {
    compose_mount_kind kind;
    char *source; /* bind: path; volume: name in the stack, "" for an anonymous one; tmpfs: "" */
    char *target;
    bool read_only;
    bool create_host_path; /* bind: make the source where it is missing */
    int64_t size_bytes;    /* tmpfs; 0: not given */
    int mode;              /* tmpfs; 0: not given */
} compose_mount;

typedef struct {
    char *network; /* name in the stack */
    utr_strs aliases;
    char *ipv4_address; /* or NULL */
} compose_attachment;

typedef struct {
    char *name;
    int64_t soft, hard;
} compose_ulimit;

typedef struct {
    char *name;
    utr_place place; /* of its key */
    char *image;     /* NULL: only built */
    compose_build build;
    char *pull_policy; /* always|never|missing|build, NULL: not given */
    utr_strs command, entrypoint;
    bool has_command, has_entrypoint; /* given, perhaps empty */
    utr_strs environment;             /* "NAME=value", env_file merged in, resolved */
    UTR_VEC(compose_dependency) depends_on;
    compose_health health;
    UTR_VEC(compose_port) ports;
    utr_strs expose; /* "5432/tcp" */
    UTR_VEC(compose_mount) mounts;
    UTR_VEC(compose_attachment) networks; /* at least "default" unless network_mode */
    char *network_mode;                   /* none | host | bridge | service:NAME; NULL: networks */
    utr_strs labels;                      /* "name=value" */
    UTR_VEC(compose_ulimit) ulimits;
    utr_strs cap_add, cap_drop, security_opt, extra_hosts, dns, sysctls, group_add;
    utr_strs profiles;
    char *user, *working_dir, *hostname, *container_name, *stop_signal, *restart, *platform;
    int64_t shm_bytes, memory_bytes, stop_grace_ms; /* 0: not given */
    double cpus;                                    /* 0: not given */
    int64_t pids;                                   /* 0: not given */
    bool init, privileged, read_only, tty, stdin_open;
} compose_service;

/** A top-level network or volume. name: what the engine shall call it, NULL: project_KEY. */
typedef struct {
    char *key;
    char *name;
    char *driver; /* or NULL */
    bool external;
    bool internal; /* networks */
    utr_strs driver_opts, labels;
    char *subnet; /* networks, ipam; or NULL */
} compose_resource;

typedef struct {
    char *name;     /* `name:`, or NULL */
    utr_strs files; /* as given */
    UTR_VEC(compose_service) services;
    UTR_VEC(compose_resource) networks; /* "default" is among them */
    UTR_VEC(compose_resource) volumes;
} compose_stack;

typedef struct {
    const char *directory;       /* project directory; NULL: the first file's folder */
    const utr_strs *environment; /* "NAME=value"s to interpolate from, before `.env`; NULL: this process's */
    const utr_strs *profiles;    /* switched on; NULL: none */
} compose_options;

/**
 * Read files, the later ones over the earlier, with the project directory's `.env`.
 * Services of profiles that are not switched on are kept (their `profiles` say so); the caller picks.
 * @param out       on success a new stack, freed with compose_free()
 * @param faults    every fault found
 * @param warnings  what was understood but not acted on, or ignored without harm
 * @return UTR_CONFIG (see faults), UTR_SYS, UTR_TOO_LARGE
 */
UTR_MUST_CHECK utr_code compose_load(const utr_strs *files, const compose_options *options,
                                     compose_stack **out, utr_faults *faults, utr_faults *warnings,
                                     utr_error *err);
void compose_free(compose_stack *stack);

/** A service by name, or NULL. */
const compose_service *compose_find(const compose_stack *stack, const char *name);

static inline void compose_release(compose_stack **stack)
{
    compose_free(*stack);
}

#define auto_compose __attribute__((cleanup(compose_release)))

#endif
