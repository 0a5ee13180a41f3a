#include "manifest/suite.h"

#include "base/files.h"
#include "manifest/reference.h"
#include "manifest/words.h"

#include <ctype.h>
#include <string.h>

static void set_run(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair, void *target)
{
    utr_strs *run = (void *)((char *)target + field->offset);
    manifest_read_strs(r, pair, "a list: the program and its arguments", run);
    if (pair->value->kind == UTR_YAML_SEQUENCE && (!run->count || !*run->items[0]))
        utr_faults_add(r->faults, pair->value->place, "'run' names no program");
}

static void set_format(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                       void *target)
{
    unsigned index = 0;
    const size_t before = r->faults->texts.count + r->faults->dropped;
    manifest_field word = *field;
    word.offset = 0;
    manifest_set_word(r, &word, pair, &index);
    if (r->faults->texts.count + r->faults->dropped == before)
        ((manifest_suite *)target)->format = utr_strdup(manifest_format_words[index]);
}

/* The path as seen from the working directory; one where nothing is, is a fault. */
static char *path_in_root(manifest_reader *r, const utr_yaml *node, const char *text)
{
    char *path = utr_path_join(r->options->root ? r->options->root : ".", text);
    if (!utr_path_exists(path))
        utr_faults_add(r->faults, node->place, "nothing is at '%s' (looked at %s); paths start at the root",
                       text, path);
    return path;
}

static void set_sources(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                        void *target)
{
    (void)field;
    const utr_yaml *list = manifest_list(r, pair, "a list of files and folders");
    for (size_t i = 0; list && i < list->count; i++) {
        const utr_yaml *item = list->items[i];
        if (item->kind == UTR_YAML_SCALAR && *item->text)
            utr_strs_give(&((manifest_suite *)target)->sources, path_in_root(r, item, item->text));
        else
            utr_faults_add(r->faults, item->place, "no path in 'sources'; it takes files and folders");
    }
}

static void set_directory(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                          void *target)
{
    (void)field;
    const utr_yaml *value = pair->value;
    if (value->kind == UTR_YAML_SCALAR && *value->text)
        ((manifest_suite *)target)->directory = path_in_root(r, value, value->text);
    else
        manifest_fault_wrong(r, pair, "a folder");
}

static const manifest_field EVIDENCE_FIELDS[] = {
    {"scope", false, manifest_set_word, offsetof(manifest_evidence, scope), manifest_scope_words},
    {"exchanges", false, manifest_set_count, offsetof(manifest_evidence, exchanges), NULL},
    {"reads", false, manifest_set_count, offsetof(manifest_evidence, reads), NULL},
    {"writes", false, manifest_set_count, offsetof(manifest_evidence, writes), NULL},
    {"requests", false, manifest_set_count, offsetof(manifest_evidence, requests), NULL},
};
const manifest_object manifest_evidence_object = MANIFEST_OBJECT("evidence", "key", true, EVIDENCE_FIELDS);

static void read_evidence(manifest_reader *r, const utr_yaml_pair *pair, manifest_suite *suite)
{
    manifest_evidence *evidence = utr_vec_push(&suite->evidence);
    evidence->service = utr_strdup(pair->key);
    evidence->place = pair->place;
    manifest_read_object(r, &manifest_evidence_object, pair->value, evidence);
    if (!evidence->exchanges && !evidence->reads && !evidence->writes && !evidence->requests)
        evidence->exchanges = 1;
}

static void set_evidence(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                         void *target)
{
    (void)field;
    manifest_suite *suite = target;
    const utr_yaml *map = manifest_mapping(r, pair, "a mapping of service names");
    suite->evidence_default = false;
    for (size_t i = 0; map && i < map->count; i++)
        read_evidence(r, &map->pairs[i], suite);
    if (map && !map->count)
        utr_faults_add(r->faults, map->place, "'evidence' names no service; leave it out for the default");
}

static bool is_variable_name(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return false;
    while (isalnum((unsigned char)*text) || *text == '_')
        text++;
    return !*text;
}

static void read_variable(manifest_reader *r, const utr_yaml_pair *pair, manifest_variables *variables)
{
    if (!is_variable_name(pair->key)) {
        utr_faults_add(r->faults, pair->place,
                       "'%.200s' names no variable; a name has letters, digits and '_', no digit first",
                       pair->key);
        return;
    }
    if (pair->value->kind != UTR_YAML_SCALAR) {
        manifest_fault_wrong(r, pair, "a text; an empty one is \"\"");
        return;
    }
    manifest_variable *variable = utr_vec_push(variables);
    variable->name = utr_strdup(pair->key);
    variable->value = utr_strdup(pair->value->text);
    variable->place = pair->value->place;
}

