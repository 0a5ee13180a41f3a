#include "base/text.h"
#include "compose/parts.h"

#include <arpa/inet.h>
#include <string.h>

static const size_t MOST_PORTS = 1000;

typedef struct {
    int first, last;
} port_range;

static const char WANTED[] =
    "a port such as 5432, \"5433:5432\", \"127.0.0.1:8000-8005:80-85\" or \"53:53/udp\"";

static bool parse_range(const char *text, size_t len, int least, port_range *out)
{
    auto_free char *first = utr_strndup(text, len);
    char *dash = strchr(first, '-');
    const char *last = first;
    if (dash) {
        *dash = '\0';
        last = dash + 1;
    }
    int64_t from;
    int64_t to;
    if (!utr_text_int(first, least, 65535, &from) || !utr_text_int(last, least, 65535, &to) || to < from)
        return false;
    *out = (port_range){(int)from, (int)to};
    return true;
}

static bool same_port(const compose_port *a, const compose_port *b)
{
    return a->container_port == b->container_port && a->host_port == b->host_port && a->udp == b->udp &&
           a->host_port_last == b->host_port_last && strcmp(a->host_address, b->host_address) == 0;
}

static void add_port(compose_service *service, compose_port port, const char *address)
{
    port.host_address = utr_strdup(address);
    for (size_t i = 0; i < service->ports.count; i++) {
        if (same_port(&service->ports.items[i], &port)) {
            free(port.host_address);
            return;
        }
    }
    *utr_vec_push(&service->ports) = port;
}

/* A port written out: both ends as ranges, the host's 0 where none is wanted. */
typedef struct {
    port_range host, container;
    const char *address;
    bool udp;
} port_spec;

static void add_ports(compose_reader *r, const utr_yaml *node, const port_spec *spec,
                      compose_service *service)
{
    int count = spec->container.last - spec->container.first + 1;
    int host_count = spec->host.last - spec->host.first + 1;
    bool pick = count == 1 && host_count > 1; /* any one of the host's */
    unsigned char address[sizeof(struct in6_addr)];
    if (*spec->address && inet_pton(AF_INET, spec->address, address) != 1 &&
        inet_pton(AF_INET6, spec->address, address) != 1) {
        utr_faults_add(r->faults, node->place,
                       "'%.60s' is no IP address; a port is published at one, such as 127.0.0.1",
                       spec->address);
    } else if (spec->host.first && host_count != count && !pick) {
        utr_faults_add(r->faults, node->place,
                       "%d host ports for %d container ports; both ranges must be of one length", host_count,
                       count);
    } else if (service->ports.count + (size_t)count > MOST_PORTS) {
        utr_faults_add(r->faults, node->place, "over %zu ports for one service; publish fewer", MOST_PORTS);
    } else {
        for (int i = 0; i < count; i++) {
            int host = spec->host.first ? spec->host.first + i : 0;
            compose_port port = {.container_port = spec->container.first + i,
                                 .host_port = host,
                                 .host_port_last = pick ? spec->host.last : host,
                                 .udp = spec->udp};
            add_port(service, port, spec->address);
        }
    }
}

static void fail_port(compose_reader *r, const utr_yaml *node, const char *text)
{
    utr_faults_add(r->faults, node->place, "'%.100s' is no port between 1 and 65535; write %s", text, WANTED);
}

static bool parse_protocol(compose_reader *r, const utr_yaml *node, const char *text, bool *udp)
{
    *udp = strcmp(text, "udp") == 0;
    if (*udp || strcmp(text, "tcp") == 0)
        return true;
    utr_faults_add(r->faults, node->place, "protocol '%.20s' is not supported; known: tcp, udp", text);
    return false;
}

/* [[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL], taken apart from its end; an IPv6 address may stand in brackets.
 */
static void read_short(compose_reader *r, const utr_yaml *node, compose_service *service)
{
    auto_free char *text = utr_strdup(node->text);
    port_spec spec = {.address = ""};
    char *slash = strchr(text, '/');
    if (slash) {
        *slash = '\0';
        if (!parse_protocol(r, node, slash + 1, &spec.udp))
            return;
    }
    char *host = NULL;
    char *container = strrchr(text, ':');
    if (container) {
        *container++ = '\0';
        host = strrchr(text, ':');
        if (host && text[strlen(text) - 1] != ']') {
            *host++ = '\0';
            spec.address = text;
        } else {
            host = text;
        }
    }
    size_t len = strlen(spec.address);
    if (len > 1 && *spec.address == '[' && spec.address[len - 1] == ']') {
        text[len - 1] = '\0';
        spec.address++;
    }
    container = container ? container : text;
    if (!parse_range(container, strlen(container), 1, &spec.container) ||
        (host && *host && !parse_range(host, strlen(host), 0, &spec.host)))
        fail_port(r, node, node->text);
    else
        add_ports(r, node, &spec, service);
}

