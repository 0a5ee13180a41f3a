/* The commands of a category that come before its services. */
#include "run/environment.h"
#include "run/state.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    int log_fd;
    utr_buf tail; /* the last output, for the message */
    bool done;
    loop_exit how;
} step;

static void on_step_output(void *ctx, const char *data, size_t len)
{
    step *s = ctx;
    utr_error full = {0};
    if (s->log_fd >= 0 && write(s->log_fd, data, len) < 0)
        s->log_fd = -1; /* a full disk is not the step's fault */
    if (len > 2048) {
        data += len - 2048;
        len = 2048;
    }
    if (s->tail.len + len > 4096)
        utr_buf_drop(&s->tail, s->tail.len / 2);
    if (utr_buf_add(&s->tail, data, len, &full))
        utr_buf_reset(&s->tail);
}

static void on_step_exit(void *ctx, const loop_exit *how)
{
    step *s = ctx;
    s->how = *how;
    s->done = true;
}

/* The last line of output that says something. */
static const char *last_line(utr_buf *tail)
{
    while (tail->len && (tail->data[tail->len - 1] == '\n' || tail->data[tail->len - 1] == '\r'))
        tail->data[--tail->len] = '\0';
    const char *line = tail->len ? strrchr(tail->data, '\n') : NULL;
    return line ? line + 1 : utr_buf_text(tail);
}

static utr_code judge_step(step *s, const char *command, const char *log, utr_error *err)
{
    if (s->how.timed_out)
        return utr_fail(err, UTR_TIMEOUT, "prepare `%s`: did not end within the category's timeout", command);
    if (s->how.signal)
        return utr_fail(err, UTR_SERVICE, "prepare `%s`: ended by signal %d", command, s->how.signal);
    if (s->how.exit_code)
        return utr_fail(err, UTR_SERVICE, "prepare `%s`: exited with code %d: %s (all of it: %s)", command,
                        s->how.exit_code, last_line(&s->tail), log);
    return UTR_OK;
}

static utr_code run_step(run_state *run, const run_category *category, const utr_strs *argv,
                         int64_t deadline_ms, utr_error *err)
{
    auto_free char *command = utr_strs_join(argv, " ");
    auto_free char *log = run_record_log(&run->record, category->manifest->name, "prepare");
    auto_close int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    auto_strs utr_strs environment = run_environment_inherited();
    step s = {.log_fd = log_fd};
    loop_spawn options = {
        .argv = argv,
        .environment = &environment,
        .directory = run->record.root,
        .timeout_ms = deadline_ms - utr_clock_ms(),
        .grace_ms = RUN_GRACE_MS,
        .on_output = on_step_output,
        .on_exit = on_step_exit,
        .ctx = &s,
    };
    (void)journal_add(run->journal,
                      RUN_FACT(JOURNAL_NOTE, category->manifest->name, .state = "prepare", .text = command));
    loop_process *process = NULL;
    if (loop_process_spawn(run->loop, &options, &process, err))
        return utr_wrap(err, "prepare `%s`", command);
    bool ending = false;
    while (!s.done) {
        (void)uv_run(run->loop, UV_RUN_ONCE);
        if (run->signal && !ending && !s.done) {
            ending = true;
            loop_process_end(process, run->interruptions > 1);
        }
    }
    utr_code code = run->signal ? UTR_OK : judge_step(&s, command, log, err);
    utr_buf_dispose(&s.tail);
    return code;
}

utr_code run_prepare(run_state *run, const run_category *category, int64_t deadline_ms, utr_error *err)
{
    for (size_t i = 0; i < category->manifest->prepare.count && !run_is_ending(run); i++) {
        if (run_step(run, category, &category->manifest->prepare.items[i].argv, deadline_ms, err))
            return err->code;
    }
    return UTR_OK;
}
