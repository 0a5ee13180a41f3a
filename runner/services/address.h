/** Which ports of a service are dialled, and where. Pure, but for resolving a remote engine's host. */
#ifndef UTR_SERVICES_ADDRESS_H
#define UTR_SERVICES_ADDRESS_H

#include "services/plan.h"

typedef UTR_VEC(int) services_ports;

/** The TCP ports of a service: those declared, exposed and wanted, then those that its image exposes. */
void services_address_ports(const services_node *node, const engine_image *image, services_ports *out);

/** How many of them, from the front, open the gate of readiness; the rest is only dialled. */
typedef struct {
    size_t count;
    bool is_hint; /* the image exposes them, nobody says that this command listens */
} services_gate;

/** The first port that the stack or the wanted ports name; else those of the image, as a hint where they are
 * several or the stack runs another command. */
services_gate services_address_gate(const services_node *node, const services_ports *ports, bool has_check);

typedef UTR_VEC(services_address) services_addresses;
void services_addresses_dispose(services_addresses *addresses);

/** How a service's ports are reached. */
typedef struct {
    const char *host;  /* NULL: the container's own address */
    bool is_published; /* on the ports of host that the engine chose */
} services_route;

/** Where each port answers once the container runs. @return UTR_SERVICE: nowhere */
UTR_MUST_CHECK utr_code services_address_resolve(const engine_container *container,
                                                 const services_ports *ports, services_route route,
                                                 services_addresses *out, utr_error *err);

/** The IPv4 literal of the host in "tcp://host:port", "127.0.0.1" for a unix socket; the caller frees it. */
UTR_MUST_CHECK utr_code services_address_engine_host(const char *engine_host, char **out, utr_error *err);

#endif
