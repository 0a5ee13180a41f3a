#include "manifest/service.h"

#include "base/text.h"
#include "manifest/words.h"

#include <ctype.h>
#include <string.h>

/* Design, section 5. In the order of manifest_profile_words. */
static const manifest_profile BUILT_IN[MANIFEST_PROFILE_COUNT] = {
    {.timeout_ms = 5000, .retries = 3, .delay_ms = 500, .start_ms = 60000},   /* default */
    {.timeout_ms = 5000, .retries = 3, .delay_ms = 500, .start_ms = 60000},   /* test */
    {.timeout_ms = 10000, .retries = 3, .delay_ms = 1000, .start_ms = 60000}, /* development */
    {.timeout_ms = 3000, .retries = 2, .delay_ms = 500, .start_ms = 60000},   /* staging */
    {.timeout_ms = 3000, .retries = 2, .delay_ms = 500, .start_ms = 60000},   /* production */
};

static const manifest_field PROFILE_FIELDS[] = {
    {"timeout", false, manifest_set_duration, offsetof(manifest_profile, timeout_ms), NULL},
    {"retries", false, manifest_set_count, offsetof(manifest_profile, retries), NULL},
    {"delay", false, manifest_set_duration, offsetof(manifest_profile, delay_ms), NULL},
    {"start", false, manifest_set_duration, offsetof(manifest_profile, start_ms), NULL},
};
const manifest_object manifest_profile_object = MANIFEST_OBJECT("profile", "key", false, PROFILE_FIELDS);

static void set_profile(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                        void *target)
{
    manifest_profile *profile = (void *)((char *)target + field->offset);
    manifest_read_object(r, &manifest_profile_object, pair->value, profile);
}

#define PROFILE_FIELD(name, index)                                                                           \
    {                                                                                                        \
        name, false, set_profile, (index) * sizeof(manifest_profile), NULL                                   \
    }
static const manifest_field READINESS_FIELDS[] = {
    PROFILE_FIELD("default", 0), PROFILE_FIELD("test", 1),       PROFILE_FIELD("development", 2),
    PROFILE_FIELD("staging", 3), PROFILE_FIELD("production", 4),
};
const manifest_object manifest_readiness_object =
    MANIFEST_OBJECT("readiness", "profile", false, READINESS_FIELDS);

static void set_readiness(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                          void *target)
{
    manifest_read_object(r, &manifest_readiness_object, pair->value, (char *)target + field->offset);
}

static const manifest_field SERVICE_FIELDS[] = {
    {"critical", false, manifest_set_bool, offsetof(manifest_service, critical), NULL},
    {"readiness", false, set_readiness, offsetof(manifest_service, profiles), NULL},
};
const manifest_object manifest_service_object = MANIFEST_OBJECT("service", "key", true, SERVICE_FIELDS);

static int64_t first_given(int64_t own, int64_t of_default, int64_t built_in)
{
    return own ? own : of_default ? of_default : built_in;
}

/* What was not given is 0 so far. `default` comes last, because the others look at it as given. */
static void fill_in_profiles(manifest_service *service)
{
    const manifest_profile given = service->profiles[0];
    for (size_t i = 0; i < MANIFEST_PROFILE_COUNT; i++) {
        manifest_profile *profile = &service->profiles[i];
        const manifest_profile *built_in = &BUILT_IN[i];
        profile->timeout_ms = first_given(profile->timeout_ms, given.timeout_ms, built_in->timeout_ms);
        profile->retries = first_given(profile->retries, given.retries, built_in->retries);
        profile->delay_ms = first_given(profile->delay_ms, given.delay_ms, built_in->delay_ms);
        profile->start_ms = first_given(profile->start_ms, given.start_ms, built_in->start_ms);
    }
}

static void read_service(manifest_reader *r, const utr_yaml_pair *pair)
{
    if (!manifest_is_name(pair->key)) {
        utr_faults_add(r->faults, pair->place,
                       "'%.200s' names no service; a name has letters, digits, '_', '-' and '.'", pair->key);
        return;
    }
    manifest_service *service = utr_vec_push(&r->category->services);
    service->name = utr_strdup(pair->key);
    service->place = pair->place;
    service->critical = true;
    manifest_read_object(r, &manifest_service_object, pair->value, service);
    fill_in_profiles(service);
}

void manifest_set_services(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                           void *target)
{
    (void)field;
    (void)target;
    const utr_yaml *map = manifest_mapping(r, pair, "a mapping of service names");
    for (size_t i = 0; map && i < map->count; i++)
        read_service(r, &map->pairs[i]);
}

void manifest_service_dispose(manifest_service *service)
{
    free(service->name);
}

/* One way to write a host, so that what a client asks for can be compared byte by byte. */
static bool is_host(const char *text, size_t len)
{
    if (!len || len > 253 || *text == '-' || *text == '.')
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (!islower(c) && !isdigit(c) && c != '-' && c != '.' && c != '_')
            return false;
    }
    return true;
}

static bool is_declared(const manifest_category *category, const char *name)
{
    for (size_t i = 0; i < category->external.count; i++) {
        if (strcmp(category->external.items[i].name, name) == 0)
            return true;
    }
    return false;
}

static void read_external(manifest_reader *r, const utr_yaml *node)
{
    const char *text = node->kind == UTR_YAML_SCALAR ? node->text : "";
    size_t len = strcspn(text, ":");
    int64_t port = 0;
    if (!is_host(text, len) || text[len] != ':' || !utr_text_int(text + len + 1, 1, 65535, &port)) {
        utr_faults_add(r->faults, node->place,
                       "'%.200s' in 'external'; it takes HOST:PORT, the host in small letters, such as "
                       "api.example.com:443",
                       text);
        return;
    }
    if (is_declared(r->category, text)) {
        utr_faults_add(r->faults, node->place, "'%s' stands in 'external' twice", text);
        return;
    }
    manifest_external *external = utr_vec_push(&r->category->external);
    external->name = utr_strdup(text);
    external->host = utr_strndup(text, len);
    external->port = (int)port;
    external->place = node->place;
}

void manifest_set_external(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                           void *target)
{
    (void)field;
    (void)target;
    const utr_yaml *list = manifest_list(r, pair, "a list of HOST:PORT");
    for (size_t i = 0; list && i < list->count; i++)
        read_external(r, list->items[i]);
}

void manifest_external_dispose(manifest_external *external)
{
    free(external->name);
    free(external->host);
}

const manifest_service *manifest_service_find(const manifest_category *category, const char *name)
{
    for (size_t i = 0; i < category->services.count; i++) {
        if (strcmp(category->services.items[i].name, name) == 0)
            return &category->services.items[i];
    }
    return NULL;
}

static size_t profile_index(const char *env)
{
    for (size_t i = 0; env && manifest_profile_words[i]; i++) {
        if (strcmp(manifest_profile_words[i], env) == 0)
            return i;
    }
    return 0;
}

const manifest_profile *manifest_readiness(const manifest_service *service, const char *env)
{
    return &service->profiles[profile_index(env)];
}
