/**
 * What a worker said without waiting: lines that it appends to its file of attention, after the first byte,
 * so that neither it nor we are woken by each. They are taken in before anything that its connection said
 * later, and when that ends: what was written is not lost with whoever wrote it.
 */
#ifndef UTR_SUITES_SPOOL_H
#define UTR_SUITES_SPOOL_H

#include "suites/event.h"

#include <sys/types.h>

typedef struct {
    int fd; /* -1: none */
    off_t at;
} suites_spool;

#define SUITES_SPOOL_NONE ((suites_spool){.fd = -1})

/** What is there already was said by somebody else. @param path  where it cannot be read, nothing is ever
 * said */
void suites_spool_open(suites_spool *spool, const char *path);
void suites_spool_close(suites_spool *spool);

/** Take in the whole lines that are there. @return as suites_event_feed() */
UTR_MUST_CHECK bool suites_spool_take(suites_spool *spool, suites_event *event, utr_buf *answers);

#endif
