#include "engine/libcurl.h"

#include "base/library.h"

#include <pthread.h>

libcurl_functions libcurl;

static utr_error problem; /* written once, under pthread_once */

static void load(void)
{
    static const utr_symbol SYMBOLS[] = {
#define LIBCURL_SYMBOL(name) {"curl_" #name, (void **)&libcurl.name},
        LIBCURL_CALLS(LIBCURL_SYMBOL)
#undef LIBCURL_SYMBOL
    };
    if (utr_library_load(UTR_LIBCURL, SYMBOLS, sizeof SYMBOLS / sizeof *SYMBOLS, &problem) == UTR_OK)
        (void)libcurl.global_init(CURL_GLOBAL_DEFAULT);
}

utr_code libcurl_load(utr_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    return problem.code ? utr_fail(err, UTR_UNREACHABLE, "%s", problem.text) : UTR_OK;
}
