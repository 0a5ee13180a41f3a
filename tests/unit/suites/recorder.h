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
    suites_process *process;
    const char *end_on; /* end the suite when this test starts */
    bool end_now;
} recorder;

static inline void record_collected(void *ctx, size_t tests)
{
    recorder *r = ctx;
    utr_buf_print(&r->told, "collected %zu\n", tests);
}

static inline void record_start(void *ctx, const char *test, const utr_strs *required)
{
    recorder *r = ctx;
    auto_free char *services = utr_strs_join(required, ",");
    utr_buf_print(&r->told, "start %s%s%s\n", test, *services ? " needs " : "", services);
    if (r->end_on && strcmp(r->end_on, test) == 0)
        suites_end(r->process, r->end_now);
}

static inline void record_finish(void *ctx, const suites_result *result)
{
    recorder *r = ctx;
    assert_true(result->seconds >= 0 && result->seconds < 60);
    utr_buf_print(&r->told, "%s %s", suites_status_text(result->status), result->test);
    if (*result->message)
        utr_buf_print(&r->told, " | %s", result->message);
    if (*result->file)
        utr_buf_print(&r->told, " | %s:%d", result->file, result->line);
    utr_buf_puts(&r->told, "\n");
}

static inline void record_fixture(void *ctx, const char *scope, const char *name, bool start)
{
    recorder *r = ctx;
    utr_buf_print(&r->told, "%s %s %s\n", start ? "begin" : "end", scope, name);
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
    r->process = NULL;
}

static const suites_listener RECORDER = {.on_collected = record_collected,
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

/* Reads output cut in two at a byte; what was told goes to r. */
static inline void read_cut(const suites_reader *reader, const char *output, size_t cut, const loop_exit *how,
                            recorder *r)
{
    suites_track track;
    suites_lines lines;
    auto_free void *state = utr_calloc(1, reader->size);
    read_run run = {.reader = reader, .state = state};
    suites_track_init(&track, "suite", &RECORDER, r);
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
