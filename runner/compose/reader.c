#include "compose/reader.h"

#include "base/text.h"
#include "compose/words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

void compose_fail_kind(compose_reader *r, const utr_yaml_pair *pair, const utr_yaml *node, const char *wanted)
{
    if (node->kind == UTR_YAML_SCALAR)
        utr_faults_add(r->faults, node->place, "'%s' wants %s, not '%.100s'", pair->key, wanted, node->text);
    else
        utr_faults_add(r->faults, node->place, "'%s' wants %s, not %s", pair->key, wanted,
                       utr_yaml_kind_text(node->kind));
}

static void read_key(compose_reader *r, const compose_key *key, const utr_yaml_pair *pair, void *object)
{
    if (key->refuse) {
        utr_faults_add(r->faults, pair->place, "'%s' is not supported yet; %s", pair->key, key->refuse);
        return;
    }
    if (key->warn)
        utr_faults_add(r->warnings, pair->place, "'%s' is ignored; %s", pair->key, key->warn);
    if (pair->value->kind == UTR_YAML_NULL && !key->nullable && !key->warn)
        utr_faults_add(r->faults, pair->place, "'%s' has no value; give it one or remove the key", pair->key);
    else if (key->set)
        key->set(r, pair, (char *)object + key->offset);
}

static const compose_key *find_key(const compose_key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].key, name) == 0)
            return &keys[i];
    }
    return NULL;
}

/* The nearest of all keys, a refused one too; where none is near, those that work. */
static void fail_unknown(compose_reader *r, const compose_key *keys, size_t count, const utr_yaml_pair *pair)
{
    auto_strs utr_strs all = {0};
    auto_strs utr_strs supported = {0};
    for (size_t i = 0; i < count; i++) {
        utr_strs_add(&all, keys[i].key);
        if (!keys[i].refuse)
            utr_strs_add(&supported, keys[i].key);
    }
    bool near = utr_text_nearest(pair->key, (const char *const *)all.items, all.count);
    utr_faults_unknown(r->faults, pair->place, "key", pair->key, near ? &all : &supported);
}

bool compose_read_map(compose_reader *r, const utr_yaml_pair *pair, const compose_key *keys, size_t count,
                      void *object)
{
    const utr_yaml *map = pair->value;
    if (map->kind == UTR_YAML_NULL)
        return true;
    if (map->kind != UTR_YAML_MAPPING) {
        compose_fail_kind(r, pair, map, "a mapping");
        return false;
    }
    for (size_t i = 0; i < map->count; i++) {
        const utr_yaml_pair *one = &map->pairs[i];
        const compose_key *key = find_key(keys, count, one->key);
        if (key)
            read_key(r, key, one, object);
        else if (!utr_text_starts(one->key, "x-"))
            fail_unknown(r, keys, count, one);
    }
    return true;
}

/* Whether a bare scalar is a number to YAML. */
static bool is_number(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    if (!isdigit((unsigned char)*at) && *at != '.')
        return false;
    char *rest = NULL;
    (void)strtod(text, &rest);
    return *rest == '\0' && rest > at && strpbrk(at, "0123456789");
}

const char *compose_scalar(compose_reader *r, const utr_yaml_pair *pair, const utr_yaml *node,
                           const char *wanted)
{
    if (node->kind == UTR_YAML_SCALAR)
        return node->text;
    compose_fail_kind(r, pair, node, wanted);
    return NULL;
}

const char *compose_string(compose_reader *r, const utr_yaml_pair *pair, const utr_yaml *node)
{
    bool truth;
    const char *text = compose_scalar(r, pair, node, "a string");
    bool number = text && node->plain && is_number(text);
    if (number || utr_yaml_bool(node, &truth)) {
        utr_faults_add(r->faults, node->place, "'%s' wants a string, not the %s %.100s; write \"%.100s\"",
                       pair->key, number ? "number" : "boolean", node->text, node->text);
        return NULL;
    }
    return text;
}