typedef struct {
    char *target, *published, *host_ip, *protocol, *mode;
} long_port;

static void set_text(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    const char *text = compose_scalar(r, pair, pair->value, "a string or a number");
    if (text) {
        free(*(char **)field);
        *(char **)field = utr_strdup(text);
    }
}

static const compose_key LONG_KEYS[] = {
    {"target", set_text, offsetof(long_port, target), NULL, NULL, false},
    {"published", set_text, offsetof(long_port, published), NULL, NULL, false},
    {"host_ip", compose_set_string, offsetof(long_port, host_ip), NULL, NULL, false},
    {"protocol", compose_set_string, offsetof(long_port, protocol), NULL, NULL, false},
    {"mode", compose_set_string, offsetof(long_port, mode), NULL, NULL, false},
    {"name", NULL, 0, NULL, NULL, false},         /* a label for people */
    {"app_protocol", NULL, 0, NULL, NULL, false}, /* likewise */
};

static void check_long(compose_reader *r, const utr_yaml *node, const long_port *port,
                       compose_service *service)
{
    port_spec spec = {.address = port->host_ip ? port->host_ip : ""};
    if (port->protocol && !parse_protocol(r, node, port->protocol, &spec.udp))
        return;
    if (port->mode && strcmp(port->mode, "host") != 0 && strcmp(port->mode, "ingress") != 0)
        utr_faults_add(r->faults, node->place, "port mode '%.20s'; known: host, ingress", port->mode);
    if (!port->target)
        utr_faults_add(r->faults, node->place, "a port without 'target'; give the container's port");
    else if (!parse_range(port->target, strlen(port->target), 1, &spec.container) ||
             spec.container.first != spec.container.last)
        fail_port(r, node, port->target);
    else if (port->published && *port->published &&
             !parse_range(port->published, strlen(port->published), 0, &spec.host))
        fail_port(r, node, port->published);
    else
        add_ports(r, node, &spec, service);
}

void compose_set_ports(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    const utr_yaml *list = pair->value;
    if (list->kind != UTR_YAML_SEQUENCE)
        compose_fail_kind(r, pair, list, "a list of ports");
    for (size_t i = 0; list->kind == UTR_YAML_SEQUENCE && i < list->count; i++) {
        const utr_yaml *node = list->items[i];
        utr_yaml_pair one = {.key = pair->key, .place = node->place, .value = node};
        long_port port = {0};
        if (node->kind == UTR_YAML_SCALAR) {
            read_short(r, node, service);
        } else if (node->kind != UTR_YAML_MAPPING) {
            compose_fail_kind(r, &one, node, WANTED);
        } else if (compose_read_map(r, &one, LONG_KEYS, COMPOSE_COUNT(LONG_KEYS), &port)) {
            check_long(r, node, &port, service);
        }
        free(port.target);
        free(port.published);
        free(port.host_ip);
        free(port.protocol);
        free(port.mode);
    }
}

void compose_set_expose(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    utr_strs *expose = &((compose_service *)service)->expose;
    auto_strs utr_strs items = {0};
    compose_set_scalars(r, pair, &items);
    for (size_t i = 0; i < items.count; i++) {
        const char *text = items.items[i];
        const char *slash = strchr(text, '/');
        size_t len = slash ? (size_t)(slash - text) : strlen(text);
        const char *protocol = slash ? slash + 1 : "tcp";
        port_range range;
        bool udp;
        if (!parse_range(text, len, 1, &range) ||
            (size_t)(range.last - range.first) + expose->count >= MOST_PORTS)
            fail_port(r, pair->value, text);
        else if (parse_protocol(r, pair->value, protocol, &udp))
            for (int port = range.first; port <= range.last; port++)
                utr_strs_give(expose, utr_format("%d/%s", port, protocol));
    }
}
