#include "suites/connection.h"

#include "base/files.h"
#include "suites/lines.h"
#include "suites/lockstep.h"
#include "suites/spool.h"
#include "suites/whole.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { CHUNK = 64 * 1024, MOST_CHUNKS = 64, MOST_DESCRIPTORS = 8 };
enum { SPEECH = 1, OUTPUT = 2, PAUSE = 4 };

struct suites_connection {
    suites_connection_options options;
    uv_poll_t speech_watch;
    uv_poll_t output_watch;
    int speech; /* the socket; -1: it ended */
    suites_spool spool;
    uv_timer_t pause;
    suites_lockstep output; /* the worker's; its fd is -1: none, or it ended */
    bool kept;              /* what lies there is told already */
    bool paused;            /* and stays there until the timer says */
    unsigned open;          /* handles that are not closed yet */
    pid_t pid;
    bool reading; /* further down the stack */
    bool cut;     /* what is still there is not read: it ends with the loop's next turn */
    suites_event event;
    suites_lines lines;
    suites_whole whole;
    void *state; /* the reader's; NULL: no output */
};

static void on_handle_closed(suites_connection *connection, unsigned handle)
{
    connection->open &= ~handle;
    if (connection->open)
        return;
    connection->options.on_closed(connection->options.ctx, connection);
    free(connection->state);
    free(connection);
}

static void on_speech_closed(uv_handle_t *handle)
{
    on_handle_closed(handle->data, SPEECH);
}

static void on_output_closed(uv_handle_t *handle)
{
    on_handle_closed(handle->data, OUTPUT);
}

static void on_pause_closed(uv_handle_t *handle)
{
    on_handle_closed(handle->data, PAUSE);
}

static void end_speech(suites_connection *connection)
{
    if (connection->speech < 0)
        return;
    uv_close((uv_handle_t *)&connection->speech_watch, on_speech_closed);
    (void)close(connection->speech);
    connection->speech = -1;
    suites_spool_close(&connection->spool);
    suites_event_dispose(&connection->event);
}

static void end_output(suites_connection *connection)
{
    static const loop_exit NOT_KNOWN = {0};
    if (connection->output.fd < 0)
        return;
    uv_close((uv_handle_t *)&connection->output_watch, on_output_closed);
    uv_close((uv_handle_t *)&connection->pause, on_pause_closed);
    suites_lockstep_close(&connection->output);
    suites_lines_finish(&connection->lines);
    suites_whole_finish(&connection->whole);
    connection->options.session->output_reader->end(connection->state, &NOT_KNOWN);
}

/* A worker lives as long as it speaks or prints. */
static void end_worker(suites_connection *connection)
{
    suites_worker *worker = connection->event.worker;
    if (connection->speech >= 0 || connection->output.fd >= 0 || !worker)
        return;
    connection->event.worker = NULL;
    suites_session_leave(worker, "worker died");
}

/* Nobody's callback ends a worker while that worker is being drained on behalf of others: they may hold it.
 */
static void cut_off(suites_connection *connection)
{
    connection->cut = true;
    (void)shutdown(connection->speech, SHUT_RDWR);
}

/* --- its output --- */

static void on_line(void *ctx, const char *line)
{
    suites_connection *connection = ctx;
    connection->options.session->output_reader->line(connection->state, line);
}

static void on_output_ready(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    suites_connection_drain(watch->data);
}

static void watch_output(suites_connection *connection)
{
    (void)uv_poll_start(&connection->output_watch, UV_READABLE | UV_DISCONNECT, on_output_ready);
}

static void on_pause_over(uv_timer_t *timer)
{
    suites_connection *connection = timer->data;
    connection->paused = false;
    watch_output(connection);
    suites_connection_drain(connection);
}

static void begin_output(suites_connection *connection, int fd)
{
    suites_session *session = connection->options.session;
    const suites_reader *reader = connection->options.session->output_reader;
    utr_error err = {0};
    if (suites_lockstep_open(&connection->output, fd, &err) ||
        uv_poll_init(connection->options.loop, &connection->output_watch, fd) < 0) {
        suites_session_fault(session, "event socket: %s",
                             *err.text ? err.text : "the output cannot be watched");
        suites_lockstep_close(&connection->output);
        return;
    }
    (void)uv_timer_init(connection->options.loop, &connection->pause);
    connection->open |= OUTPUT | PAUSE;
    connection->output_watch.data = connection->pause.data = connection;
    connection->state = utr_calloc(1, reader->size);
    suites_lines_init(&connection->lines, on_line, connection);
    suites_whole_init(&connection->whole, session->listener->on_output, session->ctx);
    reader->begin(connection->state, &connection->event.worker->track);
    watch_output(connection);
}

