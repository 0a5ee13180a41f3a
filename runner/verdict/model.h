/** The journal's facts sorted into categories, suites and tests. Used inside the verdict only. */
#ifndef UTR_VERDICT_MODEL_H
#define UTR_VERDICT_MODEL_H

#include "verdict/verdict.h"

/** Fill categories and run from the facts. What belongs to nothing that was planned is kept as a stray. */
void model_build(verdict *v, const journal *j);

/** Free what model_build made. */
void model_dispose(verdict *v);

/** What one evidence counts by a measure ("exchanges", "requests": substantive ones; "reads", "writes";
 * "any": trivial ones too) where it is of the service (NULL: of any). */
int64_t model_measure_one(const verdict_evidence *evidence, const char *service, const char *measure);

/** What evidence adds up to. */
int64_t model_measure(const verdict_evidences *evidence, const char *service, const char *measure);

/** What a test's evidence adds up to: its own, and what it inherits where its suite says that this counts.
 * Where the suite has evidence as a whole only, an equal share of that: tests that each delivered what they
 * owe would together have delivered no less. */
int64_t model_test_measure(const verdict_suite *suite, const verdict_test *test, const char *service,
                           const char *measure);

/** Whether a and b are the same words; NULL is the same as nothing. */
bool model_same(const char *a, const char *b);

/** What the whole suite, fixtures included, exchanged with the service; not what is ambient. */
int64_t model_suite_measure(const verdict_suite *suite, const char *service, const char *measure);

/** Whether the suite delivered what it owes as a whole to the service (NULL: to all of them). True where it
 * owes nothing as a whole. */
bool model_suite_paid(const verdict_suite *suite, const char *service);

/** Whether an OWED fact is of this scope, "test" or "suite". */
bool model_owed_by(const journal_fact *owed, const char *scope);

/** Whether the category is to be run with real services, without them ("none"), or either way. */
bool model_real_services_are(const verdict_category *category, const char *word);

/** Whether a state of a service means that it broke. */
bool model_state_is_bad(const char *state);

verdict_category *model_category(verdict *v, const char *name);

/** Whether a test's status is this word. */
bool model_test_is(const verdict_test *test, const char *status);

/** Whether a test ran and did not fail: passed or xpassed. */
bool model_test_passed(const verdict_test *test);

/** Whether it neither passed nor was skipped nor failed as expected: also what is no status at all. */
bool model_test_failed(const verdict_test *test);

/** Whether any test of the category exchanged something substantive with the service, or a suite delivered
 * what it owes it as a whole. */
bool model_service_used(const verdict_category *category, const char *service);

verdict_service *model_service(const verdict_category *category, const char *name);

#endif
