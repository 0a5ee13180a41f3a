/*
 * Catch2's XML reporter, versions 2 and 3, which writes a test's start and end at once:
 *
 *     <Catch name="tests">                             version 3: <Catch2TestRun name="tests" ...>
 *       <TestCase name="a cart counts" filename="carts.cc" line="9">
 *         <Section name="one" ...> ... </Section>      belongs to its test case
 *         <Expression success="false" type="CHECK" filename="carts.cc" line="12">
 *           <Original>
 *             1 == 2
 *           </Original>
 *         <OverallResult success="false"/>             version 3: skips="1" where it was skipped
 *       </TestCase>
 *
 * Tests print between these tags as they like, so this is read by tags, not as a document. A failure that
 * does not make the test fail was expected ([!mayfail], [!shouldfail]).
 */
#include "suites/names.h"
#include "suites/reader.h"

#include "base/buf.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    suites_track *track;
    bool is_xml;
    json_t *times; /* how often each name was run */
    utr_buf text;  /* what failed in the running test, or why it was skipped */
    int depth;     /* in elements that say so */
    bool failed;   /* something did, expected or not */
    bool success, skipped, decided;
    double seconds;
    char *file;
    int line;
} catch2_state;

/** Elements that say what failed, or why a test was skipped. */
static const char *const TELLING[] = {"Expression", "Failure", "Exception", "FatalErrorCondition", "Skip"};

static void catch2_begin(void *state, suites_track *track)
{
    catch2_state *self = state;
    *self = (catch2_state){
        .track = track, .times = json_object(), .text = UTR_BUF_INIT((size_t)64 * 1024), .seconds = -1};
}

static void catch2_forget(catch2_state *self)
{
    free(self->file);
    self->file = NULL;
    self->line = self->depth = 0;
    self->failed = self->success = self->skipped = self->decided = false;
    self->seconds = -1;
    utr_buf_dispose(&self->text);
}

/* --- XML, as far as the reporter uses it --- */

/** An entity that stands for a character. */
typedef struct {
    const char *text;
    char character;
} entity;

