#include "services/internal.h"

#include "base/clock.h"

#include <string.h>

enum { TAIL_LINES = 50 };

/* For services that come up only because another needs them (design, section 5). */
static const services_readiness DEFAULT_READINESS = {
    .timeout_ms = 5000, .retries = 3, .delay_ms = 500, .start_ms = 60000};

const char *services_state_text(services_state state)
{
    static const char *const WORDS[] = {
#define SERVICES_STATE_WORD(name, word) word,
        SERVICES_STATES(SERVICES_STATE_WORD)
#undef SERVICES_STATE_WORD
    };
    return WORDS[state];
}

void services_tell(services *s, services_state state, const services_item *item, const char *detail)
{
    if (!s->options.on_event)
        return;
    bool has_running = state == SERVICES_READY || state == SERVICES_COMPLETED;
    services_event event = {.state = state,
                            .service = item->node->spec->name,
                            .detail = detail ? detail : "",
                            .seconds = (double)(utr_clock_ms() - s->began_ms) / 1000.0,
                            .running = has_running ? &item->running : NULL};
    s->options.on_event(s->options.ctx, &event);
}

char *services_say_with_log(const services_item *item, const char *reason)
{
    auto_free char *tail = services_log_tail(item->log, TAIL_LINES);
    return *tail ? utr_format("%s\n%s", reason, tail) : utr_strdup(reason);
}

bool services_item_may_complete(const services_item *item)
{
    const services_node *node = item->node;
    if (node->one_shot)
        return true;
    bool serves = node->spec->ports.count || node->spec->expose.count || node->spec->health.test.count ||
                  (node->wanted && node->wanted->port_count);
    const char *restart = node->spec->restart;
    return !serves && !node->awaited_healthy && (!restart || !*restart || !strcmp(restart, "no"));
}

services_item *services_item_find(const services *s, const char *name)
{
    for (size_t i = 0; i < s->plan.nodes.count; i++) {
        if (!strcmp(s->items[i].node->spec->name, name))
            return &s->items[i];
    }
    return NULL;
}

utr_code services_check(const compose_stack *stack, const services_wanted *wanted, size_t wanted_count,
                        utr_error *err)
{
    services_plan plan = {0};
    utr_code code = services_plan_make(stack, wanted, wanted_count, &plan, err);
    services_plan_dispose(&plan);
    return code;
}

static void make_items(services *s)
{
    size_t count = s->plan.nodes.count;
    auto_free size_t *image_of = utr_calloc(count + 1, sizeof *image_of);
    services_images_collect(&s->plan, &s->images, image_of);
    s->items = utr_calloc(count + 1, sizeof *s->items);
    for (size_t i = 0; i < count; i++) {
        const services_node *node = &s->plan.nodes.items[i];
        s->items[i] =
            (services_item){.owner = s,
                            .node = node,
                            .image = &s->images.items[image_of[i]],
                            .readiness = node->wanted ? node->wanted->readiness : DEFAULT_READINESS};
    }
}

static utr_code prepare(services *s, utr_error *err)
{
    const services_options *options = &s->options;
    utr_code code = services_plan_make(options->stack, options->wanted, options->wanted_count, &s->plan, err);
    if (!code)
        code = services_resources_collect(options->stack, &s->plan, &s->resources, err);
    if (code)
        return code;
    make_items(s);
    code = utr_cancel_init(&s->stop, err);
    engine_facts facts = {0};
    engine_get_facts(options->engine, &facts);
    if (!code)
        code = services_address_engine_host(facts.host, &s->engine_host, err);
    if (!code && !options->keep)
        code = services_reaper_start(facts.host, options->session, &s->reaper, err);
    return code;
}

utr_code services_new(const services_options *options, services **out, utr_error *err)
{
    services *s = UTR_NEW(services);
    s->options = *options;
    s->began_ms = utr_clock_ms();
    s->identity = (services_identity){.project = options->project,
                                      .session = options->session,
                                      .stack = options->stack,
                                      .owner = services_owner_self(),
                                      .keep = options->keep};
    s->stop.fd = -1;
    s->reaper = SERVICES_REAPER_NONE;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->changed, NULL);
    utr_code code = prepare(s, err);
    if (code) {
        /* Nothing was made in the engine yet. */
        services_reaper_end(&s->reaper, true);
        services_free(s);
        return code;
    }
    *out = s;
    return UTR_OK;
}

static void item_dispose(services_item *item)
{
    services_log_close(item->log);
    services_addresses_dispose(&item->addresses);
    utr_vec_dispose(&item->ports);
    services_reserve_dispose(&item->reserve);
    free(item->container_id);
    free(item->started_at);
}

void services_free(services *s)
{
    if (!s)
        return;
    /* Whatever services_down() did not confirm as gone is the reaper's. */
    services_reaper_end(&s->reaper, false);
    for (size_t i = 0; s->items && i < s->plan.nodes.count; i++)
        item_dispose(&s->items[i]);
    free(s->items);
    services_images_dispose(&s->images);
    services_resources_dispose(&s->resources);
    services_plan_dispose(&s->plan);
    utr_cancel_dispose(&s->stop);
    (void)pthread_cond_destroy(&s->changed);
    (void)pthread_mutex_destroy(&s->lock);
    free(s->engine_host);
    free(s);
}

const services_running *services_find(const services *s, const char *name)
{
    const services_item *item = services_item_find(s, name);
    bool runs = item && (item->phase == ITEM_READY || item->phase == ITEM_COMPLETED);
    return runs ? &item->running : NULL;
}
