/*
 * What a Go test binary prints with -test.v and -test.parallel=1, each line a packet of its own:
 *
 *     === PACKAGE example.com/shop/carts carts         first, by go/exec.c: its import path and its folder
 *     === RUN   TestAdd
 *         carts_test.go:9: want 3                      what it logs, up to the result
 *     --- PASS: TestAdd (0.00s)                        FAIL, SKIP
 *     === RUN   TestSub
 *     === RUN   TestSub/empty                          now TestSub turns out to be a fixture of its subtests
 *     --- PASS: TestSub/empty (0.00s)                  told at once: Go 1.20 on, or see go_build.c
 *     --- PASS: TestSub (0.00s)
 *     === RUN   TestParallel
 *     === PAUSE TestParallel                           what it did before t.Parallel() is a fixture of the
 * test
 *     === CONT  TestParallel                           goes on; for a test that was not paused: only its log
 * does PASS                                             or FAIL; then TestMain goes on
 *
 * From 1.20 on a byte 0x16 stands before each of these. A test is nameless to the track until its result is
 * known, since only then it is certain that it has no subtests.
 */
#include "suites/reader.h"
#include "suites/session.h"

#include "base/buf.h"
#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPEN = 4096, MARK = 0x16 };

/** A test that has no result yet. */
typedef struct {
    char *name;
    char *early;   /* id of what it did before t.Parallel(), NULL: nothing */
    bool paused;   /* in t.Parallel() */
    bool parent;   /* it has subtests */
    bool failures; /* of its subtests */
    char *file;    /* of the first line that it logged */
    int line;
    utr_buf text; /* what was printed while it ran */
} go_test;

typedef struct {
    suites_track *track;
    char *package;
    char *folder;
    UTR_VEC(go_test *) open;
    go_test *active; /* whose code runs; a parent while none of its subtests does; NULL: TestMain's */
    go_test *next;   /* goes on already, while active's result is still to come */
    char *fixture;   /* id of the fixture that is told to work, NULL: none */
    bool concluded;  /* PASS or FAIL was printed */
    utr_buf text;    /* what was printed after the last test */
    bool asks_quiet; /* a test has ended */
} go_state;

/* --- names --- */

static char *go_name(const go_state *self, const char *test)
{
    return utr_format("%s.%s", self->package, test);
}

static bool is_ancestor(const char *name, const char *of)
{
    size_t len = strlen(name);
    return strncmp(name, of, len) == 0 && of[len] == '/';
}

static go_test *open_find(const go_state *self, const char *name)
{
    for (size_t i = self->open.count; i-- > 0;) {
        if (strcmp(self->open.items[i]->name, name) == 0)
            return self->open.items[i];
    }
    return NULL;
}

/* The innermost open test that this one is a subtest of; NULL: it is a test of its own. */
static go_test *parent_find(const go_state *self, const char *name)
{
    go_test *found = NULL;
    for (size_t i = 0; i < self->open.count; i++) {
        go_test *test = self->open.items[i];
        if (is_ancestor(test->name, name) && (!found || strlen(test->name) > strlen(found->name)))
            found = test;
    }
    return found;
}

static void test_free(go_test *test)
{
    free(test->name);
    free(test->early);
    free(test->file);
    utr_buf_dispose(&test->text);
    free(test);
}

static void open_remove(go_state *self, go_test *test)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->open.count; i++) {
        if (self->open.items[i] != test)
            self->open.items[kept++] = self->open.items[i];
    }
    self->open.count = kept;
    test_free(test);
}

/* --- what the track is told --- */

static void fixture_end(go_state *self)
{
    auto_free char *id = self->fixture;
    self->fixture = NULL;
    if (id)
        (void)suites_track_fixture(self->track,
                                   &(suites_fixture_event){.id = id, .scope = "test", .name = id});
}

static void fixture_begin(go_state *self, const char *id)
{
    fixture_end(self);
    suites_fixture_event event = {.id = id, .scope = "test", .name = id, .start = true};
    if (suites_track_fixture(self->track, &event))
        self->fixture = utr_strdup(id);
}

static void fixture_begin_main(go_state *self)
{
    auto_free char *id = go_name(self, "TestMain");
    fixture_begin(self, id);
}

