/**
 * The process that outlives the runner: removes everything of a session when the runner is gone.
 *
 * The runner's own binary, run again with `--reaper HOST SESSION`. Its standard input is a pipe whose other
 * end only the runner holds; the kernel closes it however the runner dies. A session of its own and ignored
 * signals keep Ctrl-C away from it. It ends with its work.
 */
#ifndef UTR_SERVICES_REAPER_H
#define UTR_SERVICES_REAPER_H

#include "base/error.h"

#include <sys/types.h>

typedef struct {
    pid_t pid; /* 0: none */
    int fd;    /* the pipe's end that we hold */
} services_reaper;

#define SERVICES_REAPER_NONE ((services_reaper){0, -1})

/** Start it. @return UTR_SYS */
UTR_MUST_CHECK utr_code services_reaper_start(const char *engine_host, const char *session,
                                              services_reaper *out, utr_error *err);

/** Let go of it. @param all_gone true: nothing is left to do, it ends at once; false: it removes what it
 * finds, on its own time */
void services_reaper_end(services_reaper *reaper, bool all_gone);

#endif
