/**
 * A real engine for a test program: a static busybox imported as an image of the program's own, and names and
 * labels that lead to nothing but what this process made.
 *
 * Everything is removed in fixture_teardown(), whatever failed.
 */
#ifndef UTR_TEST_ENGINE_FIXTURE_H
#define UTR_TEST_ENGINE_FIXTURE_H

#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LABEL "utr-eng.test"

extern engine *the_engine;
extern char image_name[64];
extern char mark[64]; /* "label=value" of this process */

int fixture_setup(void **state);
int fixture_teardown(void **state);

/** A bound that is far enough. */
engine_bound soon(void);

/** "utr-eng-PID-what"; the caller frees it. */
char *own_name(const char *what);

/** The value of the mark. */
const char *mark_value(void);

/** A container's configuration that runs a shell script. */
json_t *config_of(const char *script);

/** A container that runs script, started; ended and its id freed by container_gone(). */
char *container_running(const char *what, const char *script);
void container_gone(char *id);

#define assert_done(call, err)                                                                               \
    do {                                                                                                     \
        utr_code code_ = (call);                                                                             \
        if (code_)                                                                                           \
            fail_msg("%s: %s", #call, (err).text);                                                           \
    } while (0)

#endif
