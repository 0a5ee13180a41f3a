/* The JSON report; docs/report.schema.json describes it. */
#include "report/report.h"

#include "base/files.h"
#include "base/json.h"
#include "report/parts.h"

#include <string.h>

enum { SCHEMA_VERSION = 3 };

static void put(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

/* The text, or null where there is none: a reader finds every key. */
static void put_text(json_t *object, const char *key, const char *text)
{
    put(object, key, text ? utr_json_text(text) : json_null());
}

static void put_int(json_t *object, const char *key, int64_t number)
{
    put(object, key, json_integer(number));
}

static json_t *names_json(const utr_strs *names)
{
    json_t *list = json_array();
    for (size_t i = 0; i < names->count; i++)
        (void)json_array_append_new(list, utr_json_text(names->items[i]));
    return list;
}

/* One text of each fact. */
static json_t *facts_json(const verdict_facts *facts, size_t offset)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->count; i++) {
        const char *text = *(char *const *)((const char *)facts->items[i] + offset);
        (void)json_array_append_new(list, text ? utr_json_text(text) : json_null());
    }
    return list;
}

static json_t *run_json(const verdict *v)
{
    static const journal_fact NONE = {0};
    const journal_fact *run = v->run ? v->run : &NONE;
    const journal_fact *commit = v->commit ? v->commit : &NONE;
    json_t *object = json_object();
    put_text(object, "id", run->id);
    put_text(object, "started", run->started);
    put(object, "seconds", json_real(v->seconds));
    put_text(object, "commit", commit->commit);
    put(object, "dirty", json_boolean(commit->dirty));
    put_text(object, "command", run->command);
    put_text(object, "root", run->root);
    put_text(object, "environment", run->environment);
    put(object, "real_services", json_boolean(run->real_services));
    put_text(object, "selection", run->pattern);
    return object;
}

static json_t *category_json(const verdict_category *category)
{
    json_t *object = json_object();
    put_text(object, "name", category->plan->category);
    put_text(object, "verdict", verdict_outcome_text(category->outcome));
    put_text(object, "real_services", category->plan->state);
    put_int(object, "minimum_tests", category->plan->count);
    put(object, "depends_on", names_json(&category->plan->names));
    put(object, "externals", facts_json(&category->externals, offsetof(journal_fact, service)));
    put_text(object, "not_run", category->not_run ? category->not_run->text : NULL);
    return object;
}

json_t *parts_reason_json(const verdict_reason *reason)
{
    json_t *object = json_object();
    put_text(object, "rule", reason->rule);
    put_text(object, "level", verdict_level_text(reason->level));
    put(object, "waived", json_boolean(reason->waived));
    put_text(object, "category", reason->category);
    put_text(object, "suite", reason->suite);
    put_text(object, "test", reason->test);
    put_text(object, "service", reason->service);
    put_text(object, "file", reason->file);
    put(object, "line", reason->line ? json_integer(reason->line) : json_null());
    put_text(object, "message", reason->message);
    return object;
}

static json_t *service_json(const verdict_category *category, const verdict_service *service)
{
    static const journal_fact NONE = {0};
    const journal_fact *identity = service->identity ? service->identity : &NONE;
    json_t *object = json_object();
    put_text(object, "category", category->plan->category);
    put_text(object, "name", service->plan->service);
    put(object, "critical", json_boolean(service->plan->critical));
    put_text(object, "image", service->plan->image ? service->plan->image : identity->image);
    put_text(object, "image_id", identity->image_id);
    put_text(object, "container_id", identity->container_id);
    put_text(object, "address", identity->address);
    put_text(object, "identity", identity->identity);
    put(object, "ready_seconds", service->identity ? json_real(identity->seconds) : json_null());
    put_text(object, "state", service->state ? service->state->state : NULL);
    put_int(object, "restarts", service->restarts);
    return object;
}

static const struct {
    const char *key;
    size_t offset;
} COUNTERS[] = {
#define COUNTER(name)                                                                                        \
    {                                                                                                        \
#name, offsetof(journal_fact, name)                                                                  \
    }
    COUNTER(connections),    COUNTER(inherited_connections),
    COUNTER(exchanges),      COUNTER(substantive),
    COUNTER(reads),          COUNTER(writes),
    COUNTER(errors),         COUNTER(bytes_sent),
    COUNTER(bytes_received),
};

static const struct {
    const char *key;
    size_t offset;
} FLAGS[] = {
    {"opaque", offsetof(journal_fact, opaque)},
    {"lost", offsetof(journal_fact, lost)},
    {"refused", offsetof(journal_fact, refused)},
};

/* What of it counts as proof. */
static const struct {
    const char *key;
    size_t offset;
} COUNTED[] = {
    {"exchanges", offsetof(verdict_evidence, exchanges)},
    {"substantive", offsetof(verdict_evidence, substantive)},
    {"reads", offsetof(verdict_evidence, reads)},
    {"writes", offsetof(verdict_evidence, writes)},
};

