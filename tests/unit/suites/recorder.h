/* A listener that writes down what it is told, a line each, and what uses it. */
#ifndef TEST_SUITES_RECORDER_H
#define TEST_SUITES_RECORDER_H

#include "base/buf.h"
#include "cmocka_all.h"
#include "suites/lines.h"
#include "suites/reader.h"
#include "suites/track.h"

typedef struct {
    utr_buf told;
    utr_buf output;
    loop_exit how;
    int exits;
    int workers; /* that live */
    suites_worker *handle;
    suites_process *process;
    const char *end_on; /* end the suite when this test starts */
    bool end_now;
} recorder;

static inline void record_collected(void *ctx, size_t tests)
{
    recorder *r = ctx;
    utr_buf_print(&r->told, "collected %zu\n", tests);
}

static inline void *record_worker(void *ctx, const suites_worker_info *info, suites_worker_setup *out,
                                  utr_error *err)
{
    recorder *r = ctx;
    (void)err;
    r->workers++;
    r->handle = info->handle;
    utr_strs_add(&out->environment, "SUITE_ADDRESS=127.0.0.1:5432");
    return r;
}

static inline void record_worker_end(void *worker)
{
    recorder *r = worker;
    r->workers--;
}

static inline int64_t record_quiet(void *worker, bool done)
{
    (void)worker;
    (void)done;
    return 0;
}

static inline void record_start(void *worker, const suites_start *start)
{
    recorder *r = worker;
    auto_free char *services = utr_strs_join(start->requires, ",");
    utr_buf_print(&r->told, "start %s%s%s\n", start->test, *services ? " needs " : "", services);
    if (r->end_on && strcmp(r->end_on, start->test) == 0)
        suites_end(r->process, r->end_now);
}

static inline bool record_finish(void *worker, const suites_result *result)
{
    recorder *r = worker;
    assert_true(result->seconds >= 0 && result->seconds < 60);
    utr_buf_print(&r->told, "%s %s", suites_status_text(result->status), result->test);
    if (*result->message)
        utr_buf_print(&r->told, " | %s", result->message);
    if (*result->file)
        utr_buf_print(&r->told, " | %s:%d", result->file, result->line);
    utr_buf_puts(&r->told, "\n");
    return false;
}

static inline void record_source(void *worker, const suites_source *source)
{
    recorder *r = worker;
    utr_buf_print(&r->told, "source %s\n", source->test);
}

static inline void record_fixture(void *worker, const suites_fixture_event *event)
{
    recorder *r = worker;
    utr_buf_print(&r->told, "%s %s %s\n", event->start ? "begin" : "end", event->scope, event->name);
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
    assert_int_equal(r->workers, 0);
    r->how = *how;
    r->exits++;
    r->process = NULL;
}

static const suites_listener RECORDER = {.on_worker = record_worker,
                                         .on_worker_end = record_worker_end,
                                         .on_collected = record_collected,
                                         .on_quiet = record_quiet,
                                         .on_start = record_start,
                                         .on_finish = record_finish,
                                         .on_source = record_source,
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

/* Reads output cut in two at a byte; what was told goes to r. */
static inline void read_cut(const suites_reader *reader, const char *output, size_t cut, const loop_exit *how,
                            recorder *r)
{
    suites_track track;
    suites_lines lines;
    auto_free void *state = utr_calloc(1, reader->size);
    read_run run = {.reader = reader, .state = state};
    suites_track_init(&track, "suite", &RECORDER, r);
    track.worker = r;
    suites_lines_init(&lines, read_run_line, &run);
    reader->begin(state, &track);
    suites_lines_feed(&lines, output, cut);
    suites_lines_feed(&lines, output + cut, strlen(output) - cut);
    suites_lines_finish(&lines);
    reader->end(state, how);
    suites_track_dispose(&track);
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
