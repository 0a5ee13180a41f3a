/* Any bytes from plugins, over three connections of one suite process: each line is answered by one line of
 * JSON, but for those that want none. The first byte says what kind of suite it is; a byte below 3 that
 * begins a line says which connection goes on. */
#include "suites_watch.h"

#include "suites/event.h"

enum { CONNECTIONS = 3 };

/** The suite, and who speaks. */
typedef struct {
    suites_watch watch;
    suites_session session;
    suites_event events[CONNECTIONS];
    bool over[CONNECTIONS]; /* a line was too long */
} conversation;

static bool begins_with_brace(const char *line)
{
    return line[0] == '{';
}

/* Whole lines of JSON objects, at most as many as were said. */
static void check_answers(const char *answers, size_t lines)
{
    size_t told = 0;
    while (*answers) {
        const char *end = strchr(answers, '\n');
        assert(end && begins_with_brace(answers) && end[-1] == '}');
        told++;
        answers = end + 1;
    }
    assert(told <= lines);
}

static void say(conversation *talk, size_t who, const uint8_t *data, size_t size)
{
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    suites_event *event = &talk->events[who];
    if (talk->over[who])
        return;
    talk->over[who] = !suites_event_feed(event, (const char *)data, size, &answers);
    check_answers(utr_buf_text(&answers), size && data[size - 1] == '\n');
}

static void say_all(conversation *talk, const uint8_t *data, size_t size)
{
    size_t who = 0;
    while (size) {
        if (*data < CONNECTIONS)
            who = *data++, size--;
        const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
        size_t part = end ? (size_t)(end - data) + 1 : size;
        say(talk, who, data, part);
        data += part;
        size -= part;
    }
}

static void conversation_end(conversation *talk)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        suites_worker *worker = talk->events[i].worker;
        suites_event_dispose(&talk->events[i]);
        if (worker)
            suites_session_leave(worker, "worker died");
    }
    watch_end(&talk->watch, &talk->session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static utr_strs services;
    static conversation talk;
    uint8_t kind = size ? *data : 0;
    if (!services.count)
        utr_strs_add(&services, "db");
    (void)watch_begin(&talk.watch, &talk.session);
    talk.session.services = &services;
    talk.session.parts = kind & 1;
    talk.session.many_workers = kind & 2;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        suites_event_init(&talk.events[i], &talk.session);
        talk.over[i] = false;
    }
    say_all(&talk, size ? data + 1 : data, size ? size - 1 : 0);
    conversation_end(&talk);
    return 0;
}
