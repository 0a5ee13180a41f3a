#include "verdict/verdict.h"

#include "base/text.h"
#include "verdict/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The table of rules (design, section 10). Rules that look at less come before those that sum up. */
static const rules_entry RULES[] = {
    {{"test-failed", VERDICT_FAIL, false, "a test failed"}, RULES_TEST, rules_test_failed},
    {{"suite-crashed", VERDICT_FAIL, false, "a suite ended in another way than its tests explain"},
     RULES_SUITE,
     rules_suite_crashed},
    {{"suite-timeout", VERDICT_FAIL, false, "a suite did not end within its deadline"},
     RULES_SUITE,
     rules_suite_timeout},
    {{"no-tests", VERDICT_REFUSE, true, "no test ran in a suite, a category or the run"},
     RULES_SUITE,
     rules_no_tests},
    {{"no-tests", VERDICT_REFUSE, false, "a suite did not run to its end"}, RULES_SUITE, rules_not_ended},
    {{"too-few-tests", VERDICT_REFUSE, true, "fewer tests than minimum_tests, or than were collected, ran"},
     RULES_CATEGORY,
     rules_too_few_tests},
    {{"too-few-tests", VERDICT_REFUSE, true, "fewer tests than were collected ran"},
     RULES_SUITE,
     rules_not_all_ran},
    {{"all-skipped", VERDICT_REFUSE, true, "every test of a suite was skipped"},
     RULES_SUITE,
     rules_all_skipped},
    {{"skipped", VERDICT_REFUSE, true, "a test did not run"}, RULES_TEST, rules_skipped},
    {{"xfailed", VERDICT_REFUSE, true, "a test's failure was expected and swallowed"},
     RULES_TEST,
     rules_xfailed},
    {{"no-evidence", VERDICT_REFUSE, true,
      "a passed test owes a service proof and exchanged nothing with it"},
     RULES_TEST,
     rules_no_evidence},
    {{"no-evidence", VERDICT_REFUSE, true, "a suite owes a service proof and fell short of it"},
     RULES_SUITE,
     rules_suite_owes},
    {{"weak-evidence", VERDICT_REFUSE, true,
      "a passed test exchanged too little, or only trivial requests, with a service it owes proof"},
     RULES_TEST,
     rules_weak_evidence},
    {{"elsewhere", VERDICT_WARN, true, "a test tried to reach what does not exist in a sealed worker"},
     RULES_TEST,
     rules_elsewhere},
    {{"elsewhere", VERDICT_WARN, true, "a suite tried to reach what does not exist in a sealed worker"},
     RULES_SUITE,
     rules_suite_elsewhere},
    {{"disabled-decorator", VERDICT_REFUSE, true, "a decorator in a suite's sources became a comment"},
     RULES_SUITE,
     rules_switched_off},
    {{"commented-test", VERDICT_REFUSE, true, "a test in a suite's sources became a comment"},
     RULES_SUITE,
     rules_switched_off},
    {{"uncollected-test", VERDICT_REFUSE, true, "a test in a suite's sources is where no runner collects it"},
     RULES_SUITE,
     rules_switched_off},
    {{"swallowed", VERDICT_REFUSE, true, "a test in a suite's sources hides its failures"},
     RULES_SUITE,
     rules_switched_off},
    {{"empty-test", VERDICT_WARN, true, "a test does nothing; refused where it lacks evidence, too"},
     RULES_SUITE,
     rules_doubtful},
    {{"no-assert", VERDICT_WARN, true, "a test asserts nothing; refused where it lacks evidence, too"},
     RULES_SUITE,
     rules_doubtful},
    {{"mock", VERDICT_WARN, true, "a mock in a suite's sources; refused where its test lacks evidence"},
     RULES_SUITE,
     rules_doubtful},
    {{"dynamic-import", VERDICT_WARN, true,
      "an import on the way of an error or of cleaning up; refused where its test lacks evidence"},
     RULES_SUITE,
     rules_doubtful},
    {{"service-unused", VERDICT_REFUSE, true, "a service that the category requires was never exercised"},
     RULES_CATEGORY,
     rules_service_unused},
    {{"adapter-fault", VERDICT_REFUSE, true, "what a suite told of its tests contradicts itself"},
     RULES_SUITE,
     rules_adapter_fault},
    {{"real-services-required", VERDICT_REFUSE, false,
      "the category requires real services and the run was not given them"},
     RULES_CATEGORY,
     rules_real_services_required},
    {{"category-not-proven", VERDICT_REFUSE, true,
      "a category was not run, or one that it depends on was not proven"},
     RULES_CATEGORY,
     rules_category_not_proven},
    {{"engine-broken", VERDICT_BREAK, false, "the engine or a step before the suites failed"},
     RULES_CATEGORY,
     rules_category_broken},
    {{"category-not-proven", VERDICT_REFUSE, false, "a category was not run"}, RULES_CATEGORY, rules_not_run},
    {{"waiver-expired", VERDICT_REFUSE, false, "a waiver is past its date"},
     RULES_CATEGORY,
     rules_waiver_expired},
    {{"waiver-expired", VERDICT_REFUSE, false, "an excuse in the sources is past its date"},
     RULES_SUITE,
     rules_allow_expired},
    {{"service-broken", VERDICT_BREAK, false, "a service did not come up, or died under the suites"},
     RULES_CATEGORY,
     rules_service_broken},
    {{"service-broken", VERDICT_BREAK, false, "what a service depends on died under the suites"},
     RULES_RUN,
     rules_dependency_broken},
    {{"service-restarted", VERDICT_BREAK, false, "a service restarted or was replaced under the suites"},
     RULES_CATEGORY,
     rules_service_restarted},
    {{"engine-broken", VERDICT_BREAK, false, "the engine or a step before the suites failed"},
     RULES_RUN,
     rules_run_broken},
    {{"no-tests", VERDICT_REFUSE, false, "no test of a category passed"},
     RULES_CATEGORY,
     rules_nothing_passed},
    {{"service-unused", VERDICT_REFUSE, false, "a category requires real services and used none of them"},
     RULES_CATEGORY,
     rules_nothing_used},
    {{"no-tests", VERDICT_REFUSE, false, "no test of the run passed"}, RULES_RUN, rules_nothing_ran},
    {{"bad-record", VERDICT_REFUSE, false, "the run's record is cut off, or tells of what was not planned"},
     RULES_RUN,
     rules_bad_record},
};
static const size_t RULE_COUNT = sizeof RULES / sizeof *RULES;

