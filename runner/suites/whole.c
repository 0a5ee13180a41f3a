#include "suites/whole.h"

#include <assert.h>
#include <string.h>

enum { MOST_PARTIAL = 64 * 1024 };

void suites_whole_init(suites_whole *whole, void (*on_output)(void *ctx, const char *data, size_t len),
                       void *ctx)
{
    *whole = (suites_whole){.partial = UTR_BUF_INIT(MOST_PARTIAL + 1), .on_output = on_output, .ctx = ctx};
}

static void whole_add(suites_whole *whole, const char *data, size_t len)
{
    utr_error err = {0};
    utr_code code = utr_buf_add(&whole->partial, data, len, &err);
    assert(code == UTR_OK);
    (void)code;
}

static void whole_pass(suites_whole *whole)
{
    whole->on_output(whole->ctx, whole->partial.data, whole->partial.len);
    utr_buf_reset(&whole->partial);
}

void suites_whole_feed(suites_whole *whole, const char *data, size_t len)
{
    while (len) {
        size_t room = MOST_PARTIAL - whole->partial.len;
        size_t part = len < room ? len : room;
        const char *end = memrchr(data, '\n', part);
        if (end)
            part = (size_t)(end - data) + 1;
        whole_add(whole, data, part);
        if (!end && whole->partial.len == MOST_PARTIAL)
            whole_add(whole, "\n", 1);
        if (end || whole->partial.len > MOST_PARTIAL)
            whole_pass(whole);
        data += part;
        len -= part;
    }
}

void suites_whole_finish(suites_whole *whole)
{
    if (whole->partial.len) {
        whole_add(whole, "\n", 1);
        whole_pass(whole);
    }
    utr_buf_dispose(&whole->partial);
}
