#include "services/remove.h"

#include "services/thread.h"

#include "base/clock.h"

enum { ROUNDS_MOST = 40 };
static const int64_t ROUND_PAUSE_MS = 100;
static const int64_t ONE_MS = 30000;

enum { BATCH = 16 }; /* threads at once */

typedef struct {
    engine *engine;
    engine_kind kind;
    const engine_listed *row;
    engine_bound bound;
    utr_error failure;
} one_removal;

static void *remove_one(void *arg)
{
    one_removal *r = arg;
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

static void remove_batch(services_removal *removal, one_removal *batch, size_t count, utr_error *first)
{
    services_thread_each(batch, count, sizeof *batch, remove_one);
    for (size_t i = 0; i < count; i++) {
        if (!batch[i].failure.code)
            removal->removed++;
        else if (!first->code)
            *first = batch[i].failure;
    }
}

utr_code services_remove_listed(services_removal *removal, engine_kind kind, const engine_list *list,
                                utr_error *err)
{
    one_removal batch[BATCH];
    utr_error first = {0};
    for (size_t from = 0; from < list->count; from += BATCH) {
        size_t count = list->count - from < BATCH ? list->count - from : BATCH;
        for (size_t i = 0; i < count; i++)
            batch[i] =
                (one_removal){removal->engine, kind, &list->items[from + i], within(removal->bound), {0}};
        remove_batch(removal, batch, count, &first);
    }
    if (first.code)
        *err = first;
    return first.code;
}

static utr_code remove_kind(services_removal *removal, engine_kind kind, const utr_strs *labels,
                            utr_error *err)
{
    engine_list list = {0};
    utr_code code = engine_list_labelled(removal->engine, kind, labels, within(removal->bound), &list, err);
    if (!code)
        code = services_remove_listed(removal, kind, &list, err);
    engine_list_dispose(&list);
    return code;
}

static utr_code remove_round(services_removal *removal, const utr_strs *labels, utr_error *err)
{
    static const engine_kind KINDS[] = {ENGINE_CONTAINERS, ENGINE_NETWORKS, ENGINE_VOLUMES};
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        utr_error failure = {0};
        if (remove_kind(removal, KINDS[i], labels, &failure) && !err->code)
            *err = failure;
    }
    return err->code;
}

/* Whether trying again can help. */
static bool is_final(utr_code code)
{
    return code == UTR_CANCELLED || code == UTR_UNREACHABLE;
}

utr_code services_remove_labelled(services_removal *removal, const utr_strs *labels, utr_error *err)
{
    for (int round = 1;; round++) {
        size_t before = removal->removed;
        utr_error failure = {0};
        utr_code code = remove_round(removal, labels, &failure);
        if (!code && removal->removed == before)
            return UTR_OK;
        if (!code)
            continue; /* one more look finds what was being made meanwhile */
        bool is_late = utr_clock_ms() + ROUND_PAUSE_MS >= removal->bound.deadline_ms;
        if (is_final(code) || round >= ROUNDS_MOST || is_late) {
            *err = failure;
            return code;
        }
        (void)utr_cancel_sleep(removal->bound.cancel, ROUND_PAUSE_MS);
    }
}
