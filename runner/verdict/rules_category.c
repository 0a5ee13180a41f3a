/* Rules about a category, its services and the run as a whole. */
#include "verdict/rules.h"

#include <string.h>

static bool is_selection(const rules_scope *scope)
{
    return scope->verdict->run && scope->verdict->run->pattern;
}

static bool was_stopped(const rules_scope *scope)
{
    for (size_t i = 0; i < scope->category->suites.count; i++) {
        if (!scope->category->suites.items[i].finish)
            return true;
    }
    return false;
}

void rules_too_few_tests(const rules_scope *scope, const verdict_rule *rule)
{
    int64_t ran = 0;
    for (size_t i = 0; i < scope->category->suites.count; i++) {
        const verdict_suite *suite = &scope->category->suites.items[i];
        for (size_t k = 0; k < suite->tests.count; k++)
            ran += !model_test_is(&suite->tests.items[k], "skipped");
    }
    if (!scope->category->not_run && !is_selection(scope) && ran < scope->category->plan->count)
        rules_report(scope, rule, NULL, "ran %lld tests where minimum_tests is %lld", (long long)ran,
                     (long long)scope->category->plan->count);
}

/* A suite that was stopped early has exercised what it could: only a category that ran to its end can leave a
 * service unused. */
void rules_service_unused(const rules_scope *scope, const verdict_rule *rule)
{
    const char *real_services = scope->category->plan->state;
    if (scope->category->not_run || is_selection(scope) || was_stopped(scope) ||
        strcmp(real_services, "none") == 0)
        return;
    for (size_t i = 0; i < scope->category->services.count; i++) {
        const journal_fact *service = scope->category->services.items[i].plan;
        if (service->critical && !model_service_used(scope->category, service->service))
            rules_report(scope, rule, service->service,
                         "%s was brought up and no test exchanged anything substantive with it; write a test "
                         "that uses "
                         "it, or take it out of the manifest",
                         service->service);
    }
}

static bool is_owed(const verdict_category *category, const char *service)
{
    for (size_t i = 0; i < category->suites.count; i++) {
        for (size_t k = 0; k < category->suites.items[i].owed.count; k++) {
            if (strcmp(category->suites.items[i].owed.items[k]->service, service) == 0)
                return true;
        }
    }
    return false;
}

static void report_states(const rules_scope *scope, const verdict_rule *rule, bool restarts)
{
    for (size_t i = 0; i < scope->category->services.count; i++) {
        const verdict_service *service = &scope->category->services.items[i];
        const char *name = service->plan->service;
        bool matters = service->plan->critical || is_owed(scope->category, name);
        for (size_t k = 0; k < service->bad_states.count && matters; k++) {
            const journal_fact *bad = service->bad_states.items[k];
            if ((strcmp(bad->state, "restarted") == 0) == restarts)
                rules_report(scope, rule, name, "%s %s%s%s", name, bad->state, bad->text ? ": " : "",
                             bad->text ? bad->text : "");
        }
    }
}

void rules_service_broken(const rules_scope *scope, const verdict_rule *rule)
{
    report_states(scope, rule, false);
}

void rules_service_restarted(const rules_scope *scope, const verdict_rule *rule)
{
    report_states(scope, rule, true);
}

static bool has_reason(const rules_scope *scope)
{
    for (size_t i = 0; i < scope->verdict->reasons.count; i++) {
        if (scope->verdict->reasons.items[i].category == scope->category->plan->category)
            return true;
    }
    return false;
}

void rules_category_not_proven(const rules_scope *scope, const verdict_rule *rule)
{
    const utr_strs *needs = &scope->category->plan->names;
    for (size_t i = 0; i < scope->verdict->categories.count; i++) {
        const verdict_category *other = &scope->verdict->categories.items[i];
        if (utr_strs_has(needs, other->plan->category) && other->outcome != VERDICT_PROVEN)
            rules_report(scope, rule, NULL, "depends on %s, which was not proven (%s)", other->plan->category,
                         verdict_outcome_text(other->outcome));
    }
}

/* A category that did not run is never proven, whatever the reason was. */
void rules_not_run(const rules_scope *scope, const verdict_rule *rule)
{
    const journal_fact *why = scope->category->not_run;
    if (why && !has_reason(scope))
        rules_report(scope, rule, NULL, "was not run: %s", why->text ? why->text : "no reason was recorded");
}

void rules_real_services_required(const rules_scope *scope, const verdict_rule *rule)
{
    const char *need = scope->category->plan->state;
    bool given = scope->verdict->run && scope->verdict->run->real_services;
    if (strcmp(need ? need : "", "required") == 0 && !given)
        rules_report(scope, rule, NULL, "requires real services; run it with --real-services");
}

void rules_waiver_expired(const rules_scope *scope, const verdict_rule *rule)
{
    const char *today =
        scope->verdict->run && scope->verdict->run->started ? scope->verdict->run->started : "9999";
    for (size_t i = 0; i < scope->category->waivers.count; i++) {
        const journal_fact *waiver = scope->category->waivers.items[i];
        if (strncmp(today, waiver->expires ? waiver->expires : "", 10) > 0)
            rules_report(
                scope, rule, NULL,
                "the waiver of %s for %s expired on %s; mend what it covers, or renew it (owner: %s)",
                waiver->rule,
                waiver->test    ? waiver->test
                : waiver->suite ? waiver->suite
                                : "everything",
                waiver->expires ? waiver->expires : "no date", waiver->owner ? waiver->owner : "nobody");
    }
}

void rules_run_broken(const rules_scope *scope, const verdict_rule *rule)
{
    for (size_t i = 0; i < journal_count(scope->journal); i++) {
        const journal_fact *fact = journal_get(scope->journal, i);
        if (fact->kind == JOURNAL_BROKEN)
            rules_report(scope, rule, fact->service, "%s", fact->text ? fact->text : "broken");
    }
}

/* A run that judged no test says nothing, whatever else it did. */
void rules_nothing_ran(const rules_scope *scope, const verdict_rule *rule)
{
    if (!scope->verdict->totals.tests && !scope->verdict->reasons.count)
        rules_report(scope, rule, NULL, "no test ran");
}
