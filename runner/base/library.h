/**
 * Shared libraries that are loaded when they are first needed.
 *
 * For those that bring dozens of others with them: a command that needs none of it (`list`) would spend most
 * of its time in the dynamic loader. Their headers and versions are those of the build; only the loading is
 * late.
 */
#ifndef UTR_BASE_LIBRARY_H
#define UTR_BASE_LIBRARY_H

#include "base/error.h"

/** A function to be found, and where its address goes. */
typedef struct {
    const char *name;
    void **address;
} utr_symbol;

/**
 * Load a library for the life of the process and fill in the addresses.
 * @param soname  as the linker would record it: "libcurl.so.4"
 * @return UTR_NOT_FOUND with what the loader says, and nothing filled in that can be called
 */
UTR_MUST_CHECK utr_code utr_library_load(const char *soname, const utr_symbol *symbols, size_t count,
                                         utr_error *err);

#endif
