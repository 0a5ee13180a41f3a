#include "suites/track.h"

#include "base/clock.h"
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_TEXT = 8 * 1024, MOST_FAULTS = 20, MOST_TESTS = 200000, MOST_FIXTURES = 64 };

void suites_track_init(suites_track *track, const char *suite, const suites_listener *listener, void *ctx)
{
    *track = (suites_track){.suite = suite, .listener = listener, .ctx = ctx, .told = json_object()};
}

static void fixture_dispose(suites_fixture *fixture)
{
    free(fixture->id);
    free(fixture->scope);
    free(fixture->name);
}

void suites_track_dispose(suites_track *track)
{
    for (size_t i = 0; i < track->fixtures.count; i++)
        fixture_dispose(&track->fixtures.items[i]);
    utr_vec_dispose(&track->fixtures);
    free(track->running);
    json_decref(track->told);
    *track = (suites_track){0};
}

/* A copy that is UTF-8 and not too long. */
static char *bounded(const char *text)
{
    auto_free char *cut = utr_strndup(text, MOST_TEXT);
    auto_json json_t *repaired = utr_json_text(cut);
    return utr_strndup(json_string_value(repaired), MOST_TEXT);
}

void suites_track_fault(suites_track *track, const char *format, ...)
{
    if (++track->faults > MOST_FAULTS)
        return;
    char what[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    auto_free char *text = bounded(what);
    track->listener->on_fault(track->ctx, text);
}

bool suites_track_has_told(const suites_track *track, const char *test)
{
    return json_object_get(track->told, test) != NULL;
}

/* A limit on what a suite can make us remember. */
static bool track_has_room(suites_track *track)
{
    if (json_object_size(track->told) < MOST_TESTS)
        return true;
    suites_track_fault(track, "more than %d tests", MOST_TESTS);
    return false;
}

void suites_track_collected(suites_track *track, size_t tests)
{
    track->listener->on_collected(track->ctx, tests);
}

bool suites_track_start(suites_track *track, const suites_start *start)
{
    static const utr_strs NONE = {0};
    auto_free char *name = bounded(start->test);
    if (track->running) {
        suites_track_fault(track, "test '%s' starts while '%s' runs", name, track->running);
        return false;
    }
    if (suites_track_has_told(track, name)) {
        suites_track_fault(track, "test '%s' starts a second time", name);
        return false;
    }
    if (!track_has_room(track))
        return false;
    track->running = utr_strdup(name);
    track->started_us = utr_clock_us();
    suites_start told = {.test = name,
                         .requires = start->requires ? start->requires : &NONE,
                         .uses = start->uses ? start->uses : &NONE,
                         .waits = start->waits};
    track->listener->on_start(track->worker, &told);
    return true;
}

/* Whether a result for this test may come now. */
static bool track_expects(suites_track *track, const char *test)
{
    if (suites_track_has_told(track, test))
        suites_track_fault(track, "a second result for test '%s'", test);
    else if (!track->running)
        suites_track_fault(track, "test '%s' ends without having started", test);
    else if (*track->running && strcmp(track->running, test) != 0)
        suites_track_fault(track, "test '%s' ends while '%s' runs", test, track->running);
    else
        return true;
    return false;
}

bool suites_track_finish(suites_track *track, const suites_result *result, bool *inspect)
{
    auto_free char *name = bounded(result->test);
    if (!track_expects(track, name))
        return false;
    auto_free char *message = bounded(result->message);
    auto_free char *file = bounded(result->file);
    double measured = (double)(utr_clock_us() - track->started_us) / 1e6;
    suites_result told = {.test = name,
                          .status = result->status,
                          .seconds = result->seconds < 0 ? measured : result->seconds,
                          .message = message,
                          .file = file,
                          .line = result->line,
                          .waits = result->waits};
    (void)json_object_set_new(track->told, name, json_true());
    free(track->running);
    track->running = NULL;
    bool wanted = track->listener->on_finish(track->worker, &told);
    if (inspect)
        *inspect = wanted;
    return true;
}

bool suites_track_tell(suites_track *track, const suites_result *result)
{
    suites_start start = {.test = result->test, .waits = result->waits};
    return suites_track_start(track, &start) && suites_track_finish(track, result, NULL);
}

static void fixture_tell(suites_track *track, const suites_fixture *fixture, bool start, bool waits)
{
    suites_fixture_event event = {
        .id = fixture->id, .scope = fixture->scope, .name = fixture->name, .start = start, .waits = waits};
    track->listener->on_fixture(track->worker, &event);
}

static bool fixture_begin(suites_track *track, const suites_fixture_event *event)
{
    if (track->fixtures.count == MOST_FIXTURES) {
        suites_track_fault(track, "more than %d fixtures at once", MOST_FIXTURES);
        return false;
    }
    suites_fixture *fixture = utr_vec_push(&track->fixtures);
    *fixture = (suites_fixture){
        .id = bounded(event->id), .scope = bounded(event->scope), .name = bounded(event->name)};
    fixture_tell(track, fixture, true, event->waits);
    return true;
}

/* Ends the innermost fixture. */
static void fixture_end(suites_track *track, bool waits)
{
    suites_fixture fixture = track->fixtures.items[--track->fixtures.count];
    fixture_tell(track, &fixture, false, waits);
    fixture_dispose(&fixture);
}

bool suites_track_fixture(suites_track *track, const suites_fixture_event *event)
{
    if (event->start)
        return fixture_begin(track, event);
    auto_free char *id = bounded(event->id);
    size_t count = track->fixtures.count;
    const suites_fixture *inner = count ? &track->fixtures.items[count - 1] : NULL;
    if (!inner || strcmp(inner->id, id) != 0) {
        suites_track_fault(track, "fixture '%s' ends without having started", id);
        return false;
    }
    fixture_end(track, event->waits);
    return true;
}

void suites_track_abandon(suites_track *track, const char *message)
{
    while (track->fixtures.count)
        fixture_end(track, false);
    if (!track->running)
        return;
    if (*track->running) {
        auto_free char *test = utr_strdup(track->running);
        suites_result result = {
            .test = test, .status = SUITES_ERROR, .seconds = -1, .message = message, .file = ""};
        (void)suites_track_finish(track, &result, NULL);
    }
    free(track->running);
    track->running = NULL;
}

const char *suites_track_why(const loop_exit *how)
{
    if (how->timed_out)
        return "deadline passed";
    return how->cancelled ? "the run was stopped while it ran" : "the suite ended while it ran";
}
