/* One manifest file as a category. */
#ifndef UTR_MANIFEST_CATEGORY_H
#define UTR_MANIFEST_CATEGORY_H

#include "manifest/manifest.h"

/**
 * Read a manifest as far as it can be read.
 * @return never NULL: half-built where there were faults, with a NULL name where not even that was found
 */
manifest_category *manifest_category_read(const char *path, const manifest_options *options,
                                          utr_faults *faults, utr_error *err)
    __attribute__((returns_nonnull));

#endif
