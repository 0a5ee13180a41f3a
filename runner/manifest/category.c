#include "manifest/category.h"

#include "base/files.h"
#include "manifest/rule.h"
#include "manifest/service.h"
#include "manifest/suite.h"
#include "manifest/words.h"

#include <string.h>

static const int64_t DEFAULT_TIMEOUT_MS = (int64_t)10 * 60 * 1000;

static void set_category(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                         void *target)
{
    ((manifest_category *)target)->place = pair->value->place;
    manifest_set_name(r, field, pair, target);
}

static void set_depends_on(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                           void *target)
{
    (void)field;
    manifest_category *category = target;
    auto_strs utr_strs names = {0};
    const size_t before = r->faults->texts.count + r->faults->dropped;
    manifest_read_strs(r, pair, "a list of categories", &names);
    if (r->faults->texts.count + r->faults->dropped != before)
        return;
    for (size_t i = 0; i < names.count; i++) {
        manifest_dependency *dependency = utr_vec_push(&category->depends_on);
        dependency->category = utr_strdup(names.items[i]);
        dependency->place = pair->value->items[i]->place;
    }
}

static void add_compose(manifest_reader *r, const utr_yaml *node, manifest_category *category)
{
    if (node->kind != UTR_YAML_SCALAR || !*node->text) {
        utr_faults_add(r->faults, node->place, "no path in 'compose'; it takes a file or a list of files");
        return;
    }
    auto_free char *folder = utr_path_dir(category->path);
    char *path = utr_path_join(folder, node->text);
    utr_strs_give(&category->compose, path);
    if (!r->elsewhere && !utr_path_exists(path))
        utr_faults_add(r->faults, node->place,
                       "nothing is at '%s' (looked at %s); the path starts at this file", node->text, path);
}

static void set_compose(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                        void *target)
{
    (void)field;
    if (pair->value->kind == UTR_YAML_SCALAR) {
        add_compose(r, pair->value, target);
        return;
    }
    const utr_yaml *list = manifest_list(r, pair, "a file or a list of files");
    for (size_t i = 0; list && i < list->count; i++)
        add_compose(r, list->items[i], target);
}

static void set_prepare(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                        void *target)
{
    (void)field;
    manifest_category *category = target;
    const utr_yaml *list = manifest_list(r, pair, "a list of commands, each a list of texts");
    for (size_t i = 0; list && i < list->count; i++) {
        const utr_yaml *item = list->items[i];
        manifest_command *command = utr_vec_push(&category->prepare);
        command->place = item->place;
        manifest_read_strs(r, &(utr_yaml_pair){.key = "prepare", .place = item->place, .value = item},
                           "a list of commands, each a list of texts", &command->argv);
        if (item->kind == UTR_YAML_SEQUENCE && (!command->argv.count || !*command->argv.items[0]))
            utr_faults_add(r->faults, item->place, "a command in 'prepare' names no program");
    }
}

/* A blank would make a word that no import can name, and an empty one would name all of them. */
static bool is_module(const char *text)
{
    return *text && !strpbrk(text, " \t\r\n\"'");
}

static void set_mocks(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                      void *target)
{
    (void)field;
    manifest_category *category = target;
    const utr_yaml *list = manifest_list(r, pair, "a list of modules");
    for (size_t i = 0; list && i < list->count; i++) {
        const utr_yaml *item = list->items[i];
        if (item->kind == UTR_YAML_SCALAR && is_module(item->text))
            utr_strs_add(&category->mocks, item->text);
        else
            utr_faults_add(r->faults, item->place,
                           "no module in 'mocks'; it takes names as imports give them, such as acme.fakes");
    }
}

