/*
 * Test Anything Protocol, versions 12 to 14 (testanything.org):
 *
 *     TAP version 14
 *     1..4
 *     ok 1 - opens
 *     not ok 2 - reads
 *       ---
 *       message: why                  kept as the message, as are the "# ..." lines right below
 *       ...
 *     ok 3 # SKIP no data
 *         ok 1 - part                 a subtest: counts as part of its parent, whose line follows it, and
 *                                     which is no better than its parts
 *     not ok 4 - writes # TODO later
 *     Bail out! the disk is gone
 *
 * There are no start lines: a test starts when the one before it has ended, the first when the suite starts.
 * The result of a failed test is told with the first line that is no explanation of it.
 *
 * `prove -v` prints several such documents, each below a line with its file's name, "t/carts.t .. ", and
 * above its own opinion: "ok", "Dubious, test returned 3 ...", "Failed 1/3 subtests", "skipped: no redis".
 */
#include "suites/names.h"
#include "suites/reader.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MOST_NUMBER = 1000000, MOST_MISSING = 100 };

typedef struct {
    suites_track *track;
    char *document;   /* prove: whose results come, NULL: no such line yet */
    size_t collected; /* tests of the documents before this one */
    bool troubled;    /* a test of this one failed */
    bool has_plan;
    int64_t planned;
    int64_t ended;   /* results seen */
    int64_t last;    /* number of the last one */
    json_t *numbers; /* those seen, as keys */
    json_t *names;   /* how often each description was used */
    char *failed;    /* a failed test whose explanation may still come */
    utr_buf text;    /* that explanation */
    char *file;      /* the place that it names, NULL: none */
    int line;
    bool in_yaml;
    bool bailed;
    char *part; /* the first subtest since the last result that did not pass, NULL where all did */
    suites_status part_status;
} tap_state;

/** A result line taken apart. */
typedef struct {
    bool ok;
    int64_t number; /* 0: none given */
    char *description;
    const char *directive; /* borrowed from the line: what follows the '#', "" when there is none */
} tap_result;

/* The next test runs from now on, unless no more can come. */
static void tap_next(tap_state *self)
{
    if (!self->bailed && !(self->has_plan && self->ended >= self->planned) && !self->track->running)
        (void)suites_track_start(self->track, &(suites_start){.test = ""});
}

static void tap_begin(void *state, suites_track *track)
{
    tap_state *self = state;
    *self = (tap_state){.track = track,
                        .numbers = json_object(),
                        .names = json_object(),
                        .text = UTR_BUF_INIT((size_t)16 * 1024)};
    tap_next(self);
}

/* The test that runs without a name yet turns out to be this one. */
static void tap_tell(tap_state *self, const char *name, suites_status status, const char *message)
{
    suites_result result = {.test = name,
                            .status = status,
                            .seconds = -1,
                            .message = message,
                            .file = self->file ? self->file : "",
                            .line = self->file ? self->line : 0};
    self->troubled |= status == SUITES_FAILED || status == SUITES_ERROR;
    if (self->track->running || suites_track_start(self->track, &(suites_start){.test = ""}))
        (void)suites_track_finish(self->track, &result);
}

/* Tells the failed test whose explanation is complete now. */
static void tap_settle(tap_state *self)
{
    if (!self->failed)
        return;
    auto_free char *test = self->failed;
    self->failed = NULL;
    self->in_yaml = false;
    auto_buf utr_buf text = self->text;
    self->text = UTR_BUF_INIT((size_t)16 * 1024);
    tap_tell(self, test, SUITES_FAILED, utr_buf_text(&text));
    free(self->file);
    self->file = NULL;
    self->line = 0;
    tap_next(self);
}

/* --- explanations of a failure --- */

static void tap_note(tap_state *self, const char *line)
{
    utr_error err = {0};
    if (self->text.len + strlen(line) + 1 > self->text.limit)
        return; /* the beginning is enough */
    if (self->text.len)
        utr_buf_puts(&self->text, "\n");
    if (utr_buf_add(&self->text, line, strlen(line), &err))
        return;
}

/** How explanations name the place of a failure: words in front of the file, and between it and the line. */
typedef struct {
    const char *before;
    const char *between;
} tap_place;

