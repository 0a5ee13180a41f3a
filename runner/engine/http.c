#include "engine/http.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { IDLE_MOST = 16, UPLOAD_BYTES = 256 * 1024, REFUSAL_BYTES = 64 * 1024 };

/* One call under way. */
typedef struct {
    const engine *e;
    const engine_request *request;
    engine_line line;
    engine_reply reply;
    struct curl_slist *headers;
    char *url, *body;
    bool stopped; /* a sink had enough */
    int64_t began_ms;
    utr_error *err;
    char text[CURL_ERROR_SIZE];
} exchange;

engine_bound engine_within(int64_t ms, const utr_cancel *cancel)
{
    return (engine_bound){.deadline_ms = utr_clock_ms() + ms, .cancel = cancel};
}

void engine_reply_dispose(engine_reply *reply)
{
    utr_buf_dispose(&reply->body);
}

/* ---- paths ---- */

static void path_escape(utr_buf *path, const char *text, const char *kept)
{
    for (; *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._~", *text) || strchr(kept, *text))
            utr_buf_print(path, "%c", *text);
        else
            utr_buf_print(path, "%%%02X", (unsigned char)*text);
    }
}

char *engine_path(const char *before, const char *name, const char *after)
{
    auto_buf utr_buf path = {0};
    utr_buf_puts(&path, before);
    path_escape(&path, name, "/:@");
    utr_buf_puts(&path, after);
    return utr_buf_take(&path);
}

void engine_path_add(utr_buf *path, const char *key, const char *value)
{
    utr_buf_print(path, "%c%s=", strchr(utr_buf_text(path), '?') ? '&' : '?', key);
    path_escape(path, value, "");
}

/* ---- the pool ---- */

void engine_line_close(engine_line *line)
{
    libcurl.easy_cleanup(line->easy);
    (void)libcurl.multi_cleanup(line->multi);
    *line = (engine_line){0};
}

static utr_code line_take(engine *e, engine_line *out, utr_error *err)
{
    engine_line line = {0};
    (void)pthread_mutex_lock(&e->lock);
    if (e->idle.count)
        line = e->idle.items[--e->idle.count];
    (void)pthread_mutex_unlock(&e->lock);
    if (!line.easy) {
        line = (engine_line){.easy = libcurl.easy_init(), .multi = libcurl.multi_init()};
        if (!line.easy || !line.multi) {
            engine_line_close(&line);
            return utr_fail(err, UTR_SYS, "no memory for a connection");
        }
    }
    *out = line;
    return UTR_OK;
}

static void line_give(engine *e, engine_line line)
{
    (void)pthread_mutex_lock(&e->lock);
    bool kept = e->idle.count < IDLE_MOST;
    if (kept)
        *utr_vec_push(&e->idle) = line;
    (void)pthread_mutex_unlock(&e->lock);
    if (!kept)
        engine_line_close(&line);
}

/* ---- curl's callbacks ---- */

static bool is_success(const exchange *x)
{
    long status = 0;
    (void)libcurl.easy_getinfo(x->line.easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    exchange *x = ctx;
    size_t len = size * count;
    bool good = is_success(x);
    if (good && x->request->sink) {
        x->stopped = !x->request->sink(x->request->sink_ctx, data, len, x->err);
        return x->stopped ? CURL_WRITEFUNC_ERROR : len;
    }
    if (good)
        return utr_buf_add(&x->reply.body, data, len, x->err) ? CURL_WRITEFUNC_ERROR : len;
    size_t room = REFUSAL_BYTES - x->reply.body.len; /* of a refusal its beginning is enough */
    x->stopped = len > room;
    utr_error ignored = {0};
    (void)!utr_buf_add(&x->reply.body, data, len < room ? len : room, &ignored);
    return x->stopped ? CURL_WRITEFUNC_ERROR : len;
}

static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
    static const char NAME[] = "api-version:";
    exchange *x = ctx;
    size_t len = size * count;
    if (len > sizeof NAME && strncasecmp(data, NAME, sizeof NAME - 1) == 0) {
        auto_free char *value = utr_strndup(data + sizeof NAME - 1, len - (sizeof NAME - 1));
        char *text = value + strspn(value, " \t");
        text[strcspn(text, " \t\r\n")] = '\0';
        (void)snprintf(x->reply.api_version, sizeof x->reply.api_version, "%s", text);
    }
    return len;
}

