/* A listener that writes down what it is told, a line each, and what uses it. */
#ifndef TEST_SUITES_RECORDER_H
#define TEST_SUITES_RECORDER_H

#include "base/buf.h"
#include "cmocka_all.h"
#include "suites/lines.h"
#include "suites/reader.h"
#include "suites/session.h"

#include <unistd.h>

typedef struct recorder recorder;

enum { MOST_RECORDED = 8 };

/* A worker is told by its place; what main tells is not marked. */
typedef struct {
    recorder *recorder;
    char name[64];
    bool lives;
} recorded_worker;

struct recorder {
    utr_buf told;
    utr_buf output;
    loop_exit how;
    int exits;
    int workers;   /* that live */
    int processes; /* that were started */
    recorded_worker all[MOST_RECORDED];
    suites_worker *handle; /* of the last one */
    suites_process *process;
    const char *end_on; /* end the suite when this test starts */
    bool end_now;
    bool tells_waits;      /* write down what does not wait for us */
    bool tells_uses;       /* write down which fixtures a test uses */
    const char *drains_on; /* when this test starts, the last worker is drained */
    const char *refused;   /* the worker that is not let in */
    int64_t quiet_ms;      /* asked for once */
    const char *attention;
    bool alone;
};

static inline const char *recorded_mark(const recorded_worker *worker)
{
    return strcmp(worker->name, "main") == 0 ? "" : worker->name;
}

static inline void record_collected(void *ctx, size_t tests)
{
    recorder *r = ctx;
    utr_buf_print(&r->told, "collected %zu\n", tests);
}

static inline void *record_worker(void *ctx, const suites_worker_info *info, suites_worker_setup *out,
                                  utr_error *err)
{
    recorder *r = ctx;
    if (r->refused && strcmp(r->refused, info->name) == 0) {
        (void)utr_fail(err, UTR_SYS, "no room for worker '%s'", info->name);
        return NULL;
    }
    size_t at = 0;
    while (r->all[at].lives)
        at++;
    assert_true(at < MOST_RECORDED);
    recorded_worker *worker = &r->all[at];
    *worker = (recorded_worker){.recorder = r, .lives = true};
    (void)snprintf(worker->name, sizeof worker->name, "%s", info->name);
    r->workers++;
    r->handle = info->handle;
    utr_strs_add(&out->environment, "SUITE_ADDRESS=127.0.0.1:5432");
    out->attention = utr_strdup(r->attention);
    out->alone = r->alone;
    if (*recorded_mark(worker))
        utr_buf_print(&r->told, "worker %s%s\n", worker->name, info->waits ? "" : " runs on");
    return worker;
}

static inline void record_worker_end(void *worker)
{
    recorded_worker *self = worker;
    assert_true(self->lives);
    self->lives = false;
    self->recorder->workers--;
    if (*recorded_mark(self))
        utr_buf_print(&self->recorder->told, "gone %s\n", self->name);
}

static inline utr_buf *record_line(void *worker)
{
    recorded_worker *self = worker;
    assert_true(self->lives);
    if (*recorded_mark(self))
        utr_buf_print(&self->recorder->told, "%s: ", self->name);
    return &self->recorder->told;
}

static inline int64_t record_quiet(void *worker, bool done)
{
    recorder *r = ((recorded_worker *)worker)->recorder;
    int64_t quiet_ms = r->quiet_ms;
    r->quiet_ms = 0;
    if (quiet_ms)
        utr_buf_print(record_line(worker), "quiet%s\n", done ? " when done" : "");
    return quiet_ms;
}

static inline void record_start(void *worker, const suites_start *start)
{
    recorder *r = ((recorded_worker *)worker)->recorder;
    auto_free char *services = utr_strs_join(start->requires, ",");
    auto_free char *uses = utr_strs_join(start->uses, ",");
    utr_buf_print(record_line(worker), "%s %s%s%s%s%s%s\n", start->again ? "again" : "start", start->test,
                  *services ? " needs " : "", services, r->tells_uses && *uses ? " uses " : "",
                  r->tells_uses ? uses : "", r->tells_waits && !start->waits ? " runs on" : "");
    if (r->end_on && strcmp(r->end_on, start->test) == 0)
        suites_end(r->process, r->end_now);
    if (r->drains_on && strcmp(r->drains_on, start->test) == 0) {
        (void)usleep(400000);
        suites_worker_drain(r->handle);
        utr_buf_puts(&r->told, "drained\n");
    }
}