static const tap_place PLACES[] = {
    {"(in test file ", ", line "}, /* bats */
    {"at ", " line "},             /* Test::More */
    {"at: ", ":"},
};

/* "(in test file carts.bats, line 3)" */
static bool place_parse(const char *text, const tap_place *place, char **file, int *line)
{
    const char *start = text + strlen(place->before);
    const char *end = utr_text_starts(text, place->before) ? strstr(start, place->between) : NULL;
    const char *digits = end ? end + strlen(place->between) : "";
    auto_free char *number_text = utr_strndup(digits, strspn(digits, "0123456789"));
    int64_t number = 0;
    if (!utr_text_int(number_text, 1, INT32_MAX, &number))
        return false;
    *file = utr_strndup(start, (size_t)(end - start));
    *line = (int)number;
    return true;
}

static void note_place(tap_state *self, const char *text)
{
    int64_t number = 0;
    for (size_t i = 0; !self->file && i < sizeof PLACES / sizeof *PLACES; i++)
        (void)place_parse(text, &PLACES[i], &self->file, &self->line);
    if (!self->file && self->in_yaml && utr_text_starts(text, "file: "))
        self->file = utr_strdup(text + strlen("file: "));
    if (!self->line && self->in_yaml && utr_text_starts(text, "line: ") &&
        utr_text_int(text + strlen("line: "), 1, INT32_MAX, &number))
        self->line = (int)number;
}

/* @return whether the line explains the test before it; why it failed is kept */
static bool tap_explains(tap_state *self, const char *line)
{
    const char *text = line + strspn(line, " ");
    bool begins = text > line && strcmp(text, "---") == 0;
    bool ends = self->in_yaml && strcmp(text, "...") == 0;
    bool inside = self->in_yaml && !ends;
    if (!inside && !ends && !begins && (!self->failed || *line != '#'))
        return false;
    if (!inside && !ends && !begins)
        text = line + 1 + strspn(line + 1, " ");
    if (begins || ends)
        self->in_yaml = begins;
    if (!self->failed || begins || ends)
        return true;
    note_place(self, text);
    tap_note(self, text);
    return true;
}

/* --- result lines --- */

/* The '#' that begins a directive: after a space, not escaped. NULL where there is none. */
static const char *directive_find(const char *text)
{
    for (const char *at = text; (at = strchr(at, '#')); at++) {
        bool apart = at == text || at[-1] == ' ';
        const char *word = at + 1 + strspn(at + 1, " ");
        if (apart && (strncasecmp(word, "skip", 4) == 0 || strncasecmp(word, "todo", 4) == 0))
            return at;
    }
    return NULL;
}

static char *description_copy(const char *text, const char *end)
{
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    char *copy = utr_strndup(text, (size_t)(end - text));
    char *to = copy;
    for (const char *from = copy; *from; from++) {
        if (*from == '\\' && (from[1] == '#' || from[1] == '\\'))
            from++;
        *to++ = *from;
    }
    *to = '\0';
    return copy;
}

/* @return false where line is no result */
static bool result_parse(const char *line, tap_result *out)
{
    bool ok = !utr_text_starts(line, "not ");
    const char *rest = ok ? line : line + 4;
    if (!utr_text_starts(rest, "ok") || (rest[2] && rest[2] != ' '))
        return false;
    rest += 2 + strspn(rest + 2, " ");
    int64_t number = 0;
    size_t digits = strspn(rest, "0123456789");
    auto_free char *text = utr_strndup(rest, digits);
    if (digits && (rest[digits] == ' ' || !rest[digits])) {
        if (!utr_text_int(text, 0, MOST_NUMBER, &number))
            number = MOST_NUMBER + 1;
        rest += digits + strspn(rest + digits, " ");
    }
    if (rest[0] == '-' && (rest[1] == ' ' || !rest[1]))
        rest += 1 + strspn(rest + 1, " ");
    const char *directive = directive_find(rest);
    const char *end = directive ? directive : rest + strlen(rest);
    *out = (tap_result){.ok = ok,
                        .number = number,
                        .description = description_copy(rest, end),
                        .directive = directive ? directive + 1 + strspn(directive + 1, " ") : ""};
    return true;
}