void manifest_set_environment(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                              void *target)
{
    manifest_variables *variables = (void *)((char *)target + field->offset);
    const utr_yaml *map = manifest_mapping(r, pair, "a mapping of variables");
    for (size_t i = 0; map && i < map->count; i++)
        read_variable(r, &map->pairs[i], variables);
}

static const manifest_field SUITE_FIELDS[] = {
    {"name", true, manifest_set_name, offsetof(manifest_suite, name), NULL},
    {"run", true, set_run, offsetof(manifest_suite, run), NULL},
    {"format", true, set_format, 0, manifest_format_words},
    {"timeout", false, manifest_set_duration, offsetof(manifest_suite, timeout_ms), NULL},
    {"sources", false, set_sources, 0, NULL},
    {"evidence", false, set_evidence, 0, NULL},
    {"environment", false, manifest_set_environment, offsetof(manifest_suite, environment), NULL},
    {"directory", false, set_directory, 0, NULL},
};
const manifest_object manifest_suite_object = MANIFEST_OBJECT("suite", "key", false, SUITE_FIELDS);

void manifest_set_suites(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                         void *target)
{
    (void)field;
    manifest_category *category = target;
    const utr_yaml *list = manifest_list(r, pair, "a list of suites");
    for (size_t i = 0; list && i < list->count; i++) {
        manifest_suite *suite = utr_vec_push(&category->suites);
        suite->place = list->items[i]->place;
        suite->evidence_default = true;
        manifest_read_object(r, &manifest_suite_object, list->items[i], suite);
    }
    if (list && !list->count)
        utr_faults_add(r->faults, list->place, "'suites' is empty; a category has at least one suite");
}

static void check_evidence(manifest_reader *r, const manifest_suite *suite)
{
    auto_strs utr_strs known = {0};
    for (size_t i = 0; i < r->category->services.count; i++)
        utr_strs_add(&known, r->category->services.items[i].name);
    for (size_t i = 0; i < suite->evidence.count; i++) {
        const manifest_evidence *evidence = &suite->evidence.items[i];
        if (!utr_strs_has(&known, evidence->service))
            utr_faults_unknown(r->faults, evidence->place, "service", evidence->service, &known);
    }
}

static void check_suite_name(manifest_reader *r, const manifest_suite *suite)
{
    for (const manifest_suite *other = r->category->suites.items; suite->name && other < suite; other++) {
        if (other->name && strcmp(other->name, suite->name) == 0) {
            utr_faults_add(r->faults, suite->place, "suite '%s' stands at line %d already; names are unique",
                           suite->name, other->place.line);
            return;
        }
    }
}

static void check_suite(manifest_reader *r, manifest_suite *suite)
{
    check_suite_name(r, suite);
    check_evidence(r, suite);
    for (size_t i = 0; i < suite->environment.count; i++)
        manifest_check_references(r, &suite->environment.items[i]);
    if (!suite->timeout_ms)
        suite->timeout_ms = r->category->timeout_ms;
    if (!suite->directory)
        suite->directory = utr_strdup(r->options->root ? r->options->root : ".");
}

void manifest_check_suites(manifest_reader *r)
{
    manifest_category *category = r->category;
    for (size_t i = 0; i < category->environment.count; i++)
        manifest_check_references(r, &category->environment.items[i]);
    for (size_t i = 0; i < category->suites.count; i++)
        check_suite(r, &category->suites.items[i]);
}

void manifest_variable_dispose(manifest_variable *variable)
{
    free(variable->name);
    free(variable->value);
}

void manifest_suite_dispose(manifest_suite *suite)
{
    free(suite->name);
    utr_strs_dispose(&suite->run);
    free(suite->format);
    utr_strs_dispose(&suite->sources);
    free(suite->directory);
    for (size_t i = 0; i < suite->environment.count; i++)
        manifest_variable_dispose(&suite->environment.items[i]);
    utr_vec_dispose(&suite->environment);
    for (size_t i = 0; i < suite->evidence.count; i++)
        free(suite->evidence.items[i].service);
    utr_vec_dispose(&suite->evidence);
}
