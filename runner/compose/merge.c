#include "compose/merge.h"

#include <fnmatch.h>
#include <string.h>

typedef struct {
    compose_pool *pool;
    utr_faults *faults;
} merging;

/** Bring the forms that a value may be written in into one, so that they can be merged. */
typedef const utr_yaml *normalise(compose_pool *pool, const utr_yaml *node);

/** A place in the tree that is merged in its own way. Neither form nor identity: the later value replaces the
 * earlier. */
typedef struct {
    const char *path; /* glob, '*' within one step */
    normalise *form;
    char *(*identity)(
        const utr_yaml *item); /* of a list: a later item replaces an earlier one of its identity */
} merge_rule;

/* "build: dir" is "build: {context: dir}". */
static const utr_yaml *build_form(compose_pool *pool, const utr_yaml *node)
{
    if (node->kind != UTR_YAML_SCALAR)
        return node;
    utr_yaml *map = compose_node_new(pool, UTR_YAML_MAPPING, node->place, 1);
    compose_node_set(map, "context", node->place, node);
    return map;
}

static const utr_yaml *list_form(compose_pool *pool, const utr_yaml *node)
{
    if (node->kind != UTR_YAML_SCALAR)
        return node;
    utr_yaml *list = compose_node_new(pool, UTR_YAML_SEQUENCE, node->place, 1);
    compose_node_push(list, node);
    return list;
}

/* A list of scalars as the keys of a mapping whose values are made from each; other nodes as they are. */
static const utr_yaml *keyed(compose_pool *pool, const utr_yaml *node,
                             const utr_yaml *(*value)(compose_pool *pool, const utr_yaml *item,
                                                      size_t *key_len))
{
    if (node->kind != UTR_YAML_SEQUENCE)
        return node;
    utr_yaml *map = compose_node_new(pool, UTR_YAML_MAPPING, node->place, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const utr_yaml *item = node->items[i];
        if (item->kind != UTR_YAML_SCALAR)
            return node; /* wrong; its reader says so */
        size_t len = strlen(item->text);
        const utr_yaml *made = value(pool, item, &len);
        compose_node_set(map, compose_pool_own(pool, utr_strndup(item->text, len)), item->place, made);
    }
    return map;
}

static const utr_yaml *named_value(compose_pool *pool, const utr_yaml *item, size_t *key_len)
{
    const char *equals = strchr(item->text, '=');
    if (!equals)
        return compose_node_new(pool, UTR_YAML_NULL, item->place, 0);
    *key_len = (size_t)(equals - item->text);
    return compose_node_text(pool, item->place, utr_strdup(equals + 1));
}

static const utr_yaml *named_form(compose_pool *pool, const utr_yaml *node)
{
    return keyed(pool, node, named_value);
}

static const utr_yaml *started_value(compose_pool *pool, const utr_yaml *item, size_t *key_len)
{
    (void)key_len;
    utr_yaml *map = compose_node_new(pool, UTR_YAML_MAPPING, item->place, 1);
    compose_node_set(map, "condition", item->place,
                     compose_node_text(pool, item->place, utr_strdup("service_started")));
    return map;
}

static const utr_yaml *depends_form(compose_pool *pool, const utr_yaml *node)
{
    return keyed(pool, node, started_value);
}

static const utr_yaml *null_value(compose_pool *pool, const utr_yaml *item, size_t *key_len)
{
    (void)key_len;
    return compose_node_new(pool, UTR_YAML_NULL, item->place, 0);
}

static const utr_yaml *networks_form(compose_pool *pool, const utr_yaml *node)
{
    return keyed(pool, node, null_value);
}

/* {host: ip} and {host: [ip, ip]} as a list of "host:ip". */
static const utr_yaml *hosts_form(compose_pool *pool, const utr_yaml *node)
{
    if (node->kind != UTR_YAML_MAPPING)
        return node;
    size_t room = 0;
    for (size_t i = 0; i < node->count; i++)
        room += list_form(pool, node->pairs[i].value)->count;
    utr_yaml *list = compose_node_new(pool, UTR_YAML_SEQUENCE, node->place, room);
    for (size_t i = 0; i < node->count; i++) {
        const utr_yaml *ips = list_form(pool, node->pairs[i].value);
        if (ips->kind != UTR_YAML_SEQUENCE)
            return node;
        for (size_t j = 0; j < ips->count; j++) {
            if (ips->items[j]->kind != UTR_YAML_SCALAR)
                return node;
            char *text = utr_format("%s:%s", node->pairs[i].key, ips->items[j]->text);
            compose_node_push(list, compose_node_text(pool, ips->items[j]->place, text));
        }
    }
    return list;
}

/* Where a service's volume is mounted, without its last slashes; the caller frees it. */
static char *volume_target(const utr_yaml *item)
{
    const utr_yaml *target = item->kind == UTR_YAML_SCALAR ? item : utr_yaml_get(item, "target");
    const char *text = target && target->text ? target->text : "";
    const char *colon = item->kind == UTR_YAML_SCALAR ? strchr(text, ':') : NULL;
    text = colon ? colon + 1 : text;
    size_t len = strcspn(text, colon ? ":" : "");
    while (len > 1 && text[len - 1] == '/')
        len--;
    return utr_strndup(text, len);
}

