/* A temporary folder to scan, for the tests of the module. */
#ifndef UTR_TESTS_SCAN_FOLDER_H
#define UTR_TESTS_SCAN_FOLDER_H

#include "scan/scan.h"

#include "../base/cmocka_all.h"

/* A setup and a teardown for cmocka: the folder's path is *state. */
int folder_setup(void **state);
int folder_teardown(void **state);

/* Write FOLDER/name, making the folders that it lies in. */
void folder_write(const char *folder, const char *name, const char *text);

/* Scan with the options, whose root is filled in, and compare with rows: each file that is told, "path
 * state", then its findings, " kind line", and its faults, each behind " ! "; a line a file. */
void assert_scanned(const char *folder, scan_options options, const char *rows);

/* The same rows of a result. The caller frees them. */
char *folder_rows(const scan_result *result);

#endif
