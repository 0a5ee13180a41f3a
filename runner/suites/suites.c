#include "suites/suites.h"

#include "suites/environment.h"
#include "suites/lines.h"
#include "suites/reader.h"
#include "suites/socket.h"

#include <assert.h>
#include <string.h>

const char *suites_status_text(suites_status status)
{
    static const char *const WORDS[] = {
#define SUITES_STATUS_WORD(name, word) word,
        SUITES_STATUSES(SUITES_STATUS_WORD)
#undef SUITES_STATUS_WORD
    };
    assert((size_t)status < sizeof WORDS / sizeof *WORDS);
    return WORDS[status];
}

bool suites_status_parse(const char *word, suites_status *out)
{
    static const suites_status STATUSES[] = {
#define SUITES_STATUS_VALUE(name, word) name,
        SUITES_STATUSES(SUITES_STATUS_VALUE)
#undef SUITES_STATUS_VALUE
    };
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++) {
        if (strcmp(suites_status_text(STATUSES[i]), word) == 0) {
            *out = STATUSES[i];
            return true;
        }
    }
    return false;
}

/** A format: how its tests are told. */
typedef struct {
    const char *name;
    const suites_reader *reader; /* NULL: over the event socket */
    bool selects;
    bool tells_tests;
} suites_format;

static const suites_format FORMATS[] = {
    {"pytest", NULL, true, true},
    {"cmocka", &suites_reader_cmocka, false, true},
    {"gtest", &suites_reader_gtest, false, true},
    {"catch2", &suites_reader_catch2, false, true},
    {"tap", &suites_reader_tap, false, true},
    {"exit", &suites_reader_exit, false, false},
};

enum { FORMAT_COUNT = sizeof FORMATS / sizeof *FORMATS };

static const suites_format *format_find(const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(FORMATS[i].name, name) == 0)
            return &FORMATS[i];
    }
    return NULL;
}

const char *const *suites_formats(void)
{
    static const char *const NAMES[] = {"pytest", "cmocka", "gtest", "catch2", "tap", "exit", NULL};
    _Static_assert(sizeof NAMES / sizeof *NAMES == FORMAT_COUNT + 1, "a format without a name");
    return NAMES;
}

bool suites_format_selects(const char *format)
{
    const suites_format *found = format_find(format);
    return found && found->selects;
}

bool suites_format_tells_tests(const char *format)
{
    const suites_format *found = format_find(format);
    return found && found->tells_tests;
}

struct suites_worker {
    suites_process *process;
};

struct suites_process {
    const suites_format *format;
    suites_listener listener;
    void *ctx;
    char *name;
    char *pattern;
    utr_strs services;
    suites_worker main;
    suites_worker_setup setup; /* of main */
    suites_track track;
    suites_lines lines;
    void *reader; /* the reader's state */
    suites_socket *socket;
    loop_process *process; /* NULL once it is gone */
    loop_exit how;
};

static void process_free(suites_process *process)
{
    utr_strs_dispose(&process->setup.environment);
    free(process->setup.attention);
    suites_track_dispose(&process->track);
    utr_buf_dispose(&process->lines.partial);
    utr_strs_dispose(&process->services);
    free(process->reader);
    free(process->pattern);
    free(process->name);
    free(process);
}

static void on_socket_closed(void *ctx)
{
    suites_process *process = ctx;
    process->listener.on_worker_end(process->track.worker);
    process->listener.on_exit(process->ctx, &process->how);
    process_free(process);
}

/* A pytest that never loaded the plugin told nothing of what it ran. */
static void process_check_greeting(suites_process *process)
{
    if (!suites_socket_was_greeted(process->socket) && process->how.exit_code == 0)
        suites_track_fault(
            &process->track,
            "the suite exited with 0 and never spoke to the runner: its plugin was not loaded");
}

