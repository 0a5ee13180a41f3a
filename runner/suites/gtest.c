/*
 * GoogleTest prints, on standard output:
 *
 *     [==========] Running 3 tests from 1 test suite.
 *     [----------] Global test environment set-up.
 *     [----------] 3 tests from Carts
 *     [ RUN      ] Carts.Adds
 *     carts.cc:9: Failure                              what failed, up to the result
 *     [  FAILED  ] Carts.Adds (3 ms)                   or OK, SKIPPED; "Some/P.Odd/2, where GetParam() = 4 (0
 * ms)" [ DISABLED ] Carts.DISABLED_Later                was not run; before 1.12 only counted in the summary
 *     [----------] 3 tests from Carts (3 ms total)
 *     [----------] Global test environment tear-down
 *     [==========] 3 tests from 1 test suite ran. (3 ms total)
 *       YOU HAVE 1 DISABLED TEST                       the summary, up to the next iteration
 *
 * What a test itself printed without a line end stands in front of any of these. Set-up and tear-down of a
 * test suite and of the global environment are fixtures; where these fail, no test does.
 */
#include "suites/names.h"
#include "suites/reader.h"

#include "base/buf.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char WHOLE[] = "[==========] ";
static const char PART[] = "[----------] ";
static const char RUN[] = "[ RUN      ] ";
static const char DISABLED[] = "[ DISABLED ] ";
static const char ENVIRONMENT[] = "the global environment";

/** A line that ends a test. */
typedef struct {
    const char *tag;
    suites_status status;
    bool in_summary; /* such lines also occur there */
} gtest_ending;

static const gtest_ending ENDS[] = {
    {"[       OK ] ", SUITES_PASSED, false},
    {"[  FAILED  ] ", SUITES_FAILED, true},
    {"[  SKIPPED ] ", SUITES_SKIPPED, true},
};

typedef struct {
    suites_track *track;
    bool in_run;      /* between "Running" and "ran" */
    size_t announced; /* tests of this iteration */
    size_t ended;     /* of those */
    size_t collected; /* of all iterations so far */
    size_t disabled;  /* told by name in this iteration */
    char *part;       /* the test suite whose tests run, or the environment; NULL: none */
    size_t part_left; /* tests that it has yet to end */
    char *fixture;    /* id of the fixture that works, NULL: none */
    utr_strs used;    /* ids of the fixtures that worked for the tests that come */
    char *name;       /* of the running test as printed; track->running is unique */
    json_t *times;    /* how often each name was told */
    utr_buf text;     /* what was printed since the test started, or since a failure outside of tests */
    bool outside;     /* text is such a failure's */
    char *file;
    int line;
} gtest_state;

static void gtest_begin(void *state, suites_track *track)
{
    gtest_state *self = state;
    *self = (gtest_state){.track = track, .times = json_object(), .text = UTR_BUF_INIT((size_t)128 * 1024)};
}

static void gtest_forget(gtest_state *self)
{
    free(self->name);
    free(self->file);
    self->name = self->file = NULL;
    self->line = 0;
    self->outside = false;
    utr_buf_dispose(&self->text);
}

/* A test that is told whole. */
static void gtest_tell(gtest_state *self, const char *name, suites_status status, const char *message)
{
    auto_free char *test = suites_name_unique(self->times, name);
    suites_result result = {.test = test,
                            .status = status,
                            .message = message,
                            .file = self->file ? self->file : "",
                            .line = self->line};
    (void)suites_track_tell(self->track, &result);
}

/* Tells the failure outside of tests whose text is complete now. */
static void gtest_settle(gtest_state *self)
{
    if (!self->outside)
        return;
    const char *part = self->part ? self->part : "the program";
    auto_free char *name = utr_format("%s (outside of its tests)", part);
    gtest_tell(self, name, SUITES_ERROR, utr_buf_text(&self->text));
    gtest_forget(self);
}

/* --- fixtures --- */

static void fixture_end(gtest_state *self)
{
    auto_free char *id = self->fixture;
    self->fixture = NULL;
    if (id)
        (void)suites_track_fixture(self->track,
                                   &(suites_fixture_event){.id = id, .scope = "suite", .name = id});
}

static void fixture_begin(gtest_state *self, const char *id)
{
    fixture_end(self);
    suites_fixture_event event = {.id = id, .scope = "suite", .name = id, .start = true};
    if (suites_track_fixture(self->track, &event))
        self->fixture = utr_strdup(id);
}

static void part_begin(gtest_state *self, const char *name, size_t tests)
{
    free(self->part);
    self->part = utr_strdup(name);
    self->part_left = tests;
    auto_free char *id = utr_format("set-up and tear-down of %s", name);
    utr_strs_add(&self->used, id);
    fixture_begin(self, id);
}

