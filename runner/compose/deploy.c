#include "base/text.h"
#include "compose/parts.h"

#include <ctype.h>
#include <string.h>

/* Limits may be given here and as mem_limit, cpus and pids_limit; both must then say the same. */
typedef struct {
    int64_t memory_bytes;
    double cpus;
    int64_t pids;
} limits;

static const compose_key LIMIT_KEYS[] = {
    {"cpus", compose_set_cpus, offsetof(limits, cpus), NULL, NULL, false},
    {"memory", compose_set_size, offsetof(limits, memory_bytes), NULL, NULL, false},
    {"pids", compose_set_pids, offsetof(limits, pids), NULL, NULL, false},
};

static void fail_conflict(compose_reader *r, const utr_yaml_pair *pair, const char *key, const char *other)
{
    utr_faults_add(r->faults, pair->place, "deploy's limit of %s differs from '%s'; keep one", key, other);
}

static void set_limits(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_service *service = field;
    limits got = {0};
    if (!compose_read_map(r, pair, LIMIT_KEYS, COMPOSE_COUNT(LIMIT_KEYS), &got))
        return;
    if (got.memory_bytes && service->memory_bytes && got.memory_bytes != service->memory_bytes)
        fail_conflict(r, pair, "memory", "mem_limit");
    if (got.cpus > 0 && service->cpus > 0 && (got.cpus < service->cpus || got.cpus > service->cpus))
        fail_conflict(r, pair, "cpus", "cpus");
    if (got.pids && service->pids && got.pids != service->pids)
        fail_conflict(r, pair, "pids", "pids_limit");
    service->memory_bytes = got.memory_bytes ? got.memory_bytes : service->memory_bytes;
    service->cpus = got.cpus > 0 ? got.cpus : service->cpus;
    service->pids = got.pids ? got.pids : service->pids;
}

static const char NOT_RESERVED[] = "nothing is reserved, limits are what is enforced";

static const compose_key RESERVATION_KEYS[] = {
    {"cpus", NULL, 0, NULL, NOT_RESERVED, false},
    {"memory", NULL, 0, NULL, NOT_RESERVED, false},
    {"generic_resources", NULL, 0, "containers get no special devices", NULL, false},
    {"devices", NULL, 0, "containers get no special devices", NULL, false},
};

static void set_reservations(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    (void)compose_read_map(r, pair, RESERVATION_KEYS, COMPOSE_COUNT(RESERVATION_KEYS), service);
}

static const compose_key RESOURCE_KEYS[] = {
    {"limits", set_limits, 0, NULL, NULL, false},
    {"reservations", set_reservations, 0, NULL, NULL, false},
};

static void set_resources(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    (void)compose_read_map(r, pair, RESOURCE_KEYS, COMPOSE_COUNT(RESOURCE_KEYS), service);
}

static void set_replicas(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    (void)service;
    int64_t count;
    const char *text = compose_scalar(r, pair, pair->value, "a number");
    if (text && (!utr_text_int(text, 0, INT32_MAX, &count) || count != 1))
        utr_faults_add(r->faults, pair->value->place,
                       "%.20s replicas are not supported yet; one container is run a service", text);
}

static void set_mode(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    (void)service;
    const char *text = compose_string(r, pair, pair->value);
    if (text && strcmp(text, "replicated") != 0 && strcmp(text, "global") != 0)
        utr_faults_add(r->faults, pair->value->place,
                       "deploy mode '%.40s' is not supported; known: replicated, global", text);
}

static const char SWARM[] = "one container is run, on this engine";

static const compose_key DEPLOY_KEYS[] = {
    {"resources", set_resources, 0, NULL, NULL, false},
    {"replicas", set_replicas, 0, NULL, NULL, false},
    {"mode", set_mode, 0, NULL, NULL, false},
    {"labels", NULL, 0, NULL, "they are a swarm service's, not its containers'", false},
    {"placement", NULL, 0, NULL, SWARM, false},
    {"endpoint_mode", NULL, 0, NULL, SWARM, false},
    {"update_config", NULL, 0, NULL, SWARM, false},
    {"rollback_config", NULL, 0, NULL, SWARM, false},
    {"restart_policy", NULL, 0, NULL, "a service that dies ends the run", false},
};

void compose_set_deploy(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    (void)compose_read_map(r, pair, DEPLOY_KEYS, COMPOSE_COUNT(DEPLOY_KEYS), service);
}

static void set_limit(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char WANTED[] = "a number, or -1 for no limit";
    const char *text = compose_scalar(r, pair, pair->value, WANTED);
    if (text && !utr_text_int(text, -1, INT64_MAX, field))
        compose_fail_kind(r, pair, pair->value, WANTED);
}

static const compose_key ULIMIT_KEYS[] = {
    {"soft", set_limit, offsetof(compose_ulimit, soft), NULL, NULL, false},
    {"hard", set_limit, offsetof(compose_ulimit, hard), NULL, NULL, false},
};

static void read_ulimit(compose_reader *r, const utr_yaml_pair *pair, compose_service *service)
{
    compose_ulimit limit = {0};
    if (pair->value->kind == UTR_YAML_SCALAR) {
        set_limit(r, pair, &limit.soft);
        limit.hard = limit.soft;
    } else if (!utr_yaml_get(pair->value, "soft") || !utr_yaml_get(pair->value, "hard")) {
        compose_fail_kind(r, pair, pair->value, "a number, or both 'soft' and 'hard'");
        return;
    } else if (!compose_read_map(r, pair, ULIMIT_KEYS, COMPOSE_COUNT(ULIMIT_KEYS), &limit)) {
        return;
    }
    limit.name = utr_strdup(pair->key);
    *utr_vec_push(&service->ulimits) = limit;
}

void compose_set_ulimits(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    static const char *const NAMES[] = {"as",      "core",     "cpu",        "data",   "fsize", "locks",
                                        "memlock", "msgqueue", "nice",       "nofile", "nproc", "rss",
                                        "rtprio",  "rttime",   "sigpending", "stack"};
    const utr_yaml *map = pair->value;
    if (map->kind != UTR_YAML_MAPPING)
        compose_fail_kind(r, pair, map, "a mapping such as {nofile: 1024}");
    for (size_t i = 0; map->kind == UTR_YAML_MAPPING && i < map->count; i++) {
        bool known = false;
        for (size_t n = 0; n < COMPOSE_COUNT(NAMES); n++)
            known = known || strcmp(map->pairs[i].key, NAMES[n]) == 0;
        if (known) {
            read_ulimit(r, &map->pairs[i], service);
            continue;
        }
        const char *nearest = utr_text_nearest(map->pairs[i].key, NAMES, COMPOSE_COUNT(NAMES));
        utr_faults_add(r->faults, map->pairs[i].place, "unknown ulimit '%.60s'; did you mean '%s'?",
                       map->pairs[i].key, nearest ? nearest : "nofile");
    }
}
