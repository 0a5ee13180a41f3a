/** Two sides of files as texts, and what the gate says of them. */
#ifndef UTR_TEST_GATE_COMPARED_H
#define UTR_TEST_GATE_COMPARED_H

#include "gate/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/** Add a file; NULL: it is not there on that side. */
gate_pair *add_file(gate_work *work, const char *before, const char *was, const char *after, const char *is);

/** What was added, "kind symbol" each ("-": no symbol; "?" in front: a warning), sorted, joined by "; ". */
char *told(const gate_work *work);

void assert_told(const gate_work *work, const char *wanted);

#endif
