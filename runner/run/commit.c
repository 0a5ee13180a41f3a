/* Which commit runs, asked of git on a thread: a large work tree takes it longer than services take to start.
 */
#include "run/state.h"

#include "history/history.h"

struct commit_reading {
    run_state *run;
    uv_work_t work;
    history_id id; /* empty outside git */
    bool dirty, done;
};

static void read_work(uv_work_t *work)
{
    commit_reading *c = work->data;
    utr_error ignored = {0}; /* without git the record lacks the commit */
    auto_history history *h = NULL;
    if (history_open(c->run->request->root, &h, &ignored) == UTR_OK &&
        history_head(h, &c->id, &ignored) == UTR_OK)
        c->dirty = history_is_dirty(h);
}

static void read_after(uv_work_t *work, int status)
{
    commit_reading *c = work->data;
    (void)status; /* never cancelled */
    if (*c->id.hex)
        (void)journal_add(c->run->journal,
                          &(journal_fact){.kind = JOURNAL_COMMIT, .commit = c->id.hex, .dirty = c->dirty});
    c->done = true;
}

commit_reading *run_commit_read(run_state *run)
{
    commit_reading *c = UTR_NEW(commit_reading);
    *c = (commit_reading){.run = run, .work = {.data = c}};
    if (uv_queue_work(run->loop, &c->work, read_work, read_after)) {
        read_work(&c->work); /* only without threads at all */
        read_after(&c->work, 0);
    }
    return c;
}

void run_commit_end(commit_reading *c)
{
    run_until(c->run, &c->done);
    free(c);
}
