/**
 * One call to the engine over HTTP: deadline, cancellation, bounded answers, the daemon's message on refusal.
 *
 * 1. Fill an engine_request; paths with names in them are made with engine_path().
 * 2. engine_call() for an answer's status alone or a streamed one, engine_call_json() for a JSON answer.
 *
 * Connections are kept per engine and reused; any number of threads may call at once.
 */
#ifndef UTR_ENGINE_HTTP_H
#define UTR_ENGINE_HTTP_H

#include "engine/engine.h"
#include "engine/host.h"
#include "engine/libcurl.h"

#include <pthread.h>

/** A curl handle with its own connection. */
typedef struct {
    CURL *easy;
    CURLM *multi;
} engine_line;

struct engine {
    engine_host host;
    char *version;
    char *api_version; /* "1.41"; NULL while it is being settled: paths go out without a version */
    char *platform;
    pthread_mutex_t lock; /* over idle */
    UTR_VEC(engine_line) idle;
};

/** Takes bytes of an answer. @return whether to go on; with err filled in the call fails with it */
typedef bool engine_sink(void *ctx, const char *data, size_t len, utr_error *err);

/** Gives bytes of a request's body, at most len. @return how many, 0 at the end, -1 with err filled in */
typedef ssize_t engine_source(void *ctx, char *data, size_t len, utr_error *err);

typedef struct {
    const char *method;
    const char *path;      /* with its query, escaped, without the version */
    const json_t *body;    /* sent as JSON, or NULL */
    const char *header;    /* one more header line, or NULL */
    engine_source *source; /* a tar streamed as the body, or NULL */
    void *source_ctx;
    engine_sink *sink; /* gets what a 2xx answers, or NULL: kept */
    void *sink_ctx;
    engine_bound bound;
} engine_request;

typedef struct {
    int status;
    utr_buf body;         /* what was kept, UTR_TOO_LARGE past 16 MiB */
    char api_version[16]; /* the Api-Version header, or "" */
} engine_reply;
void engine_reply_dispose(engine_reply *reply);
#define auto_reply __attribute__((cleanup(engine_reply_dispose)))

/** Make the call. Any status outside 2xx and 304 is an error (see engine.h). @param reply may be NULL */
UTR_MUST_CHECK utr_code engine_call(engine *e, const engine_request *request, engine_reply *reply,
                                    utr_error *err);

/** Make the call and parse its answer. @param out a new reference. @return also UTR_PROTOCOL: not JSON */
UTR_MUST_CHECK utr_code engine_call_json(engine *e, const engine_request *request, json_t **out,
                                         utr_error *err);

/** Make the call and take the id that it answers with ("Id"). @param out_id freed by the caller */
UTR_MUST_CHECK utr_code engine_call_id(engine *e, const engine_request *request, char **out_id,
                                       utr_error *err);

/** before + name + after, the name escaped (its slashes kept); the caller frees it. */
char *engine_path(const char *before, const char *name, const char *after);

/** Append "&key=value" (or "?key=value" for the first) with the value escaped. */
void engine_path_add(utr_buf *path, const char *key, const char *value);

/** Used by engine_free(). */
void engine_line_close(engine_line *line);

#endif
