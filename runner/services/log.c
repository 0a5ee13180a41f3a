#include "services/log.h"

#include "services/thread.h"

#include "base/clock.h"
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>

static const size_t TAIL_BYTES = 65536;

/* A container that outlives this is not one of a test run; following is bounded like every call. */
static const int64_t FOLLOW_MS = 7LL * 24 * 3600 * 1000;

struct services_log {
    engine *engine;
    char *container_id;
    int fd; /* -1: no file */
    utr_cancel stop;
    pthread_t thread;
    atomic_bool ended;
    pthread_mutex_t lock; /* over tail */
    utr_buf tail;
};

static void write_whole(int fd, const char *data, size_t len)
{
    while (fd >= 0 && len) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno != EINTR)
            return; /* a full disk costs the file, not the run: the end stays in memory */
        data += put > 0 ? put : 0;
        len -= put > 0 ? (size_t)put : 0;
    }
}

static void log_take(void *ctx, bool is_stderr, const char *data, size_t len)
{
    (void)is_stderr;
    services_log *log = ctx;
    write_whole(log->fd, data, len);
    if (len > TAIL_BYTES) {
        data += len - TAIL_BYTES;
        len = TAIL_BYTES;
    }
    (void)pthread_mutex_lock(&log->lock);
    if (log->tail.len + len > 2 * TAIL_BYTES)
        utr_buf_drop(&log->tail, log->tail.len - TAIL_BYTES);
    utr_error err = {0};
    (void)!utr_buf_add(&log->tail, data, len, &err); /* fits: room was made above */
    (void)pthread_mutex_unlock(&log->lock);
}

static void *log_run(void *arg)
{
    services_log *log = arg;
    engine_logs options = {.tail = -1, .follow = true, .output = log_take, .ctx = log};
    utr_error err = {0};
    if (engine_container_logs(log->engine, log->container_id, &options, engine_within(FOLLOW_MS, &log->stop),
                              &err)) {
        /* The engine is gone or the container is: whoever waits for the service finds out. */
    }
    atomic_store(&log->ended, true);
    return NULL;
}

static void log_free(services_log *log)
{
    if (log->fd >= 0)
        (void)close(log->fd);
    utr_cancel_dispose(&log->stop);
    utr_buf_dispose(&log->tail);
    (void)pthread_mutex_destroy(&log->lock);
    free(log->container_id);
    free(log);
}

static utr_code log_prepare(services_log *log, const char *path, utr_error *err)
{
    if (path) {
        log->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
        if (log->fd < 0)
            return utr_fail_sys(err, errno, "open %s", path);
    }
    utr_code code = utr_cancel_init(&log->stop, err);
    return code ? code : services_thread_start(&log->thread, log_run, log, err);
}

utr_code services_log_open(engine *e, const char *container_id, const char *path, services_log **out,
                           utr_error *err)
{
    services_log *log = UTR_NEW(services_log);
    log->engine = e;
    log->container_id = utr_strdup(container_id);
    log->fd = -1;
    log->stop.fd = -1;
    log->tail = UTR_BUF_INIT(3 * TAIL_BYTES);
    (void)pthread_mutex_init(&log->lock, NULL);
    utr_code code = log_prepare(log, path, err);
    if (code)
        log_free(log);
    else
        *out = log;
    return code;
}

void services_log_close(services_log *log)
{
    if (!log)
        return;
    utr_cancel_trip(&log->stop);
    (void)pthread_join(log->thread, NULL);
    log_free(log);
}

bool services_log_has_ended(const services_log *log)
{
    return log && atomic_load(&log->ended);
}

void services_log_settle(const services_log *log, int64_t ms)
{
    int64_t end_ms = utr_clock_ms() + ms;
    while (log && !services_log_has_ended(log) && utr_clock_ms() < end_ms)
        (void)utr_cancel_sleep(NULL, 5);
}

const char *services_log_last_lines(const char *text, size_t len, int lines)
{
    const char *at = text + len;
    while (at > text && lines > 0) {
        at--;
        if (at > text && at[-1] == '\n')
            lines--;
    }
    return at;
}

char *services_log_tail(services_log *log, int lines)
{
    if (!log)
        return utr_strdup("");
    (void)pthread_mutex_lock(&log->lock);
    const char *text = utr_buf_text(&log->tail);
    size_t len = log->tail.len;
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    const char *from = services_log_last_lines(text, len, lines);
    char *tail = utr_strndup(from, len - (size_t)(from - text));
    (void)pthread_mutex_unlock(&log->lock);
    return tail;
}
