#include "base/library.h"

#include <dlfcn.h>

utr_code utr_library_load(const char *soname, const utr_symbol *symbols, size_t count, utr_error *err)
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return utr_fail(err, UTR_NOT_FOUND, "load %s: %s", soname, dlerror());
    for (size_t i = 0; i < count; i++) {
        *symbols[i].address = dlsym(library, symbols[i].name);
        if (!*symbols[i].address)
            return utr_fail(err, UTR_NOT_FOUND, "load %s: it has no %s", soname, symbols[i].name);
    }
    return UTR_OK;
}
