/** One process of a suite: the whole of it, one of several that share its tests, or one test alone. */
#ifndef UTR_RUN_PART_H
#define UTR_RUN_PART_H

#include "run/suite/suite.h"

/**
 * Start one in a free slot; run_suite_ended() follows, later.
 * @param test  the one test that it runs, or NULL
 * @return what suites_launch() says, UTR_SYS
 */
UTR_MUST_CHECK utr_code run_part_start(run_suite *suite, const char *test, utr_error *err);

#endif
