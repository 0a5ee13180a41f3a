/* Turning the loop, and ending what runs on it. */
#include "run/state.h"

typedef struct {
    uv_work_t work;
    void (*run)(void *ctx);
    void *ctx;
    bool done;
} thread_work;

static void work_on_thread(uv_work_t *work)
{
    thread_work *w = work->data;
    w->run(w->ctx);
}

static void work_after(uv_work_t *work, int status)
{
    thread_work *w = work->data;
    (void)status; /* never cancelled */
    w->done = true;
}

void run_on_thread(run_state *run, void (*work)(void *ctx), void *ctx)
{
    thread_work w = {.run = work, .ctx = ctx};
    w.work.data = &w;
    if (uv_queue_work(run->loop, &w.work, work_on_thread, work_after))
        work(ctx); /* only without threads at all */
    else
        run_until(run, &w.done);
}

void run_until(run_state *run, const bool *done)
{
    while (!*done)
        (void)uv_run(run->loop, UV_RUN_ONCE);
}

size_t run_free_slot(const run_state *run)
{
    size_t slot = 0;
    while (slot < (size_t)run->request->workers && run->running[slot])
        slot++;
    return slot;
}

bool run_any_suite(const run_state *run)
{
    for (int i = 0; i < run->request->workers; i++) {
        if (run->running[i])
            return true;
    }
    return false;
}

void run_end_suites(run_state *run, bool now)
{
    for (int i = 0; i < run->request->workers; i++) {
        if (run->running[i])
            suites_end(run->running[i], now);
    }
}
