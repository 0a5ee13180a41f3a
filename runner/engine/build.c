/* Building images with the classic builder (Engine API: "Build an image"). */
#include "engine/config.h"
#include "engine/context.h"
#include "engine/http.h"
#include "engine/lines.h"

#include "base/text.h"

#include <openssl/evp.h>
#include <string.h>

enum { TAIL_LINES = 6, LINE_BYTES = 4096, TAIL_BYTES = 230 };

/* A build under way. */
typedef struct {
    const engine_build *build;
    utr_buf line; /* of output, not whole yet */
    char *tail[TAIL_LINES];
    size_t lines; /* seen */
    int64_t step, steps;
    char *id;
} builder;

static void builder_dispose(builder *b)
{
    for (size_t i = 0; i < TAIL_LINES; i++)
        free(b->tail[i]);
    utr_buf_dispose(&b->line);
    free(b->id);
}

/* ---- its output ---- */

/* "Step 3/7 : RUN ..." */
static void read_step(builder *b, const char *line)
{
    if (!utr_text_starts(line, "Step "))
        return;
    const char *slash = strchr(line, '/');
    const char *space = slash ? strchr(slash, ' ') : NULL;
    if (!space)
        return;
    auto_free char *done = utr_strndup(line + 5, (size_t)(slash - line) - 5);
    auto_free char *total = utr_strndup(slash + 1, (size_t)(space - slash) - 1);
    int64_t step = 0;
    int64_t steps = 0;
    if (utr_text_int(done, 1, 100000, &step) && utr_text_int(total, 1, 100000, &steps)) {
        b->step = step;
        b->steps = steps;
    }
}

static void line_done(builder *b)
{
    if (!b->line.len)
        return;
    const char *text = utr_buf_text(&b->line);
    read_step(b, text);
    char **slot = &b->tail[b->lines++ % TAIL_LINES];
    free(*slot);
    *slot = utr_strdup(text);
    if (b->build->progress)
        b->build->progress(b->build->ctx, text, b->step, b->steps);
    utr_buf_reset(&b->line);
}

/* Output comes in pieces; what a line has over its bound is left out. */
static void take_output(builder *b, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\r\n");
        size_t room = LINE_BYTES - b->line.len;
        utr_error ignored = {0};
        (void)!utr_buf_add(&b->line, text, len < room ? len : room, &ignored);
        if (!text[len])
            return;
        line_done(b);
        text += len + 1;
    }
}

/* The last lines, as many as there is room for, oldest first. */
static void tail_text(const builder *b, char out[TAIL_BYTES])
{
    out[0] = '\0';
    size_t most = b->lines < TAIL_LINES ? b->lines : TAIL_LINES;
    for (size_t i = 1; i <= most; i++) {
        const char *line = b->tail[(b->lines - i) % TAIL_LINES];
        char longer[TAIL_BYTES];
        int len = snprintf(longer, sizeof longer, "%s%s%s", line, *out ? " | " : "", out);
        if (len >= TAIL_BYTES && *out)
            return;
        (void)memcpy(out, longer, sizeof longer);
    }
}

static bool fail_build(builder *b, const char *message, utr_error *err)
{
    line_done(b);
    char tail[TAIL_BYTES];
    tail_text(b, tail);
    size_t len = strlen(message);
    while (len && strchr("\r\n ", message[len - 1]))
        len--;
    (void)utr_fail(err, UTR_ENGINE, "%.*s%s%s", (int)(len < 200 ? len : 200), message,
                   *tail ? "; last output: " : "", tail);
    return false;
}

static bool on_build_line(void *ctx, const json_t *line, utr_error *err)
{
    builder *b = ctx;
    const char *message = engine_lines_failure(line);
    if (message)
        return fail_build(b, message, err);
    const char *id = utr_json_str(json_object_get(line, "aux"), "ID", NULL);
    if (id) {
        free(b->id);
        b->id = utr_strdup(id);
    }
    const char *status = utr_json_str(line, "status", NULL); /* of a base image's pull */
    if (status && b->build->progress)
        b->build->progress(b->build->ctx, status, b->step, b->steps);
    take_output(b, utr_json_str(line, "stream", ""));
    return true;
}

/* ---- what it is made of ---- */

/* By name: their order decides nothing. */
static json_t *object_of(const utr_strs *pairs)
{
    json_t *object = json_object();
    for (size_t i = 0; i < pairs->count; i++) {
        const char *equals = strchr(pairs->items[i], '=');
        auto_free char *name = equals ? utr_strndup(pairs->items[i], (size_t)(equals - pairs->items[i]))
                                      : utr_strdup(pairs->items[i]);
        (void)json_object_set_new(object, name, equals ? utr_json_text(equals + 1) : json_null());
    }
    return object;
}

typedef EVP_MD_CTX hash;

static void hash_release(hash **md)
{
    EVP_MD_CTX_free(*md);
}
#define auto_hash __attribute__((cleanup(hash_release)))

static utr_code hash_add(hash *md, const void *data, size_t len, utr_error *err)
{
    return EVP_DigestUpdate(md, data, len) == 1 ? UTR_OK : utr_fail(err, UTR_SYS, "SHA-256 failed");
}

