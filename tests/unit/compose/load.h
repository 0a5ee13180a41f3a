/** Compose texts loaded from files in a fresh folder, which is the working directory. */
#ifndef TESTS_COMPOSE_LOAD_H
#define TESTS_COMPOSE_LOAD_H

#include "compose/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct {
    compose_stack *stack; /* NULL where it failed */
    utr_faults faults, warnings;
    utr_code code;
} loaded;

/** Group set-up and tear-down: the folder. */
int folder_enter(void **state);
int folder_leave(void **state);

/** Write a file into the folder. */
void folder_write(const char *name, const char *text);

/** Load files of the folder with SET=value, EMPTY= and HOME=/home/user in the environment. */
loaded load_files(const char *const *names, size_t count, const char *profile);

/** Load one text as compose.yaml. */
loaded load_text(const char *text);

/** Load text as compose.yaml and over as over.yaml. */
loaded load_two(const char *text, const char *over);

/** Load one service's lines (each indented by four) as service "web", beside a service "db", volume "data".
 */
loaded load_service(const char *lines);

void loaded_dispose(loaded *l);
#define auto_loaded __attribute__((cleanup(loaded_dispose)))

/** The lists as lines; "" when empty. The faults' "compose.yaml:" stays. */
void assert_faults(const loaded *l, const char *expected);
void assert_warnings(const loaded *l, const char *expected);

/** Loaded without a fault or a warning. */
void assert_clean(const loaded *l);

/** A list of strings, joined by '|'. */
void assert_strs(const utr_strs *strs, const char *expected);

#endif
