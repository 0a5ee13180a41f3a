/* The plan as facts: all that the verdict needs to know of what was asked for. */
#include "run/state.h"

#include "base/clock.h"

#include <string.h>

static void write_run(run_state *run)
{
    const run_request *request = run->request;
    char started[32];
    utr_clock_rfc3339(started);
    (void)journal_add(run->journal, &(journal_fact){
                                        .kind = JOURNAL_RUN,
                                        .id = run->record.id,
                                        .started = started,
                                        .command = (char *)request->command,
                                        .root = run->record.root,
                                        .environment = (char *)request->environment,
                                        .pattern = (char *)request->pattern,
                                        .real_services = request->real_services,
                                    });
}

static void write_category(run_state *run, const manifest_category *manifest)
{
    journal_fact fact = {
        .kind = JOURNAL_CATEGORY,
        .category = manifest->name,
        .text = *manifest->description ? manifest->description : NULL,
        .state = (char *)manifest_real_services_text(manifest->real_services),
        .count = manifest->minimum_tests,
    };
    for (size_t i = 0; i < manifest->depends_on.count; i++)
        utr_strs_add(&fact.names, manifest->depends_on.items[i].category);
    (void)journal_add(run->journal, &fact);
    utr_strs_dispose(&fact.names);
}

static void write_rules(run_state *run, const manifest_category *manifest)
{
    for (size_t i = 0; i < manifest->rules.count; i++) {
        const manifest_rule *rule = &manifest->rules.items[i];
        (void)journal_add(run->journal, RUN_FACT(JOURNAL_RULE, manifest->name, .rule = rule->rule,
                                                 .level = (char *)manifest_level_text(rule->level)));
    }
    for (size_t i = 0; i < manifest->waivers.count; i++) {
        const manifest_waiver *waiver = &manifest->waivers.items[i];
        bool every_test = strcmp(waiver->test, "*") == 0; /* then it covers what is said of the suite, too */
        (void)journal_add(run->journal, RUN_FACT(JOURNAL_WAIVER, manifest->name, .suite = waiver->suite,
                                                 .test = every_test ? NULL : waiver->test,
                                                 .rule = waiver->rule, .text = waiver->reason,
                                                 .owner = waiver->owner, .expires = waiver->expires));
    }
}

static void write_services(run_state *run, const run_category *category)
{
    for (size_t i = 0; i < category->manifest->services.count; i++) {
        const manifest_service *service = &category->manifest->services.items[i];
        const compose_service *composed = compose_find(category->stack, service->name);
        (void)journal_add(run->journal,
                          RUN_FACT(JOURNAL_SERVICE, category->manifest->name, .service = service->name,
                                   .critical = service->critical, .image = composed->image));
    }
}

static void write_externals(run_state *run, const manifest_category *manifest)
{
    for (size_t i = 0; i < manifest->external.count; i++)
        (void)journal_add(run->journal, RUN_FACT(JOURNAL_EXTERNAL, manifest->name,
                                                 .service = manifest->external.items[i].name));
}

static void write_owed(run_state *run, const manifest_category *manifest, const manifest_suite *suite)
{
    for (size_t i = 0; i < suite->evidence.count; i++) {
        const manifest_evidence *owed = &suite->evidence.items[i];
        const struct {
            const char *measure;
            int64_t count;
        } parts[] = {{"exchanges", owed->exchanges},
                     {"reads", owed->reads},
                     {"writes", owed->writes},
                     {"requests", owed->requests}};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            if (!parts[k].count)
                continue;
            (void)journal_add(run->journal,
                              RUN_FACT(JOURNAL_OWED, manifest->name, .suite = suite->name,
                                       .service = owed->service,
                                       .state = owed->scope == MANIFEST_EACH_TEST ? "test" : "suite",
                                       .measure = (char *)parts[k].measure, .count = parts[k].count));
        }
    }
}

static void write_suites(run_state *run, const manifest_category *manifest)
{
    for (size_t i = 0; i < manifest->suites.count; i++) {
        const manifest_suite *suite = &manifest->suites.items[i];
        auto_free char *command = utr_strs_join(suite->run.count ? &suite->run : &suite->select, " ");
        (void)journal_add(
            run->journal,
            RUN_FACT(JOURNAL_SUITE, manifest->name, .suite = suite->name, .format = suite->format,
                     .command = command,
                     .tells_tests = suite->select.count || suites_format_tells_tests(suite->format),
                     .default_evidence = suite->evidence_default, .inherit = suite->inherit,
                     .whole = manifest_suite_is_whole(suite),
                     .seconds = run_record_estimate(&run->record, manifest->name, suite->name)));
        write_owed(run, manifest, suite);
    }
}

void run_facts_write(run_state *run)
{
    write_run(run);
    for (size_t i = 0; i < run->plan->categories.count; i++) {
        const run_category *category = &run->plan->categories.items[i];
        write_category(run, category->manifest);
        write_rules(run, category->manifest);
        if (category->stack)
            write_services(run, category);
        write_externals(run, category->manifest);
        write_suites(run, category->manifest);
    }
}
