/* Top-level networks and volumes. */
#include "base/text.h"
#include "compose/parts.h"

#include <arpa/inet.h>
#include <string.h>

static const char NO_SUCH_NETWORK[] = "networks are made by subnet only";

/* ADDRESS/BITS of IPv4. */
static bool subnet_ok(const char *text)
{
    unsigned char address[sizeof(struct in_addr)];
    int64_t bits;
    const char *slash = strchr(text, '/');
    if (!slash || !utr_text_int(slash + 1, 0, 32, &bits))
        return false;
    auto_free char *host = utr_strndup(text, (size_t)(slash - text));
    return inet_pton(AF_INET, host, address) == 1;
}

static void set_subnet(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    const char *text = compose_string(r, pair, pair->value);
    if (text && subnet_ok(text))
        *(char **)field = utr_strdup(text);
    else if (text)
        compose_fail_kind(r, pair, pair->value, "an IPv4 subnet such as 172.28.0.0/16");
}

static const compose_key SUBNET_KEYS[] = {
    {"subnet", set_subnet, offsetof(compose_resource, subnet), NULL, NULL, false},
    {"gateway", NULL, 0, NULL, "the engine chooses the gateway, by default the subnet's first address",
     false},
    {"ip_range", NULL, 0, NO_SUCH_NETWORK, NULL, false},
    {"aux_addresses", NULL, 0, NO_SUCH_NETWORK, NULL, false},
};

static void set_config(compose_reader *r, const utr_yaml_pair *pair, void *resource)
{
    const utr_yaml *list = pair->value;
    if (list->kind != UTR_YAML_SEQUENCE || list->count > 1) {
        compose_fail_kind(r, pair, list, "a list of one subnet");
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const utr_yaml_pair one = {.key = pair->key, .place = list->items[i]->place, .value = list->items[i]};
        (void)compose_read_map(r, &one, SUBNET_KEYS, COMPOSE_COUNT(SUBNET_KEYS), resource);
    }
}

static void set_ipam_driver(compose_reader *r, const utr_yaml_pair *pair, void *resource)
{
    (void)resource;
    const char *text = compose_string(r, pair, pair->value);
    if (text && strcmp(text, "default") != 0)
        compose_fail_kind(r, pair, pair->value, "the driver 'default'");
}

static const compose_key IPAM_KEYS[] = {
    {"config", set_config, 0, NULL, NULL, false},
    {"driver", set_ipam_driver, 0, NULL, NULL, false},
    {"options", NULL, 0, NO_SUCH_NETWORK, NULL, false},
};

static void set_ipam(compose_reader *r, const utr_yaml_pair *pair, void *resource)
{
    (void)compose_read_map(r, pair, IPAM_KEYS, COMPOSE_COUNT(IPAM_KEYS), resource);
}

static const compose_key EXTERNAL_KEYS[] = {
    {"name", compose_set_string, offsetof(compose_resource, name), NULL, NULL, false},
};

/* true, or {name: NAME} as older files have it. */
static void set_external(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_resource *resource = field;
    if (pair->value->kind != UTR_YAML_MAPPING)
        compose_set_bool(r, pair, &resource->external);
    else
        resource->external = compose_read_map(r, pair, EXTERNAL_KEYS, COMPOSE_COUNT(EXTERNAL_KEYS), resource);
}

#define FIELD(key, set, member)                                                                              \
    {                                                                                                        \
        key, set, offsetof(compose_resource, member), NULL, NULL, false                                      \
    }
#define COMMON                                                                                               \
    FIELD("name", compose_set_string, name), FIELD("driver", compose_set_string, driver),                    \
        FIELD("driver_opts", compose_set_named, driver_opts), FIELD("labels", compose_set_named, labels),    \
    {                                                                                                        \
        "external", set_external, 0, NULL, NULL, false                                                       \
    }

static const compose_key NETWORK_KEYS[] = {
    COMMON,
    FIELD("internal", compose_set_bool, internal),
    {"ipam", set_ipam, 0, NULL, NULL, false},
    {"attachable", NULL, 0, NULL, NULL, false}, /* for swarm networks; others always are */
    {"enable_ipv4", NULL, 0, NO_SUCH_NETWORK, NULL, false},
    {"enable_ipv6", NULL, 0, NO_SUCH_NETWORK, NULL, false},
};
static const compose_key VOLUME_KEYS[] = {COMMON};
#undef FIELD
#undef COMMON

/* An external resource is taken as it is: only its name can be given. */
static void check_external(compose_reader *r, const utr_yaml_pair *pair, compose_resource *resource)
{
    for (size_t i = 0; resource->external && i < pair->value->count; i++) {
        const utr_yaml_pair *one = &pair->value->pairs[i];
        if (strcmp(one->key, "external") != 0 && strcmp(one->key, "name") != 0 &&
            !utr_text_starts(one->key, "x-"))
            utr_faults_add(r->faults, one->place, "'%.60s' of '%s', which is external; remove one of both",
                           one->key, resource->key);
    }
    if (resource->external && !resource->name)
        resource->name = utr_strdup(resource->key);
}

void compose_set_top_networks(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_stack *stack = field;
    const utr_yaml *map = pair->value;
    if (map->kind != UTR_YAML_MAPPING)
        compose_fail_kind(r, pair, map, "a mapping of networks");
    for (size_t i = 0; map->kind == UTR_YAML_MAPPING && i < map->count; i++) {
        const utr_yaml_pair *one = &map->pairs[i];
        if (!compose_check_name(r, one, "network"))
            continue;
        compose_resource *network = utr_vec_push(&stack->networks);
        network->key = utr_strdup(one->key);
        if (compose_read_map(r, one, NETWORK_KEYS, COMPOSE_COUNT(NETWORK_KEYS), network))
            check_external(r, one, network);
    }
}

void compose_set_top_volumes(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_stack *stack = field;
    const utr_yaml *map = pair->value;
    if (map->kind != UTR_YAML_MAPPING)
        compose_fail_kind(r, pair, map, "a mapping of volumes");
    for (size_t i = 0; map->kind == UTR_YAML_MAPPING && i < map->count; i++) {
        const utr_yaml_pair *one = &map->pairs[i];
        if (!compose_check_name(r, one, "volume"))
            continue;
        compose_resource *volume = utr_vec_push(&stack->volumes);
        volume->key = utr_strdup(one->key);
        if (compose_read_map(r, one, VOLUME_KEYS, COMPOSE_COUNT(VOLUME_KEYS), volume))
            check_external(r, one, volume);
    }
}