/* The steps of a path without "." and "..", joined again. */
static char *clean_path(const char *path)
{
    char *out = utr_calloc(strlen(path) + 2, 1);
    size_t len = 0;
    while (*path) {
        size_t step = strcspn(path, "/");
        if (step == 2 && path[0] == '.' && path[1] == '.') {
            while (len && out[--len] != '/') {
            }
        } else if (step && !(step == 1 && *path == '.')) {
            out[len++] = '/';
            (void)memcpy(out + len, path, step);
            len += step;
        }
        path += step + (path[step] == '/');
    }
    out[len ? len : 1] = '\0';
    out[0] = '/';
    return out;
}

char *compose_path(const compose_reader *r, const char *text)
{
    const char *home = compose_vars_get(r->vars, "HOME", 4);
    auto_free char *whole = NULL;
    if (home && *text == '~' && (text[1] == '/' || !text[1]))
        whole = utr_format("%s%s", home, text + 1);
    else if (*text == '/')
        whole = utr_strdup(text);
    else
        whole = utr_format("%s/%s", r->directory, text);
    return clean_path(whole);
}

bool compose_size(const char *text, int64_t *out)
{
    static const char UNITS[] = "bkmgtp";
    if (!isdigit((unsigned char)*text))
        return false;
    char *rest = NULL;
    double bytes = strtod(text, &rest);
    if (rest != text + strspn(text, "0123456789."))
        return false;
    rest += *rest == ' ';
    const char *unit = *rest ? strchr(UNITS, tolower((unsigned char)*rest)) : UNITS;
    if (!unit)
        return false;
    for (const char *u = UNITS; u < unit; u++)
        bytes *= 1024;
    static const char *const ENDS[] = {"", "b", "ib"};
    for (size_t i = 0; i < COMPOSE_COUNT(ENDS); i++) {
        if (strcasecmp(*rest ? rest + 1 : rest, ENDS[i]) == 0 && (unit > UNITS || !i) && bytes <= 0x1p62) {
            *out = (int64_t)bytes;
            return true;
        }
    }
    return false;
}

void compose_set_string(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    const char *text = compose_string(r, pair, pair->value);
    if (!text)
        return;
    free(*(char **)field);
    *(char **)field = utr_strdup(text);
}

void compose_set_bool(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char *const WORDS[] = {"false", "no", "off", "n", "true", "yes", "on", "y"};
    const utr_yaml *node = pair->value;
    for (size_t i = 0; node->kind == UTR_YAML_SCALAR && i < COMPOSE_COUNT(WORDS); i++) {
        if (strcasecmp(node->text, WORDS[i]) == 0) {
            *(bool *)field = i >= COMPOSE_COUNT(WORDS) / 2;
            return;
        }
    }
    compose_fail_kind(r, pair, node, "true or false");
}

void compose_set_size(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char WANTED[] = "a size such as 64m or 1gb";
    const char *text = compose_scalar(r, pair, pair->value, WANTED);
    if (text && !compose_size(text, field))
        compose_fail_kind(r, pair, pair->value, WANTED);
}

void compose_set_duration(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char WANTED[] = "a duration such as 500ms, 10s or 1m30s";
    const char *text = compose_scalar(r, pair, pair->value, WANTED);
    if (text && !utr_text_duration_ms(text, field))
        compose_fail_kind(r, pair, pair->value, WANTED);
}

void compose_set_cpus(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char WANTED[] = "a number of CPUs such as 0.5";
    const char *text = compose_scalar(r, pair, pair->value, WANTED);
    if (!text)
        return;
    char *rest = NULL;
    double cpus = is_number(text) ? strtod(text, &rest) : -1;
    if (cpus >= 0 && cpus <= 4096)
        *(double *)field = cpus;
    else
        compose_fail_kind(r, pair, pair->value, WANTED);
}

void compose_set_pids(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char WANTED[] = "a number of processes, or -1 for no limit";
    const char *text = compose_scalar(r, pair, pair->value, WANTED);
    if (text && !utr_text_int(text, -1, INT32_MAX, field))
        compose_fail_kind(r, pair, pair->value, WANTED);
}