/* Who printed it waits with whatever is printed next; the others of its program go on. */
static void pause_output(suites_connection *connection, int64_t ms)
{
    connection->kept = connection->paused = true;
    (void)uv_poll_stop(&connection->output_watch);
    (void)uv_timer_start(&connection->pause, on_pause_over, (uint64_t)ms, 0);
}

/* Tells what lies there and takes it off. @return false where it stays there for now */
static bool take_output(suites_connection *connection, const char *data, size_t len)
{
    const suites_reader *reader = connection->options.session->output_reader;
    if (!connection->kept) {
        suites_whole_feed(&connection->whole, data, len);
        if (reader->begins && connection->lines.partial.len && reader->begins(data, len))
            suites_lines_feed(&connection->lines, "\n", 1);
        suites_lines_feed(&connection->lines, data, len);
    }
    int64_t quiet_ms = reader->quiet ? reader->quiet(connection->state) : 0;
    if (quiet_ms) {
        pause_output(connection, quiet_ms);
        return false;
    }
    connection->kept = false;
    suites_lockstep_take(&connection->output, len);
    return true;
}

/* @param attributing  something was sent and is to be attributed: a test's end waits until that is done
 * @return whether its end was reached */
static bool read_output(suites_connection *connection, bool attributing)
{
    const suites_reader *reader = connection->options.session->output_reader;
    char data[CHUNK];
    for (int chunk = 0; chunk < MOST_CHUNKS && connection->output.fd >= 0 && !connection->paused; chunk++) {
        ssize_t got = suites_lockstep_peek(&connection->output, data, sizeof data);
        if (got < 0)
            return errno != EAGAIN && errno != EWOULDBLOCK;
        if (got == 0)
            return true;
        if (attributing && reader->holds && reader->holds(connection->state, data, (size_t)got))
            return false;
        if (!take_output(connection, data, (size_t)got))
            return false;
    }
    return false;
}

/* --- what it says --- */

/** Bytes, and what came along with them. */
typedef struct {
    char data[CHUNK];
    ssize_t got;
    pid_t sender; /* 0: not known */
    int fds[MOST_DESCRIPTORS];
    size_t fd_count;
} received;

static void take_control(const struct cmsghdr *control, received *in)
{
    const unsigned char *data = CMSG_DATA(control);
    size_t len = control->cmsg_len - CMSG_LEN(0);
    struct ucred sender;
    if (control->cmsg_level != SOL_SOCKET)
        return;
    if (control->cmsg_type == SCM_CREDENTIALS && len == sizeof sender) {
        memcpy(&sender, data, sizeof sender);
        in->sender = sender.pid;
    }
    for (size_t at = 0; control->cmsg_type == SCM_RIGHTS && at + sizeof(int) <= len; at += sizeof(int))
        memcpy(&in->fds[in->fd_count++], data + at, sizeof(int));
}

static void receive(int fd, received *in)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof in->fds)];
    struct iovec bytes = {in->data, sizeof in->data};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    in->sender = 0;
    in->fd_count = 0;
    do {
        in->got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (in->got < 0 && errno == EINTR);
    for (struct cmsghdr *at = in->got >= 0 ? CMSG_FIRSTHDR(&message) : NULL; at;
         at = CMSG_NXTHDR(&message, at))
        take_control(at, in);
}

/* @return the one descriptor that may come, with a hello; -1: none */
static int take_descriptor(suites_connection *connection, const received *in)
{
    bool wanted =
        connection->options.session->output_reader && !connection->event.worker && in->fd_count == 1;
    if (wanted)
        return in->fds[0];
    for (size_t i = 0; i < in->fd_count; i++)
        (void)close(in->fds[i]);
    if (in->fd_count)
        suites_session_fault(connection->options.session, "event socket: a descriptor that nobody asked for");
    return -1;
}