static void part_end(gtest_state *self)
{
    fixture_end(self);
    free(self->part);
    self->part = NULL;
    if (self->used.count > 1) { /* the environment's stays */
        free(self->used.items[--self->used.count]);
        self->used.items[self->used.count] = NULL;
    }
}

/* "Global test environment set-up." or "tear-down"; "3 tests from Carts, where TypeParam = int (3 ms total)"
 */
static void gtest_part_line(gtest_state *self, const char *text)
{
    unsigned tests = 0;
    int at = 0;
    if (utr_text_starts(text, "Global test environment set-up")) {
        part_begin(self, ENVIRONMENT, 0);
    } else if (utr_text_starts(text, "Global test environment tear-down")) {
        auto_free char *id = utr_format("set-up and tear-down of %s", ENVIRONMENT);
        free(self->part);
        self->part = utr_strdup(ENVIRONMENT);
        fixture_begin(self, id);
        // NOLINTNEXTLINE(cert-err34-c): bounded
    } else if (sscanf(text, "%6u test%*[s] from %n", &tests, &at) == 1 && !at &&
               sscanf(text, "%6u test from %n", &tests, &at) != 1) { // NOLINT(cert-err34-c): bounded
        return;
    } else if (at && utr_text_ends(text, " ms total)")) {
        part_end(self);
    } else if (at) {
        auto_free char *name = utr_strndup(text + at, strcspn(text + at, ","));
        part_begin(self, name, tests);
    }
}

/* --- iterations --- */

/* Tests that were announced and never ran are errors, whatever the exit code says. */
static void run_end(gtest_state *self, const char *why)
{
    fixture_end(self);
    utr_strs_dispose(&self->used);
    free(self->part);
    self->part = NULL;
    if (self->in_run && self->ended < self->announced) {
        char message[160];
        (void)snprintf(message, sizeof message, "%zu test(s) announced, %zu ended: %s", self->announced,
                       self->ended, why);
        gtest_tell(self, "tests that did not run", SUITES_ERROR, message);
    }
    self->in_run = false;
}

static void run_begin(gtest_state *self, size_t tests)
{
    run_end(self, "the next iteration began");
    self->in_run = true;
    self->announced = tests;
    self->ended = self->disabled = 0;
    self->collected += tests;
    suites_track_collected(self->track, self->collected);
}

/* "Running 3 tests from 1 test suite." or "3 tests from 1 test suite ran. (3 ms total)" */
static void gtest_run_line(gtest_state *self, const char *text)
{
    unsigned tests = 0;
    bool running = sscanf(text, "Running %6u test", &tests) == 1; // NOLINT(cert-err34-c): bounded
    bool ran =
        !running && sscanf(text, "%6u test", &tests) == 1 && strstr(text, " ran."); // NOLINT(cert-err34-c)
    if (!running && !ran)
        return;
    if (self->name)
        suites_track_fault(self->track, "an iteration's line while test '%s' runs: %s", self->name, text);
    else if (running)
        run_begin(self, tests);
    else if (!self->in_run && tests)
        suites_track_fault(self->track, "%u tests ran and none was told: leave out --gtest_brief", tests);
    else
        run_end(self, "the iteration ended");
}

/* --- tests --- */

static void gtest_start(gtest_state *self, const char *name)
{
    const char *wrong = NULL;
    if (self->name)
        wrong = "while another runs";
    else if (!self->in_run)
        wrong = "outside of a run";
    else if (!*name)
        wrong = "without a name";
    if (wrong) {
        suites_track_fault(self->track, "test '%s' starts %s", name, wrong);
        return;
    }
    fixture_end(self);
    auto_free char *test = suites_name_unique(self->times, name);
    if (suites_track_start(self->track, &(suites_start){.test = test, .uses = &self->used}))
        self->name = utr_strdup(name);
}

/* "(3 ms)" at the end of a result, below 0 where there is none. */
static double seconds_of(const char *rest)
{
    const char *open = strrchr(rest, '(');
    unsigned ms = 0;
    return open && sscanf(open, "(%9u ms)", &ms) == 1 ? ms / 1e3 : -1; // NOLINT(cert-err34-c): bounded
}

static void gtest_finish(gtest_state *self, suites_status status, const char *rest)
{
    bool told = status != SUITES_PASSED;
    suites_result result = {.test = self->track->running,
                            .status = status,
                            .seconds = seconds_of(rest),
                            .message = told ? utr_buf_text(&self->text) : "",
                            .file = told && self->file ? self->file : "",
                            .line = told ? self->line : 0};
    (void)suites_track_finish(self->track, &result);
    self->ended++;
    gtest_forget(self);
    if (self->part_left && --self->part_left == 0) {
        auto_free char *id = utr_format("set-up and tear-down of %s", self->part);
        fixture_begin(self, id);
    }
}

