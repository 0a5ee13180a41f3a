/* What ties a service to others: dependencies and networks. */
#include "base/text.h"
#include "compose/parts.h"

#include <arpa/inet.h>
#include <string.h>

void compose_refer(compose_reader *r, compose_target target, const char *name, utr_place place)
{
    *utr_vec_push(&r->references) =
        (compose_reference){.target = target, .from = r->service, .name = name, .place = place};
}

bool compose_check_name(compose_reader *r, const utr_yaml_pair *pair, const char *what)
{
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (*pair->key && pair->key[strspn(pair->key, ALLOWED)] == '\0')
        return true;
    utr_faults_add(r->faults, pair->place, "'%.100s' cannot name a %s; use letters, digits, '.', '_' and '-'",
                   pair->key, what);
    return false;
}

bool compose_profile_on(const utr_strs *profiles, const utr_strs *on)
{
    if (!profiles->count || (on && utr_strs_has(on, "*")))
        return true;
    for (size_t i = 0; on && i < profiles->count; i++) {
        if (utr_strs_has(on, profiles->items[i]))
            return true;
    }
    return false;
}

static void set_condition(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char *const CONDITIONS[] = {[COMPOSE_STARTED] = "service_started",
                                             [COMPOSE_HEALTHY] = "service_healthy",
                                             [COMPOSE_COMPLETED] = "service_completed_successfully"};
    const char *text = compose_string(r, pair, pair->value);
    for (size_t i = 0; text && i < COMPOSE_COUNT(CONDITIONS); i++) {
        if (strcmp(text, CONDITIONS[i]) == 0) {
            *(compose_condition *)field = (compose_condition)i;
            return;
        }
    }
    if (text)
        utr_faults_add(r->faults, pair->value->place,
                       "unknown condition '%.60s'; known: service_started, service_healthy, "
                       "service_completed_successfully",
                       text);
}

static const compose_key DEPENDENCY_KEYS[] = {
    {"condition", set_condition, offsetof(compose_dependency, condition), NULL, NULL, false},
    {"required", compose_set_bool, offsetof(compose_dependency, required), NULL, NULL, false},
    {"restart", NULL, 0, NULL, NULL, false}, /* about restarts by hand, which a run does not have */
};

static void add_dependency(compose_reader *r, const utr_yaml_pair *one, compose_service *service)
{
    compose_dependency dependency = {.required = true};
    if (one->value->kind == UTR_YAML_MAPPING && !utr_yaml_get(one->value, "condition")) {
        utr_faults_add(r->faults, one->place,
                       "the dependency on '%.100s' has no 'condition'; add condition: service_healthy",
                       one->key);
    } else if (!compose_read_map(r, one, DEPENDENCY_KEYS, COMPOSE_COUNT(DEPENDENCY_KEYS), &dependency)) {
        return;
    }
    compose_refer(r, COMPOSE_TO_SERVICE, one->key, one->place);
    r->references.items[r->references.count - 1].optional = !dependency.required;
    dependency.service = utr_strdup(one->key);
    *utr_vec_push(&service->depends_on) = dependency;
}

void compose_set_depends_on(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    const utr_yaml *map = pair->value;
    if (map->kind != UTR_YAML_MAPPING)
        compose_fail_kind(r, pair, map, "a list of services, or a mapping of them");
    for (size_t i = 0; map->kind == UTR_YAML_MAPPING && i < map->count; i++) {
        const utr_yaml_pair *one = &map->pairs[i];
        if (one->value->kind == UTR_YAML_NULL)
            utr_faults_add(r->faults, one->place,
                           "the dependency on '%.100s' is empty; add condition: service_healthy", one->key);
        else
            add_dependency(r, one, service);
    }
}

static void set_ipv4(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    unsigned char address[sizeof(struct in_addr)];
    const char *text = compose_string(r, pair, pair->value);
    if (text && inet_pton(AF_INET, text, address) == 1)
        *(char **)field = utr_strdup(text);
    else if (text)
        compose_fail_kind(r, pair, pair->value, "an IPv4 address such as 172.28.0.10");
}

static const char NOT_SET[] = "the engine chooses it";

static const compose_key ATTACHMENT_KEYS[] = {
    {"aliases", compose_set_strings, offsetof(compose_attachment, aliases), NULL, NULL, false},
    {"ipv4_address", set_ipv4, offsetof(compose_attachment, ipv4_address), NULL, NULL, false},
    {"ipv6_address", NULL, 0, NOT_SET, NULL, false},
    {"link_local_ips", NULL, 0, NOT_SET, NULL, false},
    {"mac_address", NULL, 0, NOT_SET, NULL, false},
    {"interface_name", NULL, 0, NOT_SET, NULL, false},
    {"driver_opts", NULL, 0, "set them on the network", NULL, false},
    {"priority", NULL, 0, NULL, "networks are joined in their order", false},
    {"gw_priority", NULL, 0, NULL, "networks are joined in their order", false},
};

void compose_set_networks(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_service *service = field;
    const utr_yaml *map = pair->value;
    if (map->kind != UTR_YAML_MAPPING)
        compose_fail_kind(r, pair, map, "a list of networks, or a mapping of them");
    for (size_t i = 0; map->kind == UTR_YAML_MAPPING && i < map->count; i++) {
        const utr_yaml_pair *one = &map->pairs[i];
        compose_attachment *attachment = utr_vec_push(&service->networks);
        attachment->network = utr_strdup(one->key);
        compose_refer(r, COMPOSE_TO_NETWORK, one->key, one->place);
        (void)compose_read_map(r, one, ATTACHMENT_KEYS, COMPOSE_COUNT(ATTACHMENT_KEYS), attachment);
    }
}

/* Sharing another service's network means that it runs first. */
static void depend_on(compose_service *service, const char *name)
{
    for (size_t i = 0; i < service->depends_on.count; i++) {
        if (strcmp(service->depends_on.items[i].service, name) == 0)
            return;
    }
    *utr_vec_push(&service->depends_on) =
        (compose_dependency){.service = utr_strdup(name), .condition = COMPOSE_STARTED, .required = true};
}

void compose_set_network_mode(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char SERVICE[] = "service:";
    compose_service *service = field;
    const char *text = compose_string(r, pair, pair->value);
    if (!text)
        return;
    bool other = utr_text_starts(text, SERVICE) && text[strlen(SERVICE)];
    if (!other && strcmp(text, "none") != 0 && strcmp(text, "host") != 0 && strcmp(text, "bridge") != 0) {
        utr_faults_add(r->faults, pair->value->place,
                       "network_mode '%.60s' is not supported; known: none, host, bridge, service:NAME",
                       text);
        return;
    }
    service->network_mode = utr_strdup(text);
    if (other) {
        compose_refer(r, COMPOSE_TO_SERVICE, text + strlen(SERVICE), pair->value->place);
        depend_on(service, text + strlen(SERVICE));
    }
}
