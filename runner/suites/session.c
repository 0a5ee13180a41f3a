#include "suites/session.h"

#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_TEXT = 8 * 1024, MOST_FAULTS = 20, MOST_WORKERS = 1024 };

/* How many of the first len bytes are ASCII, which needs no repair. */
static size_t plain_length(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

char *suites_bounded(const char *text)
{
    size_t len = strnlen(text, MOST_TEXT);
    char *cut = utr_strndup(text, len);
    if (plain_length(cut, len) == len)
        return cut;
    auto_json json_t *repaired = utr_json_text(cut);
    free(cut);
    return utr_strndup(json_string_value(repaired), MOST_TEXT);
}

void suites_session_fault(suites_session *session, const char *format, ...)
{
    if (++session->faults > MOST_FAULTS)
        return;
    char what[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    auto_json json_t *text = utr_json_text(what);
    session->listener->on_fault(session->ctx, json_string_value(text));
}

suites_worker *suites_session_find(const suites_session *session, const char *name)
{
    for (size_t i = 0; i < session->workers.count; i++) {
        if (strcmp(session->workers.items[i]->name, name) == 0)
            return session->workers.items[i];
    }
    return NULL;
}

static void worker_free(suites_worker *worker)
{
    suites_track_dispose(&worker->track);
    utr_strs_dispose(&worker->setup.environment);
    free(worker->setup.attention);
    free(worker->name);
    free(worker);
}

utr_code suites_session_welcome(suites_session *session, const char *name, bool waits, suites_worker **out,
                                utr_error *err)
{
    if (session->workers.count == MOST_WORKERS)
        return utr_fail(err, UTR_CONFLICT, "more than %d workers at once", MOST_WORKERS);
    suites_worker *worker = UTR_NEW(suites_worker);
    worker->session = session;
    worker->name = utr_strdup(name);
    suites_worker_info info = {.name = worker->name, .waits = waits, .handle = worker};
    void *told = session->listener->on_worker(session->ctx, &info, &worker->setup, err);
    if (!told) {
        worker_free(worker);
        return err->code;
    }
    suites_track_init(&worker->track, session, told);
    *utr_vec_push(&session->workers) = worker;
    *out = worker;
    return UTR_OK;
}

static void worker_end(suites_worker *worker, const char *message)
{
    suites_track_abandon(&worker->track, message);
    worker->session->listener->on_worker_end(worker->track.worker);
    worker_free(worker);
}

void suites_session_leave(suites_worker *worker, const char *message)
{
    suites_session *session = worker->session;
    worker->heard = false;
    worker->drain = NULL;
    if (worker == session->workers.items[0]) {
        suites_track_abandon(&worker->track, message);
        return;
    }
    size_t at = 0;
    while (session->workers.items[at] != worker)
        at++;
    session->workers.items[at] = session->workers.items[--session->workers.count];
    worker_end(worker, message);
}

void suites_session_end(suites_session *session, const char *message)
{
    while (session->workers.count)
        worker_end(session->workers.items[--session->workers.count], message);
    utr_vec_dispose(&session->workers);
    suites_collection_give_back(session->collection, session);
}