/* Whoever waits for each answer, as asked, never fills the socket's buffer. */
static bool send_answers(suites_connection *connection, const utr_buf *answers)
{
    const char *data = utr_buf_text(answers);
    for (size_t sent = 0; sent < answers->len;) {
        ssize_t put = send(connection->speech, data + sent, answers->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                suites_session_fault(connection->options.session, "event socket: answers are not read");
            return false;
        }
        sent += (size_t)put;
    }
    return true;
}

/* Before its hello is answered: nothing of it can be there yet. */
static void begin_spool(suites_connection *connection)
{
    const suites_worker *worker = connection->event.worker;
    if (connection->spool.fd < 0 && worker && worker->setup.attention)
        suites_spool_open(&connection->spool, worker->setup.attention);
}

static bool take_in(suites_connection *connection, const received *in)
{
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    int output = take_descriptor(connection, in);
    if (in->sender != connection->pid) {
        suites_session_fault(connection->options.session, "event socket: a message of another process");
        utr_close_fd(&output);
        return false;
    }
    connection->event.brings_output = output >= 0;
    bool goes_on = suites_event_feed(&connection->event, in->data, (size_t)in->got, &answers);
    if (output >= 0 && connection->event.worker)
        begin_output(connection, output);
    else
        utr_close_fd(&output);
    begin_spool(connection);
    return send_answers(connection, &answers) && goes_on;
}

/* What it had said without waiting before what has just come from it. */
static bool take_spool(suites_connection *connection)
{
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    return suites_spool_take(&connection->spool, &connection->event, &answers) &&
           send_answers(connection, &answers);
}

/* @return whether its end was reached */
static bool read_speech(suites_connection *connection)
{
    received in;
    for (int chunk = 0; chunk < MOST_CHUNKS && connection->speech >= 0 && !connection->cut; chunk++) {
        receive(connection->speech, &in);
        bool ended = in.got == 0 || (in.got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
        if (!take_spool(connection))
            cut_off(connection);
        if (in.got <= 0)
            return ended;
        if (!take_in(connection, &in))
            cut_off(connection);
    }
    return connection->cut;
}

/* --- its life --- */

/* Ends are only told where the caller does not hold the worker. */
static void take_all(suites_connection *connection, bool may_end)
{
    if (connection->reading)
        return;
    connection->reading = true;
    bool said_all = read_speech(connection);
    bool printed_all = read_output(connection, !may_end);
    if (may_end && said_all)
        end_speech(connection);
    if (may_end && printed_all)
        end_output(connection);
    if (may_end)
        end_worker(connection);
    connection->reading = false;
}

void suites_connection_drain(suites_connection *connection)
{
    take_all(connection, true);
}

static void drain_for_worker(void *source)
{
    take_all(source, false);
}

static void on_speech_ready(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    suites_connection_drain(watch->data);
}

utr_code suites_connection_open(const suites_connection_options *options, int fd, pid_t pid,
                                suites_connection **out, utr_error *err)
{
    suites_connection *connection = UTR_NEW(suites_connection);
    int uv = uv_poll_init(options->loop, &connection->speech_watch, fd);
    if (uv < 0) {
        free(connection);
        (void)close(fd);
        return utr_fail_sys(err, -uv, "watch a connection");
    }
    connection->options = *options;
    connection->open = SPEECH;
    connection->speech_watch.data = connection;
    connection->speech = fd;
    connection->output = SUITES_LOCKSTEP_NONE;
    connection->spool = SUITES_SPOOL_NONE;
    connection->pid = pid;
    suites_event_init(&connection->event, options->session);
    connection->event.drain = drain_for_worker;
    connection->event.source = connection;
    (void)uv_poll_start(&connection->speech_watch, UV_READABLE | UV_DISCONNECT, on_speech_ready);
    *out = connection;
    return UTR_OK;
}

pid_t suites_connection_pid(const suites_connection *connection)
{
    return connection->speech >= 0 || connection->output.fd >= 0 ? connection->pid : 0;
}

bool suites_connection_is_thread(const suites_connection *connection)
{
    return connection->event.thread;
}

void suites_connection_share(suites_connection *connection)
{
    connection->event.shares_process = true;
}

bool suites_connection_is_main(const suites_connection *connection)
{
    const suites_worker *worker = connection->event.worker;
    return worker && worker == connection->options.session->workers.items[0];
}

void suites_connection_close(suites_connection *connection)
{
    end_speech(connection);
    end_output(connection);
}
