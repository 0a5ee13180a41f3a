/**
 * What the connections and readers of one suite process share: whom they tell, and the workers that there
 * are. Pure: no handles.
 */
#ifndef UTR_SUITES_SESSION_H
#define UTR_SUITES_SESSION_H

#include "suites/reader.h"
#include "suites/suites.h"
#include "suites/track.h"

/** One suite process. Filled in by its owner, but for what suites_session_init() sets up. Borrows all. */
struct suites_session {
    const char *suite;   /* its name */
    const char *test;    /* the one test that it runs; NULL: the whole suite */
    const char *adapter; /* who may say hello: the format's name */
    const utr_strs *services;
    const char *pattern;                /* NULL: all tests */
    struct suites_junit *junit;         /* its reports, marked before it began; NULL: it writes none */
    bool parts;                         /* it runs what it is handed out */
    bool many_workers;                  /* others than main may come by themselves */
    const suites_reader *output_reader; /* of workers whose tests are read from their own output, which comes
                                           along with hello; NULL: they tell them */
    const suites_listener *listener;
    void *ctx;
    suites_collection *collection;
    bool greeted;   /* hello was said */
    bool announced; /* main, as it is heard now or was last, said that others will come */
    size_t faults;
    UTR_VEC(suites_worker *) workers; /* main first */
};

struct suites_worker {
    suites_session *session;
    char *name;
    suites_track track;
    suites_worker_setup setup;
    bool heard;                  /* a connection speaks for it */
    void (*drain)(void *source); /* NULL: it has nobody to hear it now */
    void *source;
};

/** A copy that is UTF-8 and at most 8 KiB long. */
char *suites_bounded(const char *text);

/** End all workers, with this message for what still runs, main last. Gives back what it was handed out. */
void suites_session_end(suites_session *session, const char *message);

/** Tell a fault; past the first 20 they are only counted. */
void suites_session_fault(suites_session *session, const char *format, ...) UTR_PRINTF(2, 3);

/** The worker of that name; NULL: none lives. */
suites_worker *suites_session_find(const suites_session *session, const char *name);

/** A new worker, which the listener was asked for. @return UTR_CONFLICT, or what on_worker said */
UTR_MUST_CHECK utr_code suites_session_welcome(suites_session *session, const char *name, bool waits,
                                               suites_worker **out, utr_error *err);

/** A worker is gone. main stays, to be heard again. */
void suites_session_leave(suites_worker *worker, const char *message);

#endif
