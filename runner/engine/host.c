#include "engine/host.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"
#include "engine/config.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>

static const char DEFAULT_SOCKET[] = "/var/run/docker.sock";
static const char FORMS[] = "unix:///PATH or tcp://HOST:PORT is expected";

void engine_host_dispose(engine_host *host)
{
    free(host->text);
    free(host->origin);
    free(host->socket_path);
    free(host->url);
    free(host->tls_dir);
    *host = (engine_host){0};
}

/* ---- parsing: one function a scheme ---- */

typedef utr_code host_reader(const char *rest, engine_host *host, utr_error *err);

static utr_code read_unix(const char *rest, engine_host *host, utr_error *err)
{
    if (rest[0] != '/')
        return utr_fail(err, UTR_CONFIG, "%s '%s': the socket's path is not absolute; %s", host->origin,
                        host->text, FORMS);
    if (strlen(rest) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return utr_fail(err, UTR_CONFIG, "%s: the socket's path is longer than a socket's path may be (107)",
                        host->origin);
    host->socket_path = utr_strdup(rest);
    host->url = utr_strdup("http://docker");
    free(host->tls_dir);
    host->tls_dir = NULL;
    return UTR_OK;
}

/* Whether the port after the last colon, if there is one, is a port; "[::1]" has none. */
static bool port_is_good(const char *address, bool *out_has_port)
{
    const char *bracket = strrchr(address, ']');
    const char *colon = strrchr(bracket ? bracket : address, ':');
    int64_t port = 0;
    *out_has_port = colon;
    return !colon || utr_text_int(colon + 1, 1, 65535, &port);
}

static utr_code read_tcp(const char *rest, engine_host *host, utr_error *err)
{
    auto_free char *address = utr_strdup(rest);
    size_t len = strlen(address);
    if (len && address[len - 1] == '/')
        address[len - 1] = '\0';
    bool has_port = false;
    if (!*address || *address == ':' || address[strcspn(address, "/?#@ \t\r\n")] ||
        !port_is_good(address, &has_port))
        return utr_fail(err, UTR_CONFIG, "%s '%s' is no address of an engine; %s", host->origin, host->text,
                        FORMS);
    const char *port = has_port ? "" : host->tls_dir ? ":2376" : ":2375";
    host->url = utr_format("%s://%s%s", host->tls_dir ? "https" : "http", address, port);
    return UTR_OK;
}

static utr_code read_https(const char *rest, engine_host *host, utr_error *err)
{
    if (!host->tls_dir) {
        host->tls_dir = utr_strdup("");
        host->tls_verify = true;
    }
    return read_tcp(rest, host, err);
}

static utr_code read_ssh(const char *rest, engine_host *host, utr_error *err)
{
    return utr_fail(err, UTR_CONFIG,
                    "%s '%s': engines over ssh are not supported yet; forward its socket with "
                    "'ssh -NL /tmp/engine.sock:/var/run/docker.sock %s' and set "
                    "DOCKER_HOST=unix:///tmp/engine.sock",
                    host->origin, host->text, rest);
}

static const struct {
    const char *scheme;
    host_reader *read;
} SCHEMES[] = {
    {"unix://", read_unix}, {"tcp://", read_tcp},     {"http://", read_tcp},
    {"ssh://", read_ssh},   {"https://", read_https},
};

static utr_code host_parse(engine_host *host, utr_error *err)
{
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        if (utr_text_starts(host->text, SCHEMES[i].scheme))
            return SCHEMES[i].read(host->text + strlen(SCHEMES[i].scheme), host, err);
    }
    return utr_fail(err, UTR_CONFIG, "%s '%s' is no address of an engine; %s", host->origin, host->text,
                    FORMS);
}

/* ---- finding ---- */

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as the docker command reads them. */
static void take_tls_environment(engine_host *host)
{
    if (!environment("DOCKER_TLS_VERIFY"))
        return;
    const char *dir = environment("DOCKER_CERT_PATH");
    host->tls_dir = dir ? utr_strdup(dir) : engine_config_dir();
    host->tls_verify = true;
}

