/**
 * Getting a service's image: use what is there, pull, or build (Compose Specification, pull_policy).
 *
 * Services that name the same image share one services_image, so it is pulled or built once. What is built
 * here carries the digest of what it was built from as a label; once the build context says something else,
 * the image is built again. An image without that label was made by somebody else and is theirs to renew.
 */
#ifndef UTR_SERVICES_IMAGE_H
#define UTR_SERVICES_IMAGE_H

#include "services/plan.h"

typedef enum {
    SERVICES_IMAGE_USE,
    SERVICES_IMAGE_PULL,
    SERVICES_IMAGE_PULL_OR_USE, /* "latest": what is there serves where the registry does not answer */
    SERVICES_IMAGE_PULL_OR_BUILD,
    SERVICES_IMAGE_BUILD,
    SERVICES_IMAGE_REFUSE, /* not there, and nothing may fetch or make it */
} services_image_step;

typedef enum {
    SERVICES_IMAGE_ABSENT,
    SERVICES_IMAGE_PRESENT,
    SERVICES_IMAGE_STALE, /* there, built by us, and its context has changed since */
} services_image_presence;

/** What to do for a service. Pure. */
services_image_step services_image_decide(const compose_service *spec, services_pull pull,
                                          services_image_presence presence);

/** Told when the image is pulled or built, and how it goes on. */
typedef void services_image_tell(void *ctx, const compose_service *spec, services_state state,
                                 const char *detail);

typedef struct {
    const compose_service *spec; /* one that uses it; the one that can build it, where there is one */
    char *ref;                   /* "redis:7"; made from the build's inputs where the service names none */
    bool critical;               /* some critical service needs it */
    engine_image facts;          /* once got */
    utr_error failure;           /* code UTR_OK: got */
} services_image;

typedef UTR_VEC(services_image) services_images;

/** The distinct images of a plan. @param out_of_node an index into out for each node, as many as nodes */
void services_images_collect(const services_plan *plan, services_images *out, size_t *out_of_node);
void services_images_dispose(services_images *images);

typedef struct {
    engine *engine;
    services_pull pull;
    const utr_cancel *cancel;
    services_image_tell *tell;
    void *ctx;
} services_image_source;

/** Make sure that the image is there and learn its facts; what fails is left in image->failure. */
void services_image_get(const services_image_source *source, services_image *image);

#endif
