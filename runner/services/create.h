/**
 * From a Compose service to the bodies that the Engine API takes. Pure functions.
 * Source: Engine API v1.41, ContainerCreate, NetworkCreate, VolumeCreate.
 */
#ifndef UTR_SERVICES_CREATE_H
#define UTR_SERVICES_CREATE_H

#include "services/owner.h"
#include "services/services.h"

/** Whose things they are: what goes into names and labels. All borrowed. */
typedef struct {
    const char *project;
    const char *session;
    const compose_stack *stack;
    services_owner owner;
    bool keep;
} services_identity;

typedef struct {
    const services_identity *identity;
    const compose_service *spec;
    const char *image;        /* to run */
    const char *image_id;     /* for the label */
    const char *network;      /* id or name of the first network, NULL with network_mode */
    const char *network_mode; /* as the API takes it: "none", "host", "container:ID"; NULL: network */
    const int *ports;         /* container ports that will be dialled */
    size_t port_count;
    const char *publish_on; /* publish them on this address, "": on all of them; NULL: do not */
    const int *host_ports;  /* on these, one for each of ports; NULL: the engine finds free ones */
} services_create;

/** POST /containers/create. New reference. */
json_t *services_create_container(const services_create *in);

/** The endpoint of one attachment (aliases, fixed address), for the create body and for connecting further
 * networks. New reference. */
json_t *services_create_endpoint(const compose_service *spec, const compose_attachment *attachment);

/** PROJECT-SERVICE-1. The stack's own `container_name` becomes an alias: runs beside each other must not
 * clash. The caller frees it. */
char *services_create_name(const services_identity *identity, const compose_service *spec);

/** What the engine shall call a network or volume of the stack: PROJECT_KEY, or an external one's own name.
 * The caller frees it. */
char *services_create_resource_name(const services_identity *identity, const compose_resource *resource);

/** POST /networks/create, POST /volumes/create. New reference. */
json_t *services_create_network(const services_identity *identity, const compose_resource *network);
json_t *services_create_volume(const services_identity *identity, const compose_resource *volume);

#endif
