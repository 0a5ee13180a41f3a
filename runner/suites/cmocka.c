/*
 * cmocka prints, on standard output and error:
 *
 *     [==========] Running 2 test(s).                  1.1.7: "[==========] group: Running ..."
 *     [ RUN      ] name
 *     [  ERROR   ] --- 0x1 != 0x2
 *     [   LINE   ] --- file.c:9: error: Failure!
 *     [  FAILED  ] name                                or OK, SKIPPED; ERROR when its setup or teardown
 * failed
 *     [==========] 2 test(s) run.
 *     [  FAILED  ] 1 test(s), listed below: ...        a summary, up to the next group
 *
 * What a test itself printed without a line end stands in front of any of these. What happens in a group
 * before its first test and after its last is a fixture.
 */
#include "suites/names.h"
#include "suites/reader.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char GROUP[] = "[==========] ";
static const char RUN[] = "[ RUN      ] ";
static const char ERROR[] = "[  ERROR   ] ";
static const char FAILED[] = "[  FAILED  ] ";
static const char LINE[] = "[   LINE   ] --- ";

/** A line that ends a test. */
typedef struct {
    const char *tag;
    suites_status status;
    bool in_text; /* such lines also occur in the text of a failure and in the summary */
} cmocka_ending;

static const cmocka_ending ENDS[] = {
    {"[       OK ] ", SUITES_PASSED, false},
    {FAILED, SUITES_FAILED, true},
    {"[  SKIPPED ] ", SUITES_SKIPPED, true},
    {ERROR, SUITES_ERROR, true},
};

typedef struct {
    suites_track *track;
    bool in_group;
    size_t groups;    /* so far */
    bool fixture;     /* the group's works */
    size_t announced; /* tests of this group */
    size_t ended;     /* of those */
    size_t collected; /* of all groups so far */
    char *name;       /* of the running test as printed; track->running is unique */
    json_t *times;    /* how often each name was run: one function may stand in several groups */
    utr_buf text;     /* what was printed since it started */
    bool in_failure;  /* the text begins with the failure */
    char *file;
    int line;
} cmocka_state;

static void cmocka_begin(void *state, suites_track *track)
{
    cmocka_state *self = state;
    *self = (cmocka_state){.track = track, .times = json_object(), .text = UTR_BUF_INIT((size_t)128 * 1024)};
}

static void cmocka_forget(cmocka_state *self)
{
    free(self->name);
    free(self->file);
    self->name = self->file = NULL;
    self->line = 0;
    self->in_failure = false;
    utr_buf_dispose(&self->text);
}

static void cmocka_tell_error(cmocka_state *self, const char *name, const char *message)
{
    auto_free char *test = suites_name_unique(self->times, name);
    suites_result result = {.test = test, .status = SUITES_ERROR, .message = message, .file = ""};
    (void)suites_track_tell(self->track, &result);
}

/* The group's set-up or tear-down begins or ends to work. */
static void cmocka_fixture(cmocka_state *self, bool start)
{
    if (self->fixture == start)
        return;
    auto_free char *id = utr_format("set-up and tear-down of group %zu", self->groups);
    suites_fixture_event event = {.id = id, .scope = "group", .name = id, .start = start};
    self->fixture = start && suites_track_fixture(self->track, &event);
    if (!start)
        (void)suites_track_fixture(self->track, &event);
}

/* Tests that were announced and never ran are errors, whatever the exit code says. */
static void cmocka_end_group(cmocka_state *self, const char *why)
{
    cmocka_fixture(self, false);
    if (self->in_group && self->ended < self->announced) {
        char message[160];
        (void)snprintf(message, sizeof message, "%zu test(s) announced, %zu ended: %s", self->announced,
                       self->ended, why);
        cmocka_tell_error(self, "tests that did not run", message);
    }
    self->in_group = false;
}

static void cmocka_begin_group(cmocka_state *self, size_t tests)
{
    cmocka_end_group(self, "the next group began");
    self->in_group = true;
    self->announced = tests;
    self->ended = 0;
    self->collected += tests;
    self->groups++;
    suites_track_collected(self->track, self->collected);
    cmocka_fixture(self, true);
}

/* text is what follows "[==========] ". */
static void cmocka_group_line(cmocka_state *self, const char *text)
{
    unsigned tests = 0;
    const char *running = strstr(text, "Running ");
    if (self->name)
        suites_track_fault(self->track, "a group's line while test '%s' runs: %s", self->name, text);
    else if (running && sscanf(running, "Running %6u test(s).", &tests) == 1) // NOLINT(cert-err34-c): bounded
        cmocka_begin_group(self, tests);
    else if (utr_text_ends(text, " run."))
        cmocka_end_group(self, "the group ended");
}

