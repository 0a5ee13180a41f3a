/** The journal's facts sorted into categories, suites and tests. Used inside the verdict only. */
#ifndef UTR_VERDICT_MODEL_H
#define UTR_VERDICT_MODEL_H

#include "verdict/verdict.h"

/** Fill categories and run from the facts. Facts that name an unknown category or suite are left out. */
void model_build(verdict *v, const journal *j);

/** Free what model_build made. */
void model_dispose(verdict *v);

/** What a suite's or test's evidence adds up to for a service (NULL: for any service), by measure
 * ("exchanges", "requests": substantive ones; "reads", "writes"; "any": trivial ones too). */
int64_t model_measure(const verdict_facts *evidence, const char *service, const char *measure);

/** Whether a test's status is this word. */
bool model_test_is(const verdict_test *test, const char *status);

/** Whether a test ran and did not fail: passed or xpassed. */
bool model_test_passed(const verdict_test *test);

/** Whether any suite of the category exchanged something substantive with the service. */
bool model_service_used(const verdict_category *category, const char *service);

verdict_service *model_service(const verdict_category *category, const char *name);

#endif
