/**
 * One connection of the event socket, and the output that its worker's tests may be read from. It lives on
 * the loop: its memory is freed after on_closed.
 */
#ifndef UTR_SUITES_CONNECTION_H
#define UTR_SUITES_CONNECTION_H

#include "suites/event.h"

#include <sys/types.h>
#include <uv.h>

typedef struct suites_connection suites_connection;

typedef struct {
    uv_loop_t *loop;
    suites_session *session;
    void (*on_closed)(void *ctx, suites_connection *connection); /* once, never before returning */
    void *ctx;
} suites_connection_options;

/**
 * @param fd   the connection's from now on, whatever is returned
 * @param pid  the process at its other end: messages of any other are faults
 * @return UTR_SYS
 */
UTR_MUST_CHECK utr_code suites_connection_open(const suites_connection_options *options, int fd, pid_t pid,
                                               suites_connection **out, utr_error *err);

/** The process that it stands for; 0: it is closing. */
pid_t suites_connection_pid(const suites_connection *connection);

/** Whether it said that it is a thread, so that its process may have more of its kind. */
bool suites_connection_is_thread(const suites_connection *connection);

/** Its process has another connection, for a thread: it must be one, too. */
void suites_connection_share(suites_connection *connection);

/** Whether it speaks for main. */
bool suites_connection_is_main(const suites_connection *connection);

/** Read and answer what is there, without waiting; its end, where that was reached, is told. */
void suites_connection_drain(suites_connection *connection);

/** Take nothing more in. Its worker is left to the caller. */
void suites_connection_close(suites_connection *connection);

#endif