static void find_default(engine_host *host)
{
    host->origin = utr_strdup("the default");
    const char *runtime = environment("XDG_RUNTIME_DIR");
    auto_free char *rootless = runtime ? utr_path_join(runtime, "docker.sock") : NULL;
    bool use_rootless = rootless && !utr_path_exists(DEFAULT_SOCKET) && utr_path_exists(rootless);
    host->text = utr_format("unix://%s", use_rootless ? rootless : DEFAULT_SOCKET);
}

static utr_code find_context(const char *name, engine_host *host, utr_error *err)
{
    auto_json json_t *meta = NULL;
    if (engine_config_context(name, &meta, &host->tls_dir, err))
        return err->code;
    const json_t *endpoint = json_object_get(json_object_get(meta, "Endpoints"), "docker");
    host->origin = utr_format("docker context '%s'", name);
    host->text = utr_strdup(utr_json_str(endpoint, "Host", ""));
    host->tls_verify = !utr_json_bool(endpoint, "SkipTLSVerify", 0);
    return UTR_OK;
}

static utr_code find_configured(engine_host *host, utr_error *err)
{
    auto_json json_t *config = NULL;
    const char *context = environment("DOCKER_CONTEXT");
    if (!context) {
        if (engine_config_load(&config, err))
            return err->code;
        context = utr_json_str(config, "currentContext", "default");
    }
    if (*context && strcmp(context, "default") != 0)
        return find_context(context, host, err);
    find_default(host);
    return UTR_OK;
}

static utr_code find_any(const char *given, engine_host *host, utr_error *err)
{
    const char *from_environment = environment("DOCKER_HOST");
    if (!given && !from_environment)
        return find_configured(host, err);
    host->origin = utr_strdup(given ? "the engine's host" : "DOCKER_HOST");
    host->text = utr_strdup(given ? given : from_environment);
    take_tls_environment(host);
    return UTR_OK;
}

utr_code engine_host_find(const char *given, engine_host *out, utr_error *err)
{
    engine_host host = {0};
    if (find_any(given, &host, err) || host_parse(&host, err)) {
        engine_host_dispose(&host);
        return err->code;
    }
    *out = host;
    return UTR_OK;
}

/* ---- explaining ---- */

static const struct {
    int sys;
    const char *what;
    const char *fix;
} REASONS[] = {
    {ENOENT, "the socket does not exist",
     "is the engine running? Start it with 'systemctl start docker' (or 'dockerd &'), or point DOCKER_HOST "
     "at "
     "one"},
    {ENOTDIR, "the socket does not exist", "correct the path in DOCKER_HOST"},
    {EACCES, "permission denied",
     "add yourself to the docker group ('sudo usermod -aG docker $USER', then log in again), or run with "
     "sudo"},
    {EPERM, "permission denied", "run with sudo, or where no sandbox forbids it"},
    {ECONNREFUSED, "nothing listens there",
     "the engine has stopped: start it with 'systemctl start docker' (or 'dockerd &'), or correct "
     "DOCKER_HOST"},
    {EHOSTUNREACH, "no route to it", "check the address and the network, or correct DOCKER_HOST"},
    {ENETUNREACH, "no route to it", "check the address and the network, or correct DOCKER_HOST"},
};

utr_code engine_host_explain(const engine_host *host, int sys, const char *detail, utr_error *err)
{
    const char *what = detail;
    const char *fix = "check that the engine runs, and what DOCKER_HOST says";
    for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++) {
        if (REASONS[i].sys == sys) {
            what = REASONS[i].what;
            fix = REASONS[i].fix;
        }
    }
    err->sys = sys;
    return utr_fail(err, UTR_UNREACHABLE, "no engine at %s (%s): %s; %s", host->text, host->origin, what,
                    fix);
}
