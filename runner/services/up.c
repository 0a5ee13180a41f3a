/* Bring-up: first all images, networks and volumes at once, then a thread a service that creates, waits for
 * what it needs, starts, and waits until ready. One failure of a critical service stops them all. */
#include "services/internal.h"

#include "services/item.h"
#include "services/thread.h"

#include "base/clock.h"
#include "base/files.h"

#include <poll.h>
#include <string.h>

static void stop_all(services *s)
{
    (void)pthread_mutex_lock(&s->lock);
    s->stopping = true;
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
    utr_cancel_trip(&s->stop);
}

/* The first failure is the reason; what fails after it mostly fails because of it. */
static void fail_all(services *s, const utr_error *failure)
{
    (void)pthread_mutex_lock(&s->lock);
    bool is_first = !s->stopping && !s->failure.code;
    if (is_first)
        s->failure = *failure;
    (void)pthread_mutex_unlock(&s->lock);
    stop_all(s);
}

static bool is_stopping(services *s)
{
    (void)pthread_mutex_lock(&s->lock);
    bool stopping = s->stopping;
    (void)pthread_mutex_unlock(&s->lock);
    return stopping;
}

/* ---- images, networks, volumes ---- */

typedef struct {
    services *owner;
    services_image *image;       /* this ... */
    services_resource *resource; /* ... or this */
} provision;

static void tell_image(void *ctx, const compose_service *spec, services_state state, const char *detail)
{
    services *s = ctx;
    services_tell(s, state, services_item_find(s, spec->name), detail);
}

static void provide_image(services *s, services_image *image)
{
    services_image_source source = {.engine = s->options.engine,
                                    .pull = s->options.pull,
                                    .cancel = &s->stop,
                                    .tell = tell_image,
                                    .ctx = s};
    services_image_get(&source, image);
    if (!image->failure.code || is_stopping(s))
        return;
    utr_error failure = image->failure;
    (void)utr_wrap(&failure, "service '%s'", image->spec->name);
    for (size_t i = 0; i < s->plan.nodes.count; i++) {
        if (s->items[i].image == image)
            services_tell(s, SERVICES_FAILED, &s->items[i], image->failure.text);
    }
    if (image->critical)
        fail_all(s, &failure);
}

static void *provide(void *arg)
{
    provision *p = arg;
    services *s = p->owner;
    if (p->image) {
        provide_image(s, p->image);
        return NULL;
    }
    services_resource_make(s->options.engine, &s->identity, NULL, p->resource);
    if (p->resource->failure.code)
        fail_all(s, &p->resource->failure);
    return NULL;
}

static void provide_all(services *s)
{
    UTR_VEC(provision) work = {0};
    for (size_t i = 0; i < s->images.count; i++)
        *utr_vec_push(&work) = (provision){s, &s->images.items[i], NULL};
    for (size_t i = 0; i < s->resources.count; i++)
        *utr_vec_push(&work) = (provision){s, NULL, &s->resources.items[i]};
    services_thread_each(work.items, work.count, sizeof *work.items, provide);
    utr_vec_dispose(&work);
}

/* ---- the services ---- */

static void *bring_up(void *arg)
{
    services_item *item = arg;
    services *s = item->owner;
    utr_error err = {0};
    if (item->image->failure.code) {
        services_item_settle(item, ITEM_FAILED); /* told already */
        return NULL;
    }
    utr_code code = services_item_bring_up(item, &err);
    if (!code)
        return NULL;
    (void)utr_wrap(&err, "service '%s'", item->node->spec->name);
    if (item->node->critical && code != UTR_CANCELLED)
        fail_all(s, &err);
    services_item_settle(item, ITEM_FAILED);
    return NULL;
}

/* ---- the caller's cancel ---- */

/* Passes the caller's cancel on to ours, which failures trip too. */
typedef struct {
    services *owner;
    const utr_cancel *from;
    utr_cancel over; /* the bring-up is over */
    pthread_t thread;
} relay;

static void *relay_run(void *arg)
{
    relay *r = arg;
    struct pollfd fds[2] = {{.fd = r->from->fd, .events = POLLIN}, {.fd = r->over.fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0) {
    }
    if (fds[0].revents)
        stop_all(r->owner);
    return NULL;
}

static utr_code relay_start(relay *r, services *s, const utr_cancel *cancel, utr_error *err)
{
    *r = (relay){.owner = s, .from = cancel};
    utr_code code = utr_cancel_init(&r->over, err);
    if (code)
        return code;
    code = services_thread_start(&r->thread, relay_run, r, err);
    if (code)
        utr_cancel_dispose(&r->over);
    return code;
}

static void relay_stop(relay *r)
{
    utr_cancel_trip(&r->over);
    (void)pthread_join(r->thread, NULL);
    utr_cancel_dispose(&r->over);
}

utr_code services_up(services *s, const utr_cancel *cancel, utr_error *err)
{
    relay r;
    s->began_ms = utr_clock_ms();
    utr_code code = s->options.log_dir ? utr_dir_make(s->options.log_dir, err) : UTR_OK;
    if (!code && cancel)
        code = relay_start(&r, s, cancel, err);
    if (code)
        return code;
    provide_all(s);
    if (!is_stopping(s))
        services_thread_each(s->items, s->plan.nodes.count, sizeof *s->items, bring_up);
    if (cancel)
        relay_stop(&r);
    if (s->failure.code) {
        *err = s->failure;
        return err->code;
    }
    return s->stopping ? utr_fail(err, UTR_CANCELLED, "cancelled while services came up") : UTR_OK;
}
