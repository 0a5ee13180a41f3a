#include "suites/event.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum {
    MOST_LINE = 1 << 20,
    MOST_COLLECTED = 1000000,
    MOST_NAMES = 1000, /* in one message */
    MOST_WORKER = 200, /* bytes of a worker's name */
    MOST_USES = 1000   /* services or fixtures of one test */
};

/** A message while it is handled. */
typedef struct {
    suites_event *event;
    const json_t *fields;
    bool waits;          /* an answer is expected */
    json_t *answer;      /* NULL: {} */
    const char *refusal; /* NULL: none */
} exchange;

void suites_event_init(suites_event *event, suites_session *session)
{
    *event = (suites_event){.session = session, .partial = UTR_BUF_INIT(MOST_LINE)};
}

void suites_event_dispose(suites_event *event)
{
    suites_names_dispose(&event->collected);
    free(event->refused);
    utr_buf_dispose(&event->partial);
}

/* --- answers --- */

/* The protocol was broken: the fault is told once. */
static void refuse(exchange *x, const char *what)
{
    suites_session_fault(x->event->session, "event socket: %s", what);
    x->refusal = what;
}

/* What was impossible has told its own fault. */
static void accept_if(exchange *x, bool told)
{
    if (!told)
        x->refusal = "impossible now";
}

static void refuse_conflict(exchange *x, const utr_error *err)
{
    suites_session_fault(x->event->session, "%s", err->text);
    x->refusal = "impossible now";
}

static void answer_print(const json_t *answer, utr_buf *out)
{
    auto_free char *text = json_dumps(answer, JSON_COMPACT);
    utr_buf_print(out, "%s\n", text ? text : "{\"error\":\"out of memory\"}");
}

/* Most answers are {}. */
static void exchange_answer(exchange *x, utr_buf *out)
{
    suites_event *event = x->event;
    if (!x->waits) {
        if (x->refusal && !event->refused)
            event->refused = utr_strdup(x->refusal);
        return;
    }
    const char *refusal = event->refused ? event->refused : x->refusal;
    if (!refusal && !x->answer) {
        utr_buf_puts(out, "{}\n");
        return;
    }
    if (!x->answer)
        x->answer = json_object();
    if (refusal)
        (void)json_object_set_new(x->answer, "error", utr_json_text(refusal));
    answer_print(x->answer, out);
    free(event->refused);
    event->refused = NULL;
}

/* @return whether the worker shall be quiet first */
static bool must_be_quiet(exchange *x, bool done)
{
    suites_event *event = x->event;
    int64_t quiet_ms = x->waits ? event->session->listener->on_quiet(event->worker->track.worker, done) : 0;
    if (quiet_ms > 0)
        x->answer = json_pack("{s:I}", "quiet_ms", (json_int_t)quiet_ms);
    return quiet_ms > 0;
}

/* --- fields --- */

static const char *text_of(const exchange *x, const char *key)
{
    return utr_json_str(x->fields, key, "");
}

/* @return false where it is no list of texts, or longer than most */
static bool texts_read(const json_t *list, size_t most, utr_strs *out)
{
    if (!list)
        return true;
    if (!json_is_array(list) || json_array_size(list) > most)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text || !*text)
            return false;
        utr_strs_give(out, suites_bounded(text));
    }
    return true;
}

static bool numbers_read(const json_t *list, suites_indices *out)
{
    if (!list)
        return true;
    if (!json_is_array(list) || json_array_size(list) > MOST_NAMES)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *number = json_array_get(list, i);
        if (!json_is_integer(number) || json_integer_value(number) < 0)
            return false;
        *utr_vec_push(out) = (size_t)json_integer_value(number);
    }
    return true;
}

/* --- hello --- */

static json_t *texts_json(const utr_strs *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->count; i++)
        (void)json_array_append_new(list, utr_json_text(texts->items[i]));
    return list;
}

static json_t *environment_json(const utr_strs *environment)
{
    json_t *object = json_object();
    for (size_t i = 0; i < environment->count; i++) {
        const char *end = strchr(environment->items[i], '=');
        auto_free char *name =
            end ? utr_strndup(environment->items[i], (size_t)(end - environment->items[i])) : NULL;
        if (name)
            (void)json_object_set_new(object, name, utr_json_text(end + 1));
    }
    return object;
}

