/**
 * What one suite collected, what was told of it, and what is still to be handed out: shared by all its
 * processes and workers. Pure.
 *
 * 1. suites_collection_new(), and suites_collection_set_times() where earlier times are known.
 * 2. Each suite process gets it in its suites_options. Adapters tell it what was collected, started and
 * finished; processes that run parts of the suite ask it for tests.
 * 3. suites_collection_left() says what nobody ran; suites_collection_free() when all processes are gone.
 *
 * A test runs once, in one worker. Where tests were collected by name, nothing else can pass.
 */
#ifndef UTR_SUITES_COLLECTION_H
#define UTR_SUITES_COLLECTION_H

#include "base/error.h"
#include "base/vec.h"

typedef struct suites_collection suites_collection;

suites_collection *suites_collection_new(void);

/** NULL is fine. */
void suites_collection_free(suites_collection *collection);

/**
 * Hand out by these times, the longest first. Without, and for groups of tests that have none, a test counts
 * as the mean of those that have one.
 * @param seconds_of  below 0: not known; ctx is borrowed for the collection's life
 */
void suites_collection_set_times(suites_collection *collection,
                                 double (*seconds_of)(void *ctx, const char *test), void *ctx);

/** How many tests that were collected by name have no result. */
size_t suites_collection_left(const suites_collection *collection);

/* --- for adapters: all that is wrong is UTR_CONFLICT, its text a whole sentence --- */

typedef UTR_VEC(size_t) suites_indices;

/** What one connection collected. */
typedef struct {
    utr_strs names;        /* in the order in which they were collected */
    suites_indices groups; /* of each name: the same number for those of one group; empty: each is its own */
} suites_names;

void suites_names_dispose(suites_names *names);

/** A worker expects `now` tests, whose names it does not tell; before it expected `before`. */
void suites_collection_count(suites_collection *collection, size_t before, size_t now);

/** A worker expects these tests; they join those that others expect. */
UTR_MUST_CHECK utr_code suites_collection_add(suites_collection *collection, const suites_names *names,
                                              utr_error *err);

/** A process that runs a part of the suite collected these: the same as every other. */
UTR_MUST_CHECK utr_code suites_collection_share(suites_collection *collection, const suites_names *names,
                                                utr_error *err);

/** All that are expected, named and counted. */
size_t suites_collection_total(const suites_collection *collection);

/**
 * Hand out the next groups to a process, each whole and in the order in which it was collected.
 * @param holder  the process; it must say so in suites_collection_start()
 * @param out     indices into the shared names are appended; none: nothing is left
 */
UTR_MUST_CHECK utr_code suites_collection_next(suites_collection *collection, const void *holder,
                                               suites_indices *out, utr_error *err);

/** A process is gone: what it did not run can be handed out again. */
void suites_collection_give_back(suites_collection *collection, const void *holder);

UTR_MUST_CHECK utr_code suites_collection_start(suites_collection *collection, const void *holder,
                                                const char *test, utr_error *err);

/** A test that was started turns out to be none: it may start again. */
void suites_collection_forget(suites_collection *collection, const char *test);

/** @param success  the result would count as one */
UTR_MUST_CHECK utr_code suites_collection_finish(suites_collection *collection, const char *test,
                                                 bool success, utr_error *err);

/** Whether a test has its result. */
bool suites_collection_has_told(const suites_collection *collection, const char *test);

/** Whether a test has its result, and that would not count as a success. */
bool suites_collection_has_failed(const suites_collection *collection, const char *test);

/** Whether a test runs, or has its result. */
bool suites_collection_has_begun(const suites_collection *collection, const char *test);

#endif
