#include "compose/tree.h"

#include "base/text.h"

#include <string.h>

static const size_t MOST_TEXT = 8 << 20;
static const size_t MOST_ENTRIES = 2000; /* of one list or mapping: names are looked up one by one */
static const char YAML_TAGS[] = "tag:yaml.org,2002:";

void compose_pool_dispose(compose_pool *pool)
{
    for (size_t i = 0; i < pool->owned.count; i++)
        free(pool->owned.items[i]);
    utr_vec_dispose(&pool->owned);
}

void *compose_pool_own(compose_pool *pool, void *memory)
{
    *utr_vec_push(&pool->owned) = memory;
    return memory;
}

utr_yaml *compose_node_new(compose_pool *pool, utr_yaml_kind kind, utr_place place, size_t count)
{
    utr_yaml *node = compose_pool_own(pool, UTR_NEW(utr_yaml));
    node->kind = kind;
    node->place = place;
    if (kind == UTR_YAML_SEQUENCE)
        node->items = compose_pool_own(pool, utr_calloc(count, sizeof(utr_yaml *)));
    if (kind == UTR_YAML_MAPPING)
        node->pairs = compose_pool_own(pool, utr_calloc(count, sizeof *node->pairs));
    return node;
}

utr_yaml *compose_node_text(compose_pool *pool, utr_place place, char *text)
{
    utr_yaml *node = compose_node_new(pool, UTR_YAML_SCALAR, place, 0);
    node->text = compose_pool_own(pool, text);
    return node;
}

void compose_node_push(utr_yaml *sequence, const utr_yaml *item)
{
    sequence->items[sequence->count++] = item;
}

void compose_node_set(utr_yaml *mapping, const char *key, utr_place place, const utr_yaml *value)
{
    mapping->pairs[mapping->count++] = (utr_yaml_pair){.key = key, .place = place, .value = value};
}

static void check_tag(const compose_interpolation *how, const utr_yaml *node)
{
    const char *tag = node->tag;
    if (tag && strcmp(tag, "!reset") != 0 && strcmp(tag, "!override") != 0 &&
        !utr_text_starts(tag, YAML_TAGS))
        utr_faults_add(how->faults, node->place, "unknown tag '%.60s'; known: !reset, !override", tag);
}

static void copy_text(compose_pool *pool, const compose_interpolation *how, const utr_yaml *from,
                      utr_yaml *to)
{
    to->plain = from->plain && !(from->tag && utr_text_starts(from->tag, YAML_TAGS));
    to->text = from->text;
    if (!strchr(from->text, '$'))
        return;
    compose_interpolation here = *how;
    here.place = from->place;
    char *text = pool->text_bytes > MOST_TEXT ? NULL : compose_interpolate(&here, from->text);
    if (pool->text_bytes > MOST_TEXT)
        utr_faults_add(how->faults, from->place,
                       "the file grows over %zu MiB by its variables; shorten their values", MOST_TEXT >> 20);
    to->plain = false;
    to->text = "";
    if (text) {
        pool->text_bytes += strlen(text);
        to->text = compose_pool_own(pool, text);
    }
}

const utr_yaml *compose_tree_copy(compose_pool *pool, const compose_interpolation *how, const utr_yaml *node)
{
    check_tag(how, node);
    if (node->count > MOST_ENTRIES) {
        utr_faults_add(how->faults, node->place, "%s of %zu entries; at most %zu are read",
                       utr_yaml_kind_text(node->kind), node->count, MOST_ENTRIES);
        return compose_node_new(pool, node->kind, node->place, 0);
    }
    utr_yaml *copy = compose_node_new(pool, node->kind, node->place, node->count);
    copy->tag = node->tag;
    if (node->kind == UTR_YAML_SCALAR)
        copy_text(pool, how, node, copy);
    for (size_t i = 0; node->kind == UTR_YAML_SEQUENCE && i < node->count; i++)
        compose_node_push(copy, compose_tree_copy(pool, how, node->items[i]));
    for (size_t i = 0; node->kind == UTR_YAML_MAPPING && i < node->count; i++) {
        const utr_yaml_pair *pair = &node->pairs[i];
        bool extension = utr_text_starts(pair->key, "x-");
        compose_node_set(copy, pair->key, pair->place,
                         extension ? pair->value : compose_tree_copy(pool, how, pair->value));
    }
    return copy;
}