static void cmocka_start(cmocka_state *self, const char *name)
{
    const char *wrong = NULL;
    if (self->name)
        wrong = "while another runs";
    else if (!self->in_group)
        wrong = "outside of a group";
    else if (!*name)
        wrong = "without a name";
    if (wrong) {
        suites_track_fault(self->track, "test '%s' starts %s", name, wrong);
        return;
    }
    auto_free char *test = suites_name_unique(self->times, name);
    auto_strs utr_strs uses = {0};
    utr_strs_give(&uses, utr_format("set-up and tear-down of group %zu", self->groups));
    cmocka_fixture(self, false);
    if (suites_track_start(self->track, &(suites_start){.test = test, .uses = &uses}))
        self->name = utr_strdup(name);
}

static void cmocka_finish(cmocka_state *self, suites_status status)
{
    bool told = status == SUITES_FAILED || status == SUITES_ERROR;
    suites_result result = {.test = self->track->running,
                            .status = status,
                            .seconds = -1,
                            .message = told ? utr_buf_text(&self->text) : "",
                            .file = told && self->file ? self->file : "",
                            .line = told ? self->line : 0};
    (void)suites_track_finish(self->track, &result);
    self->ended++;
    cmocka_forget(self);
    if (self->ended == self->announced)
        cmocka_fixture(self, true);
}

/* The last place where tag stands in line, NULL where it does not. */
static const char *last_tag(const char *line, const char *tag)
{
    const char *last = NULL;
    for (const char *at = line; (at = strstr(at, tag)); at++)
        last = at;
    return last;
}

static bool cmocka_is_result(cmocka_state *self, const char *line)
{
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        const char *tag = last_tag(line, ENDS[i].tag);
        if (!tag)
            continue;
        const char *name = tag + strlen(ENDS[i].tag);
        if (self->name && strcmp(name, self->name) == 0) {
            cmocka_finish(self, ENDS[i].status);
            return true;
        }
        if (!ENDS[i].in_text)
            suites_track_fault(self->track, "a result for test '%s', which does not run", name);
    }
    return false;
}

/* "[   LINE   ] --- file.c:9: error: Failure!" */
static void cmocka_note_place(cmocka_state *self, const char *line)
{
    const char *place = strstr(line, LINE);
    const char *end = place ? strstr(place, ": error:") : NULL;
    const char *colon = end ? memrchr(place, ':', (size_t)(end - place)) : NULL;
    int64_t number = 0;
    auto_free char *digits = colon ? utr_strndup(colon + 1, (size_t)(end - colon - 1)) : NULL;
    if (self->file || !digits || !utr_text_int(digits, 1, INT32_MAX, &number))
        return;
    place += sizeof LINE - 1;
    self->file = utr_strndup(place, (size_t)(colon - place));
    self->line = (int)number;
}

static void cmocka_note_text(cmocka_state *self, const char *line)
{
    utr_error err = {0};
    const char *error = strstr(line, ERROR);
    if (error && !self->in_failure) {
        utr_buf_reset(&self->text);
        self->in_failure = true;
        line = error;
    }
    cmocka_note_place(self, line);
    if (self->text.len && utr_buf_add(&self->text, "\n", 1, &err))
        return;
    if (utr_buf_add(&self->text, line, strlen(line), &err))
        return; /* the beginning is enough */
}

static void cmocka_line(void *state, const char *line)
{
    cmocka_state *self = state;
    const char *group = strstr(line, GROUP);
    const char *run = strstr(line, RUN);
    if (cmocka_is_result(self, line))
        return;
    if (group)
        cmocka_group_line(self, group + sizeof GROUP - 1);
    else if (run)
        cmocka_start(self, run + sizeof RUN - 1);
    else if (self->name)
        cmocka_note_text(self, line);
    else if (self->in_group && utr_text_starts(line, FAILED))
        cmocka_tell_error(self, line + sizeof FAILED - 1, "the group's fixture failed");
}

static void cmocka_end(void *state, const loop_exit *how)
{
    cmocka_state *self = state;
    suites_track_abandon(self->track, suites_track_why(how));
    self->ended += self->name ? 1 : 0;
    cmocka_end_group(self, "the suite ended");
    cmocka_forget(self);
    json_decref(self->times);
}

const suites_reader suites_reader_cmocka = {
    .size = sizeof(cmocka_state), .begin = cmocka_begin, .line = cmocka_line, .end = cmocka_end};
