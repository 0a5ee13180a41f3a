/* What the scan finds in a text, as rows to compare with. */
#ifndef UTR_TESTS_FINDINGS_H
#define UTR_TESTS_FINDINGS_H

#include "scan/scan.h"

#include "../base/cmocka_all.h"

/* Scan text as if it were the file at path, and compare all findings with rows, each
 * "kind subkind line symbol\n" ("-": no symbol), by line. */
void assert_findings(const char *path, const char *text, const char *rows);

/* The same, but only of those of one kind, by its word. */
void assert_findings_of(const char *kind, const char *path, const char *text, const char *rows);

/* The same of its tests, each "symbol first-last assertions[ asserts][ mocks][ swallows]\n". */
void assert_tests(const char *path, const char *text, const char *rows);

#endif
