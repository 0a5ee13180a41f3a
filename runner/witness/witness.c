#include "witness/witness.h"

#include "witness/worker.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <assert.h>

struct witness {
    uv_loop_t *loop;
    uv_idle_t anchor; /* never runs: its close callback ends the witness */
    utr_strs services;
    worker_targets targets;
    UTR_VEC(witness_worker *) workers; /* not yet closing */
    uint32_t last_connection;
    size_t open_handles; /* workers and the anchor, until their close callbacks */
    void (*on_closed)(void *ctx);
    void *ctx;
};

utr_code witness_new(uv_loop_t *loop, witness **out, utr_error *err)
{
    witness *w = UTR_NEW(witness);
    int problem = uv_idle_init(loop, &w->anchor);
    if (problem) {
        free(w);
        return utr_fail(err, UTR_SYS, "witness: %s", uv_strerror(problem));
    }
    w->loop = loop;
    w->anchor.data = w;
    w->open_handles = 1;
    *out = w;
    return UTR_OK;
}

size_t witness_service_index(witness *w, const char *service)
{
    for (size_t i = 0; i < w->services.count; i++)
        if (strcmp(w->services.items[i], service) == 0)
            return i;
    utr_strs_add(&w->services, service);
    return w->services.count - 1;
}

size_t witness_target_add(witness *w, const witness_target *target)
{
    worker_target *one = utr_vec_push(&w->targets);
    one->service = witness_service_index(w, target->service);
    one->container_port = target->container_port;
    one->protocol = target->protocol;
    one->address.sin_family = AF_INET;
    one->address.sin_port = htons((uint16_t)target->port);
    int parsed = inet_pton(AF_INET, target->host, &one->address.sin_addr);
    assert(parsed == 1);
    return w->targets.count - 1;
}

uv_loop_t *witness_loop(const witness *w)
{
    return w->loop;
}

const worker_target *witness_target_at(const witness *w, size_t index)
{
    assert(index < w->targets.count);
    return &w->targets.items[index];
}

const utr_strs *witness_services(const witness *w)
{
    return &w->services;
}

uint32_t witness_next_connection(witness *w)
{
    return ++w->last_connection;
}

void witness_worker_opened(witness *w, witness_worker *worker)
{
    w->open_handles++;
    *utr_vec_push(&w->workers) = worker;
}

void witness_worker_closing(witness *w, const witness_worker *worker)
{
    for (size_t i = 0; i < w->workers.count; i++)
        if (w->workers.items[i] == worker) {
            w->workers.items[i] = w->workers.items[--w->workers.count];
            return;
        }
}

void witness_worker_closed(witness *w)
{
    if (--w->open_handles > 0)
        return;
    if (w->on_closed)
        w->on_closed(w->ctx);
    utr_strs_dispose(&w->services);
    utr_vec_dispose(&w->targets);
    utr_vec_dispose(&w->workers);
    free(w);
}

static void on_anchor_closed(uv_handle_t *handle)
{
    witness_worker_closed(handle->data);
}

void witness_close(witness *w, void (*on_closed)(void *ctx), void *ctx)
{
    w->on_closed = on_closed;
    w->ctx = ctx;
    while (w->workers.count > 0) {
        witness_evidence_list unclaimed = {0};
        witness_worker_close(w->workers.items[0], &unclaimed);
        witness_evidence_dispose(&unclaimed);
    }
    uv_close((uv_handle_t *)&w->anchor, on_anchor_closed);
}
