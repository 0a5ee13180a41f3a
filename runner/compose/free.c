/* The way out of everything that compose_load() makes. */
#include "compose/compose.h"

static void free_all(char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
}

static void dispose_all(utr_strs *const *lists, size_t count)
{
    for (size_t i = 0; i < count; i++)
        utr_strs_dispose(lists[i]);
}

static void dispose_parts(compose_service *s)
{
    for (size_t i = 0; i < s->depends_on.count; i++)
        free(s->depends_on.items[i].service);
    for (size_t i = 0; i < s->ports.count; i++)
        free(s->ports.items[i].host_address);
    for (size_t i = 0; i < s->mounts.count; i++) {
        free(s->mounts.items[i].source);
        free(s->mounts.items[i].target);
    }
    for (size_t i = 0; i < s->networks.count; i++) {
        free(s->networks.items[i].network);
        free(s->networks.items[i].ipv4_address);
        utr_strs_dispose(&s->networks.items[i].aliases);
    }
    for (size_t i = 0; i < s->ulimits.count; i++)
        free(s->ulimits.items[i].name);
    utr_vec_dispose(&s->depends_on);
    utr_vec_dispose(&s->ports);
    utr_vec_dispose(&s->mounts);
    utr_vec_dispose(&s->networks);
    utr_vec_dispose(&s->ulimits);
}

static void service_dispose(compose_service *s)
{
    char *const texts[] = {s->name,         s->image,         s->build.context, s->build.dockerfile,
                           s->build.target, s->pull_policy,   s->network_mode,  s->user,
                           s->working_dir,  s->hostname,      s->restart,       s->stop_signal,
                           s->platform,     s->container_name};
    utr_strs *const lists[] = {&s->build.args,  &s->build.labels, &s->command,      &s->entrypoint,
                               &s->environment, &s->health.test,  &s->expose,       &s->labels,
                               &s->cap_add,     &s->cap_drop,     &s->security_opt, &s->extra_hosts,
                               &s->dns,         &s->sysctls,      &s->group_add,    &s->profiles};
    free_all(texts, sizeof texts / sizeof *texts);
    dispose_all(lists, sizeof lists / sizeof lists[0]);
    dispose_parts(s);
}

static void resource_dispose(compose_resource *r)
{
    char *const texts[] = {r->key, r->name, r->driver, r->subnet};
    free_all(texts, sizeof texts / sizeof *texts);
    utr_strs_dispose(&r->driver_opts);
    utr_strs_dispose(&r->labels);
}

void compose_free(compose_stack *stack)
{
    if (!stack)
        return;
    for (size_t i = 0; i < stack->services.count; i++)
        service_dispose(&stack->services.items[i]);
    for (size_t i = 0; i < stack->networks.count; i++)
        resource_dispose(&stack->networks.items[i]);
    for (size_t i = 0; i < stack->volumes.count; i++)
        resource_dispose(&stack->volumes.items[i]);
    utr_vec_dispose(&stack->services);
    utr_vec_dispose(&stack->networks);
    utr_vec_dispose(&stack->volumes);
    utr_strs_dispose(&stack->files);
    free(stack->name);
    free(stack);
}
