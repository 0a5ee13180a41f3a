/**
 * The rules: each a function over one scope of the model that records reasons. Used inside the verdict only.
 *
 * A rule looks at a test, a suite, a category or the run, and calls rules_report() for what it finds. Levels,
 * waivers and outcomes are applied there, so that a rule only says what is wrong and what to do.
 */
#ifndef UTR_VERDICT_RULES_H
#define UTR_VERDICT_RULES_H

#include "verdict/model.h"

/** What a test owes, and how much of that it delivered; levels and waivers aside. */
typedef struct {
    size_t debts, paid;
} rules_account;

/** What a rule looks at; the narrower ones are NULL where it looks at something wider. */
typedef struct {
    verdict *verdict;
    const journal *journal;
    verdict_category *category;
    verdict_suite *suite;
    verdict_test *test;
    const journal_fact *finding; /* in the sources; NULL: it is not about one */
    rules_account *account;      /* used by rules_account_of() alone */
} rules_scope;

typedef enum { RULES_RUN, RULES_CATEGORY, RULES_SUITE, RULES_TEST } rules_reach;

typedef struct {
    verdict_rule rule;
    rules_reach reach;
    void (*check)(const rules_scope *scope, const verdict_rule *rule);
} rules_entry;

/** Whether some tests were picked by --pattern: then what the rest owes is not asked for. */
bool rules_is_selection(const rules_scope *scope);

/** Whether a reason that decides, not waived, was recorded for the category (NULL: for any or the run). */
bool rules_decided(const verdict *v, const char *category);

/** Whether the day on which the run began lies behind the waiver's last, or either is no date. */
bool rules_waiver_is_over(const rules_scope *scope, const journal_fact *waiver);

/** Record what a rule found, at its level for this category, waived where a waiver says so. service may be
 * NULL. */
void rules_report(const rules_scope *scope, const verdict_rule *rule, const char *service, const char *format,
                  ...) UTR_PRINTF(4, 5);

/** The account of the scope's test. */
rules_account rules_account_of(const rules_scope *scope);

/** Report each of these ELSEWHERE facts. */
void rules_report_elsewhere(const rules_scope *scope, const verdict_rule *rule, const verdict_facts *all);

/* The checks, by file. rules_test.c: */
void rules_test_failed(const rules_scope *scope, const verdict_rule *rule);
void rules_skipped(const rules_scope *scope, const verdict_rule *rule);
void rules_xfailed(const rules_scope *scope, const verdict_rule *rule);
void rules_no_evidence(const rules_scope *scope, const verdict_rule *rule);
void rules_weak_evidence(const rules_scope *scope, const verdict_rule *rule);
void rules_elsewhere(const rules_scope *scope, const verdict_rule *rule);
/* rules_source.c: */
void rules_switched_off(const rules_scope *scope, const verdict_rule *rule);
void rules_doubtful(const rules_scope *scope, const verdict_rule *rule);
void rules_allow_expired(const rules_scope *scope, const verdict_rule *rule);
/* rules_suite.c: */
void rules_suite_crashed(const rules_scope *scope, const verdict_rule *rule);
void rules_suite_timeout(const rules_scope *scope, const verdict_rule *rule);
void rules_not_ended(const rules_scope *scope, const verdict_rule *rule);
void rules_no_tests(const rules_scope *scope, const verdict_rule *rule);
void rules_all_skipped(const rules_scope *scope, const verdict_rule *rule);
void rules_not_all_ran(const rules_scope *scope, const verdict_rule *rule);
void rules_suite_owes(const rules_scope *scope, const verdict_rule *rule);
void rules_suite_elsewhere(const rules_scope *scope, const verdict_rule *rule);
void rules_adapter_fault(const rules_scope *scope, const verdict_rule *rule);
/* rules_category.c: */
void rules_too_few_tests(const rules_scope *scope, const verdict_rule *rule);
void rules_service_unused(const rules_scope *scope, const verdict_rule *rule);
void rules_nothing_used(const rules_scope *scope, const verdict_rule *rule);
void rules_service_broken(const rules_scope *scope, const verdict_rule *rule);
void rules_service_restarted(const rules_scope *scope, const verdict_rule *rule);
void rules_dependency_broken(const rules_scope *scope, const verdict_rule *rule);
void rules_nothing_passed(const rules_scope *scope, const verdict_rule *rule);
void rules_category_not_proven(const rules_scope *scope, const verdict_rule *rule);
void rules_not_run(const rules_scope *scope, const verdict_rule *rule);
void rules_real_services_required(const rules_scope *scope, const verdict_rule *rule);
void rules_waiver_expired(const rules_scope *scope, const verdict_rule *rule);
void rules_category_broken(const rules_scope *scope, const verdict_rule *rule);
void rules_run_broken(const rules_scope *scope, const verdict_rule *rule);
void rules_nothing_ran(const rules_scope *scope, const verdict_rule *rule);
void rules_bad_record(const rules_scope *scope, const verdict_rule *rule);

#endif
