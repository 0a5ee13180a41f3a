/* The services of a category and how their readiness is waited for. */
#ifndef UTR_MANIFEST_SERVICE_H
#define UTR_MANIFEST_SERVICE_H

#include "manifest/read.h"

extern const manifest_object manifest_service_object;
extern const manifest_object manifest_readiness_object;
extern const manifest_object manifest_profile_object;

/** Reads a map of services, a list of externals, into the category. */
manifest_setter manifest_set_services;
manifest_setter manifest_set_external;

void manifest_service_dispose(manifest_service *service);
void manifest_external_dispose(manifest_external *external);

#endif
