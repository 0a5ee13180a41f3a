#include "suites/reader.h"
#include "suites/session.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    suites_track *track;
    const char *test; /* borrowed */
} exit_state;

static void exit_begin(void *state, suites_track *track)
{
    exit_state *self = state;
    self->track = track;
    self->test = track->session->test ? track->session->test : track->suite;
    (void)suites_track_start(track, &(suites_start){.test = self->test});
}

static void exit_line(void *state, const char *line)
{
    (void)state;
    (void)line;
}

static void exit_end(void *state, const loop_exit *how)
{
    exit_state *self = state;
    if (how->timed_out || how->cancelled) {
        suites_track_abandon(self->track, suites_track_why(how));
        return;
    }
    char message[128] = "";
    suites_status status = SUITES_PASSED;
    if (how->signal) {
        status = SUITES_ERROR;
        (void)snprintf(message, sizeof message, "ended by signal %d (%s)", how->signal,
                       strsignal(how->signal)); // NOLINT(concurrency-mt-unsafe): the loop's thread only
    } else if (how->exit_code) {
        status = SUITES_FAILED;
        (void)snprintf(message, sizeof message, "exit code %d", how->exit_code);
    }
    suites_result result = {
        .test = self->test, .status = status, .seconds = how->seconds, .message = message, .file = ""};
    (void)suites_track_finish(self->track, &result);
}

const suites_reader suites_reader_exit = {
    .size = sizeof(exit_state), .begin = exit_begin, .line = exit_line, .end = exit_end};
