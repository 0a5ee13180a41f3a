#include "services/ready.h"

#include "services/probe.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static const int64_t GATE_POLL_MS = 5;       /* while a service is young ... */
static const int64_t GATE_POLL_SLOW_MS = 25; /* ... and when it takes its time */
static const int64_t GATE_YOUNG_MS = 15000;
static const int64_t GATE_HINT_MS = 1000; /* how long a mere hint may hold the check back */
static const int64_t LOOK_EVERY_MS =
    250; /* at the container's state; the end of its log is looked at sooner */
static const int64_t CALL_MS = 10000;
static const int64_t HANDSHAKE_MS = 1000;      /* a port may take this long to answer ... */
static const int64_t HANDSHAKE_SHORT_MS = 250; /* ... or this, where a health check decides anyway */
static const int64_t FIRST_PAUSE_MS = 20;
static const int64_t BEHIND_EVERY_MS = 1000; /* how often a closed published port is looked behind ... */
static const int64_t BEHIND_MOST_MS = 5000;  /* ... and how long a healthy service may be out of reach */

typedef struct {
    const services_ready_task *task;
    int64_t deadline_ms;
    int64_t looked_ms; /* when the state was last asked for */
    bool is_gate_open;
    int64_t pause_ms;   /* the last one between two checks */
    int failures;       /* in a row, at the profile's pace */
    int64_t behind_ms;  /* when a closed published port was last looked behind */
    int64_t healthy_ms; /* since when the service there has been healthy; 0: it is not */
    char last[256];     /* the last thing that went wrong, with what was asked */
    services_ready_outcome *out;
} wait_state;

int64_t services_ready_pause(int64_t last_ms, int64_t delay_ms)
{
    int64_t next = last_ms > 0 ? last_ms * 2 : FIRST_PAUSE_MS;
    int64_t most = delay_ms > 0 ? delay_ms : 1;
    return next < most ? next : most;
}

void services_ready_argv(const utr_strs *test, utr_strs *out)
{
    if (test->count < 2)
        return; /* nothing, or ["NONE"] */
    if (!strcmp(test->items[0], "CMD-SHELL")) {
        utr_strs_add(out, "/bin/sh");
        utr_strs_add(out, "-c");
    }
    for (size_t i = 1; i < test->count; i++)
        utr_strs_add(out, test->items[i]);
}

void services_ready_say_end(const engine_container *container, char *out, size_t size)
{
    if (container->oom_killed)
        (void)snprintf(out, size, "was killed for want of memory (OOM), exit code %d", container->exit_code);
    else if (container->exit_code > 128 && container->exit_code < 160)
        (void)snprintf(out, size, "was ended by signal %d, exit code %d", container->exit_code - 128,
                       container->exit_code);
    else
        (void)snprintf(out, size, "exited with code %d", container->exit_code);
    size_t len = strlen(out);
    if (container->error && *container->error)
        (void)snprintf(out + len, size - len, " (%s)", container->error);
}

/* ---- the container ---- */

static utr_code look_at_container(wait_state *w, bool *out_ended, utr_error *err)
{
    const services_ready_task *task = w->task;
    engine_container container = {0};
    w->looked_ms = utr_clock_ms();
    utr_code code = engine_container_inspect(task->engine, task->container_id,
                                             engine_within(CALL_MS, task->cancel), &container, err);
    if (code == UTR_NOT_FOUND) {
        utr_error_reset(err);
        (void)snprintf(w->out->reason, sizeof w->out->reason, "was removed by someone else");
        w->out->exit_code = -1;
        *out_ended = true;
        return UTR_OK;
    }
    if (code)
        return code;
    *out_ended = !container.running;
    if (!container.running) {
        w->out->exit_code = container.exit_code;
        w->out->oom_killed = container.oom_killed;
        services_ready_say_end(&container, w->out->reason, sizeof w->out->reason);
    }
    engine_container_dispose(&container);
    return UTR_OK;
}

static bool look_is_due(const wait_state *w)
{
    int64_t since = utr_clock_ms() - w->looked_ms;
    return since >= LOOK_EVERY_MS || (services_log_has_ended(w->task->log) && since >= FIRST_PAUSE_MS);
}

/* ---- the gate ---- */

