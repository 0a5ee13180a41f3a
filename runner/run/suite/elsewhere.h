/** What a suite tried to reach and could not: counted per address, and recorded as facts. */
#ifndef UTR_RUN_ELSEWHERE_H
#define UTR_RUN_ELSEWHERE_H

#include "run/suite/suite.h"

typedef struct {
    char *address;
    int64_t count;
} run_elsewhere_one;

typedef UTR_VEC(run_elsewhere_one) run_elsewhere;

/** Past the first 100 addresses, new ones are left out. */
void run_elsewhere_add(run_elsewhere *all, const char *address);

/** Record them and start anew. @param test  that tried it, or NULL */
void run_elsewhere_record(run_elsewhere *all, const run_suite *suite, const char *test);

#endif
