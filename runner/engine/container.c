/* Containers: create, start, inspect, kill, wait, stats, remove (Engine API: "Container"). */
#include "engine/http.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

void engine_container_dispose(engine_container *container)
{
    for (size_t i = 0; i < container->networks.count; i++) {
        free(container->networks.items[i].network);
        free(container->networks.items[i].address);
    }
    for (size_t i = 0; i < container->ports.count; i++)
        free(container->ports.items[i].host_address);
    utr_vec_dispose(&container->networks);
    utr_vec_dispose(&container->ports);
    char *const strings[] = {container->id,     container->name,   container->image, container->image_id,
                             container->status, container->health, container->error, container->started_at};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        free(strings[i]);
    json_decref(container->labels);
    *container = (engine_container){0};
}

/* A call whose answer does not matter. */
static utr_code command(engine *e, const char *method, const char *path, engine_bound bound, utr_error *err)
{
    engine_request request = {.method = method, .path = path, .bound = bound};
    return engine_call(e, &request, NULL, err);
}

/* NOLINTNEXTLINE(readability-function-size): engine, object, input, bound, result, error */
utr_code engine_container_create(engine *e, const char *name, const json_t *config, engine_bound bound,
                                 char **out_id, utr_error *err)
{
    auto_buf utr_buf path = {0};
    utr_buf_puts(&path, "/containers/create");
    if (name)
        engine_path_add(&path, "name", name);
    engine_request request = {.method = "POST", .path = utr_buf_text(&path), .body = config, .bound = bound};
    return engine_call_id(e, &request, out_id, err) ? utr_wrap(err, "create container '%s'", name ? name : "")
                                                    : UTR_OK;
}

utr_code engine_container_start(engine *e, const char *id, engine_bound bound, utr_error *err)
{
    auto_free char *path = engine_path("/containers/", id, "/start");
    return command(e, "POST", path, bound, err) ? utr_wrap(err, "start container '%.64s'", id) : UTR_OK;
}

utr_code engine_container_kill(engine *e, const char *id, const char *signal, engine_bound bound,
                               utr_error *err)
{
    auto_buf utr_buf path = {0};
    auto_free char *base = engine_path("/containers/", id, "/kill");
    utr_buf_puts(&path, base);
    if (signal)
        engine_path_add(&path, "signal", signal);
    return command(e, "POST", utr_buf_text(&path), bound, err) ? utr_wrap(err, "kill container '%.64s'", id)
                                                               : UTR_OK;
}

/* Another removal is under way: ours is done when that one is. */
static bool is_under_way(const utr_error *err)
{
    return err->code == UTR_CONFLICT && strstr(err->text, "already in progress");
}

utr_code engine_container_remove(engine *e, const char *id, engine_bound bound, utr_error *err)
{
    auto_free char *path = engine_path("/containers/", id, "?force=1&v=1");
    while (command(e, "DELETE", path, bound, err)) {
        bool is_gone = err->code == UTR_NOT_FOUND;
        bool again = is_under_way(err) && utr_clock_ms() < bound.deadline_ms;
        if (!is_gone && !again)
            return utr_wrap(err, "remove container '%.64s'", id);
        utr_error_reset(err);
        if (is_gone)
            return UTR_OK;
        (void)utr_cancel_sleep(bound.cancel, 20);
    }
    return UTR_OK;
}

utr_code engine_container_wait(engine *e, const char *id, engine_bound bound, int *out_exit_code,
                               utr_error *err)
{
    auto_free char *path = engine_path("/containers/", id, "/wait");
    engine_request request = {.method = "POST", .path = path, .bound = bound};
    auto_json json_t *answer = NULL;
    if (engine_call_json(e, &request, &answer, err))
        return utr_wrap(err, "wait for container '%.64s'", id);
    const char *failure = utr_json_str(json_object_get(answer, "Error"), "Message", "");
    if (*failure)
        return utr_fail(err, UTR_ENGINE, "wait for container '%.64s': %s", id, failure);
    if (!json_is_integer(json_object_get(answer, "StatusCode")))
        return utr_fail(err, UTR_PROTOCOL, "wait for container '%.64s': no StatusCode in the answer", id);
    *out_exit_code = (int)utr_json_int(answer, "StatusCode", 0);
    return UTR_OK;
}

/* ---- inspect ---- */

static void read_networks(const json_t *settings, engine_container *out)
{
    const char *name = NULL;
    json_t *network = NULL;
    json_object_foreach(json_object_get(settings, "Networks"), name, network)
    {
        engine_attachment *attachment = utr_vec_push(&out->networks);
        attachment->network = utr_strdup(name);
        attachment->address = utr_strdup(utr_json_str(network, "IPAddress", ""));
    }
}

