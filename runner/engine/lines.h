/**
 * A stream of JSON objects, one a line, as pull, build and events answer. Bytes may be cut anywhere; a line
 * is bounded.
 */
#ifndef UTR_ENGINE_LINES_H
#define UTR_ENGINE_LINES_H

#include "base/buf.h"
#include "base/json.h"

/** Takes one object. @return whether to go on; with err filled in the call fails with it */
typedef bool engine_on_line(void *ctx, const json_t *line, utr_error *err);

typedef struct {
    engine_on_line *on_line;
    void *ctx;
    utr_buf rest; /* of a line that is not whole yet, at most 1 MiB */
} engine_lines;

/** An engine_sink whose ctx is an engine_lines. Fails with UTR_PROTOCOL (not an object), UTR_TOO_LARGE. */
bool engine_lines_sink(void *ctx, const char *data, size_t len, utr_error *err);

/** The stream has ended: take a last line without its newline. @return UTR_PROTOCOL: cut in a line */
UTR_MUST_CHECK utr_code engine_lines_end(engine_lines *lines, utr_error *err);

/** What a line of pull or build says that failed ("errorDetail" or "error"), or NULL. Borrowed from the line.
 */
const char *engine_lines_failure(const json_t *line);

void engine_lines_dispose(engine_lines *lines);

#endif
