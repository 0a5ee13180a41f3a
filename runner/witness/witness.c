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
    UTR_VEC(witness_worker *) workers;
    uint32_t last_connection;
    hub hub;
    void (*on_closed)(void *ctx);
    void *ctx;
};

utr_code witness_new(uv_loop_t *loop, witness **out, utr_error *err)
{
    witness *w = UTR_NEW(witness);
    if (hub_init(&w->hub, loop, err)) {
        free(w);
        return utr_wrap(err, "witness");
    }
    (void)uv_idle_init(loop, &w->anchor); /* cannot fail */
    w->loop = loop;
    w->anchor.data = w;
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

hub *witness_hub(witness *w)
{
    return &w->hub;
}

void witness_worker_opened(witness *w, witness_worker *worker)
{
    *utr_vec_push(&w->workers) = worker;
}

void witness_bury(witness *w)
{
    if (hub_is_serving(&w->hub))
        return;
    for (size_t i = w->workers.count; i-- > 0;)
        if (witness_worker_bury(w->workers.items[i]))
            w->workers.items[i] = w->workers.items[--w->workers.count];
}

/** How long the loop can wait. One that has nothing of its own to wait for waits for the sockets alone. */
static int patience(uv_loop_t *loop)
{
    uv_update_time(loop);
    return uv_loop_alive(loop) ? uv_backend_timeout(loop) : -1;
}

void witness_turn(witness *w, bool wait)
{
    int timeout_ms = wait ? patience(w->loop) : 0;
    hub_wait(&w->hub, timeout_ms);
    bool loop_ready = hub_serve(&w->hub, witness_worker_announce);
    witness_bury(w);
    if (loop_ready || w->hub.count <= 0 || timeout_ms == 0)
        (void)uv_run(w->loop, UV_RUN_NOWAIT);
}

static void on_anchor_closed(uv_handle_t *handle)
{
    witness *w = handle->data;
    if (w->on_closed)
        w->on_closed(w->ctx);
    hub_dispose(&w->hub);
    utr_strs_dispose(&w->services);
    utr_vec_dispose(&w->targets);
    utr_vec_dispose(&w->workers);
    free(w);
}

void witness_close(witness *w, void (*on_closed)(void *ctx), void *ctx)
{
    assert(!hub_is_serving(&w->hub));
    w->on_closed = on_closed;
    w->ctx = ctx;
    while (w->workers.count > 0) {
        witness_evidence_list unclaimed = {0};
        witness_worker_close(w->workers.items[0], &unclaimed);
        witness_evidence_dispose(&unclaimed);
    }
    uv_close((uv_handle_t *)&w->anchor, on_anchor_closed);
}