static const manifest_field CATEGORY_FIELDS[] = {
    {"category", true, set_category, offsetof(manifest_category, name), NULL},
    {"description", false, manifest_set_text, offsetof(manifest_category, description), NULL},
    {"priority", false, manifest_set_word, offsetof(manifest_category, priority), manifest_priority_words},
    {"depends_on", false, set_depends_on, 0, NULL},
    {"tags", false, manifest_set_strs, offsetof(manifest_category, tags), NULL},
    {"timeout", false, manifest_set_duration, offsetof(manifest_category, timeout_ms), NULL},
    {"real_services", false, manifest_set_word, offsetof(manifest_category, real_services),
     manifest_real_services_words},
    {"isolation", false, manifest_set_word, offsetof(manifest_category, isolation), manifest_isolation_words},
    {"compose", false, set_compose, 0, NULL},
    {"prepare", false, set_prepare, 0, NULL},
    {"services", false, manifest_set_services, 0, NULL},
    {"external", false, manifest_set_external, 0, NULL},
    {"environment", false, manifest_set_environment, offsetof(manifest_category, environment), NULL},
    {"mocks", false, set_mocks, 0, NULL},
    {"suites", true, manifest_set_suites, 0, NULL},
    {"minimum_tests", false, manifest_set_count, offsetof(manifest_category, minimum_tests), NULL},
    {"rules", false, manifest_set_rules, 0, manifest_level_words},
    {"waivers", false, manifest_set_waivers, 0, NULL},
};
static const manifest_object CATEGORY = MANIFEST_OBJECT("category", "key", false, CATEGORY_FIELDS);

static const manifest_object *const OBJECTS[] = {
    &CATEGORY,
    &manifest_service_object,
    &manifest_readiness_object,
    &manifest_profile_object,
    &manifest_suite_object,
    &manifest_evidence_object,
    &manifest_waiver_object,
};
enum { OBJECT_COUNT = sizeof OBJECTS / sizeof(manifest_object *) };

size_t manifest_key_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < OBJECT_COUNT; i++)
        count += OBJECTS[i]->count;
    return count;
}

manifest_key manifest_key_get(size_t index)
{
    size_t i = 0;
    while (index >= OBJECTS[i]->count)
        index -= OBJECTS[i++]->count;
    const manifest_field *field = &OBJECTS[i]->fields[index];
    return (manifest_key){OBJECTS[i]->name, field->name, field->required, field->words};
}

static bool gives_nothing(const utr_yaml *root, const char *key)
{
    const utr_yaml *value = utr_yaml_get(root, key);
    return !value || (value->kind != UTR_YAML_SCALAR && !value->count);
}

/* A `required` or `preferred` without services would be a promise that nothing keeps. */
static void check_services(manifest_reader *r, const utr_yaml *root)
{
    const manifest_category *c = r->category;
    if (c->services.count && gives_nothing(root, "compose"))
        utr_faults_add(r->faults, c->services.items[0].place,
                       "services without a compose file; add 'compose: FILE' that defines them");
    if (c->services.count && c->real_services == MANIFEST_NONE)
        utr_faults_add(r->faults, c->services.items[0].place,
                       "services under 'real_services: none'; remove them or make it required or preferred");
    if (c->external.count && c->real_services == MANIFEST_NONE)
        utr_faults_add(
            r->faults, c->external.items[0].place,
            "something external under 'real_services: none'; remove it or make it required or preferred");
    if (gives_nothing(root, "services") && c->real_services != MANIFEST_NONE)
        utr_faults_add(
            r->faults, root->place,
            "real services are %s but 'services' names none; name them or add 'real_services: none'",
            manifest_real_services_text(c->real_services));
}

static void read_root(manifest_reader *r, const utr_yaml *root)
{
    manifest_read_object(r, &CATEGORY, root, r->category);
    if (root->kind != UTR_YAML_MAPPING)
        return;
    check_services(r, root);
    manifest_check_suites(r);
    manifest_check_waivers(r);
}

