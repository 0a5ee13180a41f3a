/** SQLite, loaded when the first cache is opened (base/library.h). Used by the cache only. */
#ifndef UTR_SCAN_CACHE_LIBSQLITE_H
#define UTR_SCAN_CACHE_LIBSQLITE_H

#include "base/error.h"

#include <sqlite3.h>

/** What is called of it: X(name without "sqlite3_"). */
#define LIBSQLITE_CALLS(X)                                                                                   \
    X(bind_blob)                                                                                             \
    X(bind_int64)                                                                                            \
    X(busy_timeout)                                                                                          \
    X(close)                                                                                                 \
    X(column_blob)                                                                                           \
    X(column_bytes)                                                                                          \
    X(column_int64)                                                                                          \
    X(errmsg)                                                                                                \
    X(exec)                                                                                                  \
    X(finalize)                                                                                              \
    X(open_v2)                                                                                               \
    X(prepare_v2)                                                                                            \
    X(reset)                                                                                                 \
    X(step)

/** Its functions: libsqlite.step() is sqlite3_step(). Constant once libsqlite_load() has succeeded. */
typedef struct {
#define LIBSQLITE_MEMBER(name) __typeof__(sqlite3_##name) *(name);
    LIBSQLITE_CALLS(LIBSQLITE_MEMBER)
#undef LIBSQLITE_MEMBER
} libsqlite_functions;
extern libsqlite_functions libsqlite;

/** Load it, once; safe from any thread. @return UTR_NOT_FOUND */
UTR_MUST_CHECK utr_code libsqlite_load(utr_error *err);

#endif
