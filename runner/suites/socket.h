/**
 * The event socket: a unix socket in a folder of its own (mode 0700) that carries one connection at a time.
 * Protocol: event.h.
 */
#ifndef UTR_SUITES_SOCKET_H
#define UTR_SUITES_SOCKET_H

#include "suites/event.h"

typedef struct suites_socket suites_socket;

/**
 * Listen.
 * @param run_dir   the folder is made there, or in /tmp where the path would be too long for a socket
 * @param track, services, pattern  borrowed until the socket is closed
 * @return UTR_SYS
 */
UTR_MUST_CHECK utr_code suites_socket_open(uv_loop_t *loop, const char *run_dir, const suites_event *event,
                                           suites_socket **out, utr_error *err);

/** Its absolute path. */
const char *suites_socket_path(const suites_socket *socket);

/** Whether hello was ever said. */
bool suites_socket_was_greeted(const suites_socket *socket);

/** Accept, read and answer what is there, without waiting. */
void suites_socket_drain(suites_socket *socket);

/** The suite is gone: take what is left, end, remove the folder; on_closed comes once and later. */
void suites_socket_close(suites_socket *socket, void (*on_closed)(void *ctx), void *ctx);

#endif
