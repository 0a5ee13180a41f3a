/* Rules about one test: what it says of itself, and what it exchanged. */
#include "verdict/rules.h"

#include "base/text.h"

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

/* The finding of a kind that shows what a test did; of several the first that has no excuse. NULL: none. */
static const journal_fact *shown_by(const rules_scope *scope, const char *kind)
{
    const journal_fact *found = NULL;
    for (size_t i = 0; i < scope->test->findings.count; i++) {
        const journal_fact *finding = scope->test->findings.items[i];
        if (strcmp(finding->rule, kind) == 0 && (!found || (found->expires && !finding->expires)))
            found = finding;
    }
    return found;
}

/* The same in words that go on; "" where there is none. The caller frees them. */
static char *words_of(const journal_fact *finding, const char *words)
{
    if (!finding)
        return utr_strdup("");
    const char *text = finding->text ? finding->text + strspn(finding->text, " \t") : "";
    return utr_format("%s (%s:%lld: `%s`)", words, finding->file, (long long)finding->line, text);
}

/* The scope with the finding, whose excuse then holds for what is reported. */
static rules_scope at_finding(const rules_scope *scope, const char *kind)
{
    rules_scope at = *scope;
    at.finding = shown_by(scope, kind);
    return at;
}

void rules_skipped(const rules_scope *scope, const verdict_rule *rule)
{
    if (!model_test_is(scope->test, "skipped"))
        return;
    rules_scope at = at_finding(scope, "skip");
    auto_free char *where = words_of(at.finding, ", as its source says");
    rules_report(&at, rule, NULL,
                 "did not run: %s%s; make what it needs available, or waive it in the manifest",
                 message_of(scope, "skipped without a reason"), where);
}

