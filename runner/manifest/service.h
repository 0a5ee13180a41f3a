/* The services of a category and how their readiness is waited for. */
#ifndef UTR_MANIFEST_SERVICE_H
#define UTR_MANIFEST_SERVICE_H

#include "manifest/read.h"

extern const manifest_object manifest_service_object;
extern const manifest_object manifest_readiness_object;
extern const manifest_object manifest_profile_object;

/** Reads a map of services into the category. */
manifest_setter manifest_set_services;

void manifest_service_dispose(manifest_service *service);

#endif
