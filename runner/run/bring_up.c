/* A category's services, brought up, watched and removed on threads; what they tell becomes facts on the
 * loop. */
#include "run/state.h"

#include "base/clock.h"

#include <string.h>

/* Removal kills containers and talks to a local engine; one that needs longer is broken, and the reaper goes
 * on. */
static const int64_t TAKE_DOWN_MS = 20000;

typedef struct {
    services_state state;
    char *service;
    char *detail;
    double seconds;
    char *image, *image_id, *container_id, *address;
} told;

struct bring_up {
    run_state *run;
    const run_category *category;
    services *services;
    run_wanted wanted;
    char *project, *session;
    uv_mutex_t lock;
    UTR_VEC(told) inbox; /* under the lock: what threads told and the loop has not yet recorded */
    uv_async_t wake;
    bool wake_closed;
    utr_cancel stop_watching;
    utr_error up_error, watch_error, down_error;
    uv_work_t watching;
    bool watch_ended, watches;
    bool suites_run; /* a service that dies from now on ends them */
};

char *run_first_address(const services_running *running)
{
    if (!running->address_count)
        return NULL;
    return utr_format("%s:%d", running->addresses[0].host, running->addresses[0].port);
}

/* On any thread. */
static void on_service_event(void *ctx, const services_event *event)
{
    bring_up *up = ctx;
    told one = {
        .state = event->state,
        .service = utr_strdup(event->service),
        .detail = event->detail && *event->detail ? utr_strdup(event->detail) : NULL,
    };
    if (event->running) {
        one.seconds = event->running->ready_seconds;
        one.image = utr_strdup(event->running->image);
        one.image_id = utr_strdup(event->running->image_id);
        one.container_id = utr_strdup(event->running->container_id);
        one.address = run_first_address(event->running);
    }
    uv_mutex_lock(&up->lock);
    *utr_vec_push(&up->inbox) = one;
    uv_mutex_unlock(&up->lock);
    (void)uv_async_send(&up->wake);
}

static bool is_bad(services_state state)
{
    return state == SERVICES_EXITED || state == SERVICES_OOM_KILLED || state == SERVICES_UNHEALTHY ||
           state == SERVICES_RESTARTED;
}

static bool is_owed(const manifest_category *manifest, const char *service)
{
    for (size_t i = 0; i < manifest->suites.count; i++) {
        const manifest_suite *suite = &manifest->suites.items[i];
        for (size_t k = 0; k < suite->evidence.count; k++) {
            if (strcmp(suite->evidence.items[k].service, service) == 0)
                return true;
        }
    }
    return false;
}

/* A service that nobody named is there because a named one depends on it: its death matters too. */
static bool is_needed(const bring_up *up, const char *service)
{
    const manifest_service *named = manifest_service_find(up->category->manifest, service);
    return !named || named->critical || is_owed(up->category->manifest, service);
}

static void end_suites_over(bring_up *up, const told *one)
{
    if (!up->suites_run || !is_bad(one->state) || !is_needed(up, one->service) || up->run->stop)
        return;
    up->run->stop = true;
    run_end_suites(up->run, true);
}

static void record(bring_up *up, told *one)
{
    char *category = up->category->manifest->name;
    if (one->container_id)
        (void)journal_add(up->run->journal,
                          RUN_FACT(JOURNAL_IDENTITY, category, .service = one->service, .image = one->image,
                                   .image_id = one->image_id, .container_id = one->container_id,
                                   .address = one->address, .seconds = one->seconds));
    (void)journal_add(up->run->journal, RUN_FACT(JOURNAL_SERVICE_STATE, category, .service = one->service,
                                                 .state = (char *)services_state_text(one->state),
                                                 .text = one->detail, .seconds = one->seconds));
    end_suites_over(up, one);
    free(one->service);
    free(one->detail);
    free(one->image);
    free(one->image_id);
    free(one->container_id);
    free(one->address);
}

static bool take_one(bring_up *up, told *out)
{
    uv_mutex_lock(&up->lock);
    bool any = up->inbox.count > 0;
    if (any) {
        *out = up->inbox.items[0];
        (void)memmove(up->inbox.items, up->inbox.items + 1, (up->inbox.count - 1) * sizeof *out);
        up->inbox.count--;
    }
    uv_mutex_unlock(&up->lock);
    return any;
}

static void on_wake(uv_async_t *wake)
{
    bring_up *up = wake->data;
    told one;
    while (take_one(up, &one))
        record(up, &one);
}

static void up_work(void *ctx)
{
    bring_up *up = ctx;
    if (services_up(up->services, &up->run->cancel, &up->up_error))
        return; /* the error is read by whoever waits for this work */
}

static void watch_work(uv_work_t *work)
{
    bring_up *up = work->data;
    if (services_watch(up->services, &up->stop_watching, &up->watch_error))
        return; /* looked at in on_watch_ended() */
}

