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
    bool nothing = finish->exit_code == PYTEST_NOTHING_COLLECTED && !scope->suite->tests.count;
    if (finish->signal)
        rules_report(scope, rule, NULL, "was ended by signal %lld (%s)", (long long)finish->signal,
                     strsignal((int)finish->signal));
    else if (finish->exit_code && !nothing && !has_failures(scope->suite))
        rules_report(scope, rule, NULL, "exited with code %lld although no test failed; see its log",
                     (long long)finish->exit_code);
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

void rules_no_tests(const rules_scope *scope, const verdict_rule *rule)
{
    if (!scope->suite->finish)
        rules_report(scope, rule, NULL, "did not run to its end");
    else if (!scope->suite->tests.count)
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

static int64_t suite_measure(const verdict_suite *suite, const journal_fact *owed)
{
    int64_t sum = model_measure(&suite->other_evidence, owed->service, owed->measure);
    for (size_t i = 0; i < suite->tests.count; i++)
        sum += model_measure(&suite->tests.items[i].evidence, owed->service, owed->measure);
    return sum;
}

void rules_suite_owes(const rules_scope *scope, const verdict_rule *rule)
{
    for (size_t i = 0; i < scope->suite->owed.count; i++) {
        const journal_fact *owed = scope->suite->owed.items[i];
        int64_t delivered = suite_measure(scope->suite, owed);
        if (strcmp(owed->state, "suite") == 0 && scope->suite->finish && delivered < owed->count)
            rules_report(scope, rule, owed->service, "owes %s %lld %s as a whole and delivered %lld",
                         owed->service, (long long)owed->count, owed->measure, (long long)delivered);
    }
}

void rules_adapter_fault(const rules_scope *scope, const verdict_rule *rule)
{
    for (size_t i = 0; i < scope->suite->faults.count; i++)
        rules_report(scope, rule, NULL, "%s", scope->suite->faults.items[i]->text);
}
