#include "services/resource.h"

#include "base/text.h"

#include <net/if.h>

static const int64_t MAKE_MS = 60000;

static bool has_resource(const services_resources *resources, const compose_resource *spec)
{
    for (size_t i = 0; i < resources->count; i++) {
        if (resources->items[i].spec == spec)
            return true;
    }
    return false;
}

static const compose_resource *find_by_key(const compose_resource *items, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(items[i].key, key))
            return &items[i];
    }
    return NULL;
}

static utr_code collect_networks(const compose_stack *stack, const compose_service *spec,
                                 services_resources *out, utr_error *err)
{
    for (size_t i = 0; !spec->network_mode && i < spec->networks.count; i++) {
        const char *key = spec->networks.items[i].network;
        const compose_resource *found = find_by_key(stack->networks.items, stack->networks.count, key);
        if (!found)
            return utr_fail(err, UTR_CONFIG,
                            "service '%s' is on network '%s', which the file does not declare", spec->name,
                            key);
        if (!has_resource(out, found))
            *utr_vec_push(out) = (services_resource){.spec = found};
    }
    return UTR_OK;
}

static utr_code collect_volumes(const compose_stack *stack, const compose_service *spec,
                                services_resources *out, utr_error *err)
{
    for (size_t i = 0; i < spec->mounts.count; i++) {
        const compose_mount *mount = &spec->mounts.items[i];
        if (mount->kind != COMPOSE_VOLUME || !mount->source || !*mount->source)
            continue;
        const compose_resource *found =
            find_by_key(stack->volumes.items, stack->volumes.count, mount->source);
        if (!found)
            return utr_fail(err, UTR_CONFIG,
                            "service '%s' mounts volume '%s', which the file does not declare", spec->name,
                            mount->source);
        if (!has_resource(out, found))
            *utr_vec_push(out) = (services_resource){.spec = found, .is_volume = true};
    }
    return UTR_OK;
}

utr_code services_resources_collect(const compose_stack *stack, const services_plan *plan,
                                    services_resources *out, utr_error *err)
{
    for (size_t i = 0; i < plan->nodes.count; i++) {
        const compose_service *spec = plan->nodes.items[i].spec;
        utr_code code = collect_networks(stack, spec, out, err);
        if (!code)
            code = collect_volumes(stack, spec, out, err);
        if (code)
            return code;
    }
    return UTR_OK;
}

void services_resources_dispose(services_resources *resources)
{
    for (size_t i = 0; i < resources->count; i++)
        free(resources->items[i].id);
    utr_vec_dispose(resources);
}

void services_resource_make(engine *e, const services_identity *identity, const utr_cancel *cancel,
                            services_resource *resource)
{
    auto_free char *name = services_create_resource_name(identity, resource->spec);
    engine_bound bound = engine_within(MAKE_MS, cancel);
    utr_error *err = &resource->failure;
    utr_code code = UTR_OK;
    if (resource->spec->external) {
        resource->id = utr_strdup(name);
    } else if (resource->is_volume) {
        auto_json json_t *body = services_create_volume(identity, resource->spec);
        code = engine_volume_create(e, body, bound, err);
        resource->id = utr_strdup(name);
    } else {
        auto_json json_t *body = services_create_network(identity, resource->spec);
        code = engine_network_create(e, body, bound, &resource->id, err);
    }
    if (code)
        (void)utr_wrap(err, "make %s '%s'", resource->is_volume ? "volume" : "network", name);
}

const services_resource *services_resource_network(const services_resources *resources, const char *key)
{
    for (size_t i = 0; i < resources->count; i++) {
        if (!resources->items[i].is_volume && !strcmp(resources->items[i].spec->key, key))
            return &resources->items[i];
    }
    return NULL;
}

static const char *driver_option(const compose_resource *spec, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < spec->driver_opts.count; i++) {
        const char *option = spec->driver_opts.items[i];
        if (!strncmp(option, name, len) && option[len] == '=')
            return option + len + 1;
    }
    return NULL;
}

/* The engine names a bridge "br-" and the first twelve digits of the network's id, unless an option names it.
 * In a virtual machine or another network namespace (Docker Desktop, rootless) there is no such interface. */
bool services_resource_is_here(const services_resource *network)
{
    const compose_resource *spec = network->spec;
    if (spec->external || (spec->driver && *spec->driver && strcmp(spec->driver, "bridge") != 0))
        return false;
    const char *named = driver_option(spec, "com.docker.network.bridge.name");
    auto_free char *bridge = named ? utr_strdup(named) : utr_format("br-%.12s", network->id);
    return if_nametoindex(bridge) != 0;
}
