/** The variables of a suite. Used inside the run only. */
#ifndef UTR_RUN_ENVIRONMENT_H
#define UTR_RUN_ENVIRONMENT_H

#include "manifest/manifest.h"

/** This process's environment as "NAME=value"s; the caller disposes of it. */
utr_strs run_environment_inherited(void);

/** This process's environment without the variables that the category and the suite set: where a service is
 * not there, a test must not reach another in its place. The caller disposes of it. */
utr_strs run_environment_base(const manifest_category *category, const manifest_suite *suite);

/**
 * The category's and the suite's variables, each name once; one that names a service which is not there is
 * left out.
 * @param out  what is there already gives way to a variable of its name; the caller disposes of it
 * @return UTR_CONFIG where a value is not well-formed
 */
UTR_MUST_CHECK utr_code run_environment_add(const manifest_category *category, const manifest_suite *suite,
                                            manifest_lookup *lookup, void *ctx, utr_strs *out);

#endif