/* Every item of a list (or one scalar alone) added once; strict: numbers must be quoted. */
static void add_items(compose_reader *r, const utr_yaml_pair *pair, utr_strs *strs, bool strict)
{
    const utr_yaml *list = pair->value;
    if (list->kind != UTR_YAML_SEQUENCE) {
        compose_fail_kind(r, pair, list, "a list");
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const char *text = strict ? compose_string(r, pair, list->items[i])
                                  : compose_scalar(r, pair, list->items[i], "strings or numbers");
        if (text && !utr_strs_has(strs, text))
            utr_strs_add(strs, text);
    }
}

void compose_set_strings(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    add_items(r, pair, field, true);
}

void compose_set_scalars(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    add_items(r, pair, field, false);
}

/* What YAML makes of a bare number may not be what is written: 1.10 is 1.1 to other readers, 0x10 is 16. */
static void warn_number(compose_reader *r, const utr_yaml_pair *pair)
{
    const char *text = pair->value->text;
    if (!pair->value->plain || !is_number(text))
        return;
    char *rest = NULL;
    errno = 0;
    long long whole = strtoll(text, &rest, 10);
    auto_free char *same = *rest || errno ? utr_format("%g", strtod(text, NULL)) : utr_format("%lld", whole);
    if (strcmp(same, text) != 0)
        utr_faults_add(r->warnings, pair->value->place,
                       "'%s' is taken as the text %.100s; quote it, other readers make another number of it",
                       pair->key, text);
}

static void add_named(compose_reader *r, const utr_yaml_pair *one, utr_strs *strs, const char *missing)
{
    const utr_yaml *node = one->value;
    bool truth;
    if (node->kind == UTR_YAML_NULL) {
        if (missing)
            compose_strs_set(strs, utr_format("%s=%s", one->key, missing));
    } else if (node->kind != UTR_YAML_SCALAR) {
        compose_fail_kind(r, one, node, "a single value");
    } else if (!*one->key || strchr(one->key, '=')) {
        utr_faults_add(r->faults, one->place, "'%.100s' is no name; write NAME=value", one->key);
    } else {
        warn_number(r, one);
        const char *text = utr_yaml_bool(node, &truth) ? (truth ? "true" : "false") : node->text;
        compose_strs_set(strs, utr_format("%s=%s", one->key, text));
    }
}

static bool is_named_map(compose_reader *r, const utr_yaml_pair *pair)
{
    if (pair->value->kind != UTR_YAML_MAPPING)
        compose_fail_kind(r, pair, pair->value, "a mapping, or a list of NAME=value");
    return pair->value->kind == UTR_YAML_MAPPING;
}

void compose_set_named(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    if (!is_named_map(r, pair))
        return;
    for (size_t i = 0; i < pair->value->count; i++)
        add_named(r, &pair->value->pairs[i], field, "");
}

void compose_set_variables(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    if (!is_named_map(r, pair))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const utr_yaml_pair *one = &pair->value->pairs[i];
        add_named(r, one, field, compose_vars_get(r->vars, one->key, strlen(one->key)));
    }
}

void compose_set_words(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    const utr_yaml *node = pair->value;
    utr_strs *words = field;
    bool shell = false;
    if (node->kind == UTR_YAML_SEQUENCE) {
        for (size_t i = 0; i < node->count; i++) {
            const char *text = compose_string(r, pair, node->items[i]);
            if (text)
                utr_strs_add(words, text);
        }
        return;
    }
    const char *text = compose_string(r, pair, node);
    if (text && !compose_words(text, words, &shell))
        utr_faults_add(r->faults, node->place, "'%s' has a quote that is never closed; close it", pair->key);
    if (shell)
        utr_faults_add(r->warnings, node->place,
                       "'%s' is not run by a shell: its ;, &, |, < and > are plain text; write "
                       "[\"sh\", \"-c\", \"...\"]",
                       pair->key);
}
