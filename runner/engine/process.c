/* What runs in a container says: exec and logs (Engine API: "Exec", "Get container logs"). */
#include "engine/frames.h"
#include "engine/http.h"

#include "base/clock.h"

#include <string.h>

enum { EXEC_OUTPUT_BYTES = 64 * 1024 };

static bool frames_sink(void *ctx, const char *data, size_t len, utr_error *err)
{
    return engine_frames_feed(ctx, data, len, err) == UTR_OK;
}

/* Streams a call's answer through frames. */
static utr_code call_framed(engine *e, engine_request *request, engine_frames *frames, utr_error *err)
{
    request->sink = frames_sink;
    request->sink_ctx = frames;
    if (engine_call(e, request, NULL, err))
        return err->code;
    if (!engine_frames_are_whole(frames))
        return utr_fail(err, UTR_UNREACHABLE, "the engine closed the connection in the middle of the output");
    return UTR_OK;
}

/* ---- exec ---- */

static json_t *exec_config(const utr_strs *argv)
{
    json_t *command = json_array();
    for (size_t i = 0; i < argv->count; i++)
        (void)json_array_append_new(command, utr_json_text(argv->items[i]));
    return json_pack("{s:b, s:b, s:o}", "AttachStdout", 1, "AttachStderr", 1, "Cmd", command);
}

static void keep_output(void *ctx, bool is_stderr, const char *data, size_t len)
{
    (void)is_stderr;
    utr_buf *output = ctx;
    size_t room = EXEC_OUTPUT_BYTES - output->len;
    utr_error full = {0};
    (void)!utr_buf_add(output, data, len < room ? len : room, &full);
}

static utr_code exec_start(engine *e, const char *exec_id, engine_bound bound, utr_buf *output,
                           utr_error *err)
{
    auto_free char *path = engine_path("/exec/", exec_id, "/start");
    auto_json json_t *config = json_pack("{s:b, s:b}", "Detach", 0, "Tty", 0);
    engine_frames frames = {.output = keep_output, .ctx = output};
    engine_request request = {.method = "POST", .path = path, .body = config, .bound = bound};
    return call_framed(e, &request, &frames, err);
}

/* The output may end a moment before the process does. */
static utr_code exec_exit_code(engine *e, const char *exec_id, engine_bound bound, int *out, utr_error *err)
{
    auto_free char *path = engine_path("/exec/", exec_id, "/json");
    engine_request request = {.method = "GET", .path = path, .bound = bound};
    for (int64_t pause_ms = 1;; pause_ms = pause_ms < 50 ? pause_ms * 2 : 50) {
        auto_json json_t *answer = NULL;
        if (engine_call_json(e, &request, &answer, err))
            return err->code;
        if (!utr_json_bool(answer, "Running", 0) && json_is_integer(json_object_get(answer, "ExitCode"))) {
            *out = (int)utr_json_int(answer, "ExitCode", 0);
            return UTR_OK;
        }
        if (utr_clock_ms() >= bound.deadline_ms)
            return utr_fail(err, UTR_TIMEOUT, "the command closed its output and still runs");
        (void)utr_cancel_sleep(bound.cancel, pause_ms);
    }
}

/* NOLINTNEXTLINE(readability-function-size): engine, object, input, bound, result, error */
utr_code engine_exec(engine *e, const char *id, const utr_strs *argv, engine_bound bound,
                     engine_exec_result *out, utr_error *err)
{
    auto_free char *exec_id = NULL;
    auto_buf utr_buf output = UTR_BUF_INIT(EXEC_OUTPUT_BYTES);
    auto_free char *path = engine_path("/containers/", id, "/exec");
    auto_json json_t *config = exec_config(argv);
    engine_request create = {.method = "POST", .path = path, .body = config, .bound = bound};
    int exit_code = 0;
    if (engine_call_id(e, &create, &exec_id, err) || exec_start(e, exec_id, bound, &output, err) ||
        exec_exit_code(e, exec_id, bound, &exit_code, err))
        return utr_wrap(err, "run '%s' in container '%.64s'", argv->count ? argv->items[0] : "", id);
    out->exit_code = exit_code;
    out->output = output;
    output = (utr_buf){0};
    return UTR_OK;
}

/* ---- logs ---- */

static utr_code has_tty(engine *e, const char *id, engine_bound bound, bool *out, utr_error *err)
{
    auto_free char *path = engine_path("/containers/", id, "/json");
    engine_request request = {.method = "GET", .path = path, .bound = bound};
    auto_json json_t *answer = NULL;
    if (engine_call_json(e, &request, &answer, err))
        return err->code;
    *out = utr_json_bool(json_object_get(answer, "Config"), "Tty", 0);
    return UTR_OK;
}

utr_code engine_container_logs(engine *e, const char *id, const engine_logs *options, engine_bound bound,
                               utr_error *err)
{
    auto_free char *base = engine_path("/containers/", id, "/logs?stdout=1&stderr=1");
    auto_free char *tail = options->tail < 0 ? utr_strdup("all") : utr_format("%d", options->tail);
    auto_free char *path =
        utr_format("%s&tail=%s&follow=%d&timestamps=%d", base, tail, options->follow, options->timestamps);
    engine_frames frames = {.output = options->output, .ctx = options->ctx};
    engine_request request = {.method = "GET", .path = path, .bound = bound};
    if (has_tty(e, id, bound, &frames.is_raw, err) || call_framed(e, &request, &frames, err))
        return utr_wrap(err, "logs of container '%.64s'", id);
    return UTR_OK;
}