static manifest_category *new_category(const char *path)
{
    manifest_category *category = UTR_NEW(manifest_category);
    category->path = utr_strdup(path);
    category->priority = MANIFEST_MEDIUM;
    category->timeout_ms = DEFAULT_TIMEOUT_MS;
    category->minimum_tests = 1;
    return category;
}

static void read_category(manifest_reader *r, const utr_yaml_doc *doc)
{
    read_root(r, utr_yaml_root(doc));
    if (!r->category->description)
        r->category->description = utr_strdup("");
}

manifest_category *manifest_category_read(const char *path, const manifest_options *options,
                                          utr_faults *faults, utr_error *err)
{
    manifest_category *category = new_category(path);
    auto_yaml utr_yaml_doc *doc = NULL;
    if (utr_yaml_load(category->path, &doc, faults, err))
        return category;
    manifest_reader reader = {.category = category, .options = options, .faults = faults};
    read_category(&reader, doc);
    return category;
}

utr_code manifest_parse(const char *path, const utr_buf *text, const manifest_options *options,
                        manifest_category **out, utr_faults *faults)
{
    const size_t before = faults->texts.count + faults->dropped;
    auto_manifest manifest_category *category = new_category(path);
    auto_yaml utr_yaml_doc *doc = NULL;
    manifest_reader reader = {.category = category, .options = options, .faults = faults, .elsewhere = true};
    if (utr_yaml_parse(category->path, utr_buf_text(text), text->len, &doc, faults) == UTR_OK)
        read_category(&reader, doc);
    if (faults->texts.count + faults->dropped != before)
        return UTR_CONFIG;
    *out = category;
    category = NULL;
    return UTR_OK;
}

utr_code manifest_load(const char *path, const manifest_options *options, manifest_category **out,
                       utr_faults *faults, utr_error *err)
{
    const size_t before = faults->texts.count + faults->dropped;
    auto_manifest manifest_category *category = manifest_category_read(path, options, faults, err);
    if (err->code)
        return err->code;
    if (faults->texts.count + faults->dropped != before)
        return utr_fail(err, UTR_CONFIG, "%s has faults", path);
    *out = category;
    category = NULL;
    return UTR_OK;
}

static void dispose_lists(manifest_category *c)
{
    for (size_t i = 0; i < c->depends_on.count; i++)
        free(c->depends_on.items[i].category);
    for (size_t i = 0; i < c->prepare.count; i++)
        utr_strs_dispose(&c->prepare.items[i].argv);
    for (size_t i = 0; i < c->services.count; i++)
        manifest_service_dispose(&c->services.items[i]);
    for (size_t i = 0; i < c->external.count; i++)
        manifest_external_dispose(&c->external.items[i]);
    for (size_t i = 0; i < c->environment.count; i++)
        manifest_variable_dispose(&c->environment.items[i]);
    for (size_t i = 0; i < c->suites.count; i++)
        manifest_suite_dispose(&c->suites.items[i]);
    for (size_t i = 0; i < c->references.count; i++)
        free(c->references.items[i].service);
    for (size_t i = 0; i < c->rules.count; i++)
        free(c->rules.items[i].rule);
    for (size_t i = 0; i < c->waivers.count; i++)
        manifest_waiver_dispose(&c->waivers.items[i]);
}

void manifest_free(manifest_category *category)
{
    if (!category)
        return;
    dispose_lists(category);
    utr_vec_dispose(&category->depends_on);
    utr_vec_dispose(&category->prepare);
    utr_vec_dispose(&category->services);
    utr_vec_dispose(&category->external);
    utr_vec_dispose(&category->environment);
    utr_vec_dispose(&category->suites);
    utr_vec_dispose(&category->references);
    utr_vec_dispose(&category->rules);
    utr_vec_dispose(&category->waivers);
    utr_strs_dispose(&category->tags);
    utr_strs_dispose(&category->mocks);
    utr_strs_dispose(&category->compose);
    free(category->path);
    free(category->name);
    free(category->description);
    free(category);
}