static size_t on_upload(char *data, size_t size, size_t count, void *ctx)
{
    exchange *x = ctx;
    ssize_t got = x->request->source(x->request->source_ctx, data, size * count, x->err);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

/* ---- setting up ---- */

#define SET(easy, option, value) ((void)libcurl.easy_setopt(easy, option, value))

static void add_header(exchange *x, const char *line)
{
    struct curl_slist *longer = libcurl.slist_append(x->headers, line);
    if (longer)
        x->headers = longer;
}

static void set_body(exchange *x)
{
    CURL *easy = x->line.easy;
    const engine_request *request = x->request;
    SET(easy, CURLOPT_POST, 1L);
    add_header(x, "Expect:");
    if (request->source) {
        SET(easy, CURLOPT_READFUNCTION, on_upload);
        SET(easy, CURLOPT_READDATA, x);
        SET(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BYTES);
        SET(easy, CURLOPT_FRESH_CONNECT, 1L); /* a stream cannot be sent again over another connection */
        add_header(x, "Transfer-Encoding: chunked");
        add_header(x, "Content-Type: application/x-tar");
        return;
    }
    x->body = request->body ? json_dumps(request->body, JSON_COMPACT) : utr_strdup("");
    SET(easy, CURLOPT_POSTFIELDS, x->body ? x->body : "");
    add_header(x, request->body ? "Content-Type: application/json" : "Content-Type:");
}

static void set_host(exchange *x)
{
    CURL *easy = x->line.easy;
    const engine_host *host = &x->e->host;
    SET(easy, CURLOPT_PROXY, "");
    SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    if (host->socket_path)
        SET(easy, CURLOPT_UNIX_SOCKET_PATH, host->socket_path);
    if (!host->tls_dir)
        return;
    SET(easy, CURLOPT_SSL_VERIFYPEER, host->tls_verify ? 1L : 0L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, host->tls_verify ? 2L : 0L);
    static const struct {
        const char *name;
        CURLoption option;
    } FILES[] = {{"ca.pem", CURLOPT_CAINFO}, {"cert.pem", CURLOPT_SSLCERT}, {"key.pem", CURLOPT_SSLKEY}};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        auto_free char *path = utr_format("%s/%s", host->tls_dir, FILES[i].name);
        if (*host->tls_dir && utr_path_exists(path))
            SET(easy, FILES[i].option, path);
    }
}

static void set_request(exchange *x)
{
    CURL *easy = x->line.easy;
    const engine_request *request = x->request;
    libcurl.easy_reset(easy);
    x->url = x->e->api_version ? utr_format("%s/v%s%s", x->e->host.url, x->e->api_version, request->path)
                               : utr_format("%s%s", x->e->host.url, request->path);
    SET(easy, CURLOPT_URL, x->url);
    SET(easy, CURLOPT_PATH_AS_IS, 1L);
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_QUICK_EXIT, 1L); /* a name server that is silent cannot hold up a deadline */
    SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(easy, CURLOPT_USERAGENT, "unified_test_runner");
    SET(easy, CURLOPT_ERRORBUFFER, x->text);
    SET(easy, CURLOPT_WRITEFUNCTION, on_body);
    SET(easy, CURLOPT_WRITEDATA, x);
    SET(easy, CURLOPT_HEADERFUNCTION, on_header);
    SET(easy, CURLOPT_HEADERDATA, x);
    if (strcmp(request->method, "POST") == 0)
        set_body(x);
    else
        SET(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->header)
        add_header(x, request->header);
    SET(easy, CURLOPT_HTTPHEADER, x->headers);
    set_host(x);
}

/* ---- running ---- */