static void fixture_begin_parent(go_state *self, const go_test *parent)
{
    auto_free char *id = go_name(self, parent->name);
    fixture_begin(self, id);
}

/* The nameless test that runs is no test. */
static void was_fixture(go_state *self, const char *id)
{
    (void)suites_track_was_fixture(self->track, id, "test", id);
}

static void nameless_begin(go_state *self, const go_test *test)
{
    auto_strs utr_strs uses = {0};
    auto_free char *main_id = go_name(self, "TestMain");
    utr_strs_add(&uses, main_id);
    for (size_t i = 0; i < self->open.count; i++) {
        if (is_ancestor(self->open.items[i]->name, test->name))
            utr_strs_give(&uses, go_name(self, self->open.items[i]->name));
    }
    if (test->early)
        utr_strs_add(&uses, test->early);
    fixture_end(self);
    (void)suites_track_start(self->track, &(suites_start){.test = "", .uses = &uses});
}

/* Its code runs no longer, and it has no result. */
static void active_leave(go_state *self)
{
    go_test *test = self->active;
    self->active = NULL;
    if (!test || test->parent)
        fixture_end(self);
}

/* --- lines of a test --- */

static void go_run(go_state *self, const char *name)
{
    go_test *parent = parent_find(self, name);
    if (open_find(self, name) || self->open.count == MOST_OPEN || (self->active && self->active != parent)) {
        suites_track_fault(self->track, "test '%s' starts while '%s' runs", name,
                           self->active ? self->active->name : name);
        return;
    }
    if (parent && !parent->parent) {
        auto_free char *id = go_name(self, parent->name);
        was_fixture(self, id);
        parent->parent = true;
    }
    go_test *test = UTR_NEW(go_test);
    *test = (go_test){.name = utr_strdup(name), .text = UTR_BUF_INIT((size_t)64 * 1024)};
    *utr_vec_push(&self->open) = test;
    active_leave(self);
    self->active = test;
    nameless_begin(self, test);
}

/* Whoever started the test that does not run any more goes on. */
static void active_return(go_state *self, const char *name)
{
    self->active = parent_find(self, name);
    if (self->active)
        fixture_begin_parent(self, self->active);
}

static void go_pause(go_state *self, const char *name)
{
    go_test *test = open_find(self, name);
    if (!test || test != self->active || test->parent) {
        suites_track_fault(self->track, "test '%s' pauses and does not run", name);
        return;
    }
    free(test->early);
    test->early = utr_format("%s.%s before t.Parallel()", self->package, name);
    test->paused = true;
    was_fixture(self, test->early);
    active_return(self, name);
}

static void go_continue(go_state *self, const char *name)
{
    go_test *test = open_find(self, name);
    if (!test || !test->paused || self->next)
        return; /* only its log goes on */
    test->paused = false;
    if (self->active && !self->active->parent) { /* its work is over, and its result is on the way */
        self->next = test;
        fixture_begin(self, test->early);
        return;
    }
    active_leave(self);
    self->active = test;
    nameless_begin(self, test);
}

/* --- results --- */

/** A line that ends a test. */
typedef struct {
    const char *tag;
    suites_status status;
} go_ending;

static const go_ending ENDS[] = {
    {"--- PASS: ", SUITES_PASSED},
    {"--- FAIL: ", SUITES_FAILED},
    {"--- SKIP: ", SUITES_SKIPPED},
};

/* The command may run a package twice: the second test of a name is "name#2". */
static char *name_unique(const go_state *self, const go_test *test)
{
    const suites_collection *collection = self->track->session->collection;
    auto_free char *name = go_name(self, test->name);
    char *unique = utr_strdup(name);
    for (int time = 2; suites_collection_has_told(collection, unique); time++) {
        free(unique);
        unique = utr_format("%s#%d", name, time);
    }
    return unique;
}

static void result_tell(go_state *self, go_test *test, suites_status status, double seconds)
{
    auto_free char *unique = name_unique(self, test);
    const char *said = status != SUITES_PASSED && test->text.len ? utr_buf_text(&test->text) : "";
    suites_result result = {.test = unique,
                            .status = status,
                            .seconds = seconds,
                            .message = said,
                            .file = status != SUITES_PASSED && test->file ? test->file : "",
                            .line = status != SUITES_PASSED ? test->line : 0,
                            .waits = true};
    if (!self->track->running)
        (void)suites_track_start(self->track, &(suites_start){.test = ""});
    (void)suites_track_finish(self->track, &result);
}