static void on_watch_ended(uv_work_t *work, int status)
{
    bring_up *up = work->data;
    (void)status; /* never cancelled before it started: nothing is queued in front of it */
    up->watch_ended = true;
    bool asked = utr_cancel_is_tripped(&up->stop_watching);
    if (asked || !up->watch_error.code || run_is_ending(up->run))
        return;
    (void)journal_add(up->run->journal,
                      RUN_FACT(JOURNAL_BROKEN, up->category->manifest->name, .text = up->watch_error.text));
    up->run->stop = true;
    run_end_suites(up->run, true);
}

static void on_wake_closed(uv_handle_t *handle)
{
    bring_up *up = handle->data;
    up->wake_closed = true;
}

static void dispose(bring_up *up)
{
    services_free(up->services);
    on_wake(&up->wake);
    uv_close((uv_handle_t *)&up->wake, on_wake_closed);
    run_until(up->run, &up->wake_closed);
    uv_mutex_destroy(&up->lock);
    utr_cancel_dispose(&up->stop_watching);
    utr_vec_dispose(&up->inbox);
    run_wanted_dispose(&up->wanted);
    free(up->project);
    free(up->session);
    free(up);
}

static void sweep_work(void *ctx)
{
    bring_up *up = ctx;
    size_t removed = 0;
    utr_error err = {0};
    if (services_sweep(up->run->engine, engine_within(TAKE_DOWN_MS, &up->run->cancel), &removed, &err))
        return; /* leftovers of others never stop a run; its own names are its own */
}

static bring_up *bring_up_new(run_state *run, const run_category *category, size_t index)
{
    bring_up *up = UTR_NEW(bring_up);
    up->run = run;
    up->category = category;
    up->stop_watching.fd = -1;
    up->wanted = run_plan_wanted(category, run->request->environment);
    const char *unique = run->request->keep_services ? NULL : run->record.id;
    up->project = run_project_name(run->record.root, category->manifest->name, unique);
    up->session = utr_format("%s-%zu", run->record.id, index);
    (void)uv_mutex_init(&up->lock);
    (void)uv_async_init(run->loop, &up->wake, on_wake);
    up->wake.data = up;
    return up;
}

/* What stays up has one name for all runs of a root. */
static void look_for_kept_work(void *ctx)
{
    bring_up *up = ctx;
    const char *category = up->category->manifest->name;
    services_status_list rows = {0};
    engine_bound bound = engine_within(TAKE_DOWN_MS, &up->run->cancel);
    if (services_status(up->run->engine, up->project, bound, &rows, &up->up_error))
        return; /* start() looks at up_error */
    if (rows.count)
        (void)utr_fail(&up->up_error, UTR_CONFLICT,
                       "the services of %s are up already, left by `services up` or --keep-services; run "
                       "`services down --category %s` first, or leave --keep-services out",
                       category, category);
    services_status_dispose(&rows);
}

static utr_code start(bring_up *up, utr_error *err)
{
    services_options options = {
        .engine = up->run->engine,
        .stack = up->category->stack,
        .project = up->project,
        .session = up->session,
        .wanted = up->wanted.items,
        .wanted_count = up->wanted.count,
        .pull = up->run->request->pull,
        .log_dir = up->run->record.log_dir,
        .keep = up->run->request->keep_services,
        .on_event = on_service_event,
        .ctx = up,
    };
    if (utr_cancel_init(&up->stop_watching, err) || services_new(&options, &up->services, err))
        return err->code;
    if (options.keep)
        run_on_thread(up->run, look_for_kept_work, up);
    if (!up->up_error.code)
        run_on_thread(up->run, sweep_work, up);
    if (!up->up_error.code)
        run_on_thread(up->run, up_work, up);
    on_wake(&up->wake);
    if (up->up_error.code) {
        *err = up->up_error;
        return err->code;
    }
    return UTR_OK;
}

utr_code run_bring_up(run_state *run, const run_category *category, size_t index, bring_up **out,
                      utr_error *err)
{
    bring_up *up = bring_up_new(run, category, index);
    if (start(up, err)) {
        run_take_down(run, up);
        return err->code;
    }
    up->watching.data = up;
    up->watches = uv_queue_work(run->loop, &up->watching, watch_work, on_watch_ended) == 0;
    up->suites_run = true;
    *out = up;
    return UTR_OK;
}

static void down_work(void *ctx)
{
    bring_up *up = ctx;
    if (services_down(up->services, engine_within(TAKE_DOWN_MS, &up->run->at_once), &up->down_error))
        return; /* told by run_take_down() */
}

void run_take_down(run_state *run, bring_up *up)
{
    if (!up)
        return;
    up->suites_run = false;
    utr_cancel_trip(&up->stop_watching);
    if (up->watches)
        run_until(run, &up->watch_ended);
    if (up->services && run->interruptions < 2) /* the second interruption leaves the rest to the reaper */
        run_on_thread(run, down_work, up);
    if (up->down_error.code && run->interruptions < 2)
        (void)journal_add(run->journal, RUN_FACT(JOURNAL_BROKEN, up->category->manifest->name,
                                                 .text = up->down_error.text));
    dispose(up);
}

services *run_bring_up_services(const bring_up *up)
{
    return up->services;
}
