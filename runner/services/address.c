#include "services/address.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

static void add_port(services_ports *ports, int64_t port)
{
    for (size_t i = 0; i < ports->count; i++) {
        if (ports->items[i] == port)
            return;
    }
    *utr_vec_push(ports) = (int)port;
}

/* "5432", "5432/tcp"; a range or another protocol is none of ours. */
static void add_exposed(services_ports *ports, const char *text)
{
    const char *slash = strchr(text, '/');
    auto_free char *number = utr_strndup(text, slash ? (size_t)(slash - text) : strlen(text));
    int64_t port = 0;
    if ((!slash || !strcmp(slash, "/tcp")) && utr_text_int(number, 1, 65535, &port))
        add_port(ports, port);
}

static void add_named(const services_node *node, services_ports *out)
{
    for (size_t i = 0; i < node->spec->ports.count; i++) {
        if (!node->spec->ports.items[i].udp)
            add_port(out, node->spec->ports.items[i].container_port);
    }
    for (size_t i = 0; i < node->spec->expose.count; i++)
        add_exposed(out, node->spec->expose.items[i]);
    for (size_t i = 0; node->wanted && i < node->wanted->port_count; i++)
        add_port(out, node->wanted->ports[i]);
}

void services_address_ports(const services_node *node, const engine_image *image, services_ports *out)
{
    add_named(node, out);
    for (size_t i = 0; i < image->ports.count; i++)
        add_exposed(out, image->ports.items[i]);
}

services_gate services_address_gate(const services_node *node, const services_ports *ports, bool has_check)
{
    services_ports named = {0};
    add_named(node, &named);
    bool is_named = named.count > 0;
    utr_vec_dispose(&named);
    bool runs_other = node->spec->has_command || node->spec->has_entrypoint;
    if (is_named)
        return (services_gate){1, false};
    if (runs_other && !has_check)
        return (services_gate){0, true};
    return (services_gate){ports->count, runs_other || ports->count > 1};
}

void services_addresses_dispose(services_addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++)
        free(addresses->items[i].host);
    utr_vec_dispose(addresses);
}

static const char *container_address(const engine_container *container)
{
    for (size_t i = 0; i < container->networks.count; i++) {
        const char *address = container->networks.items[i].address;
        if (address && *address)
            return address;
    }
    return NULL;
}

static int published_port(const engine_container *container, int port)
{
    for (size_t i = 0; i < container->ports.count; i++) {
        const engine_published *published = &container->ports.items[i];
        if (!published->udp && published->container_port == port && published->host_port > 0)
            return published->host_port;
    }
    return 0;
}

utr_code services_address_resolve(const engine_container *container, const services_ports *ports,
                                  services_route route, services_addresses *out, utr_error *err)
{
    const char *host = route.host ? route.host : container_address(container);
    if (ports->count && !host)
        return utr_fail(err, UTR_SERVICE, "the engine gave the container no address");
    services_addresses found = {0};
    for (size_t i = 0; i < ports->count; i++) {
        int port = route.is_published ? published_port(container, ports->items[i]) : ports->items[i];
        if (!port) {
            services_addresses_dispose(&found);
            return utr_fail(err, UTR_SERVICE, "the engine published port %d nowhere", ports->items[i]);
        }
        *utr_vec_push(&found) = (services_address){ports->items[i], utr_strdup(host), port};
    }
    *out = found;
    return UTR_OK;
}

utr_code services_address_engine_host(const char *engine_host, char **out, utr_error *err)
{
    const char *from = strstr(engine_host, "://");
    if (!from || utr_text_starts(engine_host, "unix:")) {
        *out = utr_strdup("127.0.0.1");
        return UTR_OK;
    }
    from += 3;
    auto_free char *name = utr_strndup(from, strcspn(from, ":/"));
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(name, NULL, &hints, &found);
    if (failure)
        return utr_fail(err, UTR_UNREACHABLE, "find the engine's host '%s': %s", name, gai_strerror(failure));
    char text[INET_ADDRSTRLEN] = "";
    (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr, text,
                    sizeof text);
    freeaddrinfo(found);
    *out = utr_strdup(text);
    return UTR_OK;
}