/* A parent has no result of its own, unless something is wrong with itself. */
static void parent_finish(go_state *self, go_test *test, suites_status status, double seconds)
{
    if (self->active == test)
        active_leave(self);
    if (status == SUITES_SKIPPED || (status == SUITES_FAILED && !test->failures))
        result_tell(self, test, status, seconds);
}

static void test_finish(go_state *self, go_test *test, suites_status status, double seconds)
{
    fixture_end(self); /* of the test that goes on already */
    result_tell(self, test, status, seconds);
    self->active = NULL;
}

static void go_result(go_state *self, const char *name, suites_status status, double seconds)
{
    go_test *test = open_find(self, name);
    if (!test || (!test->parent && test != self->active)) {
        suites_track_fault(self->track, "a result for test '%s', which does not run", name);
        return;
    }
    bool was_active = test == self->active;
    if (test == self->next) /* a parent that has ended does not go on */
        self->next = NULL;
    if (test->parent)
        parent_finish(self, test, status, seconds);
    else
        test_finish(self, test, status, seconds);
    go_test *parent = parent_find(self, name);
    if (parent && status == SUITES_FAILED)
        parent->failures = true;
    if (self->next) {
        self->active = self->next;
        self->next = NULL;
        nameless_begin(self, self->active);
    } else if (was_active) {
        active_return(self, name);
    }
    open_remove(self, test);
    self->asks_quiet = true;
}

/* "TestAdd (0.02s)" after the tag. @return false where it is no result */
static bool result_parse(const char *line, suites_status *status, char **name, double *seconds)
{
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        const char *rest = line + strlen(ENDS[i].tag);
        const char *end = utr_text_starts(line, ENDS[i].tag) ? strstr(rest, " (") : NULL;
        if (!end || !utr_text_ends(end, "s)"))
            continue;
        *status = ENDS[i].status;
        *name = utr_strndup(rest, (size_t)(end - rest));
        *seconds = strtod(end + 2, NULL);
        return true;
    }
    return false;
}

/* --- the other lines --- */

/* "    carts_test.go:9: want 3" */
static void note_place(go_state *self, go_test *test, const char *line)
{
    const char *text = line + strspn(line, " ");
    const char *colon = strstr(text, ".go:");
    if (test->file || text == line || !colon || memchr(text, ' ', (size_t)(colon - text)))
        return;
    size_t len = (size_t)(colon - text) + 3;
    auto_free char *digits = utr_strndup(text + len + 1, strspn(text + len + 1, "0123456789"));
    int64_t number = 0;
    if (!utr_text_int(digits, 1, INT32_MAX, &number))
        return;
    bool top = strcmp(self->folder, ".") == 0;
    auto_free char *base = utr_strndup(text, len);
    test->file = utr_format("%s%s%s", top ? "" : self->folder, top ? "" : "/", base);
    test->line = (int)number;
}

static void note_text(go_state *self, const char *line)
{
    utr_error err = {0};
    utr_buf *text = self->active ? &self->active->text : &self->text;
    if (self->active)
        note_place(self, self->active, line);
    if (text->len && utr_buf_add(text, "\n", 1, &err))
        return;
    if (utr_buf_add(text, line, strlen(line), &err))
        return; /* the beginning is enough */
}

/* The first line: "=== PACKAGE example.com/shop/carts carts" */
static void go_package(go_state *self, const char *line)
{
    static const char TAG[] = "=== PACKAGE ";
    const char *path = utr_text_starts(line, TAG) ? line + sizeof TAG - 1 : "";
    const char *space = strchr(path, ' ');
    if (!space)
        suites_track_fault(self->track, "the output does not begin with its package");
    self->package = space ? utr_strndup(path, (size_t)(space - path)) : utr_strdup("package");
    self->folder = utr_strdup(space ? space + 1 : ".");
    fixture_begin_main(self);
}

