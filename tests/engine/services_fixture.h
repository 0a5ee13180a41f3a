/**
 * What the tests of services share: a stack written as Compose text, brought up on the real engine, with
 * everything that was told recorded.
 *
 * 1. stage_open() with the text and the names that are wanted; stage.options may be changed after.
 * 2. stage_up(); look at the events.
 * 3. stage_close(): everything is removed, and it is checked that nothing with the session's label is left.
 */
#ifndef UTR_TEST_SERVICES_FIXTURE_H
#define UTR_TEST_SERVICES_FIXTURE_H

#include "services/services.h"

#include <pthread.h>

typedef struct {
    services_state state;
    char *service;
    char *detail;
    int64_t at_ms; /* of utr_clock_ms() */
} told;

typedef struct {
    char *folder; /* of the compose file; removed with the stage */
    char *project;
    compose_stack *stack;
    engine *engine;
    services_wanted wanted[8];
    services_options options;
    services *services;
    pthread_mutex_t lock; /* over events */
    UTR_VEC(told) events;
} stage;

/** @param names  wanted services, NULL at the end; critical, start 20 s */
void stage_open(stage *s, const char *compose_text, const char *const *names);

/** services_new() and services_up(). */
utr_code stage_up(stage *s, utr_error *err);

void stage_close(stage *s);

/** The first event of that kind of that service, or NULL. */
const told *stage_told(stage *s, services_state state, const char *service);

/** The same, waited for. */
const told *stage_await(stage *s, services_state state, const char *service, int64_t ms);

/** What a service has written, from the log that is kept, once it holds something; the caller frees it. */
char *stage_log(const stage *s, const char *service);

/** How many containers, networks and volumes carry "label" or "label=value". */
size_t count_labelled(engine *e, const char *label, const char *value);

engine *open_engine(void);

/** What main() of each such test runs first: the reaper's mode, and a victim that is to be killed. */
int special_modes(int argc, char **argv);

#endif