static const merge_rule RULES[] = {
    {"/services/*/command", NULL, NULL},           {"/services/*/entrypoint", NULL, NULL},
    {"/services/*/healthcheck/test", NULL, NULL},  {"/services/*/ulimits/*", NULL, NULL},
    {"/networks/*/ipam/config", NULL, NULL},       {"/networks/*/external", NULL, NULL},
    {"/volumes/*/external", NULL, NULL},           {"/services/*/environment", named_form, NULL},
    {"/services/*/labels", named_form, NULL},      {"/services/*/sysctls", named_form, NULL},
    {"/services/*/build/args", named_form, NULL},  {"/services/*/build/labels", named_form, NULL},
    {"/networks/*/labels", named_form, NULL},      {"/volumes/*/labels", named_form, NULL},
    {"/services/*/environment/*", NULL, NULL},     {"/services/*/build/args/*", NULL, NULL},
    {"/services/*/build", build_form, NULL},       {"/services/*/depends_on", depends_form, NULL},
    {"/services/*/networks", networks_form, NULL}, {"/services/*/extra_hosts", hosts_form, NULL},
    {"/services/*/dns", list_form, NULL},          {"/services/*/tmpfs", list_form, NULL},
    {"/services/*/env_file", list_form, NULL},     {"/services/*/volumes", NULL, volume_target},
};

static const merge_rule *find_rule(const char *path)
{
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        if (fnmatch(RULES[i].path, path, FNM_PATHNAME) == 0)
            return &RULES[i];
    }
    return NULL;
}

static bool tagged(const utr_yaml *node, const char *tag)
{
    return node->tag && strcmp(node->tag, tag) == 0;
}

static const utr_yaml *merge_node(merging *m, const char *path, const utr_yaml *base, const utr_yaml *over);

/* The pair of that key, or NULL. The list forms may hold a key twice: the last one is meant. */
static utr_yaml_pair *find_pair(const utr_yaml *map, const char *key)
{
    for (size_t i = map->count; i-- > 0;) {
        if (strcmp(map->pairs[i].key, key) == 0)
            return &map->pairs[i];
    }
    return NULL;
}

static void remove_pair(utr_yaml *map, utr_yaml_pair *pair)
{
    size_t after = (size_t)(map->pairs + map->count - (pair + 1));
    (void)memmove(pair, pair + 1, after * sizeof *pair);
    map->count--;
}

static const utr_yaml *merge_maps(merging *m, const char *path, const utr_yaml *base, const utr_yaml *over)
{
    utr_yaml *out = compose_node_new(m->pool, UTR_YAML_MAPPING, base ? base->place : over->place,
                                     (base ? base->count : 0) + over->count);
    for (size_t i = 0; base && i < base->count; i++)
        out->pairs[out->count++] = base->pairs[i];
    for (size_t i = 0; i < over->count; i++) {
        const utr_yaml_pair *pair = &over->pairs[i];
        utr_yaml_pair *old = find_pair(out, pair->key);
        if (tagged(pair->value, "!reset")) {
            if (old)
                remove_pair(out, old);
            continue;
        }
        auto_free char *step = utr_format("%s/%s", path, pair->key);
        const utr_yaml *value = merge_node(m, step, old ? old->value : NULL, pair->value);
        if (old)
            old->value = value;
        else
            compose_node_set(out, pair->key, pair->place, value);
    }
    return out;
}

/* Whether a later item takes the place of this one. */
static bool replaced(const merge_rule *rule, const utr_yaml *item, const utr_yaml *over)
{
    if (!rule || !rule->identity)
        return false;
    auto_free char *mine = rule->identity(item);
    for (size_t i = 0; i < over->count; i++) {
        auto_free char *other = rule->identity(over->items[i]);
        if (*mine && strcmp(mine, other) == 0)
            return true;
    }
    return false;
}

static const utr_yaml *append(merging *m, const merge_rule *rule, const utr_yaml *base, const utr_yaml *over)
{
    utr_yaml *out = compose_node_new(m->pool, UTR_YAML_SEQUENCE, base->place, base->count + over->count);
    for (size_t i = 0; i < base->count; i++) {
        if (!replaced(rule, base->items[i], over))
            compose_node_push(out, base->items[i]);
    }
    for (size_t i = 0; i < over->count; i++)
        compose_node_push(out, over->items[i]);
    return out;
}

static void fail_kinds(merging *m, const char *path, const utr_yaml *base, const utr_yaml *over)
{
    const char *key = strrchr(path, '/');
    utr_faults_add(m->faults, over->place, "'%s' is %s here but %s in %s:%d; write both in one form",
                   key ? key + 1 : "the file", utr_yaml_kind_text(over->kind), utr_yaml_kind_text(base->kind),
                   base->place.path, base->place.line);
}

static const utr_yaml *merge_node(merging *m, const char *path, const utr_yaml *base, const utr_yaml *over)
{
    const merge_rule *rule = find_rule(path);
    if (rule && rule->form) {
        over = rule->form(m->pool, over);
        base = base ? rule->form(m->pool, base) : NULL;
    }
    if ((rule && !rule->form && !rule->identity) || tagged(over, "!override"))
        base = NULL;
    if (base && over->kind == UTR_YAML_NULL)
        return base;
    if (base && base->kind == UTR_YAML_NULL)
        base = NULL;
    if (base && base->kind != over->kind) {
        fail_kinds(m, path, base, over);
        return over;
    }
    if (over->kind == UTR_YAML_MAPPING)
        return merge_maps(m, path, base, over);
    if (over->kind == UTR_YAML_SEQUENCE && base)
        return append(m, rule, base, over);
    return over;
}

const utr_yaml *compose_merge(compose_pool *pool, const utr_yaml *base, const utr_yaml *over,
                              utr_faults *faults)
{
    merging m = {.pool = pool, .faults = faults};
    return merge_node(&m, "", base, over);
}
