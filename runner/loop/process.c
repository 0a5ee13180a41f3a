#include "loop/loop.h"

#include "base/clock.h"
#include "base/text.h"
#include "loop/child.h"
#include "loop/tree.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* What is left of a tree when its main process has ended gets this long to end by itself. */
static const int64_t LEAK_MS = 200;
/* Killed processes that have not let go of the output by then never will (uninterruptible sleep, a descriptor
 * passed to a stranger). */
static const int64_t SETTLE_MS = 1000;
static const uint64_t LOOK_AGAIN_MS = 10;

/* At most this much is read in one turn of the loop, and by one drain. */
enum { CHUNK = 64 * 1024, MOST_CHUNKS = 16 };

typedef enum {
    RUNNING,   /* until its deadline */
    ENDING,    /* SIGTERM was sent; until the grace is over */
    KILLING,   /* SIGKILL was sent; the main process is still to be waited for */
    LINGERING, /* the main process ended; what it left gets LEAK_MS */
    SETTLING,  /* what it left was killed */
    CLOSING
} process_phase;

enum { EXIT_WATCH = 1, OUTPUT_WATCH = 2, TIMER = 4, PAUSE = 8 };

struct loop_process {
    uv_poll_t exit_watch;
    uv_poll_t output_watch;
    uv_timer_t timer;
    uv_timer_t pause;
    unsigned open; /* handles that are not closed yet */
    loop_child child;
    loop_tree tree;
    loop_spawn options; /* its borrowed lists are NULL */
    process_phase phase;
    bool reaped;  /* the main process was waited for */
    bool eof;     /* nothing more will come out */
    bool reading; /* inside on_output */
    bool failed;  /* the spawn failed: on_exit is not owed */
    int64_t started_us;
    int64_t phase_ms; /* when the phase began */
    loop_exit how;
};

static void on_timer(uv_timer_t *timer);

static void process_enter(loop_process *process, process_phase phase, uint64_t wait_ms)
{
    process->phase = phase;
    process->phase_ms = utr_clock_ms();
    bool repeats = phase == LINGERING || phase == SETTLING || phase == KILLING;
    (void)uv_timer_start(&process->timer, on_timer, wait_ms, repeats ? LOOK_AGAIN_MS : 0);
}

/* --- its end --- */

static void process_closed(loop_process *process, unsigned handle)
{
    process->open &= ~handle;
    if (process->open)
        return;
    (void)close(process->child.pidfd);
    (void)close(process->child.output);
    loop_tree_dispose(&process->tree);
    if (!process->failed)
        process->options.on_exit(process->options.ctx, &process->how);
    free(process);
}

static void on_exit_watch_closed(uv_handle_t *handle)
{
    process_closed(handle->data, EXIT_WATCH);
}

static void on_output_watch_closed(uv_handle_t *handle)
{
    process_closed(handle->data, OUTPUT_WATCH);
}

static void on_timer_closed(uv_handle_t *handle)
{
    process_closed(handle->data, TIMER);
}

static void on_pause_closed(uv_handle_t *handle)
{
    process_closed(handle->data, PAUSE);
}

static void process_close(loop_process *process)
{
    process->phase = CLOSING;
    if (process->open & EXIT_WATCH)
        uv_close((uv_handle_t *)&process->exit_watch, on_exit_watch_closed);
    if (process->open & OUTPUT_WATCH)
        uv_close((uv_handle_t *)&process->output_watch, on_output_watch_closed);
    uv_close((uv_handle_t *)&process->timer, on_timer_closed);
    uv_close((uv_handle_t *)&process->pause, on_pause_closed);
}

/* --- its output --- */

/* @return false when there is nothing more for now, or ever */
static bool process_read(loop_process *process)
{
    char data[CHUNK];
    ssize_t got = read(process->child.output, data, sizeof data);
    if (got > 0) {
        process->options.on_output(process->options.ctx, data, (size_t)got);
        return true;
    }
    if (got < 0 && errno == EINTR)
        return true;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        process->eof = true; /* a pty without a writer says EIO */
        (void)uv_poll_stop(&process->output_watch);
    }
    return false;
}

void loop_process_drain(loop_process *process)
{
    if (process->reading || process->eof || process->phase == CLOSING)
        return;
    process->reading = true;
    for (int chunk = 0; chunk < MOST_CHUNKS && process_read(process); chunk++)
        continue;
    process->reading = false;
}

/* --- what happens to it --- */

/* Ends it as soon as nothing of it runs and nothing more will come out. */
static void process_settle(loop_process *process)
{
    if (process->phase == CLOSING || !process->reaped || !process->eof)
        return;
    if (loop_tree_survivors(&process->tree) == 0)
        process_close(process);
}

static void process_kill(loop_process *process)
{
    size_t killed = loop_tree_kill(&process->tree);
    if (process->reaped)
        process->how.leaked += killed;
    process_enter(process, process->reaped ? SETTLING : KILLING, LOOK_AGAIN_MS);
}

static void process_terminate(loop_process *process)
{
    loop_tree_signal(&process->tree, SIGTERM);
    loop_tree_signal(&process->tree, SIGCONT);
    process_enter(process, ENDING, (uint64_t)process->options.grace_ms);
}

static void process_note_exit(loop_process *process, int status)
{
    bool exited = WIFEXITED(status);
    process->how.exit_code = exited ? WEXITSTATUS(status) : -1;
    process->how.signal = exited ? 0 : WTERMSIG(status);
    process->how.seconds = (double)(utr_clock_us() - process->started_us) / 1e6;
    process->reaped = process->tree.reaped = true;
    (void)uv_poll_stop(&process->exit_watch);
    process_enter(process, LINGERING, LOOK_AGAIN_MS / 2);
}

