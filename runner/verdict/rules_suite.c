/* Rules about one suite: how it ended, and whether its tests ran. */
#include "verdict/rules.h"

#include <string.h>

/* pytest ends so when it collected nothing; no-tests says it better. */
static const int64_t PYTEST_NOTHING_COLLECTED = 5;

static size_t count_status(const verdict_suite *suite, const char *status)
{
    size_t count = 0;
    for (size_t i = 0; i < suite->tests.count; i++)
        count += model_test_is(&suite->tests.items[i], status);
    return count;
}

static bool has_failures(const verdict_suite *suite)
{
    return count_status(suite, "failed") || count_status(suite, "error");
}

void rules_suite_crashed(const rules_scope *scope, const verdict_rule *rule)
{
    const journal_fact *finish = scope->suite->finish;
    if (!finish || finish->timed_out)
        return;
    bool nothing = finish->exit_code == PYTEST_NOTHING_COLLECTED && !scope->suite->tests.count &&
                   model_same(scope->suite->plan->format, "pytest");
    if (finish->signal)
        rules_report(scope, rule, NULL, "was ended by signal %lld (%s)", (long long)finish->signal,
                     strsignal((int)finish->signal));
    else if (finish->exit_code && !nothing && !has_failures(scope->suite))
        rules_report(scope, rule, NULL, "exited with code %lld although no test failed; see its log",
                     (long long)finish->exit_code);
    else if (scope->suite->unfinished.count)
        rules_report(scope, rule, NULL, "ended while %zu of its tests ran, %s first; see its log",
                     scope->suite->unfinished.count, scope->suite->unfinished.items[0]->test);
}

void rules_suite_timeout(const rules_scope *scope, const verdict_rule *rule)
{
    const journal_fact *finish = scope->suite->finish;
    if (finish && finish->timed_out)
        rules_report(scope, rule, NULL,
                     "did not end within its deadline and was ended after %.1f s; raise `timeout` or mend "
                     "what hangs",
                     finish->seconds);
}

/* Without an end there is no telling what else would have come. */
void rules_not_ended(const rules_scope *scope, const verdict_rule *rule)
{
    if (!scope->suite->finish)
        rules_report(scope, rule, NULL, "did not run to its end");
}

/* Of a selection, a suite may hold nothing. */
void rules_no_tests(const rules_scope *scope, const verdict_rule *rule)
{
    bool left_out = rules_is_selection(scope) && !scope->suite->collected;
    if (scope->suite->finish && !scope->suite->tests.count && !left_out)
        rules_report(scope, rule, NULL, "ran no test; check its command and what it collects");
}

void rules_all_skipped(const rules_scope *scope, const verdict_rule *rule)
{
    size_t skipped = count_status(scope->suite, "skipped");
    if (skipped && skipped == scope->suite->tests.count)
        rules_report(scope, rule, NULL, "skipped all of its %zu tests", skipped);
}

void rules_not_all_ran(const rules_scope *scope, const verdict_rule *rule)
{
    int64_t told = (int64_t)scope->suite->tests.count;
    if (scope->suite->finish && told < scope->suite->collected)
        rules_report(scope, rule, NULL, "told the results of %lld of the %lld tests that it collected",
                     (long long)told, (long long)scope->suite->collected);
}

void rules_suite_owes(const rules_scope *scope, const verdict_rule *rule)
{
    if (!scope->suite->finish || rules_is_selection(scope))
        return;
    for (size_t i = 0; i < scope->suite->owed.count; i++) {
        const journal_fact *owed = scope->suite->owed.items[i];
        int64_t delivered = model_suite_measure(scope->suite, owed->service, owed->measure);
        if (model_owed_by(owed, "suite") && delivered < owed->count)
            rules_report(scope, rule, owed->service, "owes %s %lld %s as a whole and delivered %lld",
                         owed->service, (long long)owed->count, owed->measure, (long long)delivered);
    }
}

void rules_report_elsewhere(const rules_scope *scope, const verdict_rule *rule, const verdict_facts *all)
{
    for (size_t i = 0; i < all->count; i++)
        rules_report(
            scope, rule, NULL,
            "tried to reach %s, which does not exist in a sealed worker; let it use the service's own "
            "name and port, or declare it under `external:`",
            all->items[i]->address);
}

void rules_suite_elsewhere(const rules_scope *scope, const verdict_rule *rule)
{
    rules_report_elsewhere(scope, rule, &scope->suite->elsewhere);
}

void rules_adapter_fault(const rules_scope *scope, const verdict_rule *rule)
{
    for (size_t i = 0; i < scope->suite->faults.count; i++) {
        const char *what = scope->suite->faults.items[i]->text;
        rules_report(scope, rule, NULL, "%s", what ? what : "its adapter is at fault");
    }
}
