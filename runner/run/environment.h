/** The variables of a suite. Used inside the run only. */
#ifndef UTR_RUN_ENVIRONMENT_H
#define UTR_RUN_ENVIRONMENT_H

#include "manifest/manifest.h"

/** This process's environment as "NAME=value"s; the caller disposes of it. */
utr_strs run_environment_inherited(void);

/**
 * This process's environment with the category's and the suite's variables over it, each name once. A
 * variable that names a service which is not there is left out, an inherited one of its name too: a test must
 * not reach another service in its place.
 * @param out  empty before; the caller disposes of it
 * @return UTR_CONFIG where a value is not well-formed
 */
UTR_MUST_CHECK utr_code run_environment_make(const manifest_category *category, const manifest_suite *suite,
                                             manifest_lookup *lookup, void *ctx, utr_strs *out);

#endif
