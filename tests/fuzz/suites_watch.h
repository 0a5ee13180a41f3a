/* A listener that holds what a suite tells to its promises: one test at a time, each told once, texts
 * bounded. */
#ifndef TESTS_FUZZ_SUITES_WATCH_H
#define TESTS_FUZZ_SUITES_WATCH_H

#include "fuzz_target.h"

#include "suites/lines.h"
#include "suites/reader.h"
#include "suites/session.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

typedef struct suites_watch suites_watch;

enum { MOST_WATCHED = 64 };

/** A worker. */
typedef struct {
    suites_watch *watch;
    char *running;
    int fixtures;
    bool lives;
} watched_worker;

struct suites_watch {
    json_t *told;
    int faults;
    watched_worker workers[MOST_WATCHED];
};

static inline void *watch_worker(void *ctx, const suites_worker_info *info, suites_worker_setup *out,
                                 utr_error *err)
{
    suites_watch *watch = ctx;
    size_t at = 0;
    assert(*info->name && info->handle);
    while (at < MOST_WATCHED && watch->workers[at].lives)
        at++;
    if (at == MOST_WATCHED) {
        (void)utr_fail(err, UTR_SYS, "no room");
        return NULL;
    }
    watch->workers[at] = (watched_worker){.watch = watch, .lives = true};
    utr_strs_add(&out->environment, "A=b");
    return &watch->workers[at];
}

static inline void watch_worker_end(void *worker)
{
    watched_worker *self = worker;
    assert(self->lives && self->fixtures == 0 && (!self->running || !*self->running));
    free(self->running);
    *self = (watched_worker){0};
}

static inline void watch_collected(void *ctx, size_t tests)
{
    (void)ctx;
    assert(tests <= SIZE_MAX / 2);
}

static inline int64_t watch_quiet(void *worker, bool done)
{
    (void)worker;
    (void)done;
    return 0;
}

static inline void watch_start(void *worker, const suites_start *start)
{
    watched_worker *self = worker;
    assert(self->lives && start->requires && start->uses);
    assert(start->again ? self->running && strcmp(self->running, start->test) == 0 : !self->running);
    free(self->running);
    self->running = utr_strdup(start->test);
}

static inline void watch_finish(void *worker, const suites_result *result)
{
    watched_worker *self = worker;
    json_t *told = self->watch->told;
    assert(self->running && (!*self->running || strcmp(self->running, result->test) == 0));
    assert(strlen(result->test) <= 8192 && strlen(result->message) <= 8192 && strlen(result->file) <= 8192);
    assert(!json_object_get(told, result->test));
    int set = json_object_set_new(told, result->test, json_true()); /* fails where it is not UTF-8 */
    assert(set == 0);
    free(self->running);
    self->running = NULL;
}

static inline void watch_fixture(void *worker, const suites_fixture_event *event)
{
    watched_worker *self = worker;
    assert(*event->id && event->scope && event->name);
    if (event->was_test) {
        assert(self->running && !event->start);
        free(self->running);
        self->running = NULL;
        return;
    }
    self->fixtures += event->start ? 1 : -1;
    assert(self->fixtures >= 0);
}

static inline void watch_fault(void *ctx, const char *what)
{
    suites_watch *watch = ctx;
    assert(*what && ++watch->faults <= 20);
}

static const suites_listener WATCH = {.on_worker = watch_worker,
                                      .on_worker_end = watch_worker_end,
                                      .on_collected = watch_collected,
                                      .on_quiet = watch_quiet,
                                      .on_start = watch_start,
                                      .on_finish = watch_finish,
                                      .on_fixture = watch_fixture,
                                      .on_fault = watch_fault};

/** A suite process with its worker main. */
static inline suites_worker *watch_begin(suites_watch *watch, suites_session *session)
{
    static const utr_strs NONE = {0};
    suites_worker *main_worker = NULL;
    utr_error err = {0};
    *watch = (suites_watch){.told = json_object()};
    *session = (suites_session){.suite = "suite",
                                .adapter = "test",
                                .services = &NONE,
                                .listener = &WATCH,
                                .ctx = watch,
                                .collection = suites_collection_new()};
    utr_code code = suites_session_welcome(session, "main", true, &main_worker, &err);
    assert(code == UTR_OK);
    (void)code;
    return main_worker;
}

static inline void watch_end(suites_watch *watch, suites_session *session)
{
    suites_session_end(session, "the suite ended");
    suites_collection_free(session->collection);
    for (size_t i = 0; i < MOST_WATCHED; i++)
        assert(!watch->workers[i].lives);
    json_decref(watch->told);
}

/* --- output readers --- */

typedef struct {
    const suites_reader *reader;
    void *state;
} watched_reader;

static inline void watch_line(void *ctx, const char *line)
{
    watched_reader *watched = ctx;
    watched->reader->line(watched->state, line);
}

/* Reads the bytes in two pieces, the first byte saying where they are cut. */
static inline void watch_reader(const suites_reader *reader, const uint8_t *data, size_t size)
{
    suites_watch watch;
    suites_session session;
    suites_lines lines;
    auto_free void *state = utr_calloc(1, reader->size);
    watched_reader watched = {.reader = reader, .state = state};
    size_t cut = size ? data[0] * size / 256 : 0;
    suites_worker *worker = watch_begin(&watch, &session);
    suites_lines_init(&lines, watch_line, &watched);
    reader->begin(state, &worker->track);
    suites_lines_feed(&lines, (const char *)data, cut);
    suites_lines_feed(&lines, (const char *)data + cut, size - cut);
    suites_lines_finish(&lines);
    reader->end(state, &(loop_exit){.exit_code = 0});
    assert(!worker->track.running);
    watch_end(&watch, &session);
}

#endif
