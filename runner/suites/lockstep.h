/**
 * A pipe that holds one packet (O_DIRECT, one page): whoever prints waits until what was printed before has
 * been taken off. So what lies in it can be looked at first, and as long as it lies there, nothing later is
 * printed.
 *
 *     suites_lockstep_open(&step, fd)
 *     while ((got = suites_lockstep_peek(&step, data, sizeof data)) > 0)
 *         ... told ... suites_lockstep_take(&step, got);
 *     suites_lockstep_close(&step)
 */
#ifndef UTR_SUITES_LOCKSTEP_H
#define UTR_SUITES_LOCKSTEP_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    int fd;      /* the reading end */
    int side[2]; /* what is looked at goes through here */
} suites_lockstep;

/** Closed: fd and side are -1. */
#define SUITES_LOCKSTEP_NONE ((suites_lockstep){-1, {-1, -1}})

/** @param fd  its own from now on, whatever is returned. @return UTR_SYS (no pipe, or none can be made) */
UTR_MUST_CHECK utr_code suites_lockstep_open(suites_lockstep *step, int fd, utr_error *err);

/** Copy what lies there, without waiting. @return its length; 0: its end; -1 with errno (EAGAIN: nothing yet)
 */
ssize_t suites_lockstep_peek(suites_lockstep *step, char *data, size_t size);

/** Take off what was looked at last. */
void suites_lockstep_take(suites_lockstep *step, size_t len);

void suites_lockstep_close(suites_lockstep *step);

#endif
