/* Opening and closing an engine; settling the version (Engine API: "System", /_ping and /version). */
#include "engine/http.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

/* The versions that the calls here are written against and were tried with. */
static const int OLDEST = 1041;
static const int NEWEST = 1045;

/* "1.41" as 1041; 0 where text is no version. */
static int api_number(const char *text)
{
    const char *dot = strchr(text, '.');
    auto_free char *major = dot ? utr_strndup(text, (size_t)(dot - text)) : NULL;
    int64_t high = 0;
    int64_t low = 0;
    if (!dot || !utr_text_int(major, 0, 1000, &high) || !utr_text_int(dot + 1, 0, 999, &low))
        return 0;
    return (int)(high * 1000 + low);
}

/* Podman says its Docker API version at the top too; an answer that does not has it in a component. */
static const char *version_member(const json_t *version, const char *key)
{
    const char *found = utr_json_str(version, key, "");
    size_t i = 0;
    const json_t *component = NULL;
    json_array_foreach(json_object_get(version, "Components"), i, component)
    {
        if (!*found && i == 0)
            found = utr_json_str(json_object_get(component, "Details"), key, "");
    }
    return found;
}

static utr_code settle(engine *e, const char *newest_text, const char *oldest_text, utr_error *err)
{
    int newest = api_number(newest_text);
    int oldest = api_number(oldest_text);
    if (!newest)
        return utr_fail(err, UTR_PROTOCOL,
                        "what answers at %s does not say which Engine API version it speaks; is it a Docker "
                        "engine?",
                        e->host.text);
    if (newest < OLDEST)
        return utr_fail(err, UTR_ENGINE,
                        "the engine at %s is too old: it speaks API %s, 1.41 (Docker 20.10) is needed",
                        e->host.text, newest_text);
    if (oldest > NEWEST)
        return utr_fail(
            err, UTR_ENGINE,
            "the engine at %s is too new: it wants API %s or later, this program speaks up to 1.45",
            e->host.text, oldest_text);
    int settled = newest < NEWEST ? newest : NEWEST;
    e->api_version = utr_format("%d.%d", settled / 1000, settled % 1000);
    return UTR_OK;
}

static utr_code negotiate(engine *e, engine_bound bound, utr_error *err)
{
    auto_reply engine_reply ping = {0};
    engine_request request = {.method = "GET", .path = "/_ping", .bound = bound};
    if (engine_call(e, &request, &ping, err))
        return err->code;
    auto_json json_t *version = NULL;
    request.path = "/version";
    if (engine_call_json(e, &request, &version, err))
        return err->code;
    if (!json_is_object(version))
        return utr_fail(err, UTR_PROTOCOL, "the engine's /version is not an object");
    e->version = utr_strdup(utr_json_str(version, "Version", "unknown"));
    e->platform =
        utr_format("%s/%s", utr_json_str(version, "Os", "unknown"), utr_json_str(version, "Arch", "unknown"));
    const char *newest = *ping.api_version ? ping.api_version : version_member(version, "ApiVersion");
    return settle(e, newest, version_member(version, "MinAPIVersion"), err);
}

/* What a person should do about an engine that accepts and stays silent, or that wants TLS. */
static utr_code advise(const engine *e, int64_t began_ms, utr_error *err)
{
    if (err->code == UTR_TIMEOUT && !err->sys) {
        utr_error_reset(err);
        return utr_fail(
            err, UTR_TIMEOUT,
            "the engine at %s (%s) does not answer (waited %lld ms): it hangs or is overloaded; see "
            "'journalctl -u docker', restart it with 'systemctl restart docker'",
            e->host.text, e->host.origin, (long long)(utr_clock_ms() - began_ms));
    }
    if (err->code == UTR_ENGINE && err->sys == 400 && strstr(err->text, "HTTPS"))
        return utr_wrap(err, "%s wants TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH", e->host.text);
    if (err->code == UTR_NOT_FOUND)
        err->code = UTR_PROTOCOL;
    if (err->code == UTR_PROTOCOL && err->sys)
        return utr_wrap(err, "what answers at %s (%s) is no Docker engine", e->host.text, e->host.origin);
    if (err->code == UTR_ENGINE && err->sys)
        return utr_wrap(err, "the engine at %s (%s) refuses", e->host.text, e->host.origin);
    return err->code;
}

utr_code engine_open(const char *host, engine_bound bound, engine **out, utr_error *err)
{
    if (libcurl_load(err))
        return err->code;
    int64_t began_ms = utr_clock_ms();
    engine *e = UTR_NEW(engine);
    (void)pthread_mutex_init(&e->lock, NULL);
    if (engine_host_find(host, &e->host, err) || negotiate(e, bound, err)) {
        (void)advise(e, began_ms, err);
        engine_free(e);
        return err->code;
    }
    *out = e;
    return UTR_OK;
}

void engine_free(engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->idle.count; i++)
        engine_line_close(&e->idle.items[i]);
    utr_vec_dispose(&e->idle);
    (void)pthread_mutex_destroy(&e->lock);
    engine_host_dispose(&e->host);
    free(e->version);
    free(e->api_version);
    free(e->platform);
    free(e);
}

void engine_get_facts(const engine *e, engine_facts *out)
{
    *out = (engine_facts){
        .host = e->host.text,
        .version = e->version,
        .api_version = e->api_version,
        .platform = e->platform,
        .is_local = e->host.socket_path,
    };
}
