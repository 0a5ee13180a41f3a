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
    else if (model_test_failed(scope->test))
        rules_report(scope, rule, NULL, "ended as '%s', which is no result", scope->test->finish->state);
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

/* "*" demands every service of the category; where it has none, that any answers. */
static void each_debt_to_all(const rules_scope *scope, const verdict_rule *rule, on_debt *check)
{
    for (size_t i = 0; i < scope->category->services.count; i++)
        check(scope, rule, &(debt){scope->category->services.items[i].plan->service, "exchanges", 1});
    if (!scope->category->services.count)
        check(scope, rule, &(debt){NULL, "exchanges", 1});
}

static void each_debt_of_its_own(const rules_scope *scope, const verdict_rule *rule, on_debt *check)
{
    for (size_t i = 0; i < scope->test->requires->count; i++) {
        const char *service = scope->test->requires->items[i];
        if (strcmp(service, "*") == 0)
            each_debt_to_all(scope, rule, check);
        else
            check(scope, rule, &(debt){service, "exchanges", 1});
    }
}

static void each_debt_of_suite(const rules_scope *scope, const verdict_rule *rule, on_debt *check)
{
    for (size_t i = 0; i < scope->suite->owed.count; i++) {
        const journal_fact *owed = scope->suite->owed.items[i];
        if (!model_owed_by(owed, "suite"))
            check(scope, rule, &(debt){owed->service, owed->measure, owed->count});
    }
    bool by_default = scope->suite->plan->default_evidence && !scope->test->requires->count;
    if (by_default && !model_real_services_are(scope->category, "none"))
        check(scope, rule, &(debt){NULL, "exchanges", 1});
}

/* What the test demands of itself comes besides what its suite owes. A category without real services has no
 * default, but what was asked for by name is owed there too. */
static void each_debt(const rules_scope *scope, const verdict_rule *rule, on_debt *check)
{
    each_debt_of_its_own(scope, rule, check);
    each_debt_of_suite(scope, rule, check);
}

static const char *whom(const debt *owed)
{
    return owed->service ? owed->service : "any service of the category";
}

/* What the test delivered; where any service will do, it has to be one of the category's. */
static int64_t delivered(const rules_scope *scope, const debt *owed, const char *measure)
{
    const verdict_facts *evidence = &scope->test->evidence;
    if (owed->service)
        return model_measure(evidence, owed->service, measure);
    int64_t most = 0;
    for (size_t i = 0; i < scope->category->services.count; i++) {
        int64_t one = model_measure(evidence, scope->category->services.items[i].plan->service, measure);
        most = one > most ? one : most;
    }
    return most;
}

static void check_any(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    if (delivered(scope, owed, "any") || delivered(scope, owed, owed->measure))
        return;
    rules_report(scope, rule, owed->service,
                 "passed without exchanging anything with %s; let it use the service at the address in its "
                 "environment, or say in the manifest what it owes",
                 whom(owed));
}

void rules_no_evidence(const rules_scope *scope, const verdict_rule *rule)
{
    if (model_test_passed(scope->test))
        each_debt(scope, rule, check_any);
}

static void check_enough(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    int64_t any = delivered(scope, owed, "any");
    int64_t enough = delivered(scope, owed, owed->measure);
    if (enough >= owed->count || (!any && !enough))
        return; /* paid, or a matter of no-evidence */
    if (!delivered(scope, owed, "exchanges"))
        rules_report(
            scope, rule, owed->service,
            "exchanged only trivial requests with %s (pings, logins, SELECT 1); a test that uses the service "
            "sends it real work",
            whom(owed));
    else
        rules_report(scope, rule, owed->service, "owes %s %lld %s and delivered %lld", whom(owed),
                     (long long)owed->count, owed->measure, (long long)enough);
}

void rules_weak_evidence(const rules_scope *scope, const verdict_rule *rule)
{
    if (model_test_passed(scope->test))
        each_debt(scope, rule, check_enough);
}

static void count_debt(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    (void)rule;
    scope->account->debts++;
    scope->account->paid += delivered(scope, owed, owed->measure) >= owed->count;
}

rules_account rules_account_of(const rules_scope *scope)
{
    rules_account account = {0};
    rules_scope counting = *scope;
    counting.account = &account;
    each_debt(&counting, NULL, count_debt);
    return account;
}
