/**
 * A container's output, followed from its start on: kept whole in a file, its end in memory.
 *
 * The end in memory outlives the container, so what it said last is known even when it is gone.
 */
#ifndef UTR_SERVICES_LOG_H
#define UTR_SERVICES_LOG_H

#include "engine/engine.h"

typedef struct services_log services_log;

/**
 * Follow a container on a thread of its own.
 * @param path  file to write, replaced; NULL: none
 * @return UTR_SYS: the file or the thread could not be made
 */
UTR_MUST_CHECK utr_code services_log_open(engine *e, const char *container_id, const char *path,
                                          services_log **out, utr_error *err);

/** Stop following. NULL is fine. */
void services_log_close(services_log *log);

/** Whether the output has come to its end, which it does when the container stops. */
bool services_log_has_ended(const services_log *log);

/** Wait up to ms for the end. */
void services_log_settle(const services_log *log, int64_t ms);

/** The last lines, joined by newlines, without the last one; the caller frees it. A NULL log is empty. */
char *services_log_tail(services_log *log, int lines);

/** Where the last `lines` lines of text begin. Pure. */
const char *services_log_last_lines(const char *text, size_t len, int lines);

#endif