static json_t *statement_json(const verdict_evidence *evidence, const journal_statement *one)
{
    bool by_itself = false;
    for (size_t i = 0; i < evidence->by_itself.count; i++)
        by_itself |= evidence->by_itself.items[i] == one;
    json_t *object = journal_statement_json(one);
    put(object, "by_itself", json_boolean(by_itself));
    return object;
}

static json_t *new_evidence_json(void)
{
    json_t *object = json_object();
    put(object, "counted", json_object());
    put(object, "statements", json_array());
    return object;
}

/* Adds one evidence to what is there of its service: fixtures tell of the same one again and again. */
static void add_evidence(json_t *of_service, const verdict_evidence *evidence)
{
    const char *fact = (const char *)evidence->fact;
    for (size_t i = 0; i < sizeof COUNTERS / sizeof *COUNTERS; i++)
        put_int(of_service, COUNTERS[i].key,
                utr_json_int(of_service, COUNTERS[i].key, 0) + *(const int64_t *)(fact + COUNTERS[i].offset));
    for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
        bool was = json_is_true(json_object_get(of_service, FLAGS[i].key));
        put(of_service, FLAGS[i].key, json_boolean(was || *(const bool *)(fact + FLAGS[i].offset)));
    }
    json_t *counted = json_object_get(of_service, "counted");
    for (size_t i = 0; i < sizeof COUNTED / sizeof *COUNTED; i++)
        put_int(counted, COUNTED[i].key,
                utr_json_int(counted, COUNTED[i].key, 0) +
                    *(const int64_t *)((const char *)evidence + COUNTED[i].offset));
    json_t *statements = json_object_get(of_service, "statements");
    for (size_t i = 0; i < evidence->fact->statements.count; i++)
        (void)json_array_append_new(statements,
                                    statement_json(evidence, &evidence->fact->statements.items[i]));
}

static void put_evidence(json_t *by_service, const verdict_evidence *evidence)
{
    const char *service = evidence->fact->service;
    if (!json_object_get(by_service, service))
        put(by_service, service, new_evidence_json());
    add_evidence(json_object_get(by_service, service), evidence);
}

static json_t *evidence_json(const verdict_evidences *all)
{
    json_t *object = json_object();
    for (size_t i = 0; i < all->count; i++)
        put_evidence(object, &all->items[i]);
    return object;
}

/* The object under a key, made where it is not there. */
static json_t *object_under(json_t *object, const char *key)
{
    if (!json_object_get(object, key))
        put(object, key, json_object());
    return json_object_get(object, key);
}

/* By whose it is, fixtures by their ids besides. */
static void put_other_evidence(json_t *suite, const verdict_evidences *all)
{
    json_t *fixtures = json_object();
    json_t *others = json_object();
    for (size_t i = 0; i < all->count; i++) {
        const journal_fact *fact = all->items[i].fact;
        bool is_fixture = fact->test && strcmp(fact->state, "fixture") == 0;
        json_t *group = is_fixture ? fixtures : others;
        put_evidence(object_under(group, is_fixture ? fact->test : fact->state), &all->items[i]);
    }
    put(suite, "fixtures", fixtures);
    put(suite, "evidence_outside_tests", others);
}

static json_t *inherited_json(const verdict_test *test)
{
    json_t *object = json_object();
    for (size_t i = 0; i < test->inherited.count; i++)
        put_evidence(object_under(object, test->inherited.items[i]->fact->test), test->inherited.items[i]);
    return object;
}

static json_t *source_json(const journal_fact *source)
{
    if (!source)
        return json_null();
    json_t *object = json_object();
    put(object, "mocks", json_boolean(source->mocks));
    put(object, "swallows", json_boolean(source->swallows));
    put(object, "asserts", json_boolean(source->asserts));
    return object;
}

json_t *parts_test_json(const verdict_test *test)
{
    const journal_fact *finish = test->finish;
    json_t *object = json_object();
    put_text(object, "id", finish->test);
    put_text(object, "status", finish->state);
    put(object, "seconds", json_real(finish->seconds));
    put_text(object, "verdict", verdict_test_state_text(test->state));
    put_text(object, "message", finish->text);
    put_text(object, "file", finish->file);
    put(object, "line", finish->line ? json_integer(finish->line) : json_null());
    put(object, "requires", names_json(test->requires));
    put(object, "evidence", evidence_json(&test->evidence));
    put(object, "inherited", inherited_json(test));
    put(object, "source", source_json(test->source));
    put(object, "elsewhere", facts_json(&test->elsewhere, offsetof(journal_fact, address)));
    return object;
}

