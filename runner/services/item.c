#include "services/item.h"

#include "services/ready.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"

#include <string.h>

/* Making and starting are not cut short by a cancel: what the engine was asked for it makes all the same, and
 * only what is known to be there can be removed. */
static const int64_t MAKE_MS = 60000;
static const int64_t LOOK_MS = 10000;
static const int64_t LAST_WORDS_MS = 1000; /* for the rest of the log of what has just ended */

void services_item_settle(services_item *item, services_phase phase)
{
    services *s = item->owner;
    (void)pthread_mutex_lock(&s->lock);
    item->phase = phase;
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- what it needs ---- */

typedef enum { NEED_PENDING, NEED_MET, NEED_LOST } need_state;

static need_state need_look(compose_condition condition, services_phase phase)
{
    static const need_state STATES[][ITEM_FAILED + 1] = {
        /*                      WAITING       STARTED       READY         COMPLETED  FAILED */
        [COMPOSE_STARTED] = {NEED_PENDING, NEED_MET, NEED_MET, NEED_MET, NEED_LOST},
        [COMPOSE_HEALTHY] = {NEED_PENDING, NEED_PENDING, NEED_MET, NEED_LOST, NEED_LOST},
        [COMPOSE_COMPLETED] = {NEED_PENDING, NEED_PENDING, NEED_PENDING, NEED_MET, NEED_LOST},
    };
    return STATES[condition][phase];
}

static utr_code wait_for_need(services *s, const services_need *need, utr_error *err)
{
    const services_item *other = &s->items[need->node];
    (void)pthread_mutex_lock(&s->lock);
    while (!s->stopping && need_look(need->condition, other->phase) == NEED_PENDING)
        (void)pthread_cond_wait(&s->changed, &s->lock);
    need_state state = need_look(need->condition, other->phase);
    bool stopping = s->stopping;
    (void)pthread_mutex_unlock(&s->lock);
    if (stopping)
        return utr_fail(err, UTR_CANCELLED, "cancelled");
    if (state == NEED_LOST && need->required)
        return utr_fail(err, UTR_SERVICE, "needs '%s', which did not come up", other->node->spec->name);
    return UTR_OK;
}

static utr_code wait_for_needs(services_item *item, utr_error *err)
{
    for (size_t i = 0; i < item->node->needs.count; i++) {
        utr_code code = wait_for_need(item->owner, &item->node->needs.items[i], err);
        if (code)
            return code;
    }
    return UTR_OK;
}

/* ---- how it is reached ---- */

static bool has_network_mode(const services_item *item, const char *mode)
{
    const char *own = item->node->spec->network_mode;
    return own && !strcmp(own, mode);
}

static const services_resource *first_network(const services_item *item)
{
    const compose_service *spec = item->node->spec;
    if (spec->network_mode || !spec->networks.count)
        return NULL;
    return services_resource_network(&item->owner->resources, spec->networks.items[0].network);
}

/* A container's own address serves where its bridge is on this machine; else its ports are published. */
static bool is_published(const services_item *item)
{
    const services_resource *network = first_network(item);
    engine_facts facts = {0};
    engine_get_facts(item->owner->options.engine, &facts);
    return network && !(facts.is_local && services_resource_is_here(network));
}

static services_route route_of(const services_item *item)
{
    if (has_network_mode(item, "host"))
        return (services_route){item->owner->engine_host, false};
    const char *owner = services_plan_network_owner(item->node->spec);
    const services_item *other = owner ? services_item_find(item->owner, owner) : NULL;
    if (other)
        return (services_route){other->addresses.count ? other->addresses.items[0].host : NULL, false};
    bool published = is_published(item);
    return (services_route){published ? item->owner->engine_host : NULL, published};
}

/* ---- create ---- */

static char *network_mode_of(const services_item *item)
{
    const char *owner = services_plan_network_owner(item->node->spec);
    const services_item *other = owner ? services_item_find(item->owner, owner) : NULL;
    return other ? utr_format("container:%s", other->container_id)
                 : utr_strdup(item->node->spec->network_mode);
}

static utr_code connect_further(const services_item *item, utr_error *err)
{
    const compose_service *spec = item->node->spec;
    for (size_t i = 1; !spec->network_mode && i < spec->networks.count; i++) {
        const compose_attachment *attachment = &spec->networks.items[i];
        const services_resource *network =
            services_resource_network(&item->owner->resources, attachment->network);
        auto_json json_t *endpoint = services_create_endpoint(spec, attachment);
        utr_code code = engine_network_connect(item->owner->options.engine, network->id, item->container_id,
                                               endpoint, engine_within(MAKE_MS, NULL), err);
        if (code)
            return code;
    }
    return UTR_OK;
}

/* After a deadline nobody knows what the engine still makes of it: then the reaper stays on. */
static utr_code made(services_item *item, utr_code code)
{
    if (code == UTR_TIMEOUT || code == UTR_UNREACHABLE || code == UTR_PROTOCOL)
        atomic_store(&item->owner->unsure, true);
    return code;
}

/* Where its ports are published: on loopback ports found here, or, where the engine is another machine, on
 * any that are free there. */
static utr_code publish(services_item *item, services_create *in, utr_error *err)
{
    engine_facts facts = {0};
    engine_get_facts(item->owner->options.engine, &facts);
    if (!is_published(item))
        return UTR_OK;
    in->publish_on = facts.is_local ? "127.0.0.1" : "";
    if (!facts.is_local)
        return UTR_OK;
    utr_code code = services_reserve_take(item->ports.count, &item->reserve, err);
    in->host_ports = item->reserve.ports.items;
    return code;
}

static utr_code create(services_item *item, utr_error *err)
{
    services *s = item->owner;
    services_tell(s, SERVICES_CREATING, item, NULL);
    if (!has_network_mode(item, "none"))
        services_address_ports(item->node, &item->image->facts, &item->ports);
    const services_resource *network = first_network(item);
    auto_free char *mode = network_mode_of(item);
    services_create in = {.identity = &s->identity,
                          .spec = item->node->spec,
                          .image = item->image->ref,
                          .image_id = item->image->facts.id,
                          .network = network ? network->id : NULL,
                          .network_mode = mode,
                          .ports = item->ports.items,
                          .port_count = item->ports.count};
    if (publish(item, &in, err))
        return err->code;
    auto_json json_t *body = services_create_container(&in);
    auto_free char *name = services_create_name(&s->identity, item->node->spec);
    utr_code code =
        made(item, engine_container_create(s->options.engine, name, body, engine_within(MAKE_MS, NULL),
                                           &item->container_id, err));
    return code ? code : connect_further(item, err);
}

/* ---- start ---- */

static utr_code start(services_item *item, utr_error *err)
{
    services *s = item->owner;
    services_reserve_release(&item->reserve);
    item->started_ms = utr_clock_ms();
    utr_code code = made(item, engine_container_start(s->options.engine, item->container_id,
                                                      engine_within(MAKE_MS, NULL), err));
    if (code)
        return code;
    services_tell(s, SERVICES_STARTED, item, NULL);
    services_item_settle(item, ITEM_STARTED);
    auto_free char *file = utr_format("%s.log", item->node->spec->name);
    auto_free char *path = s->options.log_dir ? utr_path_join(s->options.log_dir, file) : NULL;
    return services_log_open(s->options.engine, item->container_id, path, &item->log, err);
}

/* ---- ready ---- */

static void fill_running(services_item *item)
{
    item->running = (services_running){
        .name = item->node->spec->name,
        .image = item->image->ref,
        .image_id = item->image->facts.id,
        .container_id = item->container_id,
        .ready_seconds = (double)(utr_clock_ms() - item->started_ms) / 1000.0,
        .addresses = item->addresses.items,
        .address_count = item->addresses.count,
        .one_shot = services_item_may_complete(item),
    };
}

static void succeed(services_item *item, services_phase phase)
{
    fill_running(item);
    services_item_settle(item, phase);
    services_tell(item->owner, phase == ITEM_READY ? SERVICES_READY : SERVICES_COMPLETED, item, NULL);
}

/* The check that the stack declares, else the image's own, unless either is switched off. */
static const utr_strs *health_test(const services_item *item)
{
    static const utr_strs NONE = {0};
    const compose_health *own = &item->node->spec->health;
    if (own->disabled)
        return &NONE;
    return own->test.count ? &own->test : &item->image->facts.health.test;
}

static int64_t health_grace(const services_item *item)
{
    const compose_health *own = &item->node->spec->health;
    return own->test.count ? own->start_period_ms : item->image->facts.health.start_period_ms;
}

static const char *environment_of(const services_item *item, const char *name)
{
    size_t len = strlen(name);
    const utr_strs *environment = &item->node->spec->environment;
    for (size_t i = 0; i < environment->count; i++) {
        if (!strncmp(environment->items[i], name, len) && environment->items[i][len] == '=')
            return environment->items[i] + len + 1;
    }
    return NULL;
}

static utr_code wait_ready(services_item *item, services_ready_outcome *out, utr_error *err)
{
    services *s = item->owner;
    auto_strs utr_strs check = {0};
    services_ready_argv(health_test(item), &check);
    services_gate gate = services_address_gate(item->node, &item->ports, check.count > 0);
    services_ready_task task = {.engine = s->options.engine,
                                .container_id = item->container_id,
                                .profile = item->readiness,
                                .started_ms = item->started_ms,
                                .grace_ms = health_grace(item),
                                .check = &check,
                                .gate = item->addresses.items,
                                .gate_count = gate.count,
                                .gate_is_hint = gate.is_hint,
                                .through_proxy = route_of(item).is_published,
                                .user = environment_of(item, "POSTGRES_USER"),
                                .log = item->log,
                                .cancel = &s->stop};
    return services_ready_wait(&task, out, err);
}

static utr_code look(services_item *item, services_ready_outcome *out, utr_error *err)
{
    engine_container container = {0};
    utr_code code = engine_container_inspect(item->owner->options.engine, item->container_id,
                                             engine_within(LOOK_MS, &item->owner->stop), &container, err);
    if (code)
        return code;
    item->started_at = utr_strdup(container.started_at);
    if (container.running) {
        code = services_address_resolve(&container, &item->ports, route_of(item), &item->addresses, err);
    } else {
        out->kind = SERVICES_READY_ENDED;
        out->exit_code = container.exit_code;
        out->oom_killed = container.oom_killed;
        services_ready_say_end(&container, out->reason, sizeof out->reason);
    }
    engine_container_dispose(&container);
    return code;
}

static utr_code wait_completed(services_item *item, services_ready_outcome *out, utr_error *err)
{
    services *s = item->owner;
    int exit_code = 0;
    engine_bound bound = {item->started_ms + item->readiness.start_ms, &s->stop};
    utr_code code = engine_container_wait(s->options.engine, item->container_id, bound, &exit_code, err);
    if (code == UTR_TIMEOUT) {
        utr_error_reset(err);
        out->kind = SERVICES_READY_GAVE_UP;
        (void)snprintf(out->reason, sizeof out->reason, "not done within %.1f s of its start",
                       (double)item->readiness.start_ms / 1000.0);
        return UTR_OK;
    }
    return code ? code : look(item, out, err);
}

static utr_code judge(services_item *item, const services_ready_outcome *outcome, utr_error *err)
{
    if (outcome->kind == SERVICES_READY_PASSED) {
        succeed(item, ITEM_READY);
        return UTR_OK;
    }
    bool has_ended = outcome->kind == SERVICES_READY_ENDED;
    if (has_ended && outcome->exit_code == 0 && !outcome->oom_killed && services_item_may_complete(item)) {
        succeed(item, ITEM_COMPLETED);
        return UTR_OK;
    }
    if (has_ended)
        services_log_settle(item->log, LAST_WORDS_MS);
    return utr_fail(err, UTR_SERVICE, "%s%s", outcome->reason,
                    has_ended && !item->node->one_shot ? " before it was ready" : "");
}

static utr_code become_ready(services_item *item, utr_error *err)
{
    services_ready_outcome outcome = {0};
    utr_code code = UTR_OK;
    if (item->node->one_shot) {
        code = wait_completed(item, &outcome, err);
    } else {
        code = look(item, &outcome, err);
        if (!code && outcome.kind == SERVICES_READY_PASSED)
            code = wait_ready(item, &outcome, err);
    }
    return code ? code : judge(item, &outcome, err);
}

/* A container that shares another's network is created once that one runs. */
static utr_code create_and_wait(services_item *item, utr_error *err)
{
    bool shares = services_plan_network_owner(item->node->spec) != NULL;
    utr_code code = shares ? wait_for_needs(item, err) : UTR_OK;
    if (!code)
        code = create(item, err);
    return code ? code : wait_for_needs(item, err);
}

utr_code services_item_bring_up(services_item *item, utr_error *err)
{
    utr_code code = create_and_wait(item, err);
    if (!code)
        code = start(item, err);
    if (!code)
        code = become_ready(item, err);
    if (code && code != UTR_CANCELLED) {
        auto_free char *detail = services_say_with_log(item, err->text);
        services_tell(item->owner, SERVICES_FAILED, item, detail);
    }
    return code;
}