/* The last place where tag stands in line, NULL where it does not. */
static const char *last_tag(const char *line, const char *tag)
{
    const char *last = NULL;
    for (const char *at = line; (at = strstr(at, tag)); at++)
        last = at;
    return last;
}

static bool gtest_is_result(gtest_state *self, const char *line)
{
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        const char *tag = last_tag(line, ENDS[i].tag);
        if (!tag)
            continue;
        const char *name = tag + strlen(ENDS[i].tag);
        size_t len = self->name ? strlen(self->name) : 0;
        const char *rest = name + len;
        if (len && strncmp(name, self->name, len) == 0 &&
            (!*rest || utr_text_starts(rest, " (") || utr_text_starts(rest, ", where "))) {
            gtest_finish(self, ENDS[i].status, rest);
            return true;
        }
        if (!ENDS[i].in_summary || self->name)
            suites_track_fault(self->track, "a result for test '%s', which does not run", name);
    }
    return false;
}

/* --- what is printed besides --- */

/* "carts.cc:9: Failure" or "carts.cc:9: Skipped": @return whether it is one; the first one's place is kept */
static bool note_place(gtest_state *self, const char *line)
{
    const char *end = strstr(line, ": Failure");
    if (!end)
        end = strstr(line, ": Skipped");
    const char *colon = end ? memrchr(line, ':', (size_t)(end - line)) : NULL;
    int64_t number = 0;
    auto_free char *digits = colon ? utr_strndup(colon + 1, (size_t)(end - colon - 1)) : NULL;
    if (!digits || !utr_text_int(digits, 1, INT32_MAX, &number))
        return end != NULL && utr_text_starts(line, "unknown file");
    if (!self->file) {
        self->file = utr_strndup(line, (size_t)(colon - line));
        self->line = (int)number;
    }
    return true;
}

static void note_text(gtest_state *self, const char *line)
{
    utr_error err = {0};
    if (self->text.len && utr_buf_add(&self->text, "\n", 1, &err))
        return;
    if (utr_buf_add(&self->text, line, strlen(line), &err))
        return; /* the beginning is enough */
}

static void gtest_other_line(gtest_state *self, const char *line)
{
    unsigned count = 0;
    if (self->name) {
        (void)note_place(self, line);
        note_text(self, line);
    } else if (self->in_run && (self->outside || note_place(self, line))) {
        self->outside = true;
        note_text(self, line);
    } else if (sscanf(line, " YOU HAVE %6u DISABLED TEST", &count) == 1 && // NOLINT(cert-err34-c): bounded
               count > self->disabled) {
        char name[64];
        (void)snprintf(name, sizeof name, "%zu disabled test(s)", count - self->disabled);
        gtest_tell(self, name, SUITES_SKIPPED, "DISABLED_ tests do not run");
    }
}

static void gtest_line(void *state, const char *line)
{
    gtest_state *self = state;
    const char *whole = strstr(line, WHOLE);
    const char *part = strstr(line, PART);
    const char *run = strstr(line, RUN);
    const char *disabled = strstr(line, DISABLED);
    if (whole || part || run || disabled)
        gtest_settle(self);
    if (gtest_is_result(self, line))
        return;
    if (whole)
        gtest_run_line(self, whole + sizeof WHOLE - 1);
    else if (part && !self->name)
        gtest_part_line(self, part + sizeof PART - 1);
    else if (run)
        gtest_start(self, run + sizeof RUN - 1);
    else if (disabled && !self->name) {
        fixture_end(self);
        gtest_tell(self, disabled + sizeof DISABLED - 1, SUITES_SKIPPED, "DISABLED_");
        self->disabled++;
    } else {
        gtest_other_line(self, line);
    }
}

static void gtest_end(void *state, const loop_exit *how)
{
    gtest_state *self = state;
    gtest_settle(self);
    auto_free char *said = utr_strdup(self->text.len ? utr_buf_text(&self->text) : "");
    auto_free char *why = utr_format("%s%s%s", suites_track_why(how), *said ? ":\n" : "", said);
    suites_track_abandon(self->track, why);
    free(self->fixture);
    self->fixture = NULL;
    self->ended += self->name ? 1 : 0;
    gtest_forget(self);
    run_end(self, "the suite ended");
    json_decref(self->times);
}

const suites_reader suites_reader_gtest = {
    .size = sizeof(gtest_state), .begin = gtest_begin, .line = gtest_line, .end = gtest_end};
