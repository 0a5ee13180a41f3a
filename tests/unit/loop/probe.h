/* A process under test, what it wrote and how it ended. */
#ifndef TEST_LOOP_PROBE_H
#define TEST_LOOP_PROBE_H

#include "base/buf.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "loop/loop.h"

#include <errno.h>
#include <signal.h>

typedef struct {
    uv_loop_t loop;
    loop_process *process; /* NULL once on_exit was called */
    utr_buf output;
    loop_exit how;
    int exits;
    int reads;
    uv_timer_t timer;
    bool end_now;
    utr_error err;
} probe;

static inline void probe_on_output(void *ctx, const char *data, size_t len)
{
    probe *p = ctx;
    assert_int_equal(p->exits, 0);
    p->reads++;
    utr_error err = {0};
    assert_int_equal(utr_buf_add(&p->output, data, len, &err), UTR_OK);
}

static inline void probe_on_exit(void *ctx, const loop_exit *how)
{
    probe *p = ctx;
    p->how = *how;
    p->exits++;
    p->process = NULL;
}

static inline void probe_init(probe *p)
{
    *p = (probe){0};
    assert_int_equal(uv_loop_init(&p->loop), 0);
}

/* Spawns with the options' own argv; NULL-terminated words. */
static inline utr_code probe_spawn_words(probe *p, loop_spawn options, const char *const *words)
{
    auto_strs utr_strs argv = {0};
    auto_strs utr_strs environment = {0};
    for (; *words; words++)
        utr_strs_add(&argv, *words);
    utr_strs_add(&environment, "PATH=/usr/bin:/bin");
    utr_strs_add(&environment, "PROBE=set");
    options.argv = &argv;
    options.environment = &environment;
    if (!options.directory)
        options.directory = "/";
    options.on_output = probe_on_output;
    options.on_exit = probe_on_exit;
    options.ctx = p;
    utr_code code = loop_process_spawn(&p->loop, &options, &p->process, &p->err);
    assert_int_equal(p->exits, 0);
    return code;
}

static inline void probe_spawn(probe *p, loop_spawn options, const char *script)
{
    const char *const words[] = {"sh", "-c", script, NULL};
    assert_int_equal(probe_spawn_words(p, options, words), UTR_OK);
}

static inline void probe_on_timer(uv_timer_t *timer)
{
    probe *p = timer->data;
    if (p->process)
        loop_process_end(p->process, p->end_now);
    uv_close((uv_handle_t *)timer, NULL);
}

/* Ends the process after so long. */
static inline void probe_end_after(probe *p, uint64_t ms, bool now)
{
    p->end_now = now;
    p->timer.data = p;
    assert_int_equal(uv_timer_init(&p->loop, &p->timer), 0);
    assert_int_equal(uv_timer_start(&p->timer, probe_on_timer, ms, 0), 0);
}

/* Runs the loop to its end; it must close clean. */
static inline void probe_run(probe *p)
{
    assert_int_equal(uv_run(&p->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&p->loop), 0);
}

static inline void probe_dispose(probe *p)
{
    utr_buf_dispose(&p->output);
}

/* Whether a process that sleeps this peculiar time is still there. */
static inline bool sleeper_runs(const char *seconds)
{
    auto_free char *command = utr_format("pgrep -f '^sleep %s$' >/dev/null", seconds);
    return system(command) == 0; // NOLINT(cert-env33-c): a test looks with the tool a person would use
}

#endif