#define WORD_ENTRY(name, word, ...) word,
static const char *const OUTCOME_WORDS[] = {VERDICT_OUTCOMES(WORD_ENTRY)};
static const char *const LEVEL_WORDS[] = {VERDICT_LEVELS(WORD_ENTRY)};
static const char *const TEST_STATE_WORDS[] = {VERDICT_TEST_STATES(WORD_ENTRY)};

const char *verdict_outcome_text(verdict_outcome outcome)
{
    return OUTCOME_WORDS[outcome];
}

int verdict_outcome_exit_code(verdict_outcome outcome)
{
    static const int CODES[] = {
#define OUTCOME_CODE(name, word, exit_code) exit_code,
        VERDICT_OUTCOMES(OUTCOME_CODE)};
    return CODES[outcome];
}

const char *verdict_level_text(verdict_level level)
{
    return LEVEL_WORDS[level];
}

const char *verdict_test_state_text(verdict_test_state state)
{
    return TEST_STATE_WORDS[state];
}

/* A rule may be checked at several reaches; what it says and whether it may be adjusted is said once. */
static bool is_first_of_its_name(size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(RULES[i].rule.name, RULES[index].rule.name) == 0)
            return false;
    }
    return true;
}

const verdict_rule *verdict_rules(void)
{
    static verdict_rule list[sizeof RULES / sizeof *RULES + 1];
    size_t count = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (is_first_of_its_name(i))
            list[count++] = RULES[i].rule;
    }
    return list;
}

static verdict_level level_for(const rules_scope *scope, const verdict_rule *rule)
{
    verdict_level level = rule->level;
    for (size_t i = 0; scope->category && rule->adjustable && i < scope->category->rules.count; i++) {
        const journal_fact *set = scope->category->rules.items[i];
        if (!model_same(set->rule, rule->name))
            continue;
        for (verdict_level k = VERDICT_OFF; k <= VERDICT_REFUSE; k++)
            level = strcmp(set->level, LEVEL_WORDS[k]) == 0 ? k : level;
    }
    return level;
}

/* "Class.test_x" as pytest writes it, "Class::test_x". The caller frees it. */
static char *with_colons(const char *symbol)
{
    char *text = utr_calloc(strlen(symbol) * 2 + 1, 1);
    for (char *to = text; *symbol; symbol++) {
        if (*symbol != '.') {
            *to++ = *symbol;
            continue;
        }
        *to++ = ':';
        *to++ = ':';
    }
    return text;
}

bool verdict_waiver_means(const char *glob, const char *file, const char *symbol)
{
    if (!symbol)
        return utr_text_glob(glob, file);
    auto_free char *colons = with_colons(symbol);
    auto_free char *id = utr_format("%s::%s", file, colons);
    auto_free char *plain = utr_format("%s::%s", file, symbol);
    return utr_text_glob(glob, id) || utr_text_glob(glob, plain) || utr_text_glob(glob, symbol) ||
           utr_text_glob(glob, colons);
}

