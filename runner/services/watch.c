/* Watching what runs: the engine's events, and a look at each container before and now and then, for what
 * happened where no event was heard. */
#include "services/internal.h"

#include "services/ready.h"

#include "base/clock.h"

#include <string.h>
#include <time.h>

static const int64_t LOOK_MS = 10000;
static const int64_t LISTEN_MS = 30000;
static const int64_t LAST_WORDS_MS = 100; /* of its log; being told soon counts more */

static bool is_watched(services *s, const services_item *item)
{
    (void)pthread_mutex_lock(&s->lock);
    bool watched = item->phase == ITEM_READY && !item->told_end;
    (void)pthread_mutex_unlock(&s->lock);
    return watched && !atomic_load(&s->going_down);
}

static void tell_with_log(services_item *item, services_state state, const char *reason)
{
    services_log_settle(item->log, LAST_WORDS_MS);
    auto_free char *detail = services_say_with_log(item, reason);
    services_tell(item->owner, state, item, detail);
}

static void tell_end(services_item *item, const engine_container *container)
{
    char reason[256];
    item->told_end = true;
    services_ready_say_end(container, reason, sizeof reason);
    bool oom_killed = container->oom_killed || item->told_oom;
    if (container->exit_code == 0 && !oom_killed && services_item_may_complete(item)) {
        services_tell(item->owner, SERVICES_COMPLETED, item, NULL);
        return;
    }
    tell_with_log(item, oom_killed ? SERVICES_OOM_KILLED : SERVICES_EXITED, reason);
}

static void judge_look(services_item *item, const engine_container *container)
{
    if (!container->running) {
        tell_end(item, container);
    } else if (item->started_at && strcmp(item->started_at, container->started_at) != 0) {
        free(item->started_at);
        item->started_at = utr_strdup(container->started_at);
        tell_with_log(item, SERVICES_RESTARTED, "was started again under the run");
    }
}

/* @return the engine's failure; a container that is gone is told, not failed */
static utr_code look_at(services_item *item, const utr_cancel *cancel, utr_error *err)
{
    engine_container container = {0};
    utr_code code = engine_container_inspect(item->owner->options.engine, item->container_id,
                                             engine_within(LOOK_MS, cancel), &container, err);
    if (code == UTR_NOT_FOUND) {
        utr_error_reset(err);
        item->told_end = true;
        if (!atomic_load(&item->owner->going_down))
            tell_with_log(item, SERVICES_EXITED, "was removed by someone else");
        return UTR_OK;
    }
    if (code)
        return code;
    if (!atomic_load(&item->owner->going_down))
        judge_look(item, &container);
    engine_container_dispose(&container);
    return UTR_OK;
}

static utr_code look_at_all(services *s, const utr_cancel *cancel, utr_error *err)
{
    for (size_t i = 0; i < s->plan.nodes.count; i++) {
        services_item *item = &s->items[i];
        utr_code code = is_watched(s, item) ? look_at(item, cancel, err) : UTR_OK;
        if (code)
            return code;
    }
    return UTR_OK;
}

/* ---- events ---- */

typedef struct {
    services *owner;
    const utr_cancel *cancel;
} watch;

/* What the engine knows of it now says more than the event; without an answer the event has to do. */
static void on_ended(const watch *w, services_item *item, const engine_event *event)
{
    utr_error err = {0};
    if (!look_at(item, w->cancel, &err) || item->told_end)
        return;
    engine_container told = {.exit_code =
                                 (int)strtol(utr_json_str(event->attributes, "exitCode", "-1"), NULL, 10)};
    tell_end(item, &told);
}

static void on_oom(const watch *w, services_item *item, const engine_event *event)
{
    (void)w;
    (void)event;
    item->told_oom = true; /* one of its processes; its end, if it is one, follows */
}

static void on_unhealthy(const watch *w, services_item *item, const engine_event *event)
{
    (void)w;
    (void)event;
    if (!item->told_unhealthy)
        tell_with_log(item, SERVICES_UNHEALTHY, "turned unhealthy under the run");
    item->told_unhealthy = true;
}

static void on_started(const watch *w, services_item *item, const engine_event *event)
{
    (void)event;
    utr_error err = {0};
    (void)!look_at(item, w->cancel, &err); /* an engine that is away ends the stream of events, too */
}

static const struct {
    const char *action;
    void (*run)(const watch *w, services_item *item, const engine_event *event);
} ACTIONS[] = {
    {"die", on_ended},
    {"destroy", on_ended},
    {"oom", on_oom},
    {"start", on_started},
    {"health_status: unhealthy", on_unhealthy},
};

static services_item *item_by_container(const services *s, const char *id)
{
    for (size_t i = 0; i < s->plan.nodes.count; i++) {
        if (s->items[i].container_id && !strcmp(s->items[i].container_id, id))
            return &s->items[i];
    }
    return NULL;
}

/* Another container that carries our labels and a service's name has taken its place. */
static void on_foreign(services *s, const engine_event *event)
{
    services_item *item =
        services_item_find(s, utr_json_str(event->attributes, "com.docker.compose.service", ""));
    if (!item || strcmp(event->action, "start") != 0 || !is_watched(s, item))
        return;
    auto_free char *reason = utr_format("was replaced by container %.12s", event->id);
    services_tell(s, SERVICES_RESTARTED, item, reason);
}

static bool on_event(void *ctx, const engine_event *event)
{
    const watch *w = ctx;
    services *s = w->owner;
    if (strcmp(event->type, "container") != 0)
        return true;
    services_item *item = item_by_container(s, event->id);
    if (!item) {
        on_foreign(s, event);
        return true;
    }
    for (size_t i = 0; i < sizeof ACTIONS / sizeof *ACTIONS && is_watched(s, item); i++) {
        if (!strcmp(event->action, ACTIONS[i].action))
            ACTIONS[i].run(w, item, event);
    }
    return true;
}

static utr_code listen(services *s, const utr_cancel *cancel, int64_t since_s, utr_error *err)
{
    auto_strs utr_strs labels = {0};
    utr_strs_give(&labels, utr_format("%s=%s", SERVICES_LABEL_SESSION, s->options.session));
    watch w = {s, cancel};
    return engine_events(s->options.engine, &labels, since_s, on_event, &w, engine_within(LISTEN_MS, cancel),
                         err);
}

utr_code services_watch(services *s, const utr_cancel *cancel, utr_error *err)
{
    for (;;) {
        if (utr_cancel_is_tripped(cancel))
            return utr_fail(err, UTR_CANCELLED, "cancelled");
        /* Events from before the look on, so that nothing falls between the two; what both tell is told once.
         */
        int64_t since_s = (int64_t)time(NULL) - 1;
        utr_code code = look_at_all(s, cancel, err);
        if (!code)
            code = listen(s, cancel, since_s, err);
        if (code == UTR_CANCELLED)
            return code;
        if (code && code != UTR_TIMEOUT) {
            err->code = UTR_UNREACHABLE;
            return utr_wrap(err, "watch the services");
        }
        utr_error_reset(err);
    }
}
