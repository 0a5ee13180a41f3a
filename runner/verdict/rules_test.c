/* Rules about one test: what it says of itself, and what it exchanged. */
#include "verdict/rules.h"

#include <string.h>

static const char *message_of(const rules_scope *scope, const char *fallback)
{
    const char *text = scope->test->finish->text;
    return text && *text ? text : fallback;
}

void rules_test_failed(const rules_scope *scope, const verdict_rule *rule)
{
    if (model_test_is(scope->test, "failed") || model_test_is(scope->test, "error"))
        rules_report(scope, rule, NULL, "%s", message_of(scope, "it failed without a message"));
}

void rules_skipped(const rules_scope *scope, const verdict_rule *rule)
{
    if (model_test_is(scope->test, "skipped"))
        rules_report(scope, rule, NULL,
                     "did not run: %s; make what it needs available, or waive it in the manifest",
                     message_of(scope, "skipped without a reason"));
}

void rules_xfailed(const rules_scope *scope, const verdict_rule *rule)
{
    if (model_test_is(scope->test, "xfailed"))
        rules_report(scope, rule, NULL,
                     "failed as it was expected to: %s; mend it, or waive it in the manifest",
                     message_of(scope, "no reason given"));
}

/* One thing that a test owes: so much of a measure from a service (NULL: from any). */
typedef struct {
    const char *service;
    const char *measure;
    int64_t count;
} debt;

typedef void on_debt(const rules_scope *scope, const verdict_rule *rule, const debt *owed);

static void each_debt_of_suite(const rules_scope *scope, const verdict_rule *rule, on_debt *check)
{
    for (size_t i = 0; i < scope->suite->owed.count; i++) {
        const journal_fact *owed = scope->suite->owed.items[i];
        if (strcmp(owed->state, "test") == 0)
            check(scope, rule, &(debt){owed->service, owed->measure, owed->count});
    }
    if (scope->suite->plan->default_evidence && !scope->test->requires->count)
        check(scope, rule, &(debt){NULL, "exchanges", 1});
}

/* What the test demands of itself comes besides what its suite owes; only a passed test of a category with
 * services owes anything. */
static void each_debt(const rules_scope *scope, const verdict_rule *rule, on_debt *check)
{
    const char *real_services = scope->category->plan->state;
    if (!model_test_passed(scope->test) || (real_services && strcmp(real_services, "none") == 0))
        return;
    for (size_t i = 0; i < scope->test->requires->count; i++)
        check(scope, rule, &(debt){scope->test->requires->items[i], "exchanges", 1});
    each_debt_of_suite(scope, rule, check);
}

static const char *whom(const debt *owed)
{
    return owed->service ? owed->service : "any service of the category";
}

static void check_any(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    const verdict_facts *evidence = &scope->test->evidence;
    if (model_measure(evidence, owed->service, "any") ||
        model_measure(evidence, owed->service, owed->measure))
        return;
    rules_report(scope, rule, owed->service,
                 "passed without exchanging anything with %s; let it use the service at the address in its "
                 "environment, "
                 "or say in the manifest what it owes",
                 whom(owed));
}

void rules_no_evidence(const rules_scope *scope, const verdict_rule *rule)
{
    each_debt(scope, rule, check_any);
}

static void check_enough(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    const verdict_facts *evidence = &scope->test->evidence;
    int64_t any = model_measure(evidence, owed->service, "any");
    int64_t delivered = model_measure(evidence, owed->service, owed->measure);
    if (!any || delivered >= owed->count)
        return;
    if (!model_measure(evidence, owed->service, "exchanges"))
        rules_report(
            scope, rule, owed->service,
            "exchanged only trivial requests with %s (pings, logins, SELECT 1); a test that uses the service "
            "sends it real work",
            whom(owed));
    else
        rules_report(scope, rule, owed->service, "owes %s %lld %s and delivered %lld", whom(owed),
                     (long long)owed->count, owed->measure, (long long)delivered);
}

void rules_weak_evidence(const rules_scope *scope, const verdict_rule *rule)
{
    each_debt(scope, rule, check_enough);
}
