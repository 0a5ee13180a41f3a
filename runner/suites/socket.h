/**
 * The event socket: a unix socket in a folder of its own (mode 0700) that carries a connection for each
 * worker. Protocol: event.h.
 */
#ifndef UTR_SUITES_SOCKET_H
#define UTR_SUITES_SOCKET_H

#include "suites/connection.h"

typedef struct suites_socket suites_socket;

/**
 * Listen.
 * @param run_dir  the folder is made there, or in /tmp where the path would be too long for a socket
 * @param session  of all connections; borrowed until the socket is closed
 * @return UTR_SYS
 */
UTR_MUST_CHECK utr_code suites_socket_open(uv_loop_t *loop, const char *run_dir, suites_session *session,
                                           suites_socket **out, utr_error *err);

/** Its absolute path. */
const char *suites_socket_path(const suites_socket *socket);

/** The folder that it is in, made for it and removed with it once nothing else is there. */
const char *suites_socket_folder(const suites_socket *socket);

/** Only this process and those that descend from it may connect. */
void suites_socket_admit(suites_socket *socket, pid_t suite);

/** Accept, read and answer what is there, without waiting. */
void suites_socket_drain(suites_socket *socket);

/** Take nothing more in, remove the folder; on_closed comes once and later. The workers still live, for the
 * caller to end. */
void suites_socket_close(suites_socket *socket, void (*on_closed)(void *ctx), void *ctx);

#endif