/* "*" covers its suite or category as a whole, what is not about one test included. */
static bool waiver_covers(const journal_fact *waiver, const rules_scope *scope, const verdict_rule *rule)
{
    if (!model_same(waiver->rule, rule->name))
        return false;
    if (waiver->suite && !(scope->suite && utr_text_glob(waiver->suite, scope->suite->plan->suite)))
        return false;
    if (!waiver->test || strcmp(waiver->test, "*") == 0)
        return true;
    const journal_fact *finding = scope->finding;
    return (scope->test && utr_text_glob(waiver->test, scope->test->finish->test)) ||
           (finding && verdict_waiver_means(waiver->test, finding->file, finding->test));
}

/* Dates as "YYYY-MM-DD..." compare like text. */
static bool is_date(const char *text)
{
    static const char SHAPE[] = "0000-00-00";
    for (size_t i = 0; i < sizeof SHAPE - 1; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (SHAPE[i] == '0' ? !is_digit : text[i] != SHAPE[i])
            return false;
    }
    return true;
}

bool rules_waiver_is_over(const rules_scope *scope, const journal_fact *waiver)
{
    const char *today = scope->verdict->run ? scope->verdict->run->started : NULL;
    if (!today || !waiver->expires || !is_date(today) || !is_date(waiver->expires))
        return true;
    return strncmp(today, waiver->expires, 10) > 0;
}

/* By a waiver of the manifest, or by an excuse where the finding stands. */
static bool is_waived(const rules_scope *scope, const verdict_rule *rule)
{
    if (scope->finding && scope->finding->expires && !rules_waiver_is_over(scope, scope->finding))
        return true;
    for (size_t i = 0; scope->category && rule->adjustable && i < scope->category->waivers.count; i++) {
        const journal_fact *waiver = scope->category->waivers.items[i];
        if (!rules_waiver_is_over(scope, waiver) && waiver_covers(waiver, scope, rule))
            return true;
    }
    return false;
}

void rules_report(const rules_scope *scope, const verdict_rule *rule, const char *service, const char *format,
                  ...)
{
    verdict_level level = level_for(scope, rule);
    if (level == VERDICT_OFF)
        return;
    va_list args;
    va_start(args, format);
    char *message = utr_vformat(format, args);
    va_end(args);
    const journal_fact *test = scope->test ? scope->test->finish : NULL;
    const journal_fact *where = scope->finding ? scope->finding : test;
    *utr_vec_push(&scope->verdict->reasons) = (verdict_reason){
        .rule = rule->name,
        .level = level,
        .waived = is_waived(scope, rule),
        .category = scope->category ? scope->category->plan->category : NULL,
        .suite = scope->suite ? scope->suite->plan->suite : NULL,
        .test = test ? test->test : NULL,
        .service = service,
        .file = where ? where->file : NULL,
        .line = where ? where->line : 0,
        .message = message,
    };
}

static verdict_outcome outcome_of(const verdict_reason *reason)
{
    static const verdict_outcome BY_LEVEL[] = {
        [VERDICT_OFF] = VERDICT_PROVEN,  [VERDICT_WARN] = VERDICT_PROVEN,  [VERDICT_REFUSE] = VERDICT_REFUSED,
        [VERDICT_FAIL] = VERDICT_FAILED, [VERDICT_BREAK] = VERDICT_BROKEN,
    };
    return reason->waived ? VERDICT_PROVEN : BY_LEVEL[reason->level];
}

/* The worst outcome of the reasons from first on. */
static verdict_outcome worst_since(const verdict *v, size_t first)
{
    verdict_outcome worst = VERDICT_PROVEN;
    for (size_t i = first; i < v->reasons.count; i++) {
        verdict_outcome outcome = outcome_of(&v->reasons.items[i]);
        worst = outcome > worst ? outcome : worst;
    }
    return worst;
}

static void apply(const rules_scope *scope, rules_reach reach)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (RULES[i].reach == reach)
            RULES[i].check(scope, &RULES[i].rule);
    }
}

/* A test that owes nothing itself may still be what its suite proves itself with: formats that tell no tests
 * are one test. */
static verdict_test_state state_by_suite(const rules_scope *scope)
{
    bool owes = false;
    for (size_t i = 0; i < scope->suite->owed.count; i++)
        owes |= model_owed_by(scope->suite->owed.items[i], "suite");
    if (!owes || !model_suite_paid(scope->suite, NULL))
        return owes ? VERDICT_TEST_UNPROVEN : VERDICT_TEST_EXEMPT;
    bool its_own = model_test_measure(scope->suite, scope->test, NULL, "exchanges") > 0;
    return its_own || !scope->suite->plan->tells_tests ? VERDICT_TEST_PROVEN : VERDICT_TEST_EXEMPT;
}

