#include "manifest/suite.h"

#include "base/files.h"
#include "manifest/reference.h"
#include "manifest/words.h"

#include <ctype.h>
#include <string.h>

/* run, list and select alike. */
static void set_command(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                        void *target)
{
    utr_strs *argv = (void *)((char *)target + field->offset);
    manifest_read_strs(r, pair, "a list: the program and its arguments", argv);
    if (pair->value->kind == UTR_YAML_SEQUENCE && (!argv->count || !*argv->items[0]))
        utr_faults_add(r->faults, pair->value->place, "'%s' names no program", pair->key);
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
    if (!r->elsewhere && !utr_path_exists(path))
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
    {"run", false, set_command, offsetof(manifest_suite, run), NULL},
    {"list", false, set_command, offsetof(manifest_suite, list), NULL},
    {"select", false, set_command, offsetof(manifest_suite, select), NULL},
    {"report", false, manifest_set_text, offsetof(manifest_suite, report), NULL},
    {"format", true, set_format, 0, manifest_format_words},
    {"timeout", false, manifest_set_duration, offsetof(manifest_suite, timeout_ms), NULL},
    {"workers", false, manifest_set_count, offsetof(manifest_suite, workers), NULL},
    {"inherit", false, manifest_set_bool, offsetof(manifest_suite, inherit), NULL},
    {"sources", false, set_sources, 0, NULL},
    {"evidence", false, set_evidence, 0, NULL},
    {"environment", false, manifest_set_environment, offsetof(manifest_suite, environment), NULL},
    {"directory", false, set_directory, 0, NULL},
};
const manifest_object manifest_suite_object = MANIFEST_OBJECT("suite", "key", false, SUITE_FIELDS);

/** What a format can do besides running as one process. */
typedef struct {
    const char *format;
    bool workers; /* its program can do with them by itself, or in parts */
    bool parts;   /* several processes of one command can share its tests out */
    bool selects; /* tests can be run one by one, and cannot be told apart else */
    bool reports;
} ability;

static const ability ABILITIES[] = {
    {"pytest", true, true, false, false}, {"node", true, false, false, false},
    {"go", true, false, false, false},    {"junit", false, false, true, true},
    {"exit", false, false, true, false},
};

static ability ability_of(const char *format)
{
    for (size_t i = 0; i < sizeof ABILITIES / sizeof *ABILITIES; i++) {
        if (strcmp(ABILITIES[i].format, format) == 0)
            return ABILITIES[i];
    }
    return (ability){.format = format};
}

int64_t manifest_suite_processes(const manifest_suite *suite)
{
    return suite->select.count || ability_of(suite->format).parts ? suite->workers : 1;
}

bool manifest_suite_is_whole(const manifest_suite *suite)
{
    return ability_of(suite->format).reports && !suite->select.count;
}

static bool has_test(const utr_strs *argv)
{
    for (size_t i = 1; i < argv->count; i++) {
        if (strstr(argv->items[i], MANIFEST_TEST))
            return true;
    }
    return false;
}

/* One of two ways: the whole suite as one program, or one process a test. */
static void check_commands(manifest_reader *r, const utr_yaml *node, const manifest_suite *suite,
                           const ability *able)
{
    const utr_yaml *run = utr_yaml_get(node, "run");
    const utr_yaml *list = utr_yaml_get(node, "list");
    const utr_yaml *select = utr_yaml_get(node, "select");
    const utr_yaml *either = list ? list : select;
    if (!run && !either)
        utr_faults_add(r->faults, node->place, "the suite has no 'run'; it must be given");
    if (!either)
        return;
    if (!able->selects)
        utr_faults_add(r->faults, either->place,
                       "'list' and 'select' with format '%s'; they are for junit and exit", suite->format);
    else if (run)
        utr_faults_add(r->faults, run->place,
                       "'run' beside 'list' and 'select', which run each test alone; leave one out");
    else if (!list || !select)
        utr_faults_add(r->faults, either->place, "'%s' without '%s'; they come together",
                       list ? "list" : "select", list ? "select" : "list");
    else if (suite->select.count && !has_test(&suite->select))
        utr_faults_add(r->faults, select->place, "no argument in 'select' holds %s, the test's name",
                       MANIFEST_TEST);
}

static void check_report(manifest_reader *r, const utr_yaml *node, const manifest_suite *suite,
                         const ability *able)
{
    const utr_yaml *report = utr_yaml_get(node, "report");
    bool has_place = suite->report && strstr(suite->report, MANIFEST_TEST);
    if (!report && able->reports)
        utr_faults_add(r->faults, node->place,
                       "the suite has no 'report'; format junit needs the path that the XML is written to");
    if (!report)
        return;
    if (!able->reports)
        utr_faults_add(r->faults, report->place, "'report' with format '%s'; it is for junit", suite->format);
    else if (has_place && !suite->select.count)
        utr_faults_add(r->faults, report->place,
                       "'report' holds %s without 'select'; it has no meaning there", MANIFEST_TEST);
    else if (suite->report && !has_place && suite->select.count && suite->workers > 1)
        utr_faults_add(r->faults, report->place,
                       "'report' is the same for tests that run at once; put %s into it", MANIFEST_TEST);
}

static void check_workers(manifest_reader *r, const utr_yaml *node, const manifest_suite *suite,
                          const ability *able)
{
    const utr_yaml *workers = utr_yaml_get(node, "workers");
    if (workers && suite->workers > MANIFEST_MOST_WORKERS)
        utr_faults_add(r->faults, workers->place, "'workers' is %lld; it takes at most %d",
                       (long long)suite->workers, MANIFEST_MOST_WORKERS);
    if (!workers || able->workers || (able->selects && suite->select.count))
        return;
    utr_faults_add(r->faults, workers->place, "'workers' has no effect with format '%s'%s", suite->format,
                   able->selects ? " without 'list' and 'select'" : "");
}

static void check_way(manifest_reader *r, const utr_yaml *node, const manifest_suite *suite)
{
    if (node->kind != UTR_YAML_MAPPING || !suite->format)
        return;
    ability able = ability_of(suite->format);
    check_commands(r, node, suite, &able);
    check_report(r, node, suite, &able);
    check_workers(r, node, suite, &able);
}

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
        suite->workers = 1;
        manifest_read_object(r, &manifest_suite_object, list->items[i], suite);
        check_way(r, list->items[i], suite);
    }
    if (list && !list->count)
        utr_faults_add(r->faults, list->place, "'suites' is empty; a category has at least one suite");
}

static void check_evidence(manifest_reader *r, const manifest_suite *suite)
{
    auto_strs utr_strs known = {0};
    for (size_t i = 0; i < r->category->services.count; i++)
        utr_strs_add(&known, r->category->services.items[i].name);
    for (size_t i = 0; i < r->category->external.count; i++)
        utr_strs_add(&known, r->category->external.items[i].name);
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
    utr_strs_dispose(&suite->list);
    utr_strs_dispose(&suite->select);
    free(suite->report);
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
