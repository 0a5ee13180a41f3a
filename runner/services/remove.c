#include "services/remove.h"

#include "services/thread.h"

#include "base/clock.h"

enum { ROUNDS_MOST = 40 };
static const int64_t ROUND_PAUSE_MS = 100;
static const int64_t ONE_MS = 30 * 1000;

/* Labels are at fault when a container does not go; the threads of one batch are bounded. */
enum { BATCH = 16 };

typedef struct {
    engine *engine;
    engine_kind kind;
    const engine_listed *row;
    engine_bound bound;
    utr_error failure;
} removal;

static void *remove_one(void *arg)
{
    removal *r = arg;
    utr_code code = UTR_OK;
    switch (r->kind) {
    case ENGINE_CONTAINERS:
        code = engine_container_remove(r->engine, r->row->id, r->bound, &r->failure);
        break;
    case ENGINE_NETWORKS:
        code = engine_network_remove(r->engine, r->row->id, r->bound, &r->failure);
        break;
    case ENGINE_VOLUMES:
        code = engine_volume_remove(r->engine, r->row->id, r->bound, &r->failure);
        break;
    }
    if (code == UTR_NOT_FOUND)
        utr_error_reset(&r->failure);
    return NULL;
}

static engine_bound within(engine_bound bound)
{
    engine_bound one = engine_within(ONE_MS, bound.cancel);
    return bound.deadline_ms < one.deadline_ms ? bound : one;
}

static void remove_batch(removal *batch, size_t count, size_t *out_removed, utr_error *first)
{
    services_thread_each(batch, count, sizeof *batch, remove_one);
    for (size_t i = 0; i < count; i++) {
        if (!batch[i].failure.code)
            ++*out_removed;
        else if (!first->code)
            *first = batch[i].failure;
    }
}

utr_code services_remove_listed(engine *e, engine_kind kind, const engine_list *list, engine_bound bound,
                                size_t *out_removed, utr_error *err)
{
    removal batch[BATCH];
    utr_error first = {0};
    for (size_t from = 0; from < list->count; from += BATCH) {
        size_t count = list->count - from < BATCH ? list->count - from : BATCH;
        for (size_t i = 0; i < count; i++)
            batch[i] = (removal){e, kind, &list->items[from + i], within(bound), {0}};
        remove_batch(batch, count, out_removed, &first);
    }
    if (first.code)
        *err = first;
    return first.code;
}

static utr_code remove_kind(engine *e, engine_kind kind, const utr_strs *labels, engine_bound bound,
                            size_t *out_removed, utr_error *err)
{
    engine_list list = {0};
    utr_code code = engine_list_labelled(e, kind, labels, within(bound), &list, err);
    if (!code)
        code = services_remove_listed(e, kind, &list, bound, out_removed, err);
    engine_list_dispose(&list);
    return code;
}

static utr_code remove_round(engine *e, const utr_strs *labels, engine_bound bound, size_t *out_removed,
                             utr_error *err)
{
    static const engine_kind KINDS[] = {ENGINE_CONTAINERS, ENGINE_NETWORKS, ENGINE_VOLUMES};
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        utr_error failure = {0};
        if (remove_kind(e, KINDS[i], labels, bound, out_removed, &failure) && !err->code)
            *err = failure;
    }
    return err->code;
}

/* Whether trying again can help. */
static bool is_final(utr_code code)
{
    return code == UTR_CANCELLED || code == UTR_UNREACHABLE;
}

utr_code services_remove_labelled(engine *e, const utr_strs *labels, engine_bound bound, size_t *out_removed,
                                  utr_error *err)
{
    *out_removed = 0;
    for (int round = 1;; round++) {
        size_t removed = 0;
        utr_error failure = {0};
        utr_code code = remove_round(e, labels, bound, &removed, &failure);
        *out_removed += removed;
        if (!code && !removed)
            return UTR_OK;
        if (!code)
            continue; /* one more look finds what was being made meanwhile */
        if (is_final(code) || round >= ROUNDS_MOST || utr_clock_ms() + ROUND_PAUSE_MS >= bound.deadline_ms) {
            *err = failure;
            return code;
        }
        (void)utr_cancel_sleep(bound.cancel, ROUND_PAUSE_MS);
    }
}