static suites_status result_status(const tap_result *result)
{
    if (strncasecmp(result->directive, "skip", 4) == 0)
        return SUITES_SKIPPED;
    if (strncasecmp(result->directive, "todo", 4) == 0)
        return result->ok ? SUITES_XPASSED : SUITES_XFAILED;
    return result->ok ? SUITES_PASSED : SUITES_FAILED;
}

/* "t/carts.t: adds" */
static char *tap_of_document(const tap_state *self, const char *name)
{
    return self->document ? utr_format("%s: %s", self->document, name) : utr_strdup(name);
}

/* A description names the test; where there is none its number does. The second test of a name is "name#2".
 */
static char *tap_name(tap_state *self, const tap_result *result, int64_t number)
{
    auto_free char *own =
        *result->description ? utr_strdup(result->description) : utr_format("test %lld", (long long)number);
    auto_free char *name = tap_of_document(self, own);
    return suites_name_unique(self->names, name);
}

/* Whether a result of this number may come; a fault is told otherwise. */
static bool tap_number_is_right(tap_state *self, int64_t number)
{
    char key[24];
    (void)snprintf(key, sizeof key, "%lld", (long long)number);
    if (number > MOST_NUMBER || (self->has_plan && number > self->planned))
        suites_track_fault(self->track, "test number %s is outside of the plan", key);
    else if (json_object_get(self->numbers, key))
        suites_track_fault(self->track, "test number %s is reported a second time", key);
    else
        return json_object_set_new(self->numbers, key, json_true()) == 0;
    return false;
}

/* A subtest that failed, was skipped or is a TODO holds for its parent, too. */
static void tap_part_line(tap_state *self, const tap_result *result)
{
    suites_status status = result_status(result);
    if (self->part || status == SUITES_PASSED || status == SUITES_XPASSED)
        return;
    self->part = utr_strdup(result->description);
    self->part_status = status;
}

/* The parent's status where it is told to have passed and a part of it did not. */
static bool tap_tell_part(tap_state *self, const char *name, suites_status status)
{
    auto_free char *part = self->part;
    self->part = NULL;
    if (!part || status != SUITES_PASSED)
        return false;
    auto_free char *message = utr_format("its subtest '%s' did not pass", part);
    tap_tell(self, name, self->part_status, message);
    return true;
}

static void tap_result_line(tap_state *self, const tap_result *result)
{
    int64_t number = result->number ? result->number : self->last + 1;
    if (!tap_number_is_right(self, number))
        return;
    self->last = number;
    self->ended++;
    char *name = tap_name(self, result, number);
    suites_status status = result_status(result);
    if (status == SUITES_FAILED) {
        (void)tap_tell_part(self, name, status);
        self->failed = name;
        return;
    }
    const char *reason = result->directive + strcspn(result->directive, " ");
    if (!tap_tell_part(self, name, status))
        tap_tell(self, name, status, reason + strspn(reason, " "));
    tap_next(self);
    free(name);
}

/* --- the other lines --- */

/* @return false where line is no plan */
static bool tap_plan(tap_state *self, const char *line)
{
    if (!utr_text_starts(line, "1..") || !isdigit((unsigned char)line[3]))
        return false;
    auto_free char *digits = utr_strndup(line + 3, strspn(line + 3, "0123456789"));
    int64_t planned = 0;
    if (self->has_plan || !utr_text_int(digits, 0, MOST_NUMBER, &planned)) {
        suites_track_fault(self->track, "%s: %s", self->has_plan ? "a second plan" : "an impossible plan",
                           line);
        return true;
    }
    self->has_plan = true;
    self->planned = planned;
    suites_track_collected(self->track, self->collected + (size_t)planned);
    const char *directive = directive_find(line);
    if (planned == 0 && directive)
        tap_tell(self, self->document ? self->document : self->track->suite, SUITES_SKIPPED,
                 directive + 1 + strspn(directive + 1, " "));
    return true;
}

/* --- several documents, by prove --- */

