/* The suites of a category and the evidence that they owe. */
#ifndef UTR_MANIFEST_SUITE_H
#define UTR_MANIFEST_SUITE_H

#include "manifest/read.h"

extern const manifest_object manifest_suite_object;
extern const manifest_object manifest_evidence_object;

/** Reads a list of suites into the category. */
manifest_setter manifest_set_suites;

/** Reads a map of variables into the environment of a category or suite at field->offset. */
manifest_setter manifest_set_environment;

/** What can be checked of suites and variables only once the whole category is known. */
void manifest_check_suites(manifest_reader *r);

void manifest_variable_dispose(manifest_variable *variable);
void manifest_suite_dispose(manifest_suite *suite);

#endif
