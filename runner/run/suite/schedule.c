/* The suites of a category, as many of their processes at once as there are slots. */
#include "run/suite/seal.h"
#include "run/suite/suite.h"

#include "base/text.h"

typedef UTR_VEC(run_suite *) suites_in_turn;

/* The suites whose tests cannot be picked one by one are picked by their name. */
static bool is_picked(const run_state *run, const manifest_suite *suite)
{
    if (!run->request->pattern || suite->select.count || suites_format_selects(suite->format))
        return true;
    return utr_text_glob(run->request->pattern, suite->name);
}

/* The longest first, so that no long one is left to run alone at the end. One after another they keep the
 * manifest's order: no other is quicker. */
static void add_in_turn(suites_in_turn *all, run_suite *suite)
{
    (void)utr_vec_push(all);
    size_t at = all->count - 1;
    bool sorts = suite->run->request->workers > 1;
    for (; sorts && at > 0 && all->items[at - 1]->estimate < suite->estimate; at--)
        all->items[at] = all->items[at - 1];
    all->items[at] = suite;
}

static run_suite *next_in_turn(const suites_in_turn *all)
{
    for (size_t i = 0; i < all->count; i++) {
        if (run_suite_wants(all->items[i]))
            return all->items[i];
    }
    return NULL;
}

/** @param w  NULL: without services */
static void run_all(run_state *run, const suites_in_turn *all, witness *w)
{
    for (;;) {
        run_suite *next = run_has_slot(run) ? next_in_turn(all) : NULL;
        if (next)
            run_suite_start_one(next);
        else if (run->slots.count && w)
            witness_turn(w, true);
        else if (run->slots.count)
            (void)uv_run(run->loop, UV_RUN_ONCE);
        else
            return;
    }
}

static void run_picked(run_state *run, const run_category *category, const run_targets *targets,
                       int64_t deadline_ms)
{
    suites_in_turn all = {0};
    for (size_t i = 0; i < category->manifest->suites.count; i++) {
        const manifest_suite *suite = &category->manifest->suites.items[i];
        if (is_picked(run, suite))
            add_in_turn(&all, run_suite_new(run, category, suite, targets, deadline_ms));
    }
    run_all(run, &all, targets->witness);
    for (size_t i = 0; i < all.count; i++)
        run_suite_free(all.items[i]);
    utr_vec_dispose(&all);
}

static void on_witness_closed(void *ctx)
{
    *(bool *)ctx = true;
}

void run_suites(run_state *run, const run_category *category, const bring_up *up, int64_t deadline_ms)
{
    run_targets targets = {0};
    witness *w = NULL;
    utr_error err = {0};
    if (up && witness_new(run->loop, &w, &err)) {
        (void)journal_add(run->journal, RUN_FACT(JOURNAL_BROKEN, category->manifest->name, .text = err.text));
        return;
    }
    targets.witness = w;
    if (up)
        run_targets_fill(category, up, &targets);
    targets.sealed = run_seal_wanted(run, category->manifest);
    run_picked(run, category, &targets, deadline_ms);
    bool closed = !w;
    if (w)
        witness_close(w, on_witness_closed, &closed);
    run_until(run, &closed);
    run_targets_dispose(&targets);
}
