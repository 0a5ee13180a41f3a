/** libcurl, loaded when the first engine is opened (base/library.h). Used inside the engine only. */
#ifndef UTR_ENGINE_LIBCURL_H
#define UTR_ENGINE_LIBCURL_H

#include "base/error.h"

/* Its checking macros call the functions by name. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/** What is called of it: X(name without "curl_"). */
#define LIBCURL_CALLS(X)                                                                                     \
    X(easy_cleanup)                                                                                          \
    X(easy_getinfo)                                                                                          \
    X(easy_init)                                                                                             \
    X(easy_reset)                                                                                            \
    X(easy_setopt)                                                                                           \
    X(easy_strerror)                                                                                         \
    X(global_init)                                                                                           \
    X(multi_add_handle)                                                                                      \
    X(multi_cleanup)                                                                                         \
    X(multi_info_read)                                                                                       \
    X(multi_init)                                                                                            \
    X(multi_perform)                                                                                         \
    X(multi_poll)                                                                                            \
    X(multi_remove_handle)                                                                                   \
    X(multi_strerror)                                                                                        \
    X(slist_append)                                                                                          \
    X(slist_free_all)

/** Its functions: libcurl.easy_init() is curl_easy_init(). Constant once libcurl_load() has succeeded. */
typedef struct {
#define LIBCURL_MEMBER(name) __typeof__(curl_##name) *(name);
    LIBCURL_CALLS(LIBCURL_MEMBER)
#undef LIBCURL_MEMBER
} libcurl_functions;
extern libcurl_functions libcurl;

/** Load and initialise it, once; safe from any thread. @return UTR_UNREACHABLE: without it no engine can be
 * reached */
UTR_MUST_CHECK utr_code libcurl_load(utr_error *err);

#endif
