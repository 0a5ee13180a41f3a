/* Images: inspect and pull (Engine API: "Image"). */
#include "engine/config.h"
#include "engine/http.h"
#include "engine/lines.h"

#include <string.h>

/* ---- inspect ---- */

void engine_image_dispose(engine_image *image)
{
    free(image->id);
    utr_strs_dispose(&image->digests);
    utr_strs_dispose(&image->ports);
    utr_strs_dispose(&image->health.test);
    json_decref(image->labels);
    *image = (engine_image){0};
}

static void read_strings(const json_t *array, utr_strs *out)
{
    size_t i = 0;
    const json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        if (json_is_string(item))
            utr_strs_add(out, json_string_value(item));
    }
}

/* Durations are in nanoseconds there. */
static void read_health(const json_t *health, engine_health *out)
{
    enum { NS_PER_MS = 1000000 };
    read_strings(json_object_get(health, "Test"), &out->test);
    out->interval_ms = utr_json_int(health, "Interval", 0) / NS_PER_MS;
    out->timeout_ms = utr_json_int(health, "Timeout", 0) / NS_PER_MS;
    out->start_period_ms = utr_json_int(health, "StartPeriod", 0) / NS_PER_MS;
    out->retries = (int)utr_json_int(health, "Retries", 0);
}

utr_code engine_image_inspect(engine *e, const char *ref, engine_bound bound, engine_image *out,
                              utr_error *err)
{
    auto_free char *path = engine_path("/images/", ref, "/json");
    engine_request request = {.method = "GET", .path = path, .bound = bound};
    auto_json json_t *answer = NULL;
    if (engine_call_json(e, &request, &answer, err))
        return utr_wrap(err, "inspect image '%s'", ref);
    const char *id = utr_json_str(answer, "Id", "");
    if (!*id)
        return utr_fail(err, UTR_PROTOCOL, "inspect image '%s': no Id in the answer", ref);
    const json_t *config = json_object_get(answer, "Config");
    *out = (engine_image){.id = utr_strdup(id)};
    read_strings(json_object_get(answer, "RepoDigests"), &out->digests);
    const char *port = NULL;
    json_t *unused = NULL;
    json_object_foreach(json_object_get(config, "ExposedPorts"), port, unused)
    {
        utr_strs_add(&out->ports, port);
    }
    read_health(json_object_get(config, "Healthcheck"), &out->health);
    out->labels = json_incref(json_object_get(config, "Labels"));
    return UTR_OK;
}

/* ---- pull ---- */

typedef struct {
    engine_progress *progress;
    void *ctx;
} pull;

/* A failure inside a 200: for a repository or a tag that does not exist there is only the text to tell. */
static bool fail_pull(const char *message, utr_error *err)
{
    bool is_missing = strstr(message, "not found") || strstr(message, "does not exist");
    (void)utr_fail(err, is_missing ? UTR_NOT_FOUND : UTR_ENGINE, "%.400s", message);
    return false;
}

static bool on_pull_line(void *ctx, const json_t *line, utr_error *err)
{
    const pull *p = ctx;
    const char *failure = engine_lines_failure(line);
    if (failure)
        return fail_pull(failure, err);
    const char *status = utr_json_str(line, "status", "");
    const char *layer = utr_json_str(line, "id", "");
    const json_t *detail = json_object_get(line, "progressDetail");
    if (!p->progress || !*status)
        return true;
    auto_free char *what = *layer ? utr_format("%s: %s", layer, status) : utr_strdup(status);
    p->progress(p->ctx, what, utr_json_int(detail, "current", 0), utr_json_int(detail, "total", 0));
    return true;
}

/* Without a tag the daemon would pull all tags: it is the digest, what follows the last part's colon, or
 * "latest". */
static char *pull_path(const char *ref)
{
    const char *at = strchr(ref, '@');
    const char *slash = strrchr(ref, '/');
    const char *colon = strchr(slash ? slash : ref, ':');
    const char *cut = at ? at : colon;
    auto_free char *name = cut ? utr_strndup(ref, (size_t)(cut - ref)) : utr_strdup(ref);
    auto_buf utr_buf path = {0};
    utr_buf_puts(&path, "/images/create");
    engine_path_add(&path, "fromImage", name);
    engine_path_add(&path, "tag", cut ? cut + 1 : "latest");
    return utr_buf_take(&path);
}

/* NOLINTNEXTLINE(readability-function-size): engine, object, input, bound, result, error */
utr_code engine_image_pull(engine *e, const char *ref, engine_progress *progress, void *ctx,
                           engine_bound bound, utr_error *err)
{
    auto_free char *header = NULL;
    auto_free char *helper = NULL;
    if (engine_config_auth(ref, &header, &helper, err))
        return utr_wrap(err, "pull image '%s'", ref);
    auto_free char *path = pull_path(ref);
    pull p = {.progress = progress, .ctx = ctx};
    engine_lines lines = {.on_line = on_pull_line, .ctx = &p};
    engine_request request = {.method = "POST",
                              .path = path,
                              .header = header,
                              .sink = engine_lines_sink,
                              .sink_ctx = &lines,
                              .bound = bound};
    utr_code code = engine_call(e, &request, NULL, err);
    if (!code)
        code = engine_lines_end(&lines, err);
    engine_lines_dispose(&lines);
    if (code && helper)
        return utr_wrap(err, "pull image '%s' (without credentials: the helper '%s' is not asked)", ref,
                        helper);
    return code ? utr_wrap(err, "pull image '%s'", ref) : UTR_OK;
}