static bool look_at_port(wait_state *w, const services_address *address)
{
    const services_ready_task *task = w->task;
    bool has_check = task->check->count > 0;
    services_probe probe = {.kind = services_probe_kind_of(address->container_port),
                            .host = address->host,
                            .port = address->port,
                            .through_proxy = task->through_proxy,
                            .user = task->user};
    if (has_check && probe.kind == SERVICES_PROBE_HTTP)
        probe.kind = SERVICES_PROBE_PORT; /* a GET might do something; the check is its own answer */
    char reason[128] = "";
    services_probe_result result =
        services_probe_look(&probe, has_check ? HANDSHAKE_SHORT_MS : HANDSHAKE_MS, task->cancel, reason);
    if (result == SERVICES_PROBE_ANSWERED || (has_check && result == SERVICES_PROBE_SILENT))
        return true;
    (void)snprintf(w->last, sizeof w->last, "port %d at %s:%d: %s", address->container_port, address->host,
                   address->port, reason);
    return false;
}

static bool look_at_gate(wait_state *w)
{
    for (size_t i = 0; i < w->task->gate_count; i++) {
        if (look_at_port(w, &w->task->gate[i]))
            return true;
    }
    return w->task->gate_count == 0;
}

static int64_t gate_pause(const wait_state *w)
{
    bool is_young = utr_clock_ms() - w->task->started_ms < GATE_YOUNG_MS;
    return is_young ? GATE_POLL_MS : GATE_POLL_SLOW_MS;
}

/* ---- the check ---- */

static void note_check(wait_state *w, const char *what)
{
    auto_free char *argv = utr_strs_join(w->task->check, " ");
    (void)snprintf(w->last, sizeof w->last, "health check '%.100s': %.120s", argv, what);
}

static void note_failed_check(wait_state *w, const engine_exec_result *result)
{
    const char *text = utr_buf_text(&result->output);
    size_t len = result->output.len;
    while (len && strchr("\r\n ", text[len - 1]))
        len--;
    const char *from = services_log_last_lines(text, len, 1);
    auto_free char *said = utr_format("exit code %d%s%.*s", result->exit_code, len ? ", " : "",
                                      (int)(len - (size_t)(from - text)), from);
    note_check(w, said);
}

/* A check that cannot be run is a failed check, unless the engine itself is away. */
static utr_code run_check(wait_state *w, bool *out_passed, utr_error *err)
{
    const services_ready_task *task = w->task;
    int64_t left = w->deadline_ms - utr_clock_ms();
    int64_t most = task->profile.timeout_ms < left ? task->profile.timeout_ms : left;
    engine_exec_result result = {0};
    utr_error failure = {0};
    utr_code code = engine_exec(task->engine, task->container_id, task->check,
                                engine_within(most, task->cancel), &result, &failure);
    if (code == UTR_CANCELLED || code == UTR_UNREACHABLE) {
        *err = failure;
        return code;
    }
    bool is_cut_short = code == UTR_TIMEOUT && most < task->profile.timeout_ms;
    if (is_cut_short && *w->last) {
        /* Only the end of the whole wait ended it: what failed before says more. */
    } else if (code == UTR_TIMEOUT) {
        auto_free char *text = utr_format("no end within %lld ms", (long long)most);
        note_check(w, text);
    } else if (code) {
        note_check(w, failure.text);
    } else if (result.exit_code) {
        note_failed_check(w, &result);
    }
    *out_passed = !code && !result.exit_code;
    if (!code)
        utr_buf_dispose(&result.output);
    return UTR_OK;
}

/* The quick first tries are our impatience and cost a service nothing; the profile's retries count from its
 * own pace on, and not inside the check's start period. */
static void count_failure(wait_state *w)
{
    const services_ready_task *task = w->task;
    bool is_paced = w->pause_ms >= task->profile.delay_ms;
    bool is_past_grace = utr_clock_ms() - task->started_ms >= task->grace_ms;
    if (w->is_gate_open && is_paced && is_past_grace)
        w->failures++;
}

static bool is_out_of_reach(const wait_state *w)
{
    return !w->is_gate_open && w->healthy_ms && utr_clock_ms() - w->healthy_ms >= BEHIND_MOST_MS;
}

static bool has_given_up(const wait_state *w)
{
    return is_out_of_reach(w) || (w->failures > 0 && w->failures >= w->task->profile.retries);
}

/* ---- the whole ---- */

static bool may_check(const wait_state *w)
{
    bool is_late = utr_clock_ms() - w->task->started_ms >= GATE_HINT_MS;
    return w->is_gate_open || (w->task->gate_is_hint && is_late);
}

