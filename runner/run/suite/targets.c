#include "run/suite/targets.h"

#include <string.h>

static int published_port(const compose_service *service, int container_port)
{
    for (size_t i = 0; service && i < service->ports.count; i++) {
        if (service->ports.items[i].container_port == container_port && !service->ports.items[i].udp)
            return service->ports.items[i].host_port;
    }
    return 0;
}

static void add_service(const run_category *category, const services_running *running, run_targets *out)
{
    const compose_service *composed = running ? compose_find(category->stack, running->name) : NULL;
    for (size_t i = 0; running && i < running->address_count; i++) {
        const services_address *address = &running->addresses[i];
        witness_target target = {running->name, address->host, address->port, address->container_port,
                                 WITNESS_AUTO};
        *utr_vec_push(&out->items) = (run_target){
            .service = running->name,
            .container_port = address->container_port,
            .preferred = published_port(composed, address->container_port),
            .composed = composed,
            .target = witness_target_add(out->witness, &target),
        };
    }
}

void run_targets_fill(const run_category *category, const bring_up *up, run_targets *out)
{
    for (size_t i = 0; i < category->manifest->services.count; i++) {
        const char *name = category->manifest->services.items[i].name;
        add_service(category, services_find(run_bring_up_services(up), name), out);
    }
}

void run_targets_dispose(run_targets *targets)
{
    utr_vec_dispose(&targets->items);
    targets->witness = NULL;
}

size_t run_targets_find(const run_targets *targets, const char *service, int container_port)
{
    size_t at = 0;
    while (at < targets->items.count && (targets->items.items[at].container_port != container_port ||
                                         strcmp(targets->items.items[at].service, service) != 0))
        at++;
    return at;
}