/* One line of JSON; the tar begins after its end. */
static utr_code hash_options(hash *md, const engine_build *build, const char *dockerfile, utr_error *err)
{
    auto_json json_t *options = json_object();
    (void)json_object_set_new(options, "dockerfile", utr_json_text(dockerfile));
    (void)json_object_set_new(options, "target", build->target ? utr_json_text(build->target) : json_null());
    (void)json_object_set_new(options, "args", object_of(&build->args));
    auto_free char *text = json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        return utr_fail(err, UTR_DEFECT, "the build's options are no JSON");
    return hash_add(md, text, strlen(text) + 1, err);
}

static utr_code hash_context(hash *md, engine_context *context, const utr_cancel *cancel, utr_error *err)
{
    char piece[16 * 1024];
    engine_context_drop_times(context);
    for (;;) {
        ssize_t got = engine_context_read(context, piece, sizeof piece, err);
        if (got <= 0)
            return err->code;
        if (utr_cancel_is_tripped(cancel))
            return utr_fail(err, UTR_CANCELLED, "cancelled");
        if (hash_add(md, piece, (size_t)got, err))
            return err->code;
    }
}

static utr_code hash_end(hash *md, char out[ENGINE_DIGEST_SIZE], utr_error *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    if (EVP_DigestFinal_ex(md, bytes, &len) != 1 || 2 * (size_t)len + 1 != ENGINE_DIGEST_SIZE)
        return utr_fail(err, UTR_SYS, "SHA-256 failed");
    for (size_t i = 0; i < len; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return UTR_OK;
}

static utr_code hash_build(const engine_build *build, engine_context *context, const utr_cancel *cancel,
                           char out[ENGINE_DIGEST_SIZE], utr_error *err)
{
    auto_hash hash *md = EVP_MD_CTX_new();
    if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        return utr_fail(err, UTR_SYS, "SHA-256 cannot be begun");
    if (hash_options(md, build, engine_context_dockerfile(context), err) ||
        hash_context(md, context, cancel, err))
        return err->code;
    return hash_end(md, out, err);
}

utr_code engine_build_digest(const engine_build *build, const utr_cancel *cancel,
                             char out[ENGINE_DIGEST_SIZE], utr_error *err)
{
    engine_context *context = NULL;
    if (engine_context_open(build->context, build->dockerfile, &context, err))
        return err->code;
    utr_code code = hash_build(build, context, cancel, out, err);
    engine_context_close(context);
    return code;
}

/* ---- the call ---- */

static void add_object(utr_buf *path, const char *key, const utr_strs *pairs)
{
    if (!pairs->count)
        return;
    auto_json json_t *object = object_of(pairs);
    auto_free char *text = json_dumps(object, JSON_COMPACT);
    engine_path_add(path, key, text ? text : "{}");
}

static char *build_path(const engine_build *build, const char *dockerfile)
{
    auto_buf utr_buf path = {0};
    utr_buf_puts(&path, "/build?rm=1&forcerm=1");
    engine_path_add(&path, "dockerfile", dockerfile);
    if (build->tag)
        engine_path_add(&path, "t", build->tag);
    if (build->target)
        engine_path_add(&path, "target", build->target);
    if (build->no_cache)
        engine_path_add(&path, "nocache", "1");
    if (build->pull)
        engine_path_add(&path, "pull", "1");
    add_object(&path, "buildargs", &build->args);
    add_object(&path, "labels", &build->labels);
    return utr_buf_take(&path);
}

static utr_code run_build(engine *e, builder *b, engine_context *context, engine_bound bound, utr_error *err)
{
    auto_free char *header = NULL;
    if (engine_config_auths(&header, err))
        return err->code;
    auto_free char *path = build_path(b->build, engine_context_dockerfile(context));
    engine_lines lines = {.on_line = on_build_line, .ctx = b};
    engine_request request = {.method = "POST",
                              .path = path,
                              .header = header,
                              .source = engine_context_read,
                              .source_ctx = context,
                              .sink = engine_lines_sink,
                              .sink_ctx = &lines,
                              .bound = bound};
    utr_code code = engine_call(e, &request, NULL, err);
    if (!code)
        code = engine_lines_end(&lines, err);
    engine_lines_dispose(&lines);
    if (!code)
        line_done(b);
    return code;
}

/* Podman does not say the id in the stream. */
static utr_code find_id(engine *e, builder *b, engine_bound bound, utr_error *err)
{
    if (b->id)
        return UTR_OK;
    if (!b->build->tag)
        return utr_fail(err, UTR_PROTOCOL, "the engine ended the build without the image's id");
    engine_image image = {0};
    if (engine_image_inspect(e, b->build->tag, bound, &image, err))
        return err->code;
    b->id = utr_strdup(image.id);
    engine_image_dispose(&image);
    return UTR_OK;
}

utr_code engine_image_build(engine *e, const engine_build *build, engine_bound bound, char **out_id,
                            utr_error *err)
{
    builder b = {.build = build, .line = UTR_BUF_INIT(LINE_BYTES)};
    engine_context *context = NULL;
    if (!engine_context_open(build->context, build->dockerfile, &context, err) &&
        !run_build(e, &b, context, bound, err) && !find_id(e, &b, bound, err)) {
        *out_id = b.id;
        b.id = NULL;
    }
    engine_context_close(context);
    builder_dispose(&b);
    return err->code ? utr_wrap(err, "build image '%s'", build->tag ? build->tag : "") : UTR_OK;
}