static json_t *welcome_json(const suites_session *session, const suites_worker *worker)
{
    static const utr_strs NONE = {0};
    bool is_main = worker == session->workers.items[0];
    json_t *answer = json_object();
    json_t *pattern = session->pattern ? utr_json_text(session->pattern) : json_null();
    (void)json_object_set_new(answer, "env", environment_json(is_main ? &NONE : &worker->setup.environment));
    (void)json_object_set_new(answer, "pattern", pattern);
    (void)json_object_set_new(answer, "services", texts_json(session->services));
    if (session->parts)
        (void)json_object_set_new(answer, "parts", json_true());
    if (worker->setup.attention)
        (void)json_object_set_new(answer, "attention", utr_json_text(worker->setup.attention));
    if (worker->setup.alone)
        (void)json_object_set_new(answer, "alone", json_true());
    return answer;
}

/* @return what is wrong with a hello; NULL: nothing */
static const char *hello_fault(const exchange *x, const char *name, const suites_worker *known)
{
    const suites_event *event = x->event;
    if (event->worker)
        return "a second hello";
    if (strcmp(text_of(x, "adapter"), event->session->adapter) != 0)
        return "hello of another adapter than the suite's format";
    if (!*name || strlen(name) > MOST_WORKER)
        return "hello without a worker";
    if (known && known->heard)
        return "hello of a worker that is there already";
    if (!known && !event->session->many_workers && !event->session->announced)
        return "a second worker, though main did not announce any";
    if (event->shares_process && !utr_json_bool(x->fields, "thread", false))
        return "a second connection of one process";
    if (event->session->output_reader && !event->brings_output)
        return "hello without the output that its tests are read from";
    return NULL;
}

static void hello_handle(exchange *x)
{
    suites_event *event = x->event;
    suites_session *session = event->session;
    const char *name = text_of(x, "worker");
    suites_worker *worker = suites_session_find(session, name);
    const char *fault = hello_fault(x, name, worker);
    utr_error err = {0};
    if (fault) {
        refuse(x, fault);
        return;
    }
    if (!worker && suites_session_welcome(session, name, true, &worker, &err)) {
        refuse_conflict(x, &err);
        return;
    }
    if (worker == session->workers.items[0])
        session->announced = utr_json_bool(x->fields, "workers", false);
    worker->heard = true;
    worker->drain = event->drain;
    worker->source = event->source;
    session->greeted = true;
    event->worker = worker;
    event->thread = utr_json_bool(x->fields, "thread", false);
    x->answer = welcome_json(session, worker);
}

/* --- collection --- */

static void counted_handle(exchange *x, size_t tests)
{
    suites_event *event = x->event;
    if (event->session->parts)
        refuse(x, "collected without names, though the suite runs in parts");
    else
        suites_track_collected(&event->worker->track, tests);
}

/* All names are there. */
static void names_handle(exchange *x)
{
    suites_event *event = x->event;
    suites_session *session = event->session;
    utr_error err = {0};
    utr_code code = session->parts ? suites_collection_share(session->collection, &event->collected, &err)
                                   : suites_collection_add(session->collection, &event->collected, &err);
    suites_names_dispose(&event->collected);
    event->expected = 0;
    if (code)
        refuse_conflict(x, &err);
    else
        session->listener->on_collected(session->ctx, suites_collection_total(session->collection));
}

/* @return what is wrong with the names of one message; NULL: nothing */
static const char *names_take(exchange *x, size_t tests)
{
    suites_event *event = x->event;
    suites_names *names = &event->collected;
    const json_t *groups = json_object_get(x->fields, "groups");
    size_t before = names->names.count;
    if (before && event->expected != tests)
        return "collected with another number of tests than before";
    if (before && !groups != !names->groups.count)
        return "collected with groups of some tests only";
    if (!texts_read(json_object_get(x->fields, "names"), MOST_NAMES, &names->names) ||
        !numbers_read(groups, &names->groups))
        return "collected with names or groups that are no list of at most 1,000";
    if (groups && names->groups.count != names->names.count)
        return "collected without a group for each name";
    if (names->names.count > tests || (names->names.count == before && before < tests))
        return "collected with another number of names than tests";
    event->expected = tests;
    return NULL;
}

