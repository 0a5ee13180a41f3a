/* A sealed worker under test: what its processes write, where they want to go, and who answers at its
 * listeners. */
#ifndef TEST_ISOLATION_SEALED_H
#define TEST_ISOLATION_SEALED_H

#include "../loop/probe.h"
#include "base/files.h"
#include "isolation/isolation.h"

#include <sys/socket.h>

enum { MOST_BINDS = 8 };

typedef struct {
    int fd;
    uv_poll_t poll;
} greeter;

typedef struct {
    probe process;
    isolation *isolation;
    utr_strs elsewhere;
    greeter greeters[MOST_BINDS]; /* one a bind; says "witness N" to who connects, and hangs up */
    size_t greeter_count;
    bool closed;
} sealed;

static inline void sealed_on_elsewhere(void *ctx, const char *where)
{
    utr_strs_add(&((sealed *)ctx)->elsewhere, where);
}

static inline void sealed_on_connection(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    auto_close int fd = accept4(((const greeter *)poll->data)->fd, NULL, NULL, SOCK_CLOEXEC);
    sealed *s = poll->loop->data;
    auto_free char *text = utr_format("witness %td\n", (const greeter *)poll->data - s->greeters);
    if (fd >= 0)
        (void)!write(fd, text, strlen(text));
}

static inline void sealed_serve(sealed *s, size_t bind)
{
    greeter *one = &s->greeters[bind];
    one->fd = isolation_take_listener(s->isolation, bind);
    assert_int_equal(isolation_take_listener(s->isolation, bind), -1);
    if (one->fd < 0)
        return;
    assert_int_equal(uv_poll_init(&s->process.loop, &one->poll, one->fd), 0);
    one->poll.data = one;
    assert_int_equal(uv_poll_start(&one->poll, UV_READABLE, sealed_on_connection), 0);
}

static inline void sealed_open(sealed *s, isolation_options options)
{
    utr_error err = {0};
    *s = (sealed){0};
    probe_init(&s->process);
    s->process.loop.data = s;
    options.on_elsewhere = sealed_on_elsewhere;
    options.ctx = s;
    if (isolation_open(&s->process.loop, &options, &s->isolation, &err))
        fail_msg("%s", err.text);
    s->greeter_count = options.bind_count;
    for (size_t i = 0; i < options.bind_count; i++)
        sealed_serve(s, i);
}

/* Runs a program inside to its end; its output is appended to process.output. */
static inline void sealed_run_words(sealed *s, loop_spawn options, const char *const *words)
{
    options.before_exec = isolation_enter;
    options.before_exec_ctx = s->isolation;
    s->process.exits = 0;
    if (probe_spawn_words(&s->process, options, words))
        fail_msg("%s", s->process.err.text);
    while (!s->process.exits)
        (void)uv_run(&s->process.loop, UV_RUN_ONCE);
}

static inline void sealed_shell(sealed *s, const char *script)
{
    const char *const words[] = {"sh", "-c", script, NULL};
    sealed_run_words(s, (loop_spawn){0}, words);
}

static inline void sealed_python(sealed *s, const char *script)
{
    const char *const words[] = {"python3", "-c", script, NULL};
    sealed_run_words(s, (loop_spawn){0}, words);
}

static inline const char *sealed_output(const sealed *s)
{
    return utr_buf_text(&s->process.output);
}

static inline void sealed_on_closed(void *ctx)
{
    ((sealed *)ctx)->closed = true;
}

/* Everything closes, and the loop closes clean. */
static inline void sealed_close(sealed *s)
{
    isolation_close(s->isolation, sealed_on_closed, s);
    assert_false(s->closed);
    for (size_t i = 0; i < s->greeter_count; i++) {
        if (s->greeters[i].fd >= 0)
            uv_close((uv_handle_t *)&s->greeters[i].poll, NULL);
    }
    probe_run(&s->process);
    assert_true(s->closed);
    for (size_t i = 0; i < s->greeter_count; i++)
        utr_close_fd(&s->greeters[i].fd);
    utr_strs_dispose(&s->elsewhere);
    probe_dispose(&s->process);
}

#endif
