/* Turning the loop, and ending what runs on it. */
#include "run/state.h"

#include <assert.h>

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

bool run_has_slot(const run_state *run)
{
    return run->slots.count < (size_t)run->request->workers;
}

void run_take_slot(run_state *run, void (*end)(void *ctx, bool now), void *ctx)
{
    assert(run_has_slot(run));
    *utr_vec_push(&run->slots) = (run_slot){.end = end, .ctx = ctx};
}

void run_leave_slot(run_state *run, const void *ctx)
{
    size_t at = 0;
    while (run->slots.items[at].ctx != ctx)
        at++;
    run->slots.items[at] = run->slots.items[--run->slots.count];
}

void run_end_suites(run_state *run, bool now)
{
    for (size_t i = 0; i < run->slots.count; i++)
        run->slots.items[i].end(run->slots.items[i].ctx, now);
}
