/** Threads of the services: small stacks, and no signals, which belong to the loop's thread. */
#ifndef UTR_SERVICES_THREAD_H
#define UTR_SERVICES_THREAD_H

#include "base/error.h"

#include <pthread.h>

/** Start run(arg); joined by the caller. @return UTR_SYS */
UTR_MUST_CHECK utr_code services_thread_start(pthread_t *thread, void *(*run)(void *), void *arg,
                                              utr_error *err);

/**
 * Call work on each of count elements of size bytes, one thread each, and wait for all. Where no thread can
 * be made the work is done here.
 */
void services_thread_each(void *items, size_t count, size_t size, void *(*work)(void *));

#endif
