#include "engine/lines.h"

#include <string.h>

static const size_t LINE_LIMIT = (size_t)1 << 20;

void engine_lines_dispose(engine_lines *lines)
{
    utr_buf_dispose(&lines->rest);
}

static bool is_blank(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && strchr(" \t\r\n", text[i]) && text[i])
        i++;
    return i == len;
}

static bool take_line(const engine_lines *lines, const char *text, size_t len, utr_error *err)
{
    if (is_blank(text, len))
        return true;
    auto_json json_t *line = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
    if (!json_is_object(line)) {
        (void)utr_fail(err, UTR_PROTOCOL, "a line of the engine's stream is not a JSON object: %.*s",
                       (int)(len < 100 ? len : 100), text);
        return false;
    }
    return lines->on_line(lines->ctx, line, err);
}

static bool keep_rest(engine_lines *lines, const char *data, size_t len, utr_error *err)
{
    lines->rest.limit = LINE_LIMIT;
    if (!utr_buf_add(&lines->rest, data, len, err))
        return true;
    (void)utr_wrap(err, "a line of the engine's stream");
    return false;
}

bool engine_lines_sink(void *ctx, const char *data, size_t len, utr_error *err)
{
    engine_lines *lines = ctx;
    for (;;) {
        const char *newline = memchr(data, '\n', len);
        if (!newline)
            return keep_rest(lines, data, len, err);
        size_t part = (size_t)(newline - data);
        bool good = false;
        if (lines->rest.len) {
            good =
                keep_rest(lines, data, part, err) && take_line(lines, lines->rest.data, lines->rest.len, err);
            utr_buf_reset(&lines->rest);
        } else {
            good = take_line(lines, data, part, err);
        }
        if (!good)
            return false;
        data = newline + 1;
        len -= part + 1;
    }
}

utr_code engine_lines_end(engine_lines *lines, utr_error *err)
{
    (void)take_line(lines, utr_buf_text(&lines->rest), lines->rest.len, err);
    utr_buf_reset(&lines->rest);
    return err->code;
}

const char *engine_lines_failure(const json_t *line)
{
    const char *brief = utr_json_str(line, "error", NULL);
    return utr_json_str(json_object_get(line, "errorDetail"), "message", brief);
}
