/** Names of tests that formats do not keep apart. Pure. */
#ifndef UTR_SUITES_NAMES_H
#define UTR_SUITES_NAMES_H

#include <jansson.h>

/** The name under which a test is told: the second test of a name is "name#2".
 * @param times  a JSON object, how often each name was used; is counted on
 * @return owned by the caller */
char *suites_name_unique(json_t *times, const char *name);

#endif