/* One of {"5432/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}]}; null where it is not published. */
static void read_port(const char *port, const json_t *bindings, engine_container *out)
{
    auto_free char *digits = utr_strndup(port, strcspn(port, "/"));
    int64_t number = 0;
    size_t i = 0;
    const json_t *binding = NULL;
    if (!utr_text_int(digits, 1, 65535, &number))
        return;
    json_array_foreach(bindings, i, binding)
    {
        int64_t host_port = 0;
        if (!utr_text_int(utr_json_str(binding, "HostPort", ""), 1, 65535, &host_port))
            continue;
        engine_published *published = utr_vec_push(&out->ports);
        published->container_port = (int)number;
        published->udp = utr_text_ends(port, "/udp");
        published->host_address = utr_strdup(utr_json_str(binding, "HostIp", ""));
        published->host_port = (int)host_port;
    }
}

static void read_container(const json_t *answer, engine_container *out)
{
    const json_t *state = json_object_get(answer, "State");
    const json_t *config = json_object_get(answer, "Config");
    const json_t *settings = json_object_get(answer, "NetworkSettings");
    const char *name = utr_json_str(answer, "Name", "");
    json_t *labels = json_object_get(config, "Labels");
    *out = (engine_container){
        .id = utr_strdup(utr_json_str(answer, "Id", "")),
        .name = utr_strdup(*name == '/' ? name + 1 : name),
        .image = utr_strdup(utr_json_str(config, "Image", "")),
        .image_id = utr_strdup(utr_json_str(answer, "Image", "")),
        .status = utr_strdup(utr_json_str(state, "Status", "")),
        .health = utr_strdup(utr_json_str(json_object_get(state, "Health"), "Status", "")),
        .error = utr_strdup(utr_json_str(state, "Error", "")),
        .started_at = utr_strdup(utr_json_str(state, "StartedAt", "")),
        .running = utr_json_bool(state, "Running", 0),
        .oom_killed = utr_json_bool(state, "OOMKilled", 0),
        .exit_code = (int)utr_json_int(state, "ExitCode", 0),
        .restart_count = (int)utr_json_int(answer, "RestartCount", 0),
        .pid = (int)utr_json_int(state, "Pid", 0),
        .labels = json_is_object(labels) ? json_incref(labels) : json_object(),
    };
    read_networks(settings, out);
    const char *port = NULL;
    json_t *bindings = NULL;
    json_object_foreach(json_object_get(settings, "Ports"), port, bindings)
    {
        read_port(port, bindings, out);
    }
}

utr_code engine_container_inspect(engine *e, const char *id, engine_bound bound, engine_container *out,
                                  utr_error *err)
{
    auto_free char *path = engine_path("/containers/", id, "/json");
    engine_request request = {.method = "GET", .path = path, .bound = bound};
    auto_json json_t *answer = NULL;
    if (engine_call_json(e, &request, &answer, err))
        return utr_wrap(err, "inspect container '%.64s'", id);
    if (!json_is_object(json_object_get(answer, "State")))
        return utr_fail(err, UTR_PROTOCOL, "inspect container '%.64s': no State in the answer", id);
    read_container(answer, out);
    return UTR_OK;
}

/* ---- stats ---- */

/* Numbers are read as reals: a limit of 2^64-1 means "none" and is no integer that jansson takes. */
static int64_t number(const json_t *object, const char *key)
{
    double value = json_number_value(json_object_get(object, key));
    return value > 0 && value < 9e18 ? (int64_t)value : 0;
}

static void read_stats(const json_t *answer, engine_stats *out)
{
    const json_t *memory = json_object_get(answer, "memory_stats");
    const json_t *detail = json_object_get(memory, "stats");
    int64_t usage = number(memory, "usage");
    /* As the docker command shows it: without the page cache that can go at any time (cgroup 2, cgroup 1). */
    int64_t cache = number(detail, "inactive_file") ? number(detail, "inactive_file")
                                                    : number(detail, "total_inactive_file");
    *out = (engine_stats){
        .memory_bytes = cache < usage ? usage - cache : usage,
        .memory_limit_bytes = number(memory, "limit"),
        .cpu_ns = number(json_object_get(json_object_get(answer, "cpu_stats"), "cpu_usage"), "total_usage"),
    };
    const char *name = NULL;
    json_t *network = NULL;
    json_object_foreach(json_object_get(answer, "networks"), name, network)
    {
        out->received_bytes += number(network, "rx_bytes");
        out->sent_bytes += number(network, "tx_bytes");
    }
}

utr_code engine_container_stats(engine *e, const char *id, engine_bound bound, engine_stats *out,
                                utr_error *err)
{
    auto_free char *path = engine_path("/containers/", id, "/stats?stream=0&one-shot=1");
    engine_request request = {.method = "GET", .path = path, .bound = bound};
    auto_reply engine_reply reply = {0};
    if (engine_call(e, &request, &reply, err))
        return utr_wrap(err, "statistics of container '%.64s'", id);
    auto_json json_t *answer =
        json_loadb(utr_buf_text(&reply.body), reply.body.len, JSON_DECODE_INT_AS_REAL, NULL);
    if (!json_is_object(json_object_get(answer, "memory_stats")))
        return utr_fail(err, UTR_PROTOCOL, "statistics of container '%.64s': not the API's answer", id);
    read_stats(answer, out);
    return UTR_OK;
}
