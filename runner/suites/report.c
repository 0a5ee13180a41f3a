/*
 * A suite that tells its tests in JUnit reports, when it has ended. Run as a whole, each test case of the
 * reports it wrote is a test. Run for one test, all its test cases are that test: the worst of them counts.
 */
#include "suites/junit.h"
#include "suites/reader.h"
#include "suites/session.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    suites_track *track;
    const char *test; /* the one test that runs, borrowed; NULL: all */
    /* what its test cases say so far */
    suites_status status;
    char *message;
    char *file;
    int line;
} report_state;

static void report_begin(void *state, suites_track *track)
{
    report_state *self = state;
    *self = (report_state){.track = track, .test = track->session->test};
    if (self->test)
        (void)suites_track_start(track, &(suites_start){.test = self->test});
}

static void report_line(void *state, const char *line)
{
    (void)state;
    (void)line;
}

/* The higher, the worse. */
static int weight(suites_status status)
{
    static const int WEIGHTS[] = {[SUITES_PASSED] = 0,  [SUITES_XPASSED] = 1, [SUITES_XFAILED] = 2,
                                  [SUITES_SKIPPED] = 3, [SUITES_ERROR] = 4,   [SUITES_FAILED] = 5};
    return WEIGHTS[status];
}

static void report_weigh(report_state *self, suites_status status, const suites_result *result)
{
    if (weight(status) <= weight(self->status))
        return;
    free(self->message);
    free(self->file);
    self->status = status;
    self->message = utr_strdup(result->message);
    self->file = utr_strdup(result->file);
    self->line = result->line;
}

static void on_case(void *ctx, const suites_result *result)
{
    report_state *self = ctx;
    if (self->test)
        report_weigh(self, result->status, result);
    else
        (void)suites_track_tell(self->track, result);
}

/* How the program ended says what its test cases do not. */
static void report_weigh_exit(report_state *self, const loop_exit *how)
{
    char message[128];
    if (weight(self->status) >= weight(SUITES_ERROR) || (!how->exit_code && !how->signal))
        return;
    if (how->signal)
        (void)snprintf(message, sizeof message, "ended by signal %d", how->signal);
    else
        (void)snprintf(message, sizeof message, "exit code %d, though its report tells no failure",
                       how->exit_code);
    report_weigh(self, SUITES_ERROR, &(suites_result){.message = message, .file = ""});
}

static void report_finish(report_state *self, const loop_exit *how)
{
    report_weigh_exit(self, how);
    suites_result result = {.test = self->test,
                            .status = self->status,
                            .seconds = how->seconds,
                            .message = self->message ? self->message : "",
                            .file = self->file ? self->file : "",
                            .line = self->line};
    (void)suites_track_finish(self->track, &result);
}

static void report_end(void *state, const loop_exit *how)
{
    report_state *self = state;
    utr_error err = {0};
    bool broken_off = how->timed_out || how->cancelled;
    utr_code code = suites_junit_collect(self->track->session->junit, on_case, self, &err);
    if (code && self->test)
        report_weigh(self, SUITES_ERROR, &(suites_result){.message = err.text, .file = ""});
    else if (code)
        suites_track_fault(self->track, "%s", err.text);
    if (self->test && broken_off)
        suites_track_abandon(self->track, suites_track_why(how));
    else if (self->test)
        report_finish(self, how);
    free(self->message);
    free(self->file);
}

const suites_reader suites_reader_junit = {
    .size = sizeof(report_state), .begin = report_begin, .line = report_line, .end = report_end};
