#include "suites/environment.h"
#include "suites/format.h"
#include "suites/junit.h"
#include "suites/lines.h"
#include "suites/socket.h"
#include "suites/whole.h"

#include <assert.h>

/* What is only kept is read this seldom. */
static const int64_t LOG_PAUSE_MS = 10;

struct suites_process {
    const suites_format *format;
    char *name;
    char *test;
    char *pattern;
    utr_strs services;
    suites_listener listener;
    suites_session session;
    suites_collection *collection; /* its own; NULL: the session's is borrowed */
    suites_lines lines;            /* of a format that is read from the process's output */
    suites_whole whole;            /* of one that is read from workers' output */
    void *reader;                  /* its state */
    suites_socket *socket;
    loop_process *process; /* NULL once it is gone */
    loop_exit how;
};

static bool reads_process(const suites_process *process)
{
    return process->format->reader && !process->format->events;
}

/* What reads the process's own output; NULL: nothing does. */
static const suites_reader *process_reader(const suites_process *process)
{
    return process->format->events ? process->format->command : process->format->reader;
}

static suites_worker *main_worker(const suites_process *process)
{
    return process->session.workers.items[0];
}

/* --- its end --- */

static void close_socket(suites_process *process, void (*on_closed)(void *ctx))
{
    if (process->format->clean)
        process->format->clean(suites_socket_folder(process->socket));
    suites_socket_close(process->socket, on_closed, process);
}

static void process_free(suites_process *process)
{
    suites_collection_free(process->collection);
    suites_junit_free(process->session.junit);
    utr_buf_dispose(&process->lines.partial);
    utr_buf_dispose(&process->whole.partial);
    utr_strs_dispose(&process->services);
    free(process->reader);
    free(process->test);
    free(process->pattern);
    free(process->name);
    free(process);
}

static void on_gone(void *ctx)
{
    suites_process *process = ctx;
    process->listener.on_exit(process->session.ctx, &process->how);
    process_free(process);
}

/* A pytest that never loaded the plugin told nothing of what it ran. */
static void check_greeting(suites_process *process)
{
    if (!process->session.greeted && process->how.exit_code == 0)
        suites_session_fault(
            &process->session,
            "the suite exited with 0 and never spoke to the runner: its plugin was not loaded");
}

static void end_command(suites_process *process, const loop_exit *how)
{
    if (!process->format->command)
        return;
    suites_lines_finish(&process->lines);
    process->format->command->end(process->reader, how);
}

static void on_process_exit(void *ctx, const loop_exit *how)
{
    suites_process *process = ctx;
    process->process = NULL;
    process->how = *how;
    if (reads_process(process)) {
        suites_lines_finish(&process->lines);
        process->format->reader->end(process->reader, how);
    } else {
        suites_whole_finish(&process->whole);
        suites_socket_drain(process->socket);
        end_command(process, how);
        check_greeting(process);
    }
    if (process->socket)
        close_socket(process, on_gone);
    suites_session_end(&process->session, suites_track_why(how));
    if (!process->socket)
        on_gone(process);
}

/* --- its output --- */

static void on_process_output(void *ctx, const char *data, size_t len)
{
    suites_process *process = ctx;
    if (process->session.output_reader)
        suites_whole_feed(&process->whole, data, len);
    else
        process->listener.on_output(process->session.ctx, data, len);
    if (process_reader(process))
        suites_lines_feed(&process->lines, data, len);
}

static void on_line(void *ctx, const char *line)
{
    suites_process *process = ctx;
    process_reader(process)->line(process->reader, line);
}

static void drain_output(void *source)
{
    suites_process *process = source;
    if (process->process)
        loop_process_drain(process->process);
}

/* --- its start --- */

