/**
 * Which test of a suite is which function of its sources: where what the source shows and what the test
 * exchanged meet. Used inside the verdict only.
 *
 * An adapter names a test after its file, groups and function; the scan tells of functions by file and
 * symbol.
 */
#ifndef UTR_VERDICT_MEET_H
#define UTR_VERDICT_MEET_H

#include "verdict/verdict.h"

/** Fill in each test's source and the findings that concern it: its own, its class's, its file's. */
void meet_settle(verdict_suite *suite);

#endif