void rules_xfailed(const rules_scope *scope, const verdict_rule *rule)
{
    rules_scope at = at_finding(scope, "xfail");
    if (model_test_is(scope->test, "xfailed"))
        rules_report(&at, rule, NULL,
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
    if (owed->service)
        return model_test_measure(scope->suite, scope->test, owed->service, measure);
    int64_t most = 0;
    for (size_t i = 0; i < scope->category->services.count; i++) {
        const char *service = scope->category->services.items[i].plan->service;
        int64_t one = model_test_measure(scope->suite, scope->test, service, measure);
        most = one > most ? one : most;
    }
    return most;
}

/* Whether evidence is of a service that would pay the debt. */
static bool would_pay(const rules_scope *scope, const debt *owed, const verdict_evidence *evidence)
{
    const char *service = evidence->fact->service;
    return owed->service ? model_same(owed->service, service)
                         : model_service(scope->category, service) != NULL;
}

/* The substantive statement of the test that goes on by itself, and the evidence that it is in; or NULL. */
static const journal_statement *habit_of(const rules_scope *scope, const debt *owed,
                                         const verdict_evidence **out)
{
    const journal_statement *most = NULL;
    for (size_t i = 0; i < scope->test->evidence.count; i++) {
        const verdict_evidence *evidence = &scope->test->evidence.items[i];
        for (size_t k = 0; k < evidence->by_itself.count && would_pay(scope, owed, evidence); k++) {
            const journal_statement *one = evidence->by_itself.items[k];
            if (!one->substantive || (most && most->substantive >= one->substantive))
                continue;
            most = one;
            *out = evidence;
        }
    }
    return most;
}

/* The fixture that did substantive work for the test, where that does not count; or NULL. */
static const verdict_evidence *fixture_of(const rules_scope *scope, const debt *owed)
{
    for (size_t i = 0; i < scope->test->inherited.count && !scope->suite->plan->inherit; i++) {
        const verdict_evidence *one = scope->test->inherited.items[i];
        if (one->substantive > 0 && would_pay(scope, owed, one))
            return one;
    }
    return NULL;
}

/* What was exchanged with a declared external, where that is not what is owed; or NULL. */
static const char *external_of(const rules_scope *scope, const debt *owed)
{
    for (size_t i = 0; i < scope->category->externals.count && !owed->service; i++) {
        const char *name = scope->category->externals.items[i]->service;
        if (model_measure(&scope->test->evidence, name, "exchanges"))
            return name;
    }
    return NULL;
}

static void report_habit(const rules_scope *scope, const verdict_rule *rule, const debt *owed,
                         const verdict_evidence *evidence, const journal_statement *one)
{
    rules_report(
        scope, rule, owed->service,
        "exchanged with %s only what goes on by itself: `%s` (%lld times, on connection %lld), which "
        "was also sent while no test ran; let the test itself use the service",
        evidence->fact->service, *one->text ? one->text : "what cannot be read", (long long)one->count,
        (long long)one->connection);
}

static void report_fixture(const rules_scope *scope, const verdict_rule *rule, const debt *owed,
                           const verdict_evidence *inherited)
{
    rules_report(scope, rule, owed->service,
                 "exchanged nothing with %s itself, only its %s did (%lld exchanges); let the test use the "
                 "service, or say `inherit: true` for its suite",
                 inherited->fact->service, inherited->fact->test, (long long)inherited->substantive);
}

static void check_whole(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    int64_t any = owed->service ? model_suite_measure(scope->suite, owed->service, "any") : 0;
    for (size_t i = 0; i < scope->category->services.count && !owed->service; i++) {
        const char *service = scope->category->services.items[i].plan->service;
        int64_t one = model_suite_measure(scope->suite, service, "any");
        any = one > any ? one : any;
    }
    rules_report(
        scope, rule, owed->service,
        "its suite as a whole made %lld exchanges with %s, for %lld tests that owe proof; evidence of "
        "each test needs a format that tells of them as they run, or `list:` and `select:`",
        (long long)any, whom(owed), (long long)scope->suite->owing);
}

static void report_nothing(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    auto_free char *mock = words_of(shown_by(scope, "mock"), ": its source uses a mock instead");
    rules_report(scope, rule, owed->service,
                 "passed without exchanging anything with %s%s; let it use the service at the address in its "
                 "environment, or say in the manifest what it owes",
                 whom(owed), mock);
}

static void check_any(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    const verdict_evidence *where = NULL;
    if (delivered(scope, owed, "any") || delivered(scope, owed, owed->measure))
        return;
    const journal_statement *habit = habit_of(scope, owed, &where);
    const verdict_evidence *inherited = fixture_of(scope, owed);
    const char *external = external_of(scope, owed);
    if (scope->suite->plan->whole)
        check_whole(scope, rule, owed);
    else if (habit)
        report_habit(scope, rule, owed, where, habit);
    else if (inherited)
        report_fixture(scope, rule, owed, inherited);
    else if (external)
        rules_report(scope, rule, NULL,
                     "exchanged nothing with %s, only with %s, which counts where `evidence:` names it",
                     whom(owed), external);
    else
        report_nothing(scope, rule, owed);
}

void rules_no_evidence(const rules_scope *scope, const verdict_rule *rule)
{
    if (model_test_passed(scope->test))
        each_debt(scope, rule, check_any);
}

static bool asks_for_exchanges(const debt *owed)
{
    return strcmp(owed->measure, "exchanges") == 0 || strcmp(owed->measure, "requests") == 0;
}

/* Why trivial exchanges refuse the test, in the words that end its message; NULL: its source shows an honest
 * test, and a warning is enough. */
static const char *suspicion(const rules_scope *scope, const debt *owed)
{
    const journal_fact *source = scope->test->source;
    const verdict_evidence *where = NULL;
    if (!asks_for_exchanges(owed) || owed->count > 1)
        return "";
    if (habit_of(scope, owed, &where))
        return "; the rest of what it exchanged goes on by itself, also while no test runs";
    if (!source)
        return "";
    if (source->mocks)
        return "; and it uses a mock";
    if (source->swallows)
        return "; and it swallows its failures";
    return source->asserts ? NULL : "; and it asserts nothing";
}

static void report_trivial(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    verdict_rule mild = *rule;
    mild.level = VERDICT_WARN;
    const char *why = suspicion(scope, owed);
    const verdict_evidence *inherited = fixture_of(scope, owed);
    auto_free char *fixture =
        inherited ? utr_format("; what its %s did counts where its suite says `inherit: true`",
                               inherited->fact->test)
                  : utr_strdup("");
    rules_report(scope, why ? rule : &mild, owed->service,
                 "exchanged only trivial requests with %s (pings, logins, SELECT 1); a test that uses the "
                 "service sends it real work%s%s",
                 whom(owed), why ? why : "", fixture);
}

static void check_enough(const rules_scope *scope, const verdict_rule *rule, const debt *owed)
{
    int64_t any = delivered(scope, owed, "any");
    int64_t enough = delivered(scope, owed, owed->measure);
    if (enough >= owed->count || (!any && !enough))
        return; /* paid, or a matter of no-evidence */
    if (!delivered(scope, owed, "exchanges"))
        report_trivial(scope, rule, owed);
    else
        rules_report(scope, rule, owed->service, "owes %s %lld %s and delivered %lld", whom(owed),
                     (long long)owed->count, owed->measure, (long long)enough);
}

void rules_weak_evidence(const rules_scope *scope, const verdict_rule *rule)
{
    if (model_test_passed(scope->test))
        each_debt(scope, rule, check_enough);
}

void rules_elsewhere(const rules_scope *scope, const verdict_rule *rule)
{
    rules_report_elsewhere(scope, rule, &scope->test->elsewhere);
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
