/** Namespaces and what is in them, made by a process that is forked for it and ends. Inside isolation/ only.
 */
#ifndef UTR_ISOLATION_SPACE_H
#define UTR_ISOLATION_SPACE_H

#include "isolation/inside.h"

/** What was made; each descriptor is the caller's, -1 where there is none. */
typedef struct {
    isolation_space space;
    int names;
    int *listeners; /* one a bind */
    size_t listener_count;
    int blind; /* why no one can be told where a process inside wants to go: an errno; 0: one can */
} isolation_made;

/** @return UTR_SYS with the step that failed and what would have to change, UTR_TIMEOUT */
UTR_MUST_CHECK utr_code isolation_space_make(const isolation_options *options, isolation_made *out,
                                             utr_error *err);

void isolation_made_dispose(isolation_made *made);

/** One more listener. @return UTR_SYS, UTR_TIMEOUT */
UTR_MUST_CHECK utr_code isolation_space_listen(const isolation_space *space, const isolation_bind *bind,
                                               int *out_fd, utr_error *err);

#endif
