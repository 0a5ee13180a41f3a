#include "manifest/read.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* Bounds what later looks for every entry in every other. */
static const size_t MOST_ENTRIES = 1000;
static const int64_t MOST_COUNT = 1000000;

static const manifest_field *field_find(const manifest_object *object, const char *name)
{
    for (size_t i = 0; i < object->count; i++) {
        if (strcmp(object->fields[i].name, name) == 0)
            return &object->fields[i];
    }
    return NULL;
}

static void fault_unknown_key(manifest_reader *r, const manifest_object *object, const utr_yaml_pair *pair)
{
    auto_strs utr_strs known = {0};
    for (size_t i = 0; i < object->count; i++)
        utr_strs_add(&known, object->fields[i].name);
    utr_faults_unknown(r->faults, pair->place, object->what, pair->key, &known);
}

static void fault_missing_keys(manifest_reader *r, const manifest_object *object, const utr_yaml *node)
{
    for (size_t i = 0; i < object->count; i++) {
        const char *name = object->fields[i].name;
        if (object->fields[i].required && !utr_yaml_get(node, name))
            utr_faults_add(r->faults, node->place, "the %s has no '%s'; it must be given", object->name,
                           name);
    }
}

void manifest_read_object(manifest_reader *r, const manifest_object *object, const utr_yaml *node,
                          void *target)
{
    if (node->kind == UTR_YAML_NULL && object->may_be_empty)
        return;
    if (node->kind != UTR_YAML_MAPPING) {
        utr_faults_add(r->faults, node->place, "%s where a %s is due; it is a mapping of keys",
                       utr_yaml_kind_text(node->kind), object->name);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const manifest_field *field = field_find(object, node->pairs[i].key);
        if (field)
            field->set(r, field, &node->pairs[i], target);
        else
            fault_unknown_key(r, object, &node->pairs[i]);
    }
    fault_missing_keys(r, object, node);
}

void manifest_fault_wrong(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted)
{
    const utr_yaml *value = pair->value;
    if (value->kind == UTR_YAML_SCALAR)
        utr_faults_add(r->faults, value->place, "'%s' is '%.200s'; it takes %s", pair->key, value->text,
                       wanted);
    else
        utr_faults_add(r->faults, value->place, "'%s' is %s; it takes %s", pair->key,
                       utr_yaml_kind_text(value->kind), wanted);
}

void manifest_fault_unknown(manifest_reader *r, utr_place place, const char *what, const char *word,
                            const char *const *known)
{
    auto_strs utr_strs names = {0};
    for (size_t i = 0; known[i]; i++)
        utr_strs_add(&names, known[i]);
    utr_faults_unknown(r->faults, place, what, word, &names);
}

static const utr_yaml *value_of_kind(manifest_reader *r, const utr_yaml_pair *pair, utr_yaml_kind kind,
                                     const char *wanted)
{
    const utr_yaml *value = pair->value;
    if (value->kind != kind) {
        manifest_fault_wrong(r, pair, wanted);
        return NULL;
    }
    if (value->count > MOST_ENTRIES) {
        utr_faults_add(r->faults, value->place, "'%s' has %zu entries; it takes at most %zu", pair->key,
                       value->count, MOST_ENTRIES);
        return NULL;
    }
    return value;
}

const utr_yaml *manifest_list(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted)
{
    return value_of_kind(r, pair, UTR_YAML_SEQUENCE, wanted);
}

const utr_yaml *manifest_mapping(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted)
{
    return value_of_kind(r, pair, UTR_YAML_MAPPING, wanted);
}

void manifest_read_strs(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted, utr_strs *out)
{
    const utr_yaml *list = manifest_list(r, pair, wanted);
    for (size_t i = 0; list && i < list->count; i++) {
        const utr_yaml *item = list->items[i];
        if (item->kind == UTR_YAML_SCALAR)
            utr_strs_add(out, item->text);
        else
            utr_faults_add(r->faults, item->place, "%s in '%s'; it takes %s", utr_yaml_kind_text(item->kind),
                           pair->key, wanted);
    }
}

bool manifest_is_name(const char *text)
{
    if (!isalnum((unsigned char)*text) && *text != '_')
        return false;
    while (isalnum((unsigned char)*text) || (*text && strchr("_.-", *text)))
        text++;
    return !*text;
}

static void *member(void *target, const manifest_field *field)
{
    return (char *)target + field->offset;
}

void manifest_set_text(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                       void *target)
{
    if (pair->value->kind == UTR_YAML_SCALAR && *pair->value->text)
        *(char **)member(target, field) = utr_strdup(pair->value->text);
    else
        manifest_fault_wrong(r, pair, "a text");
}

void manifest_set_name(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                       void *target)
{
    if (pair->value->kind == UTR_YAML_SCALAR && manifest_is_name(pair->value->text))
        *(char **)member(target, field) = utr_strdup(pair->value->text);
    else
        manifest_fault_wrong(r, pair, "a name of letters, digits, '_', '-' and '.'");
}

void manifest_set_word(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                       void *target)
{
    const utr_yaml *value = pair->value;
    if (value->kind != UTR_YAML_SCALAR) {
        manifest_fault_wrong(r, pair, "a word");
        return;
    }
    for (unsigned i = 0; field->words[i]; i++) {
        if (strcmp(field->words[i], value->text) == 0) {
            *(unsigned *)member(target, field) = i;
            return;
        }
    }
    manifest_fault_unknown(r, value->place, field->name, value->text, field->words);
}

void manifest_set_duration(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                           void *target)
{
    int64_t ms = 0;
    bool read = pair->value->kind == UTR_YAML_SCALAR && utr_text_duration_ms(pair->value->text, &ms);
    if (read && ms > 0)
        *(int64_t *)member(target, field) = ms;
    else
        manifest_fault_wrong(r, pair, "a duration over 0 such as 500ms, 10s or 1m30s");
}

void manifest_set_count(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                        void *target)
{
    int64_t count = 0;
    const utr_yaml *value = pair->value;
    if (value->kind == UTR_YAML_SCALAR && value->plain && utr_text_int(value->text, 1, MOST_COUNT, &count))
        *(int64_t *)member(target, field) = count;
    else
        manifest_fault_wrong(r, pair, "a whole number from 1 to 1000000");
}

void manifest_set_bool(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                       void *target)
{
    if (!utr_yaml_bool(pair->value, member(target, field)))
        manifest_fault_wrong(r, pair, "true or false");
}

void manifest_set_strs(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                       void *target)
{
    manifest_read_strs(r, pair, "a list of texts", member(target, field));
}
