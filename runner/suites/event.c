#include "suites/event.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LINE = 1 << 20, MOST_COLLECTED = 1000000 };

void suites_event_init(suites_event *event, suites_track *track, const utr_strs *services,
                       const char *pattern)
{
    *event = (suites_event){
        .track = track, .services = services, .pattern = pattern, .partial = UTR_BUF_INIT(MOST_LINE)};
}

/* What a handler returns when the protocol was broken; the fault is told once. */
static json_t *refuse(suites_event *event, const char *what)
{
    suites_track_fault(event->track, "event socket: %s", what);
    return json_pack("{s:s}", "error", what);
}

static json_t *accepted(bool told)
{
    return told ? json_object() : json_pack("{s:s}", "error", "impossible now");
}

static json_t *hello_handle(suites_event *event, const json_t *message)
{
    if (event->greeted)
        return refuse(event, "a second hello");
    if (!*utr_json_str(message, "adapter", ""))
        return refuse(event, "hello without an adapter");
    event->greeted = true;
    json_t *services = json_array();
    for (size_t i = 0; i < event->services->count; i++)
        (void)json_array_append_new(services, utr_json_text(event->services->items[i]));
    json_t *pattern = event->pattern ? utr_json_text(event->pattern) : json_null();
    return json_pack("{s:{},s:o,s:o}", "env", "pattern", pattern, "services", services);
}

static json_t *collected_handle(suites_event *event, const json_t *message)
{
    int64_t tests = utr_json_int(message, "tests", -1);
    if (tests < 0 || tests > MOST_COLLECTED)
        return refuse(event, "collected without a number of tests");
    event->track->listener->on_collected(event->track->ctx, (size_t)tests);
    return json_object();
}

/* @return what is wrong with the services that a test requires, NULL when nothing is */
static const char *requires_read(const suites_event *event, const json_t *list, utr_strs *out)
{
    if (list && !json_is_array(list))
        return "requires is no list";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *service = json_string_value(json_array_get(list, i));
        if (!service || !utr_strs_has(event->services, service))
            return "requires names an unknown service";
        if (!utr_strs_has(out, service))
            utr_strs_add(out, service);
    }
    return NULL;
}

static json_t *start_handle(suites_event *event, const json_t *message)
{
    const char *test = utr_json_str(message, "test", "");
    auto_strs utr_strs required = {0};
    if (!*test)
        return refuse(event, "start without a test");
    const char *wrong = requires_read(event, json_object_get(message, "requires"), &required);
    if (wrong)
        return refuse(event, wrong);
    suites_start start = {.test = test, .requires = &required, .waits = true};
    return accepted(suites_track_start(event->track, &start));
}

static json_t *finish_handle(suites_event *event, const json_t *message)
{
    const json_t *seconds = json_object_get(message, "seconds");
    int64_t line = utr_json_int(message, "line", 0);
    suites_result result = {.test = utr_json_str(message, "test", ""),
                            .seconds = json_is_number(seconds) ? json_number_value(seconds) : -1,
                            .message = utr_json_str(message, "message", ""),
                            .file = utr_json_str(message, "file", ""),
                            .line = line > 0 && line <= INT32_MAX ? (int)line : 0,
                            .waits = true};
    if (!*result.test)
        return refuse(event, "finish without a test");
    if (!suites_status_parse(utr_json_str(message, "status", ""), &result.status))
        return refuse(event, "finish with an unknown status");
    return accepted(suites_track_finish(event->track, &result, NULL));
}

static json_t *fixture_handle(suites_event *event, const json_t *message)
{
    const char *scope = utr_json_str(message, "scope", "");
    const char *name = utr_json_str(message, "name", "");
    const char *phase = utr_json_str(message, "phase", "");
    bool start = strcmp(phase, "start") == 0;
    if (!*scope || !*name || (!start && strcmp(phase, "end") != 0))
        return refuse(event, "fixture without scope, name and phase");
    auto_free char *id = utr_format("%s fixture %s", scope, name);
    suites_fixture_event told = {.id = id, .scope = scope, .name = name, .start = start, .waits = true};
    return accepted(suites_track_fixture(event->track, &told));
}

/** A message and what takes it in; the answer is never NULL. */
typedef struct {
    const char *name;
    json_t *(*handle)(suites_event *event, const json_t *message);
} event_message;

static const event_message MESSAGES[] = {
    {"hello", hello_handle},   {"collected", collected_handle}, {"start", start_handle},
    {"finish", finish_handle}, {"fixture", fixture_handle},
};

static json_t *message_handle(suites_event *event, const json_t *message)
{
    const char *name = utr_json_str(message, "event", "");
    if (!json_is_object(message))
        return refuse(event, "a line that is no JSON object");
    if (!event->greeted && strcmp(name, "hello") != 0)
        return refuse(event, "a message before hello");
    for (size_t i = 0; i < sizeof MESSAGES / sizeof *MESSAGES; i++) {
        if (strcmp(MESSAGES[i].name, name) == 0)
            return MESSAGES[i].handle(event, message);
    }
    return refuse(event, "an unknown message");
}

static void line_answer(suites_event *event, const char *line, size_t len, utr_buf *answers)
{
    auto_json json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    auto_json json_t *answer = message_handle(event, message);
    auto_free char *text = json_dumps(answer, JSON_COMPACT);
    utr_buf_print(answers, "%s\n", text ? text : "{\"error\":\"out of memory\"}");
}

static bool partial_add(suites_event *event, const char *data, size_t len)
{
    utr_error err = {0};
    if (!utr_buf_add(&event->partial, data, len, &err))
        return true;
    suites_track_fault(event->track, "event socket: a line over %d bytes", MOST_LINE);
    return false;
}

bool suites_event_feed(suites_event *event, const char *data, size_t len, utr_buf *answers)
{
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t part = end ? (size_t)(end - data) : len;
        if (!partial_add(event, data, part))
            return false;
        if (!end)
            return true;
        line_answer(event, event->partial.data ? event->partial.data : "", event->partial.len, answers);
        utr_buf_reset(&event->partial);
        data += part + 1;
        len -= part + 1;
    }
    return true;
}

void suites_event_finish(suites_event *event)
{
    suites_track_abandon(event->track, "worker died");
    utr_buf_dispose(&event->partial);
}