static void tap_tell_missing(tap_state *self, const char *why)
{
    auto_free char *message = utr_format("planned, but never reported: %s", why);
    int64_t missing = 0;
    for (int64_t number = 1; number <= self->planned; number++) {
        char key[24];
        char name[32];
        (void)snprintf(key, sizeof key, "%lld", (long long)number);
        if (json_object_get(self->numbers, key))
            continue;
        if (++missing > MOST_MISSING) {
            suites_track_fault(self->track, "more than %d planned tests were never reported", MOST_MISSING);
            return;
        }
        (void)snprintf(name, sizeof name, "test %s", key);
        auto_free char *full = tap_of_document(self, name);
        tap_tell(self, full, SUITES_ERROR, message);
    }
}

static void document_end(tap_state *self)
{
    if (self->has_plan)
        tap_tell_missing(self, "its file ended");
    else if (self->ended)
        suites_track_fault(self->track, "%s: no plan was printed", self->document);
    self->collected += (size_t)self->planned;
    self->has_plan = self->troubled = false;
    self->planned = self->ended = self->last = 0;
    (void)json_object_clear(self->numbers);
    free(self->part);
    free(self->document);
    self->part = self->document = NULL;
}

/* "t/carts.t .. " @return false where line is no such one */
static bool document_begin(tap_state *self, const char *line)
{
    size_t len = strlen(line);
    while (len && line[len - 1] == ' ')
        len--;
    size_t end = len;
    while (end && line[end - 1] == '.')
        end--;
    if (len < end + 2 || end < 2 || line[end - 1] != ' ' || *line == ' ' || *line == '#')
        return false;
    if (self->document)
        document_end(self);
    self->document = utr_strndup(line, end - 1);
    tap_next(self);
    return true;
}

/* prove's own opinion of the document that has ended. @return false where line is none */
static bool document_judge(tap_state *self, const char *line)
{
    bool dubious = utr_text_starts(line, "Dubious, test returned ");
    if (dubious && !self->troubled && self->planned == self->ended) {
        auto_free char *name = tap_of_document(self, "(its exit)");
        tap_tell(self, name, SUITES_ERROR, line);
    }
    return dubious || strcmp(line, "ok") == 0;
}

/* --- any line --- */

static void tap_line(void *state, const char *line)
{
    tap_state *self = state;
    tap_result result;
    if (self->bailed || tap_explains(self, line))
        return;
    tap_settle(self);
    const char *text = line + strspn(line, " ");
    if (utr_text_starts(text, "Bail out!")) {
        self->bailed = true;
        tap_tell(self, "Bail out!", SUITES_ERROR, text + strlen("Bail out!") + strspn(text + 9, " "));
    } else if (document_begin(self, line) || (self->document && document_judge(self, line))) {
        return;
    } else if (result_parse(line, &result)) {
        tap_result_line(self, &result);
        free(result.description);
    } else if (text - line >= 4 && result_parse(text, &result)) {
        tap_part_line(self, &result);
        free(result.description);
    } else {
        (void)tap_plan(self, line);
    }
}

/* --- the end --- */

static void tap_end(void *state, const loop_exit *how)
{
    tap_state *self = state;
    const char *why = suites_track_why(how);
    bool broken_off = how->timed_out || how->cancelled || how->signal;
    tap_settle(self);
    if (self->has_plan) {
        tap_tell_missing(self, self->bailed ? "the suite bailed out" : why);
    } else if (self->document && !broken_off) {
        document_end(self);
    } else if (broken_off && !self->bailed) {
        auto_free char *name = utr_format("test %lld", (long long)self->last + 1);
        tap_tell(self, name, SUITES_ERROR, why);
    } else if (self->ended && !self->bailed) {
        suites_track_fault(self->track, "no plan was printed");
    } else if (!self->bailed && !self->collected) {
        suites_track_fault(self->track, "no TAP was printed; bats needs '--tap', prove needs '-v'");
    }
    suites_track_abandon(self->track, "");
    free(self->part);
    free(self->file);
    free(self->document);
    utr_buf_dispose(&self->text);
    json_decref(self->numbers);
    json_decref(self->names);
}

const suites_reader suites_reader_tap = {
    .size = sizeof(tap_state), .begin = tap_begin, .line = tap_line, .end = tap_end};