static utr_code fail_timeout(const exchange *x)
{
    long long waited_ms = utr_clock_ms() - x->began_ms;
    curl_off_t connected_us = 0;
    (void)libcurl.easy_getinfo(x->line.easy, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    if (x->e->host.socket_path || connected_us)
        return utr_fail(x->err, UTR_TIMEOUT, "the engine at %s gave no answer within %lld ms",
                        x->e->host.text, waited_ms);
    x->err->sys = ETIMEDOUT;
    return utr_fail(
        x->err, UTR_TIMEOUT,
        "no connection to the engine at %s (%s) within %lld ms: check the address, the network and the "
        "name server, or correct DOCKER_HOST",
        x->e->host.text, x->e->host.origin, waited_ms);
}

/* Turns the wheel until the transfer is over, the bound is reached or the call is cancelled. */
static utr_code run(exchange *x, CURLcode *out)
{
    engine_bound bound = x->request->bound;
    struct curl_waitfd extra = {.fd = bound.cancel ? bound.cancel->fd : -1, .events = CURL_WAIT_POLLIN};
    for (;;) {
        int running = 0;
        CURLMcode code = libcurl.multi_perform(x->line.multi, &running);
        if (x->err->code)
            return x->err->code;
        if (code)
            return utr_fail(x->err, UTR_SYS, "%s", libcurl.multi_strerror(code));
        if (!running)
            break;
        if (utr_cancel_is_tripped(bound.cancel))
            return utr_fail(x->err, UTR_CANCELLED, "cancelled");
        int64_t left = bound.deadline_ms - utr_clock_ms();
        if (left <= 0)
            return fail_timeout(x);
        (void)libcurl.multi_poll(x->line.multi, &extra, bound.cancel ? 1 : 0,
                                 left < 60000 ? (int)left : 60000, NULL);
    }
    int queued = 0;
    const CURLMsg *message = libcurl.multi_info_read(x->line.multi, &queued);
    *out = message ? message->data.result : CURLE_FAILED_INIT;
    return UTR_OK;
}

/* ---- outcomes ---- */

static utr_code fail_transfer(const exchange *x, CURLcode result)
{
    const char *detail = x->text[0] ? x->text : libcurl.easy_strerror(result);
    long sys = 0;
    (void)libcurl.easy_getinfo(x->line.easy, CURLINFO_OS_ERRNO, &sys);
    switch ((int)result) {
    case CURLE_COULDNT_CONNECT:
        return engine_host_explain(&x->e->host, (int)sys, detail, x->err);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return utr_fail(x->err, UTR_UNREACHABLE,
                        "the engine at %s closed the connection in the middle of its answer (%s); has it "
                        "stopped? See 'systemctl status docker'",
                        x->e->host.text, detail);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return utr_fail(x->err, UTR_PROTOCOL, "what answers at %s does not speak the Engine API (%s)",
                        x->e->host.text, detail);
    default:
        return engine_host_explain(&x->e->host, 0, detail, x->err);
    }
}

static const struct {
    int status;
    utr_code code;
} STATUS_CODES[] = {{404, UTR_NOT_FOUND}, {409, UTR_CONFLICT}};

/* The daemon's own words: {"message": "..."}, else what it sent as it is. */
static utr_code fail_refused(const exchange *x)
{
    int status = x->reply.status;
    utr_code code = UTR_ENGINE;
    for (size_t i = 0; i < sizeof STATUS_CODES / sizeof *STATUS_CODES; i++) {
        if (STATUS_CODES[i].status == status)
            code = STATUS_CODES[i].code;
    }
    auto_json json_t *answer = json_loadb(utr_buf_text(&x->reply.body), x->reply.body.len, 0, NULL);
    const char *message = utr_json_str(answer, "message", utr_buf_text(&x->reply.body));
    (void)utr_fail(x->err, code, "HTTP %d: %.400s", status, *message ? message : "no message");
    x->err->sys = status;
    return code;
}

static utr_code outcome(exchange *x, CURLcode result)
{
    long status = 0;
    (void)libcurl.easy_getinfo(x->line.easy, CURLINFO_RESPONSE_CODE, &status);
    x->reply.status = (int)status;
    /* A refusal is worth more than the broken pipe of the body that the daemon did not want to read. */
    if (result && !x->stopped && status < 400)
        return fail_transfer(x, result);
    if ((status < 200 || status > 299) && status != 304)
        return fail_refused(x);
    return UTR_OK;
}

static void exchange_end(exchange *x)
{
    (void)libcurl.multi_remove_handle(x->line.multi, x->line.easy);
    libcurl.easy_reset(x->line.easy);
    libcurl.slist_free_all(x->headers);
    free(x->url);
    free(x->body);
}

utr_code engine_call(engine *e, const engine_request *request, engine_reply *reply, utr_error *err)
{
    exchange x = {.e = e, .request = request, .err = err, .began_ms = utr_clock_ms()};
    if (utr_cancel_is_tripped(request->bound.cancel))
        return utr_fail(err, UTR_CANCELLED, "cancelled");
    if (line_take(e, &x.line, err))
        return err->code;
    set_request(&x);
    CURLMcode added = libcurl.multi_add_handle(x.line.multi, x.line.easy);
    CURLcode result = CURLE_OK;
    if (added)
        (void)utr_fail(err, UTR_SYS, "%s", libcurl.multi_strerror(added));
    else if (!run(&x, &result))
        (void)outcome(&x, result);
    exchange_end(&x);
    line_give(e, x.line);
    if (err->code || !reply)
        engine_reply_dispose(&x.reply);
    else
        *reply = x.reply;
    return err->code;
}

utr_code engine_call_json(engine *e, const engine_request *request, json_t **out, utr_error *err)
{
    auto_reply engine_reply reply = {0};
    if (engine_call(e, request, &reply, err))
        return err->code;
    json_error_t fault;
    json_t *answer = json_loadb(utr_buf_text(&reply.body), reply.body.len, 0, &fault);
    if (!answer)
        return utr_fail(err, UTR_PROTOCOL, "the engine's answer is not JSON: %s", fault.text);
    *out = answer;
    return UTR_OK;
}

utr_code engine_call_id(engine *e, const engine_request *request, char **out_id, utr_error *err)
{
    auto_json json_t *answer = NULL;
    if (engine_call_json(e, request, &answer, err))
        return err->code;
    const char *id = utr_json_str(answer, "Id", "");
    if (!*id)
        return utr_fail(err, UTR_PROTOCOL, "the engine gave no id");
    *out_id = utr_strdup(id);
    return UTR_OK;
}