static json_t *owed_json(const verdict_facts *owed)
{
    json_t *list = json_array();
    for (size_t i = 0; i < owed->count; i++) {
        json_t *object = json_object();
        put_text(object, "service", owed->items[i]->service);
        put_text(object, "scope", owed->items[i]->state);
        put_text(object, "measure", owed->items[i]->measure);
        put_int(object, "count", owed->items[i]->count);
        (void)json_array_append_new(list, object);
    }
    return list;
}

static void put_ending(json_t *object, const journal_fact *finish)
{
    put(object, "exit_code", finish ? json_integer(finish->exit_code) : json_null());
    put(object, "signal", finish && finish->signal ? json_integer(finish->signal) : json_null());
    put(object, "timed_out", json_boolean(finish && finish->timed_out));
    put(object, "seconds", finish ? json_real(finish->seconds) : json_null());
    put_int(object, "outlived_by", finish ? finish->count : 0);
}

static json_t *suite_json(const verdict_category *category, const verdict_suite *suite)
{
    json_t *object = json_object();
    json_t *tests = json_array();
    for (size_t i = 0; i < suite->tests.count; i++)
        (void)json_array_append_new(tests, parts_test_json(&suite->tests.items[i]));
    put_text(object, "category", category->plan->category);
    put_text(object, "name", suite->plan->suite);
    put_text(object, "format", suite->plan->format);
    put_text(object, "command", suite->plan->command);
    put_ending(object, suite->finish);
    put_int(object, "collected", suite->collected);
    put_text(object, "isolation", suite->start ? suite->start->state : NULL);
    put(object, "inherit", json_boolean(suite->plan->inherit));
    put(object, "whole", json_boolean(suite->plan->whole));
    put(object, "default_evidence", json_boolean(suite->plan->default_evidence));
    put(object, "owed", owed_json(&suite->owed));
    put(object, "tests", tests);
    put_other_evidence(object, &suite->other_evidence);
    put(object, "elsewhere", facts_json(&suite->elsewhere, offsetof(journal_fact, address)));
    return object;
}

static json_t *totals_json(const verdict_totals *totals)
{
    json_t *object = json_object();
    put_int(object, "tests", totals->tests);
    put_int(object, "passed", totals->passed);
    put_int(object, "failed", totals->failed);
    put_int(object, "skipped", totals->skipped);
    put_int(object, "proven", totals->proven);
    put_int(object, "unproven", totals->unproven);
    return object;
}

static json_t *finding_json(const journal_fact *finding)
{
    json_t *object = json_object();
    put_text(object, "category", finding->category);
    put_text(object, "suite", finding->suite);
    put_text(object, "kind", finding->rule);
    put_text(object, "subkind", finding->state);
    put_text(object, "file", finding->file);
    put_int(object, "line", finding->line);
    put_text(object, "symbol", finding->test);
    put_text(object, "text", finding->text);
    put_text(object, "allowed_until", finding->expires);
    return object;
}

static void add_findings(json_t *list, const verdict_suite *suite)
{
    for (size_t i = 0; i < suite->findings.count; i++)
        (void)json_array_append_new(list, finding_json(suite->findings.items[i]));
}

static void put_categories(json_t *report, const verdict *v)
{
    json_t *categories = json_array();
    json_t *services = json_array();
    json_t *suites = json_array();
    json_t *findings = json_array();
    for (size_t i = 0; i < v->categories.count; i++) {
        const verdict_category *category = &v->categories.items[i];
        (void)json_array_append_new(categories, category_json(category));
        for (size_t k = 0; k < category->services.count; k++)
            (void)json_array_append_new(services, service_json(category, &category->services.items[k]));
        for (size_t k = 0; k < category->suites.count; k++) {
            (void)json_array_append_new(suites, suite_json(category, &category->suites.items[k]));
            add_findings(findings, &category->suites.items[k]);
        }
    }
    put(report, "categories", categories);
    put(report, "services", services);
    put(report, "suites", suites);
    put(report, "findings", findings);
}

static json_t *report_value(const verdict *v)
{
    json_t *report = json_object();
    json_t *reasons = json_array();
    for (size_t i = 0; i < v->reasons.count; i++)
        (void)json_array_append_new(reasons, parts_reason_json(&v->reasons.items[i]));
    put_int(report, "schema", SCHEMA_VERSION);
    put(report, "run", run_json(v));
    put_text(report, "verdict", verdict_outcome_text(v->outcome));
    put_int(report, "exit_code", v->exit_code);
    put(report, "reasons", reasons);
    put_categories(report, v);
    put(report, "totals", totals_json(&v->totals));
    return report;
}

utr_code report_json(const verdict *v, const char *path, utr_error *err)
{
    auto_json json_t *report = report_value(v);
    auto_free char *text = json_dumps(report, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    if (!text)
        return utr_fail(err, UTR_DEFECT, "the report cannot be written as JSON");
    if (utr_file_write(path, text, strlen(text), err))
        return utr_wrap(err, "write the report");
    return UTR_OK;
}
