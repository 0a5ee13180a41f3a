/* Rules about a category, its services and the run as a whole. */
#include "verdict/rules.h"

#include <string.h>

bool rules_is_selection(const rules_scope *scope)
{
    return scope->verdict->run && scope->verdict->run->pattern;
}

bool rules_decided(const verdict *v, const char *category)
{
    for (size_t i = 0; i < v->reasons.count; i++) {
        const verdict_reason *reason = &v->reasons.items[i];
        bool meant = !category || model_same(reason->category, category);
        if (meant && !reason->waived && reason->level >= VERDICT_REFUSE)
            return true;
    }
    return false;
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
    if (!scope->category->not_run && !rules_is_selection(scope) && ran < scope->category->plan->count)
        rules_report(scope, rule, NULL, "ran %lld tests where minimum_tests is %lld", (long long)ran,
                     (long long)scope->category->plan->count);
}

/* A suite that was stopped early has exercised what it could: only a category that ran to its end can leave a
 * service unused. */
void rules_service_unused(const rules_scope *scope, const verdict_rule *rule)
{
    if (scope->category->not_run || rules_is_selection(scope) || was_stopped(scope) ||
        model_real_services_are(scope->category, "none"))
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
            if (model_same(category->suites.items[i].owed.items[k]->service, service))
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

/* Services that no category names are there because named ones need them. One that never came up shows in
 * those; one that broke under them may not. */
void rules_dependency_broken(const rules_scope *scope, const verdict_rule *rule)
{
    for (size_t i = 0; i < journal_count(scope->journal); i++) {
        const journal_fact *fact = journal_get(scope->journal, i);
        if (fact->kind != JOURNAL_SERVICE_STATE || !model_state_is_bad(fact->state) ||
            strcmp(fact->state, "failed") == 0)
            continue;
        const verdict_category *category = model_category(scope->verdict, fact->category);
        if (!category || !model_service(category, fact->service))
            rules_report(scope, rule, fact->service, "%s %s%s%s", fact->service ? fact->service : "a service",
                         fact->state, fact->text ? ": " : "", fact->text ? fact->text : "");
    }
}

static void depend_on(const rules_scope *scope, const verdict_rule *rule, const char *name)
{
    const verdict_category *other = model_category(scope->verdict, name);
    if (!other || other >= scope->category) /* categories are judged in their order */
        rules_report(scope, rule, NULL, "depends on %s, which was not run before it", name);
    else if (other->outcome != VERDICT_PROVEN)
        rules_report(scope, rule, NULL, "depends on %s, which was not proven (%s)", name,
                     verdict_outcome_text(other->outcome));
}

void rules_category_not_proven(const rules_scope *scope, const verdict_rule *rule)
{
    const utr_strs *needs = &scope->category->plan->names;
    for (size_t i = 0; i < needs->count; i++)
        depend_on(scope, rule, needs->items[i]);
}

/* A category that did not run is never proven, whatever the reason was. */
void rules_not_run(const rules_scope *scope, const verdict_rule *rule)
{
    const journal_fact *why = scope->category->not_run;
    if (why && !rules_decided(scope->verdict, scope->category->plan->category))
        rules_report(scope, rule, NULL, "was not run: %s", why->text ? why->text : "no reason was recorded");
}

static bool any_passed(const verdict_category *category)
{
    for (size_t i = 0; i < category->suites.count; i++) {
        for (size_t k = 0; k < category->suites.items[i].tests.count; k++) {
            if (model_test_passed(&category->suites.items[i].tests.items[k]))
                return true;
        }
    }
    return false;
}

/* However lenient its rules and waivers are, a category of which nothing passed shows nothing. */
void rules_nothing_passed(const rules_scope *scope, const verdict_rule *rule)
{
    bool decided = rules_decided(scope->verdict, scope->category->plan->category);
    bool may_be_empty = rules_is_selection(scope) || scope->category->not_run;
    if (!decided && !may_be_empty && !any_passed(scope->category))
        rules_report(scope, rule, NULL, "no test of it passed; what was not run proves nothing");
}

static bool any_used(const verdict_category *category)
{
    for (size_t i = 0; i < category->services.count; i++) {
        if (model_service_used(category, category->services.items[i].plan->service))
            return true;
    }
    return false;
}

static bool needs_real_services(const verdict_category *category)
{
    return !model_real_services_are(category, "none") && !model_real_services_are(category, "preferred");
}

/* However lenient its rules and waivers are, what requires real services and used none is not proven. A
 * selection of which the category holds nothing says nothing of it. */
void rules_nothing_used(const rules_scope *scope, const verdict_rule *rule)
{
    bool decided = rules_decided(scope->verdict, scope->category->plan->category);
    if (needs_real_services(scope->category) && !decided && any_passed(scope->category) &&
        !any_used(scope->category))
        rules_report(scope, rule, NULL,
                     "requires real services and no test exchanged anything substantive with one of them");
}

void rules_real_services_required(const rules_scope *scope, const verdict_rule *rule)
{
    bool given = scope->verdict->run && scope->verdict->run->real_services;
    if (needs_real_services(scope->category) && !given)
        rules_report(scope, rule, NULL, "requires real services; run it with --real-services");
}

void rules_waiver_expired(const rules_scope *scope, const verdict_rule *rule)
{
    for (size_t i = 0; i < scope->category->waivers.count; i++) {
        const journal_fact *waiver = scope->category->waivers.items[i];
        const char *of = waiver->test ? waiver->test : waiver->suite ? waiver->suite : "everything";
        if (rules_waiver_is_over(scope, waiver))
            rules_report(
                scope, rule, NULL,
                "the waiver of %s for %s expired on %s; mend what it covers, or renew it (owner: %s)",
                waiver->rule, of, waiver->expires ? waiver->expires : "no date",
                waiver->owner ? waiver->owner : "nobody");
    }
}

static void report_broken(const rules_scope *scope, const verdict_rule *rule,
                          const verdict_category *category)
{
    for (size_t i = 0; i < journal_count(scope->journal); i++) {
        const journal_fact *fact = journal_get(scope->journal, i);
        if (fact->kind == JOURNAL_BROKEN && model_category(scope->verdict, fact->category) == category)
            rules_report(scope, rule, fact->service, "%s", fact->text ? fact->text : "broken");
    }
}

void rules_category_broken(const rules_scope *scope, const verdict_rule *rule)
{
    report_broken(scope, rule, scope->category);
}

/* What broke outside every category. */
void rules_run_broken(const rules_scope *scope, const verdict_rule *rule)
{
    report_broken(scope, rule, NULL);
}

/* A run of which nothing passed says nothing, whatever else it did. */
void rules_nothing_ran(const rules_scope *scope, const verdict_rule *rule)
{
    if (!scope->verdict->totals.passed && !rules_decided(scope->verdict, NULL))
        rules_report(scope, rule, NULL, scope->verdict->totals.tests ? "no test passed" : "no test ran");
}

/* What is not in the record, or in no place of it, was not judged. */
void rules_bad_record(const rules_scope *scope, const verdict_rule *rule)
{
    const verdict *v = scope->verdict;
    if (!v->run)
        rules_report(scope, rule, NULL, "the record has no beginning");
    if (!v->finish)
        rules_report(scope, rule, NULL, "the record ends before the run did");
    for (size_t i = 0; i < v->strays.count; i++)
        rules_report(scope, rule, v->strays.items[i]->service,
                     "the record tells a '%s' of something that was not planned, or without saying of what",
                     journal_kind_text(v->strays.items[i]->kind));
}