/* Proven is what paid its debts, at whatever level the rules are. */
static verdict_test_state test_state(const rules_scope *scope, size_t first_reason)
{
    const verdict *v = scope->verdict;
    bool waived = false;
    for (size_t i = first_reason; i < v->reasons.count; i++)
        waived |= v->reasons.items[i].waived;
    if (model_test_failed(scope->test))
        return VERDICT_TEST_FAILED;
    if (!model_test_passed(scope->test))
        return waived ? VERDICT_TEST_WAIVED : VERDICT_TEST_SKIPPED;
    rules_account account = rules_account_of(scope);
    if (!account.debts)
        return state_by_suite(scope);
    if (account.paid == account.debts)
        return VERDICT_TEST_PROVEN;
    bool refused = worst_since(v, first_reason) > VERDICT_PROVEN;
    return waived && !refused ? VERDICT_TEST_WAIVED : VERDICT_TEST_UNPROVEN;
}

static void count_test(verdict_totals *totals, const verdict_test *test)
{
    totals->tests++;
    totals->passed += model_test_passed(test);
    totals->skipped += model_test_is(test, "skipped");
    totals->failed += model_test_failed(test);
    totals->proven += test->state == VERDICT_TEST_PROVEN;
    totals->unproven += test->state == VERDICT_TEST_UNPROVEN;
}

static const verdict_rule *rule_named(const char *name)
{
    size_t i = 0;
    while (strcmp(RULES[i].rule.name, name) != 0)
        i++;
    return &RULES[i].rule;
}

static void count_owing(rules_scope scope)
{
    const verdict_rule *rule = rule_named("no-evidence");
    for (size_t i = 0; i < scope.suite->tests.count; i++) {
        scope.test = &scope.suite->tests.items[i];
        scope.suite->owing += model_test_passed(scope.test) && !is_waived(&scope, rule);
    }
}

static void judge_suite(rules_scope scope)
{
    count_owing(scope);
    for (size_t i = 0; i < scope.suite->tests.count; i++) {
        scope.test = &scope.suite->tests.items[i];
        size_t first = scope.verdict->reasons.count;
        apply(&scope, RULES_TEST);
        scope.test->state = test_state(&scope, first);
        count_test(&scope.verdict->totals, scope.test);
    }
    scope.test = NULL;
    apply(&scope, RULES_SUITE);
}

static void judge_category(rules_scope scope)
{
    size_t first = scope.verdict->reasons.count;
    for (size_t i = 0; i < scope.category->suites.count && !scope.category->not_run; i++) {
        scope.suite = &scope.category->suites.items[i];
        judge_suite(scope);
    }
    scope.suite = NULL;
    apply(&scope, RULES_CATEGORY);
    scope.category->outcome = worst_since(scope.verdict, first);
}

/* The worst first; equally bad ones stay in the order of the run. */
static void sort_reasons(verdict *v)
{
    verdict_reason *sorted = utr_calloc(v->reasons.count, sizeof *sorted);
    size_t count = 0;
    for (int outcome = VERDICT_DEFECT; outcome >= VERDICT_PROVEN; outcome--) {
        for (size_t i = 0; i < v->reasons.count; i++) {
            if ((int)outcome_of(&v->reasons.items[i]) == outcome)
                sorted[count++] = v->reasons.items[i];
        }
    }
    free(v->reasons.items);
    v->reasons.items = sorted;
    v->reasons.capacity = v->reasons.count;
}

static verdict_outcome ended_by(const journal *j)
{
    verdict_outcome outcome = VERDICT_PROVEN;
    for (size_t i = 0; i < journal_count(j); i++) {
        journal_kind kind = journal_get(j, i)->kind;
        if (kind == JOURNAL_DEFECT)
            outcome = VERDICT_DEFECT;
        if (kind == JOURNAL_INTERRUPTED && outcome < VERDICT_INTERRUPTED)
            outcome = VERDICT_INTERRUPTED;
    }
    return outcome;
}

verdict *verdict_judge(const journal *j)
{
    verdict *v = UTR_NEW(verdict);
    model_build(v, j);
    rules_scope scope = {.verdict = v, .journal = j};
    for (size_t i = 0; i < v->categories.count; i++) {
        scope.category = &v->categories.items[i];
        judge_category(scope);
    }
    scope.category = NULL;
    apply(&scope, RULES_RUN);
    verdict_outcome ended = ended_by(j);
    v->outcome = worst_since(v, 0);
    v->outcome = ended > v->outcome ? ended : v->outcome;
    v->exit_code = verdict_outcome_exit_code(v->outcome);
    sort_reasons(v);
    return v;
}

void verdict_free(verdict *v)
{
    if (!v)
        return;
    model_dispose(v);
    for (size_t i = 0; i < v->reasons.count; i++)
        free(v->reasons.items[i].message);
    utr_vec_dispose(&v->reasons);
    free(v);
}