static void collected_handle(exchange *x)
{
    suites_event *event = x->event;
    int64_t tests = utr_json_int(x->fields, "tests", -1);
    if (tests < 0 || tests > MOST_COLLECTED) {
        refuse(x, "collected without a number of tests");
        return;
    }
    if (!json_object_get(x->fields, "names")) {
        counted_handle(x, (size_t)tests);
        return;
    }
    const char *wrong = names_take(x, (size_t)tests);
    if (wrong) {
        suites_names_dispose(&event->collected);
        event->expected = 0;
        refuse(x, wrong);
    } else if (event->collected.names.count == (size_t)tests) {
        names_handle(x);
    }
}

static void next_handle(exchange *x)
{
    suites_session *session = x->event->session;
    suites_indices tests = {0};
    utr_error err = {0};
    if (!session->parts) {
        refuse(x, "next, though the suite does not run in parts");
        return;
    }
    if (suites_collection_next(session->collection, session, &tests, &err)) {
        refuse_conflict(x, &err);
        return;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < tests.count; i++)
        (void)json_array_append_new(list, json_integer((json_int_t)tests.items[i]));
    utr_vec_dispose(&tests);
    x->answer = json_pack("{s:o}", "tests", list);
}

/* --- tests and fixtures --- */

/* @return what is wrong with the services that a test requires, NULL when nothing is */
static const char *requires_read(const exchange *x, utr_strs *out)
{
    auto_strs utr_strs named = {0};
    const utr_strs *services = x->event->session->services;
    if (!texts_read(json_object_get(x->fields, "requires"), MOST_USES, &named))
        return "requires is no list of texts";
    for (size_t i = 0; i < named.count; i++) {
        if (!utr_strs_has(services, named.items[i]))
            return "requires names an unknown service";
        if (!utr_strs_has(out, named.items[i]))
            utr_strs_add(out, named.items[i]);
    }
    return NULL;
}

static const char *start_fault(const exchange *x, utr_strs *required, utr_strs *uses)
{
    if (!*text_of(x, "test"))
        return "start without a test";
    if (!texts_read(json_object_get(x->fields, "uses"), MOST_USES, uses))
        return "uses is no list of texts";
    return requires_read(x, required);
}

/* pytest-xdist hands a test of which a worker died to the next one, until none is left. */
static bool was_died_of(const exchange *x)
{
    const suites_session *session = x->event->session;
    auto_free char *test = suites_bounded(text_of(x, "test"));
    return x->waits && session->announced && suites_collection_has_failed(session->collection, test);
}

static void start_handle(exchange *x)
{
    auto_strs utr_strs required = {0};
    auto_strs utr_strs uses = {0};
    const char *wrong = start_fault(x, &required, &uses);
    if (wrong) {
        refuse(x, wrong);
        return;
    }
    suites_start start = {
        .test = text_of(x, "test"), .requires = &required, .uses = &uses, .waits = x->waits};
    start.again = utr_json_bool(x->fields, "again", false);
    if (!start.again && was_died_of(x))
        x->answer = json_pack("{s:b}", "told", 1);
    else if (start.again || !must_be_quiet(x, false))
        accept_if(x, suites_track_start(&x->event->worker->track, &start));
}

/* @return what is wrong with a result; NULL: nothing */
static const char *result_read(const exchange *x, suites_result *out)
{
    const json_t *seconds = json_object_get(x->fields, "seconds");
    int64_t line = utr_json_int(x->fields, "line", 0);
    *out = (suites_result){.test = text_of(x, "test"),
                           .seconds = json_is_number(seconds) ? json_number_value(seconds) : -1,
                           .message = text_of(x, "message"),
                           .file = text_of(x, "file"),
                           .line = line > 0 && line <= INT32_MAX ? (int)line : 0,
                           .waits = x->waits};
    if (!*out->test)
        return "a result without a test";
    return suites_status_parse(text_of(x, "status"), &out->status) ? NULL : "a result with an unknown status";
}

