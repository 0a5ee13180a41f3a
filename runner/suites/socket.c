#include "suites/socket.h"

#include "base/files.h"
#include "suites/peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { MOST_CONNECTIONS = 1024 };

struct suites_socket {
    suites_connection_options options; /* of each connection */
    uv_poll_t watch;
    int listener;
    pid_t suite; /* the suite's process */
    bool open;   /* the listener's handle is not closed yet */
    bool closing;
    bool draining;
    char *folder;
    char *path;
    UTR_VEC(suites_connection *) connections;
    void (*on_closed)(void *ctx);
    void *ctx;
};

/* --- connections --- */

static void socket_free(suites_socket *socket)
{
    utr_vec_dispose(&socket->connections);
    free(socket->folder);
    free(socket->path);
    free(socket);
}

static void socket_closed(suites_socket *socket)
{
    if (!socket->closing || socket->open || socket->connections.count)
        return;
    socket->on_closed(socket->ctx);
    socket_free(socket);
}

static void on_listener_closed(uv_handle_t *handle)
{
    suites_socket *socket = handle->data;
    socket->open = false;
    socket_closed(socket);
}

static void on_connection_closed(void *ctx, suites_connection *connection)
{
    suites_socket *socket = ctx;
    size_t at = 0;
    while (socket->connections.items[at] != connection)
        at++;
    socket->connections.items[at] = socket->connections.items[--socket->connections.count];
    socket_closed(socket);
}

/* @return the processes that must not have this one beside or below them: main may, where it announced that
 * others come; a thread may have others in its own process */
static peer_list others_of(const suites_socket *socket, pid_t pid)
{
    peer_list list = {0};
    for (size_t i = 0; i < socket->connections.count; i++) {
        const suites_connection *connection = socket->connections.items[i];
        pid_t its = suites_connection_pid(connection);
        bool announced = socket->options.session->announced && suites_connection_is_main(connection);
        bool fine = its == pid ? suites_connection_is_thread(connection) : announced;
        if (its && !fine)
            *utr_vec_push(&list) = its;
    }
    return list;
}

static bool has_connection(const suites_socket *socket, pid_t pid)
{
    size_t at = 0;
    while (at < socket->connections.count && suites_connection_pid(socket->connections.items[at]) != pid)
        at++;
    return at < socket->connections.count;
}

/* @return the process at the other end of a connection; 0: it cannot be told */
static pid_t peer_of(int fd)
{
    struct ucred peer = {0};
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 ? peer.pid : 0;
}

static void connection_begin(suites_socket *socket, int fd)
{
    pid_t pid = peer_of(fd);
    peer_list others = others_of(socket, pid);
    suites_connection *connection = NULL;
    utr_error err = {0};
    const char *wrong = socket->connections.count < MOST_CONNECTIONS ? peer_check(pid, socket->suite, &others)
                                                                     : "too many connections";
    utr_vec_dispose(&others);
    if (wrong) {
        suites_session_fault(socket->options.session, "event socket: %s", wrong);
        (void)close(fd);
        return;
    }
    bool shares = has_connection(socket, pid);
    if (suites_connection_open(&socket->options, fd, pid, &connection, &err)) {
        suites_session_fault(socket->options.session, "event socket: %s", err.text);
        return;
    }
    if (shares)
        suites_connection_share(connection);
    *utr_vec_push(&socket->connections) = connection;
}

static void drain_connections(suites_socket *socket)
{
    for (size_t i = 0; i < socket->connections.count; i++)
        suites_connection_drain(socket->connections.items[i]);
}

/* What went before a connection, another's end for one, is taken in before it. */
void suites_socket_drain(suites_socket *socket)
{
    if (socket->draining || socket->closing)
        return;
    socket->draining = true;
    drain_connections(socket);
    int fd = -1;
    while ((fd = accept4(socket->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        connection_begin(socket, fd);
        drain_connections(socket);
    }
    socket->draining = false;
}

static void on_listener_ready(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    suites_socket_drain(watch->data);
}

/* --- opening and closing --- */

static bool path_fits(const char *folder)
{
    struct sockaddr_un address;
    return strlen(folder) + strlen("/events-XXXXXX/s") < sizeof address.sun_path;
}

static utr_code folder_make(const char *run_dir, suites_socket *socket, utr_error *err)
{
    auto_free char *absolute = realpath(run_dir, NULL);
    if (!absolute)
        return utr_fail_sys(err, errno, "look at the run's folder %s", run_dir);
    socket->folder = utr_format("%s/events-XXXXXX", path_fits(absolute) ? absolute : "/tmp");
    if (!mkdtemp(socket->folder))
        return utr_fail_sys(err, errno, "make the folder of the event socket %s", socket->folder);
    socket->path = utr_format("%s/s", socket->folder);
    return UTR_OK;
}

/* Who sends each message is told along with it: connections inherit that from their listener. */
static utr_code socket_listen(suites_socket *self, utr_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int yes = 1;
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", self->path);
    self->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (self->listener < 0 || setsockopt(self->listener, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0 ||
        bind(self->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(self->listener, SOMAXCONN) < 0)
        return utr_fail_sys(err, errno, "listen on the event socket %s", self->path);
    int uv = uv_poll_init(self->options.loop, &self->watch, self->listener);
    if (uv < 0)
        return utr_fail_sys(err, -uv, "watch the event socket");
    self->open = true;
    self->watch.data = self;
    (void)uv_poll_start(&self->watch, UV_READABLE, on_listener_ready);
    return UTR_OK;
}

static void files_remove(suites_socket *socket)
{
    if (socket->listener >= 0)
        (void)close(socket->listener);
    if (socket->path)
        (void)unlink(socket->path);
    if (socket->folder)
        (void)rmdir(socket->folder);
}

utr_code suites_socket_open(uv_loop_t *loop, const char *run_dir, suites_session *session,
                            suites_socket **out, utr_error *err)
{
    suites_socket *socket = UTR_NEW(suites_socket);
    socket->options = (suites_connection_options){
        .loop = loop, .session = session, .on_closed = on_connection_closed, .ctx = socket};
    socket->listener = -1;
    utr_code code = folder_make(run_dir, socket, err);
    if (!code)
        code = socket_listen(socket, err);
    if (code) {
        files_remove(socket);
        socket_free(socket);
        return code;
    }
    *out = socket;
    return UTR_OK;
}

const char *suites_socket_folder(const suites_socket *socket)
{
    return socket->folder;
}

const char *suites_socket_path(const suites_socket *socket)
{
    return socket->path;
}

void suites_socket_admit(suites_socket *socket, pid_t suite)
{
    socket->suite = suite;
}

void suites_socket_close(suites_socket *socket, void (*on_closed)(void *ctx), void *ctx)
{
    socket->closing = true;
    socket->on_closed = on_closed;
    socket->ctx = ctx;
    for (size_t i = 0; i < socket->connections.count; i++)
        suites_connection_close(socket->connections.items[i]);
    uv_close((uv_handle_t *)&socket->watch, on_listener_closed);
    files_remove(socket);
}