static inline void record_finish(void *worker, const suites_result *result)
{
    utr_buf *told = record_line(worker);
    assert_true(result->seconds >= 0 && result->seconds < 60);
    utr_buf_print(told, "%s %s", suites_status_text(result->status), result->test);
    if (*result->message)
        utr_buf_print(told, " | %s", result->message);
    if (*result->file)
        utr_buf_print(told, " | %s:%d", result->file, result->line);
    recorder *r = ((recorded_worker *)worker)->recorder;
    utr_buf_puts(told, r->tells_waits && !result->waits && *result->file ? " runs on\n" : "\n");
}

static inline void record_fixture(void *worker, const suites_fixture_event *event)
{
    utr_buf_print(record_line(worker), "%s %s %s\n",
                  event->was_test ? "was"
                  : event->start  ? "begin"
                                  : "end",
                  event->scope, event->name);
}

static inline void record_fault(void *ctx, const char *what)
{
    recorder *r = ctx;
    utr_buf_print(&r->told, "FAULT %s\n", what);
}

static inline void record_output(void *ctx, const char *data, size_t len)
{
    recorder *r = ctx;
    utr_error err = {0};
    assert_int_equal(utr_buf_add(&r->output, data, len, &err), UTR_OK);
}

static inline void record_exit(void *ctx, const loop_exit *how)
{
    recorder *r = ctx;
    r->how = *how;
    r->exits++;
    assert_true(r->workers == 0 || r->exits < r->processes);
    r->process = NULL;
}

static const suites_listener RECORDER = {.on_worker = record_worker,
                                         .on_worker_end = record_worker_end,
                                         .on_collected = record_collected,
                                         .on_quiet = record_quiet,
                                         .on_start = record_start,
                                         .on_finish = record_finish,
                                         .on_fixture = record_fixture,
                                         .on_fault = record_fault,
                                         .on_output = record_output,
                                         .on_exit = record_exit};

static inline void recorder_dispose(recorder *r)
{
    utr_buf_dispose(&r->told);
    utr_buf_dispose(&r->output);
}

/* --- output readers --- */

typedef struct {
    const suites_reader *reader;
    void *state;
} read_run;

static inline void read_run_line(void *ctx, const char *line)
{
    read_run *run = ctx;
    run->reader->line(run->state, line);
}

/* A process with its worker main and nobody else in it. */
typedef struct {
    suites_session session;
    suites_worker *main;
} recorded_session;

static inline void recorded_session_init(recorded_session *self, recorder *r)
{
    static const utr_strs NONE = {0};
    utr_error err = {0};
    self->session = (suites_session){.suite = "suite",
                                     .adapter = "test",
                                     .services = &NONE,
                                     .listener = &RECORDER,
                                     .ctx = r,
                                     .collection = suites_collection_new()};
    assert_int_equal(suites_session_welcome(&self->session, "main", true, &self->main, &err), UTR_OK);
}

static inline void recorded_session_dispose(recorded_session *self, const char *message)
{
    suites_session_end(&self->session, message);
    suites_collection_free(self->session.collection);
}

/* Reads output cut in two at a byte; what was told goes to r. */
static inline void read_cut(const suites_reader *reader, const char *output, size_t cut, const loop_exit *how,
                            recorder *r)
{
    recorded_session session;
    suites_lines lines;
    auto_free void *state = utr_calloc(1, reader->size);
    read_run run = {.reader = reader, .state = state};
    recorded_session_init(&session, r);
    suites_lines_init(&lines, read_run_line, &run);
    reader->begin(state, &session.main->track);
    suites_lines_feed(&lines, output, cut);
    suites_lines_feed(&lines, output + cut, strlen(output) - cut);
    suites_lines_finish(&lines);
    reader->end(state, how);
    assert_null(session.main->track.running);
    recorded_session_dispose(&session, "it still ran");
}

/* Whatever the cut, the same is told. */
static inline void assert_read(const suites_reader *reader, const char *output, const loop_exit *how,
                               const char *expected)
{
    for (size_t cut = 0; cut <= strlen(output); cut++) {
        recorder r = {0};
        read_cut(reader, output, cut, how, &r);
        assert_string_equal(utr_buf_text(&r.told), expected);
        recorder_dispose(&r);
    }
}

static const loop_exit EXIT_0 = {.exit_code = 0};
static const loop_exit EXIT_1 = {.exit_code = 1};
static const loop_exit CRASH = {.exit_code = -1, .signal = 11};
static const loop_exit TIMED_OUT = {.exit_code = -1, .signal = 15, .timed_out = true};

#endif
