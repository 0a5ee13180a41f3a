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

bool suites_track_start(suites_track *track, const char *test, const utr_strs *requires)
{
    static const utr_strs NONE = {0};
    auto_free char *name = bounded(test);
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
    track->listener->on_start(track->ctx, name, requires ? requires : &NONE);
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

bool suites_track_finish(suites_track *track, const suites_result *result)
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
                          .line = result->line};
    (void)json_object_set_new(track->told, name, json_true());
    free(track->running);
    track->running = NULL;
    track->listener->on_finish(track->ctx, &told);
    return true;
}

bool suites_track_tell(suites_track *track, const suites_result *result)
{
    return suites_track_start(track, result->test, NULL) && suites_track_finish(track, result);
}

static bool fixture_begin(suites_track *track, const char *scope, const char *name)
{
    if (track->fixtures.count == MOST_FIXTURES) {
        suites_track_fault(track, "more than %d fixtures at once", MOST_FIXTURES);
        return false;
    }
    suites_fixture *fixture = utr_vec_push(&track->fixtures);
    *fixture = (suites_fixture){.scope = utr_strdup(scope), .name = utr_strdup(name)};
    track->listener->on_fixture(track->ctx, scope, name, true);
    return true;
}

/* Ends the innermost fixture. */
static void fixture_end(suites_track *track)
{
    suites_fixture fixture = track->fixtures.items[--track->fixtures.count];
    track->listener->on_fixture(track->ctx, fixture.scope, fixture.name, false);
    fixture_dispose(&fixture);
}

bool suites_track_fixture(suites_track *track, const char *scope, const char *name, bool start)
{
    auto_free char *its_scope = bounded(scope);
    auto_free char *its_name = bounded(name);
    if (start)
        return fixture_begin(track, its_scope, its_name);
    size_t count = track->fixtures.count;
    const suites_fixture *inner = count ? &track->fixtures.items[count - 1] : NULL;
    if (!inner || strcmp(inner->scope, its_scope) != 0 || strcmp(inner->name, its_name) != 0) {
        suites_track_fault(track, "fixture '%s' (%s) ends without having started", its_name, its_scope);
        return false;
    }
    fixture_end(track);
    return true;
}

void suites_track_abandon(suites_track *track, const char *message)
{
    while (track->fixtures.count)
        fixture_end(track);
    if (!track->running)
        return;
    if (*track->running) {
        auto_free char *test = utr_strdup(track->running);
        suites_result result = {
            .test = test, .status = SUITES_ERROR, .seconds = -1, .message = message, .file = ""};
        (void)suites_track_finish(track, &result);
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
