/* Values with ${service:port} in them. */
#ifndef UTR_MANIFEST_REFERENCE_H
#define UTR_MANIFEST_REFERENCE_H

#include "manifest/read.h"

/** Check the references of a variable against the category's services, and add them to its references. */
void manifest_check_references(manifest_reader *r, const manifest_variable *variable);

#endif
