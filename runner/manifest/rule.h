/* The rules that a category sets, and what it waives. */
#ifndef UTR_MANIFEST_RULE_H
#define UTR_MANIFEST_RULE_H

#include "manifest/read.h"

extern const manifest_object manifest_waiver_object;

/** Read a map of rule levels, a list of waivers, into the category. */
manifest_setter manifest_set_rules;
manifest_setter manifest_set_waivers;

/** What can be checked of waivers only once the suites are known. */
void manifest_check_waivers(manifest_reader *r);

void manifest_waiver_dispose(manifest_waiver *waiver);

#endif
