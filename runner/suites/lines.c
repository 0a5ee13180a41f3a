#include "suites/lines.h"

#include "base/json.h"
#include "base/memory.h"

#include <assert.h>
#include <string.h>

enum { MOST_LINE = 64 * 1024, OVERLAP = 1024 };

void suites_lines_init(suites_lines *lines, void (*on_line)(void *ctx, const char *line), void *ctx)
{
    *lines = (suites_lines){.partial = UTR_BUF_INIT(MOST_LINE), .on_line = on_line, .ctx = ctx};
}

/* The length of a terminal's control sequence at text (ECMA-48, "ESC [ parameters final"); 0: there is none.
 */
static size_t control_len(const char *text, size_t len)
{
    if (len < 3 || text[0] != 0x1b || text[1] != '[')
        return 0;
    size_t at = 2;
    while (at < len && text[at] >= 0x20 && text[at] <= 0x3f)
        at++;
    return at < len && text[at] >= 0x40 && text[at] <= 0x7e ? at + 1 : 0;
}

/* Colours go. Bytes that are no text would hide what follows them in a C string. */
static void lines_tell(suites_lines *lines)
{
    utr_buf *partial = &lines->partial;
    size_t len = partial->len;
    while (len && partial->data[len - 1] == '\r')
        len--;
    auto_free char *text = utr_calloc(len + 1, 1);
    size_t put = 0;
    for (size_t i = 0; i < len;) {
        size_t control = control_len(partial->data + i, len - i);
        if (!control)
            text[put++] = (char)(partial->data[i] ? partial->data[i] : '?');
        i += control ? control : 1;
    }
    auto_json json_t *repaired = utr_json_text(text);
    lines->on_line(lines->ctx, json_string_value(repaired));
}

static void lines_add(suites_lines *lines, const char *data, size_t len)
{
    utr_buf *partial = &lines->partial;
    while (len) {
        if (partial->len == MOST_LINE) {
            lines_tell(lines);
            utr_buf_drop(partial, MOST_LINE - OVERLAP);
        }
        size_t room = MOST_LINE - partial->len;
        size_t part = len < room ? len : room;
        utr_error err = {0};
        utr_code code = utr_buf_add(partial, data, part, &err);
        assert(code == UTR_OK);
        (void)code;
        data += part;
        len -= part;
    }
}

void suites_lines_feed(suites_lines *lines, const char *data, size_t len)
{
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t part = end ? (size_t)(end - data) : len;
        lines_add(lines, data, part);
        if (!end)
            return;
        lines_tell(lines);
        utr_buf_reset(&lines->partial);
        data += part + 1;
        len -= part + 1;
    }
}

void suites_lines_finish(suites_lines *lines)
{
    if (lines->partial.len)
        lines_tell(lines);
    utr_buf_dispose(&lines->partial);
}
