/* A listener that holds what a suite tells to its promises: one test at a time, each told once, texts
 * bounded. */
#ifndef TESTS_FUZZ_SUITES_WATCH_H
#define TESTS_FUZZ_SUITES_WATCH_H

#include "fuzz_target.h"

#include "suites/lines.h"
#include "suites/reader.h"

#include <assert.h>
#include <string.h>

typedef struct {
    char *running;
    json_t *told;
    int fixtures;
    int faults;
} suites_watch;

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
    suites_watch *watch = worker;
    assert(!watch->running && start->requires && start->uses);
    watch->running = utr_strdup(start->test);
}

static inline bool watch_finish(void *worker, const suites_result *result)
{
    suites_watch *watch = worker;
    assert(watch->running && (!*watch->running || strcmp(watch->running, result->test) == 0));
    assert(strlen(result->test) <= 8192 && strlen(result->message) <= 8192 && strlen(result->file) <= 8192);
    assert(!json_object_get(watch->told, result->test));
    int set = json_object_set_new(watch->told, result->test, json_true()); /* fails where it is not UTF-8 */
    assert(set == 0);
    free(watch->running);
    watch->running = NULL;
    return false;
}

static inline void watch_fixture(void *worker, const suites_fixture_event *event)
{
    suites_watch *watch = worker;
    watch->fixtures += event->start ? 1 : -1;
    assert(watch->fixtures >= 0 && *event->id && event->scope && event->name);
}

static inline void watch_fault(void *ctx, const char *what)
{
    suites_watch *watch = ctx;
    assert(*what && ++watch->faults <= 20);
}

static const suites_listener WATCH = {.on_collected = watch_collected,
                                      .on_quiet = watch_quiet,
                                      .on_start = watch_start,
                                      .on_finish = watch_finish,
                                      .on_fixture = watch_fixture,
                                      .on_fault = watch_fault};

static inline void watch_dispose(suites_watch *watch)
{
    assert(watch->fixtures == 0 && (!watch->running || !*watch->running));
    free(watch->running);
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
    suites_watch watch = {.told = json_object()};
    suites_track track;
    suites_lines lines;
    auto_free void *state = utr_calloc(1, reader->size);
    watched_reader watched = {.reader = reader, .state = state};
    size_t cut = size ? data[0] * size / 256 : 0;
    suites_track_init(&track, "suite", &WATCH, &watch);
    track.worker = &watch;
    suites_lines_init(&lines, watch_line, &watched);
    reader->begin(state, &track);
    suites_lines_feed(&lines, (const char *)data, cut);
    suites_lines_feed(&lines, (const char *)data + cut, size - cut);
    suites_lines_finish(&lines);
    reader->end(state, &(loop_exit){.exit_code = 0});
    assert(!track.running);
    suites_track_dispose(&track);
    watch_dispose(&watch);
}

#endif
