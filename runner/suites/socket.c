#include "suites/socket.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { CHUNK = 64 * 1024, MOST_CHUNKS = 64 };
enum { LISTENER = 1, CONNECTION = 2 };

struct suites_socket {
    uv_loop_t *loop;
    uv_poll_t listener_watch;
    uv_poll_t connection_watch;
    int listener;
    int connection; /* -1: none */
    unsigned open;  /* handles that are not closed yet */
    bool closing;
    bool draining;
    bool greeted;
    char *folder;
    char *path;
    suites_event fresh; /* what each connection begins with */
    suites_event event; /* of the connection */
    void (*on_closed)(void *ctx);
    void *ctx;
};

/* --- the connection --- */

static void socket_closed(suites_socket *socket, unsigned handle)
{
    socket->open &= ~handle;
    if (!socket->closing || socket->open)
        return;
    socket->on_closed(socket->ctx);
    free(socket->folder);
    free(socket->path);
    free(socket);
}

static void on_connection_closed(uv_handle_t *handle)
{
    socket_closed(handle->data, CONNECTION);
}

static void on_listener_closed(uv_handle_t *handle)
{
    socket_closed(handle->data, LISTENER);
}

static void connection_end(suites_socket *socket)
{
    if (socket->connection < 0)
        return;
    uv_close((uv_handle_t *)&socket->connection_watch, on_connection_closed);
    (void)close(socket->connection);
    socket->connection = -1;
    suites_event_finish(&socket->event);
}

/* Whoever waits for each answer, as asked, never fills the socket's buffer. */
static bool answers_send(suites_socket *socket, const utr_buf *answers)
{
    const char *data = utr_buf_text(answers);
    for (size_t sent = 0; sent < answers->len;) {
        ssize_t put = send(socket->connection, data + sent, answers->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                suites_track_fault(socket->event.track, "event socket: answers are not read");
            return false;
        }
        sent += (size_t)put;
    }
    return true;
}

/* @return whether there may be more to read */
static bool connection_read(suites_socket *socket)
{
    char data[CHUNK];
    ssize_t got = recv(socket->connection, data, sizeof data, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR)
        return true;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    bool goes_on = got > 0 && suites_event_feed(&socket->event, data, (size_t)got, &answers);
    socket->greeted |= socket->event.greeted;
    if (answers_send(socket, &answers) && goes_on)
        return true;
    connection_end(socket);
    return false;
}

static void connection_drain(suites_socket *socket)
{
    for (int chunk = 0; chunk < MOST_CHUNKS && socket->connection >= 0; chunk++) {
        if (!connection_read(socket))
            return;
    }
}

static void on_connection_ready(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    suites_socket_drain(watch->data);
}

/* --- accepting --- */

/* While one connection lives no second may speak for the same worker. */
static void connection_begin(suites_socket *socket, int fd)
{
    if (socket->open & CONNECTION) {
        suites_track_fault(socket->fresh.track, "event socket: a second connection");
        (void)close(fd);
        return;
    }
    if (uv_poll_init(socket->loop, &socket->connection_watch, fd) < 0) {
        suites_track_fault(socket->fresh.track, "event socket: the connection cannot be watched");
        (void)close(fd);
        return;
    }
    socket->open |= CONNECTION;
    socket->connection_watch.data = socket;
    socket->connection = fd;
    suites_event_init(&socket->event, socket->fresh.track, socket->fresh.services, socket->fresh.pattern);
    (void)uv_poll_start(&socket->connection_watch, UV_READABLE | UV_DISCONNECT, on_connection_ready);
}

/* The next connection waits in the backlog until the last one's handle is closed. */
static bool socket_accept(suites_socket *socket)
{
    if ((socket->open & CONNECTION) && socket->connection < 0)
        return false;
    int fd = accept4(socket->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return false;
    connection_begin(socket, fd);
    return true;
}

void suites_socket_drain(suites_socket *socket)
{
    if (socket->draining || socket->closing)
        return;
    socket->draining = true;
    connection_drain(socket);
    while (socket_accept(socket))
        connection_drain(socket);
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

static utr_code socket_listen(suites_socket *self, utr_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", self->path);
    self->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (self->listener < 0 || bind(self->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(self->listener, 8) < 0)
        return utr_fail_sys(err, errno, "listen on the event socket %s", self->path);
    int uv = uv_poll_init(self->loop, &self->listener_watch, self->listener);
    if (uv < 0)
        return utr_fail_sys(err, -uv, "watch the event socket");
    self->open = LISTENER;
    self->listener_watch.data = self;
    (void)uv_poll_start(&self->listener_watch, UV_READABLE, on_listener_ready);
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

utr_code suites_socket_open(uv_loop_t *loop, const char *run_dir, const suites_event *event,
                            suites_socket **out, utr_error *err)
{
    suites_socket *socket = UTR_NEW(suites_socket);
    socket->loop = loop;
    socket->listener = socket->connection = -1;
    socket->fresh = *event;
    utr_code code = folder_make(run_dir, socket, err);
    if (!code)
        code = socket_listen(socket, err);
    if (code) {
        files_remove(socket);
        free(socket->folder);
        free(socket->path);
        free(socket);
        return code;
    }
    *out = socket;
    return UTR_OK;
}

const char *suites_socket_path(const suites_socket *socket)
{
    return socket->path;
}

bool suites_socket_was_greeted(const suites_socket *socket)
{
    return socket->greeted;
}

void suites_socket_close(suites_socket *socket, void (*on_closed)(void *ctx), void *ctx)
{
    socket->closing = true;
    socket->on_closed = on_closed;
    socket->ctx = ctx;
    connection_end(socket);
    uv_close((uv_handle_t *)&socket->listener_watch, on_listener_closed);
    files_remove(socket);
}