/* A published port that stays closed: is it the service, or the way there? */
static utr_code look_behind(wait_state *w, utr_error *err)
{
    const services_ready_task *task = w->task;
    bool is_healthy = false;
    if (w->is_gate_open || !task->through_proxy || !task->check->count || task->gate_is_hint ||
        utr_clock_ms() - w->behind_ms < BEHIND_EVERY_MS)
        return UTR_OK;
    utr_code code = run_check(w, &is_healthy, err);
    w->behind_ms = utr_clock_ms();
    if (!is_healthy)
        w->healthy_ms = 0;
    else if (!w->healthy_ms)
        w->healthy_ms = w->behind_ms;
    return code;
}

static utr_code one_turn(wait_state *w, bool *out_passed, int64_t *out_pause_ms, utr_error *err)
{
    bool has_check = w->task->check->count > 0;
    w->is_gate_open = w->is_gate_open || look_at_gate(w);
    *out_passed = w->is_gate_open && !has_check;
    *out_pause_ms = gate_pause(w);
    if (*out_passed || !has_check || !may_check(w))
        return look_behind(w, err);
    utr_code code = run_check(w, out_passed, err);
    if (code || *out_passed)
        return code;
    count_failure(w);
    w->pause_ms = services_ready_pause(w->pause_ms, w->task->profile.delay_ms);
    *out_pause_ms = w->pause_ms;
    return UTR_OK;
}

/* Sleeps until the next turn, looking at the container when that is due. */
static utr_code rest(wait_state *w, int64_t pause_ms, bool *out_ended, utr_error *err)
{
    int64_t until_ms = utr_clock_ms() + pause_ms;
    do {
        int64_t left = until_ms - utr_clock_ms();
        if (utr_cancel_sleep(w->task->cancel, left < FIRST_PAUSE_MS ? left : FIRST_PAUSE_MS))
            return utr_fail(err, UTR_CANCELLED, "cancelled");
        if (look_is_due(w)) {
            utr_code code = look_at_container(w, out_ended, err);
            if (code || *out_ended)
                return code;
        }
    } while (utr_clock_ms() < until_ms);
    return UTR_OK;
}

static void give_up(wait_state *w)
{
    double seconds = (double)(utr_clock_ms() - w->task->started_ms) / 1000.0;
    const char *last = *w->last ? w->last : "nothing was answered";
    w->out->kind = SERVICES_READY_GAVE_UP;
    if (is_out_of_reach(w))
        (void)snprintf(
            w->out->reason, sizeof w->out->reason,
            "is healthy, but cannot be reached from here: %s; its network is not on this machine, and the "
            "engine's published ports do not lead here: run this where the engine runs",
            last);
    else if (has_given_up(w))
        (void)snprintf(w->out->reason, sizeof w->out->reason,
                       "not healthy %.1f s after its start, %d failures in a row: %s; the container runs",
                       seconds, w->failures, last);
    else
        (void)snprintf(w->out->reason, sizeof w->out->reason,
                       "not ready within %.1f s of its start: %s; the container runs%s", seconds, last,
                       w->task->through_proxy && !w->is_gate_open ? ", but its network is not on this machine"
                                                                  : "");
}

utr_code services_ready_wait(const services_ready_task *task, services_ready_outcome *out, utr_error *err)
{
    services_ready_outcome outcome = {0};
    wait_state w = {.task = task,
                    .deadline_ms = task->started_ms + task->profile.start_ms,
                    .looked_ms = utr_clock_ms(),
                    .behind_ms = task->started_ms,
                    .out = &outcome};
    bool has_ended = false;
    bool has_passed = false;
    while (!has_ended && !has_passed && !has_given_up(&w) && utr_clock_ms() < w.deadline_ms) {
        int64_t pause_ms = 0;
        utr_code code = one_turn(&w, &has_passed, &pause_ms, err);
        if (!code && !has_passed)
            code = rest(&w, pause_ms, &has_ended, err);
        if (code)
            return code;
    }
    if (!has_passed && !has_ended) {
        /* What stopped just now says more than the probe that it cost. */
        utr_code code = look_at_container(&w, &has_ended, err);
        if (code)
            return code;
    }
    if (has_ended)
        outcome.kind = SERVICES_READY_ENDED;
    else if (!has_passed)
        give_up(&w);
    *out = outcome;
    return UTR_OK;
}
