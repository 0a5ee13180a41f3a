#include "scan/cache/libsqlite.h"

#include "base/library.h"

#include <pthread.h>

libsqlite_functions libsqlite;

static utr_error problem; /* written once, under pthread_once */

static void load(void)
{
    static const utr_symbol SYMBOLS[] = {
#define LIBSQLITE_SYMBOL(name) {"sqlite3_" #name, (void **)&libsqlite.name},
        LIBSQLITE_CALLS(LIBSQLITE_SYMBOL)
#undef LIBSQLITE_SYMBOL
    };
    /* What it says goes into the error. */
    (void)!utr_library_load(UTR_LIBSQLITE, SYMBOLS, sizeof SYMBOLS / sizeof *SYMBOLS, &problem);
}

utr_code libsqlite_load(utr_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    return problem.code ? utr_fail(err, UTR_NOT_FOUND, "%s", problem.text) : UTR_OK;
}
