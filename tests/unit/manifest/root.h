/* A root with manifests in a temporary folder, for the tests of the module. */
#ifndef UTR_TESTS_MANIFEST_ROOT_H
#define UTR_TESTS_MANIFEST_ROOT_H

#include "manifest/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** The lines that a whole category with two services begins with; its suites are still to come. */
#define ROOT_HEAD                                                                                            \
    "category: one\n"                                                                                        \
    "compose: ../stack.yaml\n"                                                                               \
    "services: {db: , cache: }\n"
/** A suite that has all it must have. */
#define ROOT_SUITES "suites: [{name: s, run: [x], format: exit}]\n"

/** A setup and a teardown for cmocka: the root is *state, with a stack.yaml and a folder `tests` in it. */
int root_setup(void **state);
int root_teardown(void **state);

/** Write ROOT/categories/NAME. */
void root_write(const char *root, const char *name, const char *text);

/** Load ROOT/categories/one.yaml made of text, which must be right. The caller frees it. */
manifest_category *root_load(const char *root, const char *text);

/** Load it, expecting exactly one fault that contains wanted. */
void root_refuse(const char *root, const char *text, const char *wanted);

/** The faults of it, joined by newlines; the caller frees it. */
char *root_faults(const char *root, const char *text);

/** The root's options, with the rules no-evidence, skipped and mock. */
manifest_options root_options(const char *root);

#endif