static void process_wait(loop_process *process)
{
    int status = 0;
    pid_t got = waitpid(process->child.pid, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR))
        return;
    /* ECHILD: loop_kill_descendants() killed and waited for it. */
    bool at_once = process->phase == KILLING;
    process_note_exit(process, got < 0 ? SIGKILL : status);
    if (at_once) {
        (void)loop_tree_kill(&process->tree); /* killed with it, not leaked by it */
        process_enter(process, SETTLING, LOOK_AGAIN_MS / 2);
    }
}

static void on_exit_ready(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    loop_process *process = watch->data;
    process_wait(process);
    loop_process_drain(process);
    process_settle(process);
}

static void on_output_ready(uv_poll_t *watch, int status, int events);

static void on_pause_over(uv_timer_t *timer)
{
    loop_process *process = timer->data;
    if (process->phase != CLOSING && !process->eof)
        (void)uv_poll_start(&process->output_watch, UV_READABLE, on_output_ready);
}

/* A writer whose every line is waited for is woken up by each of them, and so are we. */
static void process_pause(loop_process *process)
{
    if (!process->options.pause_ms || process->phase == CLOSING || process->eof)
        return;
    (void)uv_poll_stop(&process->output_watch);
    (void)uv_timer_start(&process->pause, on_pause_over, (uint64_t)process->options.pause_ms, 0);
}

static void on_output_ready(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    loop_process *process = watch->data;
    loop_process_drain(process);
    process_settle(process);
    process_pause(process);
}

static void process_give_up(loop_process *process)
{
    if (!process->reaped)
        process_note_exit(process, SIGKILL);
    process_close(process);
}

static void on_timer(uv_timer_t *timer)
{
    loop_process *process = timer->data;
    int64_t waited_ms = utr_clock_ms() - process->phase_ms;
    switch (process->phase) {
    case RUNNING:
        process->how.timed_out = true;
        process_terminate(process);
        break;
    case ENDING:
        process_kill(process);
        break;
    case LINGERING:
        loop_process_drain(process);
        process_settle(process);
        if (process->phase == LINGERING && waited_ms >= LEAK_MS)
            process_kill(process);
        break;
    case KILLING:
    case SETTLING:
        loop_process_drain(process);
        process_settle(process);
        if (process->phase != CLOSING && waited_ms >= SETTLE_MS)
            process_give_up(process);
        break;
    case CLOSING:
        break;
    }
}

pid_t loop_process_pid(const loop_process *process)
{
    return process->child.pid;
}

void loop_process_end(loop_process *process, bool now)
{
    if (process->phase == CLOSING || process->phase == KILLING || process->phase == SETTLING)
        return;
    if (process->phase == RUNNING)
        process->how.cancelled = true;
    if (now)
        process_kill(process);
    else if (process->phase == RUNNING)
        process_terminate(process);
}

/* --- its start --- */

/* The environment with the mark added to what an outer runner may have put there. */
static void environment_mark(const utr_strs *from, const char *mark, utr_strs *out)
{
    const char *outer = "";
    for (size_t i = 0; i < from->count; i++) {
        if (utr_text_starts(from->items[i], "UTR_MARK="))
            outer = from->items[i] + strlen("UTR_MARK=");
        else
            utr_strs_add(out, from->items[i]);
    }
    utr_strs_give(out, utr_format("UTR_MARK=%s%s%s", outer, *outer ? "/" : "", mark));
}

static int process_watch(uv_loop_t *loop, loop_process *process)
{
    (void)uv_timer_init(loop, &process->timer);
    (void)uv_timer_init(loop, &process->pause);
    process->timer.data = process->pause.data = process->exit_watch.data = process->output_watch.data =
        process;
    process->open = TIMER | PAUSE;
    int uv = uv_poll_init(loop, &process->exit_watch, process->child.pidfd);
    if (uv < 0)
        return uv;
    process->open |= EXIT_WATCH;
    uv = uv_poll_init(loop, &process->output_watch, process->child.output);
    if (uv < 0)
        return uv;
    process->open |= OUTPUT_WATCH;
    (void)uv_poll_start(&process->exit_watch, UV_READABLE, on_exit_ready);
    (void)uv_poll_start(&process->output_watch, UV_READABLE, on_output_ready);
    return 0;
}

static utr_code process_refuse(loop_process *process, int uv, utr_error *err)
{
    process->failed = true;
    (void)loop_tree_kill(&process->tree);
    (void)waitpid(process->child.pid, NULL, 0);
    process_close(process);
    return utr_fail_sys(err, -uv, "watch a process");
}

utr_code loop_process_spawn(uv_loop_t *loop, const loop_spawn *options, loop_process **out, utr_error *err)
{
    assert(options->argv->count && options->on_output && options->on_exit);
    char mark[96];
    loop_tree_mark(mark, sizeof mark);
    auto_strs utr_strs environment = {0};
    environment_mark(options->environment, mark, &environment);
    loop_child child;
    int64_t started_us = utr_clock_us();
    if (loop_child_start(options, &environment, &child, err))
        return err->code;
    loop_process *process = UTR_NEW(loop_process);
    process->child = child;
    process->started_us = started_us;
    process->options = *options;
    process->options.argv = process->options.environment = NULL;
    process->options.directory = NULL;
    process->options.before_exec_ctx = NULL;
    loop_tree_init(&process->tree, child.pid, mark);
    int uv = process_watch(loop, process);
    if (uv < 0)
        return process_refuse(process, uv, err);
    if (options->timeout_ms)
        process_enter(process, RUNNING, (uint64_t)options->timeout_ms);
    *out = process;
    return UTR_OK;
}