static suites_process *process_new(const suites_options *options)
{
    suites_process *process = UTR_NEW(suites_process);
    const suites_format *format = suites_format_find(options->format);
    assert(format);
    process->format = format;
    process->listener = *options->listener;
    process->name = utr_strdup(options->name);
    process->test = utr_strdup(options->test);
    process->pattern = utr_strdup(options->pattern);
    if (options->service_names)
        utr_strs_add_all(&process->services, options->service_names);
    if (!options->collection)
        process->collection = suites_collection_new();
    process->session = (suites_session){
        .suite = process->name,
        .test = process->test,
        .adapter = format->name,
        .services = &process->services,
        .pattern = process->pattern,
        .junit = options->report ? suites_junit_mark(options->directory, options->report) : NULL,
        .parts = options->parts,
        .many_workers = format->many_workers,
        .output_reader = format->events ? format->reader : NULL,
        .listener = &process->listener,
        .ctx = options->ctx,
        .collection = options->collection ? options->collection : process->collection,
    };
    suites_lines_init(&process->lines, on_line, process);
    suites_whole_init(&process->whole, process->listener.on_output, options->ctx);
    return process;
}

static utr_code process_listen(uv_loop_t *loop, const suites_options *options, suites_process *process,
                               utr_error *err)
{
    if (!process->format->events)
        return UTR_OK;
    return suites_socket_open(loop, options->run_dir, &process->session, &process->socket, err);
}

static utr_code welcome_main(suites_process *process, utr_error *err)
{
    bool waits = process->format->events;
    suites_worker *worker = NULL;
    if (suites_session_welcome(&process->session, "main", waits, &worker, err))
        return err->code;
    worker->drain = reads_process(process) ? drain_output : NULL;
    worker->source = process;
    return UTR_OK;
}

static utr_code process_start(uv_loop_t *loop, const suites_options *options, suites_process *process,
                              utr_error *err)
{
    auto_strs utr_strs given = {0};
    auto_strs utr_strs environment = {0};
    const suites_worker_setup *setup = &main_worker(process)->setup;
    utr_strs_add_all(&given, options->environment);
    suites_environment_set(&given, &setup->environment);
    auto_free char *directory = realpath(options->directory, NULL);
    if (directory) /* the names of its files begin there */
        utr_strs_give(&given, utr_format("UTR_DIRECTORY=%s", directory));
    suites_environment(&given, options->format, process->socket ? suites_socket_path(process->socket) : NULL,
                       &environment);
    if (process->format->prepare &&
        process->format->prepare(suites_socket_folder(process->socket), &environment, err))
        return err->code;
    bool read_at_once = options->terminal || !process->format->events || process_reader(process);
    loop_spawn spawn = {.argv = options->argv,
                        .environment = &environment,
                        .directory = options->directory,
                        .pty = read_at_once,
                        .pause_ms = read_at_once ? 0 : LOG_PAUSE_MS,
                        .timeout_ms = options->timeout_ms,
                        .grace_ms = options->grace_ms,
                        .on_output = on_process_output,
                        .on_exit = on_process_exit,
                        .ctx = process,
                        .before_exec = setup->before_exec,
                        .before_exec_ctx = setup->before_exec_ctx};
    if (loop_process_spawn(loop, &spawn, &process->process, err))
        return err->code;
    if (process->socket)
        suites_socket_admit(process->socket, loop_process_pid(process->process));
    return UTR_OK;
}

static void on_refused(void *ctx)
{
    process_free(ctx);
}

static void process_refuse(suites_process *process)
{
    if (process->socket)
        close_socket(process, on_refused);
    suites_session_end(&process->session, "the suite did not start");
    if (!process->socket)
        process_free(process);
}

utr_code suites_launch(uv_loop_t *loop, const suites_options *options, suites_process **out, utr_error *err)
{
    suites_process *process = process_new(options);
    utr_code code = process_listen(loop, options, process, err);
    if (!code)
        code = welcome_main(process, err);
    if (!code)
        code = process_start(loop, options, process, err);
    if (code) {
        process_refuse(process);
        return utr_wrap(err, "suite '%s'", options->name);
    }
    *out = process;
    const suites_reader *reader = process_reader(process);
    if (reader) {
        process->reader = utr_calloc(1, reader->size);
        reader->begin(process->reader, &main_worker(process)->track);
    }
    return UTR_OK;
}

void suites_worker_drain(suites_worker *worker)
{
    if (worker->drain)
        worker->drain(worker->source);
}

void suites_end(suites_process *process, bool now)
{
    if (process->process)
        loop_process_end(process->process, now);
}
