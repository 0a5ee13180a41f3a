#include "suites/session.h"

#include "base/clock.h"
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FIXTURES = 64 };

void suites_track_init(suites_track *track, suites_session *session, void *worker)
{
    *track = (suites_track){.session = session, .suite = session->suite, .worker = worker};
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
    *track = (suites_track){0};
}

void suites_track_fault(suites_track *track, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auto_free char *what = utr_vformat(format, args);
    va_end(args);
    suites_session_fault(track->session, "%s", what);
}

void suites_track_collected(suites_track *track, size_t tests)
{
    suites_session *session = track->session;
    suites_collection_count(session->collection, track->counted, tests);
    track->counted = tests;
    session->listener->on_collected(session->ctx, suites_collection_total(session->collection));
}

static bool track_enters(suites_track *track, const char *test)
{
    utr_error err = {0};
    if (!suites_collection_start(track->session->collection, track->session, test, &err))
        return true;
    suites_track_fault(track, "%s", err.text);
    return false;
}

static bool track_may_start(suites_track *track, const char *test, bool again)
{
    if (again && track->running && strcmp(track->running, test) == 0)
        return true;
    if (again)
        suites_track_fault(track, "test '%s' starts again and does not run", test);
    else if (track->running)
        suites_track_fault(track, "test '%s' starts while '%s' runs", test, track->running);
    else
        return !*test || track_enters(track, test);
    return false;
}

bool suites_track_start(suites_track *track, const suites_start *start)
{
    static const utr_strs NONE = {0};
    auto_free char *name = suites_bounded(start->test);
    if (!track_may_start(track, name, start->again))
        return false;
    suites_start told = {.test = name,
                         .requires = start->requires ? start->requires : &NONE,
                         .uses = start->uses ? start->uses : &NONE,
                         .again = start->again,
                         .waits = start->waits};
    free(track->running);
    track->running = name;
    name = NULL;
    track->started_us = utr_clock_us();
    track->session->listener->on_start(track->worker, &told);
    return true;
}

/* Whether a result for this test may come now. */
static bool track_expects(suites_track *track, const char *test)
{
    if (suites_collection_has_told(track->session->collection, test))
        suites_track_fault(track, "a second result for test '%s'", test);
    else if (!track->running)
        suites_track_fault(track, "test '%s' ends without having started", test);
    else if (!*track->running)
        return track_enters(track, test);
    else if (strcmp(track->running, test) != 0)
        suites_track_fault(track, "test '%s' ends while '%s' runs", test, track->running);
    else
        return true;
    return false;
}

/* Whether it counts from now on. */
static bool track_leaves(suites_track *track, const char *test, suites_status status)
{
    bool success = status == SUITES_PASSED || status == SUITES_XFAILED || status == SUITES_XPASSED;
    utr_error err = {0};
    if (!suites_collection_finish(track->session->collection, test, success, &err))
        return true;
    suites_track_fault(track, "%s", err.text);
    return false;
}

bool suites_track_finish(suites_track *track, const suites_result *result)
{
    auto_free char *name = suites_bounded(result->test);
    if (!track_expects(track, name) || !track_leaves(track, name, result->status))
        return false;
    auto_free char *message = suites_bounded(result->message);
    auto_free char *file = suites_bounded(result->file);
    double measured = (double)(utr_clock_us() - track->started_us) / 1e6;
    suites_result told = {.test = name,
                          .status = result->status,
                          .seconds = result->seconds < 0 ? measured : result->seconds,
                          .message = message,
                          .file = file,
                          .line = result->line,
                          .waits = result->waits};
    free(track->running);
    track->running = NULL;
    track->session->listener->on_finish(track->worker, &told);
    return true;
}

bool suites_track_tell(suites_track *track, const suites_result *result)
{
    suites_start start = {.test = result->test, .waits = result->waits};
    return suites_track_start(track, &start) && suites_track_finish(track, result);
}

static void fixture_tell(suites_track *track, const suites_fixture *fixture, bool start, bool waits)
{
    suites_fixture_event event = {
        .id = fixture->id, .scope = fixture->scope, .name = fixture->name, .start = start, .waits = waits};
    track->session->listener->on_fixture(track->worker, &event);
}

bool suites_track_was_fixture(suites_track *track, const char *id, const char *scope, const char *name)
{
    if (!track->running) {
        suites_track_fault(track, "'%s' was a fixture, though no test ran", id);
        return false;
    }
    suites_fixture fixture = {suites_bounded(id), suites_bounded(scope), suites_bounded(name)};
    suites_fixture_event event = {
        .id = fixture.id, .scope = fixture.scope, .name = fixture.name, .was_test = true, .waits = true};
    suites_collection_forget(track->session->collection, track->running);
    free(track->running);
    track->running = NULL;
    track->session->listener->on_fixture(track->worker, &event);
    fixture_dispose(&fixture);
    return true;
}

static bool fixture_begin(suites_track *track, const suites_fixture_event *event)
{
    if (track->fixtures.count == MOST_FIXTURES) {
        suites_track_fault(track, "more than %d fixtures at once", MOST_FIXTURES);
        return false;
    }
    suites_fixture *fixture = utr_vec_push(&track->fixtures);
    *fixture = (suites_fixture){.id = suites_bounded(event->id),
                                .scope = suites_bounded(event->scope),
                                .name = suites_bounded(event->name)};
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
    auto_free char *id = suites_bounded(event->id);
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