static void finish_handle(exchange *x)
{
    suites_result result;
    const char *wrong = result_read(x, &result);
    if (wrong)
        refuse(x, wrong);
    else
        accept_if(x, suites_track_finish(&x->event->worker->track, &result));
}

/* A crashed worker's test ended with its connection; each process of a suite tells the same of its files. */
static void tell_handle(exchange *x)
{
    suites_result result;
    const char *wrong = result_read(x, &result);
    if (!wrong && result.status != SUITES_ERROR && result.status != SUITES_SKIPPED)
        wrong = "tell is for what did not run";
    if (wrong) {
        refuse(x, wrong);
        return;
    }
    result.seconds = 0;
    auto_free char *test = suites_bounded(result.test);
    if (!suites_collection_has_begun(x->event->session->collection, test))
        accept_if(x, suites_track_tell(&x->event->worker->track, &result));
}

static void fixture_handle(exchange *x)
{
    suites_fixture_event told = {
        .id = text_of(x, "id"), .scope = text_of(x, "scope"), .name = text_of(x, "name"), .waits = x->waits};
    suites_track *track = &x->event->worker->track;
    const char *phase = text_of(x, "phase");
    told.start = strcmp(phase, "start") == 0;
    if (!*told.id || !*told.scope || !*told.name)
        refuse(x, "fixture without scope, name and id");
    else if (strcmp(phase, "was") == 0)
        accept_if(x, suites_track_was_fixture(track, told.id, told.scope, told.name));
    else if (told.start || strcmp(phase, "end") == 0)
        accept_if(x, suites_track_fixture(track, &told));
    else
        refuse(x, "fixture with an unknown phase");
}

static void done_handle(exchange *x)
{
    if (x->event->worker->track.running)
        refuse(x, "done while a test runs");
    else
        (void)must_be_quiet(x, true);
}

/* By then what was said without waiting has been taken in. */
static void look_handle(exchange *x)
{
    (void)x;
}

/* --- messages --- */

typedef struct {
    const char *name;
    void (*handle)(exchange *x);
} event_message;

/* The most frequent first. */
static const event_message MESSAGES[] = {
    {"start", start_handle}, {"finish", finish_handle},       {"fixture", fixture_handle},
    {"next", next_handle},   {"collected", collected_handle}, {"hello", hello_handle},
    {"done", done_handle},   {"tell", tell_handle},           {"look", look_handle},
};

static void message_handle(exchange *x)
{
    const char *name = text_of(x, "event");
    if (!json_is_object(x->fields)) {
        refuse(x, "a line that is no JSON object");
        return;
    }
    if (!x->event->worker && strcmp(name, "hello") != 0) {
        refuse(x, "a message before hello");
        return;
    }
    for (size_t i = 0; i < sizeof MESSAGES / sizeof *MESSAGES; i++) {
        if (strcmp(MESSAGES[i].name, name) == 0) {
            MESSAGES[i].handle(x);
            return;
        }
    }
    refuse(x, "an unknown message");
}

static void line_handle(suites_event *event, const char *line, size_t len, utr_buf *answers)
{
    auto_json json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    exchange x = {.event = event, .fields = message, .waits = utr_json_bool(message, "answer", true)};
    message_handle(&x);
    exchange_answer(&x, answers);
    json_decref(x.answer);
}

static bool partial_add(suites_event *event, const char *data, size_t len)
{
    utr_error err = {0};
    if (!utr_buf_add(&event->partial, data, len, &err))
        return true;
    suites_session_fault(event->session, "event socket: a line over %d bytes", MOST_LINE);
    return false;
}

bool suites_event_feed(suites_event *event, const char *data, size_t len, utr_buf *answers)
{
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t part = end ? (size_t)(end - data) : len;
        bool whole = end && !event->partial.len && part <= MOST_LINE;
        if (!whole && !partial_add(event, data, part))
            return false;
        if (!end)
            return true;
        if (whole)
            line_handle(event, data, part, answers);
        else
            line_handle(event, utr_buf_text(&event->partial), event->partial.len, answers);
        utr_buf_reset(&event->partial);
        data += part + 1;
        len -= part + 1;
    }
    return true;
}