static void on_process_exit(void *ctx, const loop_exit *how)
{
    suites_process *process = ctx;
    process->process = NULL;
    process->how = *how;
    if (process->format->reader) {
        suites_lines_finish(&process->lines);
        process->format->reader->end(process->reader, how);
        on_socket_closed(process);
        return;
    }
    suites_socket_drain(process->socket);
    process_check_greeting(process);
    suites_track_abandon(&process->track, suites_track_why(how));
    suites_socket_close(process->socket, on_socket_closed, process);
}

static void on_process_output(void *ctx, const char *data, size_t len)
{
    suites_process *process = ctx;
    process->listener.on_output(process->ctx, data, len);
    if (process->format->reader)
        suites_lines_feed(&process->lines, data, len);
}

static void on_line(void *ctx, const char *line)
{
    suites_process *process = ctx;
    process->format->reader->line(process->reader, line);
}

static suites_process *process_new(const suites_options *options)
{
    suites_process *process = UTR_NEW(suites_process);
    process->format = format_find(options->format);
    assert(process->format);
    process->listener = *options->listener;
    process->ctx = options->ctx;
    process->name = utr_strdup(options->name);
    process->pattern = utr_strdup(options->pattern);
    if (options->service_names)
        utr_strs_add_all(&process->services, options->service_names);
    suites_track_init(&process->track, process->name, &process->listener, process->ctx);
    suites_lines_init(&process->lines, on_line, process);
    return process;
}

static utr_code process_listen(uv_loop_t *loop, const suites_options *options, suites_process *process,
                               utr_error *err)
{
    if (process->format->reader)
        return UTR_OK;
    suites_event event;
    suites_event_init(&event, &process->track, &process->services, process->pattern);
    return suites_socket_open(loop, options->run_dir, &event, &process->socket, err);
}

static utr_code process_welcome_main(suites_process *process, utr_error *err)
{
    suites_worker_info info = {.name = "main", .waits = !process->format->reader, .handle = &process->main};
    process->main.process = process;
    process->track.worker = process->listener.on_worker(process->ctx, &info, &process->setup, err);
    return process->track.worker ? UTR_OK : err->code;
}

static utr_code process_start(uv_loop_t *loop, const suites_options *options, suites_process *process,
                              utr_error *err)
{
    auto_strs utr_strs environment = {0};
    auto_strs utr_strs given = {0};
    utr_strs_add_all(&given, options->environment);
    suites_environment_set(&given, &process->setup.environment);
    suites_environment(&given, process->socket ? suites_socket_path(process->socket) : NULL, &environment);
    loop_spawn spawn = {.argv = options->argv,
                        .environment = &environment,
                        .directory = options->directory,
                        .pty = true,
                        .timeout_ms = options->timeout_ms,
                        .grace_ms = options->grace_ms,
                        .on_output = on_process_output,
                        .on_exit = on_process_exit,
                        .ctx = process};
    return loop_process_spawn(loop, &spawn, &process->process, err);
}

static void on_refused(void *ctx)
{
    process_free(ctx);
}

utr_code suites_launch(uv_loop_t *loop, const suites_options *options, suites_process **out, utr_error *err)
{
    suites_process *process = process_new(options);
    utr_code code = process_listen(loop, options, process, err);
    if (!code)
        code = process_welcome_main(process, err);
    if (!code)
        code = process_start(loop, options, process, err);
    if (code) {
        if (process->track.worker)
            process->listener.on_worker_end(process->track.worker);
        if (process->socket)
            suites_socket_close(process->socket, on_refused, process);
        else
            process_free(process);
        return utr_wrap(err, "suite '%s'", options->name);
    }
    const suites_reader *reader = process->format->reader;
    *out = process;
    if (reader) {
        process->reader = utr_calloc(1, reader->size);
        reader->begin(process->reader, &process->track);
    }
    return UTR_OK;
}

void suites_worker_drain(suites_worker *worker)
{
    suites_process *process = worker->process;
    if (process->process)
        loop_process_drain(process->process);
    if (process->socket && process->process)
        suites_socket_drain(process->socket);
}

void suites_end(suites_process *process, bool now)
{
    if (process->process)
        loop_process_end(process->process, now);
}
