/* Any bytes from a plugin: each line is answered by one line of JSON. */
#include "suites_watch.h"

#include "suites/event.h"

#include <string.h>

static void check_answers(const char *answers, size_t lines)
{
    for (; lines; lines--) {
        const char *end = strchr(answers, '\n');
        assert(end);
        auto_free char *line = utr_strndup(answers, (size_t)(end - answers));
        json_t *answer = json_loads(line, 0, NULL);
        assert(json_is_object(answer));
        json_decref(answer);
        answers = end + 1;
    }
    assert(!*answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    suites_watch watch = {.told = json_object()};
    suites_track track;
    suites_event event;
    auto_strs utr_strs services = {0};
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    utr_strs_add(&services, "db");
    suites_track_init(&track, "suite", &WATCH, &watch);
    track.worker = &watch;
    suites_event_init(&event, &track, &services, NULL);
    if (suites_event_feed(&event, (const char *)data, size, &answers))
        check_answers(utr_buf_text(&answers), lines);
    suites_event_finish(&event);
    assert(!track.running);
    suites_track_dispose(&track);
    watch_dispose(&watch);
    return 0;
}
