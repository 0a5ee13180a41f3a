/**
 * The rules: each a function over one scope of the model that records reasons. Used inside the verdict only.
 *
 * A rule looks at a test, a suite, a category or the run, and calls rules_report() for what it finds. Levels,
 * waivers and outcomes are applied there, so that a rule only says what is wrong and what to do.
 */
#ifndef UTR_VERDICT_RULES_H
#define UTR_VERDICT_RULES_H

#include "verdict/model.h"

/** What a rule looks at; the narrower ones are NULL where it looks at something wider. */
typedef struct {
    verdict *verdict;
    const journal *journal;
    verdict_category *category;
    verdict_suite *suite;
    verdict_test *test;
} rules_scope;

typedef enum { RULES_RUN, RULES_CATEGORY, RULES_SUITE, RULES_TEST } rules_reach;

typedef struct {
    verdict_rule rule;
    rules_reach reach;
    void (*check)(const rules_scope *scope, const verdict_rule *rule);
} rules_entry;

/** Record what a rule found, at its level for this category, waived where a waiver says so. service may be
 * NULL. */
void rules_report(const rules_scope *scope, const verdict_rule *rule, const char *service, const char *format,
                  ...) UTR_PRINTF(4, 5);

/* The checks, by file. rules_test.c: */
void rules_test_failed(const rules_scope *scope, const verdict_rule *rule);
void rules_skipped(const rules_scope *scope, const verdict_rule *rule);
void rules_xfailed(const rules_scope *scope, const verdict_rule *rule);
void rules_no_evidence(const rules_scope *scope, const verdict_rule *rule);
void rules_weak_evidence(const rules_scope *scope, const verdict_rule *rule);
/* rules_suite.c: */
void rules_suite_crashed(const rules_scope *scope, const verdict_rule *rule);
void rules_suite_timeout(const rules_scope *scope, const verdict_rule *rule);
void rules_no_tests(const rules_scope *scope, const verdict_rule *rule);
void rules_all_skipped(const rules_scope *scope, const verdict_rule *rule);
void rules_not_all_ran(const rules_scope *scope, const verdict_rule *rule);
void rules_suite_owes(const rules_scope *scope, const verdict_rule *rule);
void rules_adapter_fault(const rules_scope *scope, const verdict_rule *rule);
/* rules_category.c: */
void rules_too_few_tests(const rules_scope *scope, const verdict_rule *rule);
void rules_service_unused(const rules_scope *scope, const verdict_rule *rule);
void rules_service_broken(const rules_scope *scope, const verdict_rule *rule);
void rules_service_restarted(const rules_scope *scope, const verdict_rule *rule);
void rules_category_not_proven(const rules_scope *scope, const verdict_rule *rule);
void rules_not_run(const rules_scope *scope, const verdict_rule *rule);
void rules_real_services_required(const rules_scope *scope, const verdict_rule *rule);
void rules_waiver_expired(const rules_scope *scope, const verdict_rule *rule);
void rules_run_broken(const rules_scope *scope, const verdict_rule *rule);
void rules_nothing_ran(const rules_scope *scope, const verdict_rule *rule);

#endif