static const entity ENTITIES[] = {
    {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

static char *unescape(const char *text, size_t len)
{
    char *copy = utr_strndup(text, len);
    char *to = copy;
    for (const char *from = copy; *from;) {
        size_t i = 0;
        while (i < sizeof ENTITIES / sizeof *ENTITIES && !utr_text_starts(from, ENTITIES[i].text))
            i++;
        bool found = i < sizeof ENTITIES / sizeof *ENTITIES;
        if (found)
            *to++ = ENTITIES[i].character;
        else
            *to++ = *from;
        from += found ? strlen(ENTITIES[i].text) : 1;
    }
    *to = '\0';
    return copy;
}

/* What follows "<name" (or "</name") in line, where that stands there as a whole word; NULL else. */
static const char *tag_find(const char *line, const char *open, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = line; (at = strstr(at, open)); at++) {
        const char *after = at + strlen(open) + len;
        if (strncmp(at + strlen(open), name, len) == 0 && (*after == ' ' || *after == '>' || *after == '/'))
            return after;
    }
    return NULL;
}

/* The value of an attribute, owned; NULL where it is not given. */
static char *attribute(const char *tag, const char *name)
{
    auto_free char *start = utr_format(" %s=\"", name);
    const char *end = strchr(tag, '>'); /* never inside of a value's quotes, except unescaped by version 2 */
    const char *value = strstr(tag, start);
    if (!value || !end)
        return NULL;
    value += strlen(start);
    const char *close = strchr(value, '"');
    return close ? unescape(value, (size_t)(close - value)) : NULL;
}

static bool attribute_is(const char *tag, const char *name, const char *expected)
{
    auto_free char *value = attribute(tag, name);
    return value && strcmp(value, expected) == 0;
}

/* --- tests --- */

static void catch2_start(catch2_state *self, const char *tag)
{
    auto_free char *name = attribute(tag, "name");
    if (!name || !*name) {
        suites_track_fault(self->track, "a test case without a name");
        return;
    }
    auto_free char *test = suites_name_unique(self->times, name);
    if (suites_track_start(self->track, &(suites_start){.test = test}))
        catch2_forget(self);
}

static suites_status catch2_status(const catch2_state *self)
{
    if (!self->decided)
        return SUITES_ERROR;
    if (self->skipped)
        return SUITES_SKIPPED;
    if (self->success)
        return self->failed ? SUITES_XFAILED : SUITES_PASSED;
    return SUITES_FAILED;
}

static void catch2_finish(catch2_state *self)
{
    if (!self->track->running) {
        suites_track_fault(self->track, "a test case ends without having started");
        return;
    }
    suites_status status = catch2_status(self);
    const char *said = self->text.len ? utr_buf_text(&self->text) : "";
    if (status == SUITES_FAILED && !self->failed)
        said = "it passed, and was expected to fail";
    suites_result result = {.test = self->track->running,
                            .status = status,
                            .seconds = self->seconds,
                            .message = self->decided ? said : "it ended without a result",
                            .file = self->file ? self->file : "",
                            .line = self->line};
    (void)suites_track_finish(self->track, &result);
    catch2_forget(self);
}

/* Where the first failure is; a test that passed has no place. */
static void note_place(catch2_state *self, const char *tag)
{
    auto_free char *line = attribute(tag, "line");
    int64_t number = 0;
    if (self->file || !line || !utr_text_int(line, 1, INT32_MAX, &number))
        return;
    self->file = attribute(tag, "filename");
    self->line = self->file ? (int)number : 0;
}

static void note_text(catch2_state *self, const char *line)
{
    utr_error err = {0};
    const char *text = line + strspn(line, " ");
    if (!*text || *text == '<')
        return;
    auto_free char *plain = unescape(text, strlen(text));
    if (self->text.len && utr_buf_add(&self->text, "\n", 1, &err))
        return;
    if (utr_buf_add(&self->text, plain, strlen(plain), &err))
        return; /* the beginning is enough */
}

/* The elements inside of a test case. */
static void catch2_inner(catch2_state *self, const char *line)
{
    const char *overall = tag_find(line, "<", "OverallResult");
    for (size_t i = 0; i < sizeof TELLING / sizeof *TELLING; i++) {
        const char *tag = tag_find(line, "<", TELLING[i]);
        if (tag && !attribute_is(tag, "success", "true")) {
            self->depth++;
            self->failed |= strcmp(TELLING[i], "Skip") != 0;
            note_place(self, tag);
        }
        if (self->depth && tag_find(line, "</", TELLING[i]))
            self->depth--;
    }
    if (self->depth)
        note_text(self, line);
    if (!overall)
        return;
    auto_free char *skips = attribute(overall, "skips");
    auto_free char *seconds = attribute(overall, "durationInSeconds");
    self->decided = true;
    self->success = attribute_is(overall, "success", "true");
    self->skipped = skips && strcmp(skips, "0") != 0;
    self->seconds = seconds ? strtod(seconds, NULL) : -1;
}

static void catch2_line(void *state, const char *line)
{
    catch2_state *self = state;
    const char *start = tag_find(line, "<", "TestCase");
    self->is_xml |= tag_find(line, "<", "Catch") || tag_find(line, "<", "Catch2TestRun");
    if (!self->is_xml)
        return;
    if (start)
        catch2_start(self, start);
    else if (self->track->running)
        catch2_inner(self, line);
    if (tag_find(line, "</", "TestCase"))
        catch2_finish(self);
}

static void catch2_end(void *state, const loop_exit *how)
{
    catch2_state *self = state;
    if (!self->is_xml)
        suites_track_fault(self->track, "it printed no Catch2 XML; add '-r', 'xml' to its run");
    suites_track_abandon(self->track, suites_track_why(how));
    catch2_forget(self);
    json_decref(self->times);
}

const suites_reader suites_reader_catch2 = {
    .size = sizeof(catch2_state), .begin = catch2_begin, .line = catch2_line, .end = catch2_end};
