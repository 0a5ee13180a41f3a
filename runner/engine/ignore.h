/**
 * .dockerignore: which paths of a build context are not sent.
 *
 * A line a pattern, the last that matches a path or one of its parents decides; `!` takes back, `*` and `?`
 * stop at slashes, `**` crosses them, `[a-z]` and `\` as in Go's filepath.Match; `#` begins a comment line
 * (https://docs.docker.com/build/concepts/context/#dockerignore-files).
 */
#ifndef UTR_ENGINE_IGNORE_H
#define UTR_ENGINE_IGNORE_H

#include "base/error.h"
#include "base/vec.h"

typedef struct engine_ignore_token engine_ignore_token;

typedef struct {
    bool takes_back; /* `!` */
    UTR_VEC(engine_ignore_token) tokens;
} engine_ignore_pattern;

typedef struct {
    UTR_VEC(engine_ignore_pattern) patterns;
    bool has_exceptions; /* so a folder that is excluded may hold files that are not */
} engine_ignore;

/** @return UTR_CONFIG: "line N: ..." for a pattern that is none; UTR_TOO_LARGE: more than 10,000 patterns */
UTR_MUST_CHECK utr_code engine_ignore_parse(const char *text, engine_ignore *out, utr_error *err);

/** Whether path, relative to the context and without "./", is not sent. */
bool engine_ignore_excludes(const engine_ignore *ignore, const char *path);

void engine_ignore_dispose(engine_ignore *ignore);

#endif