/** A line that says which test runs. */
typedef struct {
    const char *tag;
    void (*does)(go_state *self, const char *name);
} go_turn;

static const go_turn TURNS[] = {
    {"=== RUN   ", go_run}, {"=== PAUSE ", go_pause}, {"=== CONT  ", go_continue}, {"=== NAME  ", NULL}};

static bool go_is_turn(go_state *self, const char *line)
{
    for (size_t i = 0; i < sizeof TURNS / sizeof *TURNS; i++) {
        if (!utr_text_starts(line, TURNS[i].tag))
            continue;
        if (TURNS[i].does)
            TURNS[i].does(self, line + strlen(TURNS[i].tag));
        return true;
    }
    return false;
}

static void go_line(void *state, const char *line)
{
    go_state *self = state;
    suites_status status = SUITES_PASSED;
    auto_free char *name = NULL;
    double seconds = 0;
    line += *line == MARK;
    if (!self->package)
        go_package(self, line);
    else if (go_is_turn(self, line))
        return;
    else if (result_parse(line, &status, &name, &seconds))
        go_result(self, name, status, seconds);
    else if (!self->open.count && (strcmp(line, "PASS") == 0 || strcmp(line, "FAIL") == 0)) {
        self->concluded = true;
        fixture_begin_main(self);
    } else {
        note_text(self, line);
    }
}

static bool data_starts(const char *data, size_t len, const char *tag)
{
    size_t mark = len && *data == MARK ? 1 : 0;
    size_t tag_len = strlen(tag);
    return len - mark >= tag_len && memcmp(data + mark, tag, tag_len) == 0;
}

/* Whether what lies in the pipe ends a test: then what was sent before it is to be attributed first. */
static bool go_holds(void *state, const char *data, size_t len)
{
    (void)state;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        if (data_starts(data, len, ENDS[i].tag))
            return true;
    }
    return false;
}

static bool go_begins(const char *data, size_t len)
{
    for (size_t i = 0; i < sizeof TURNS / sizeof *TURNS; i++) {
        if (data_starts(data, len, TURNS[i].tag))
            return true;
    }
    return go_holds(NULL, data, len) || data_starts(data, len, "PASS\n") || data_starts(data, len, "FAIL\n");
}

static int64_t go_quiet(void *state)
{
    go_state *self = state;
    if (!self->asks_quiet)
        return 0;
    int64_t ms = self->track->session->listener->on_quiet(self->track->worker, false);
    self->asks_quiet = ms > 0;
    return ms;
}

/* --- its life --- */

static void go_begin(void *state, suites_track *track)
{
    go_state *self = state;
    *self = (go_state){.track = track, .text = UTR_BUF_INIT((size_t)64 * 1024)};
}

/* A test that has no result when its binary has ended. */
static void go_abandon(go_state *self, go_test *test)
{
    assert(test);
    bool active = test == self->active;
    bool nameless = !test->parent && active;
    if (nameless)
        fixture_end(self);
    if (nameless || test->paused || test == self->next) {
        utr_buf_puts(&test->text, test->text.len ? "\n" : "");
        utr_buf_puts(&test->text, "the test binary ended while it ran");
        result_tell(self, test, SUITES_ERROR, -1);
    }
    if (active)
        active_leave(self);
    open_remove(self, test);
}

static void go_end(void *state, const loop_exit *how)
{
    (void)how;
    go_state *self = state;
    bool cut = self->open.count > 0;
    if (self->active)
        go_abandon(self, self->active);
    while (self->open.count)
        go_abandon(self, self->open.items[0]);
    fixture_end(self);
    if (self->package && !self->concluded && !cut)
        suites_track_fault(self->track, "%s: its test binary ended and said neither PASS nor FAIL%s%s",
                           self->package, self->text.len ? ": " : "",
                           self->text.len ? utr_buf_text(&self->text) : "");
    utr_vec_dispose(&self->open);
    utr_buf_dispose(&self->text);
    free(self->package);
    free(self->folder);
}

const suites_reader suites_reader_go = {.size = sizeof(go_state),
                                        .begin = go_begin,
                                        .line = go_line,
                                        .end = go_end,
                                        .begins = go_begins,
                                        .holds = go_holds,
                                        .quiet = go_quiet};
