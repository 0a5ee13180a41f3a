/* Networks, volumes, listings by label and events (Engine API: "Network", "Volume", "System"). */
#include "engine/http.h"
#include "engine/lines.h"

#include "base/clock.h"

#include <string.h>

/* ---- networks and volumes ---- */

utr_code engine_network_create(engine *e, const json_t *config, engine_bound bound, char **out_id,
                               utr_error *err)
{
    const char *name = utr_json_str(config, "Name", "");
    engine_request request = {.method = "POST", .path = "/networks/create", .body = config, .bound = bound};
    return engine_call_id(e, &request, out_id, err) ? utr_wrap(err, "create network '%s'", name) : UTR_OK;
}

/* NOLINTNEXTLINE(readability-function-size): engine, object, input, bound, result, error */
utr_code engine_network_connect(engine *e, const char *id, const char *container_id, const json_t *endpoint,
                                engine_bound bound, utr_error *err)
{
    auto_free char *path = engine_path("/networks/", id, "/connect");
    auto_json json_t *body =
        json_pack("{s:s, s:O}", "Container", container_id, "EndpointConfig", (json_t *)endpoint);
    engine_request request = {.method = "POST", .path = path, .body = body, .bound = bound};
    return engine_call(e, &request, NULL, err)
               ? utr_wrap(err, "connect container '%.64s' to network '%.64s'", container_id, id)
               : UTR_OK;
}

utr_code engine_volume_create(engine *e, const json_t *config, engine_bound bound, utr_error *err)
{
    engine_request request = {.method = "POST", .path = "/volumes/create", .body = config, .bound = bound};
    return engine_call(e, &request, NULL, err)
               ? utr_wrap(err, "create volume '%s'", utr_json_str(config, "Name", ""))
               : UTR_OK;
}

utr_code engine_network_remove(engine *e, const char *id, engine_bound bound, utr_error *err)
{
    auto_free char *path = engine_path("/networks/", id, "");
    engine_request request = {.method = "DELETE", .path = path, .bound = bound};
    return engine_call(e, &request, NULL, err) ? utr_wrap(err, "remove network '%.64s'", id) : UTR_OK;
}

utr_code engine_volume_remove(engine *e, const char *name, engine_bound bound, utr_error *err)
{
    auto_free char *path = engine_path("/volumes/", name, "");
    engine_request request = {.method = "DELETE", .path = path, .bound = bound};
    return engine_call(e, &request, NULL, err) ? utr_wrap(err, "remove volume '%.64s'", name) : UTR_OK;
}

/* ---- listings ---- */

static const struct {
    const char *path;
    const char *member; /* of the answer that holds the rows, or NULL: the answer itself */
    const char *id;
    const char *name; /* a string, or a list whose first is it */
    const char *what;
} KINDS[] = {
    [ENGINE_CONTAINERS] = {"/containers/json?all=1", NULL, "Id", "Names", "containers"},
    [ENGINE_NETWORKS] = {"/networks", NULL, "Id", "Name", "networks"},
    [ENGINE_VOLUMES] = {"/volumes", "Volumes", "Name", "Name", "volumes"},
};

void engine_list_dispose(engine_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].id);
        free(list->items[i].name);
        free(list->items[i].state);
        json_decref(list->items[i].labels);
    }
    utr_vec_dispose(list);
}

/* The "filters" parameter for labels. */
static void add_label_filter(utr_buf *path, const utr_strs *labels)
{
    auto_json json_t *array = json_array();
    for (size_t i = 0; i < labels->count; i++)
        (void)json_array_append_new(array, utr_json_text(labels->items[i]));
    auto_json json_t *filters = json_pack("{s:O}", "label", array);
    auto_free char *text = json_dumps(filters, JSON_COMPACT);
    engine_path_add(path, "filters", text);
}

static void read_row(const json_t *row, engine_kind kind, engine_listed *out)
{
    const json_t *name = json_object_get(row, KINDS[kind].name);
    const char *text = json_string_value(json_is_array(name) ? json_array_get(name, 0) : name);
    json_t *labels = json_object_get(row, "Labels");
    *out = (engine_listed){
        .id = utr_strdup(utr_json_str(row, KINDS[kind].id, "")),
        .name = utr_strdup(!text          ? ""
                           : *text == '/' ? text + 1
                                          : text),
        .state = utr_strdup(utr_json_str(row, "State", "")),
        .labels = json_is_object(labels) ? json_incref(labels) : json_object(),
    };
}

/* NOLINTNEXTLINE(readability-function-size): engine, object, input, bound, result, error */
utr_code engine_list_labelled(engine *e, engine_kind kind, const utr_strs *labels, engine_bound bound,
                              engine_list *out, utr_error *err)
{
    auto_buf utr_buf path = {0};
    utr_buf_puts(&path, KINDS[kind].path);
    add_label_filter(&path, labels);
    engine_request request = {.method = "GET", .path = utr_buf_text(&path), .bound = bound};
    auto_json json_t *answer = NULL;
    if (engine_call_json(e, &request, &answer, err))
        return utr_wrap(err, "list %s", KINDS[kind].what);
    const json_t *rows = KINDS[kind].member ? json_object_get(answer, KINDS[kind].member) : answer;
    if (!json_is_array(rows) && !json_is_null(rows))
        return utr_fail(err, UTR_PROTOCOL, "list %s: the answer is not a list", KINDS[kind].what);
    engine_list list = {0};
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        read_row(row, kind, utr_vec_push(&list));
    }
    *out = list;
    return UTR_OK;
}

/* ---- events ---- */

typedef struct {
    engine_on_event *on_event;
    void *ctx;
    bool stopped;
} watch;

static bool on_event_line(void *ctx, const json_t *line, utr_error *err)
{
    (void)err;
    watch *w = ctx;
    const json_t *actor = json_object_get(line, "Actor");
    engine_event event = {
        .type = utr_json_str(line, "Type", ""),
        .action = utr_json_str(line, "Action", ""),
        .id = utr_json_str(actor, "ID", ""),
        .attributes = json_object_get(actor, "Attributes"),
        .time_ns = utr_json_int(line, "timeNano", 0),
    };
    w->stopped = !w->on_event(w->ctx, &event);
    return !w->stopped;
}

/* NOLINTNEXTLINE(readability-function-size): engine, object, input, bound, result, error */
utr_code engine_events(engine *e, const utr_strs *labels, int64_t since_s, engine_on_event *on_event,
                       void *ctx, engine_bound bound, utr_error *err)
{
    auto_buf utr_buf path = {0};
    utr_buf_puts(&path, "/events");
    add_label_filter(&path, labels);
    if (since_s)
        utr_buf_print(&path, "&since=%lld", (long long)since_s);
    watch w = {.on_event = on_event, .ctx = ctx};
    engine_lines lines = {.on_line = on_event_line, .ctx = &w};
    engine_request request = {.method = "GET",
                              .path = utr_buf_text(&path),
                              .sink = engine_lines_sink,
                              .sink_ctx = &lines,
                              .bound = bound};
    utr_code code = engine_call(e, &request, NULL, err);
    engine_lines_dispose(&lines);
    if (!code && !w.stopped)
        code = utr_fail(err, UTR_UNREACHABLE, "the engine ended the stream of events; has it stopped?");
    return code ? utr_wrap(err, "watch events") : UTR_OK;
}
