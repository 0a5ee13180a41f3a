/*
 * Any bytes from the client of an HTTP proxy: whole and byte by byte they are cut into the same heads and
 * bodies, and no head grows when it is rewritten.
 */
#include "fuzz_target.h"

#include "witness/wire/proxy_request.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

typedef struct {
    proxy_request_reader reader;
    utr_buf passed;
    size_t heads;
    bool over;
} play;

static void pass(play *p, const void *bytes, size_t len)
{
    utr_error err = {0};
    utr_code kept = utr_buf_add(&p->passed, bytes, len, &err);
    assert(kept == UTR_OK);
}

static size_t take_head(play *p, wire_view in)
{
    static uint8_t head[PROXY_HEAD_MOST_BYTES];
    proxy_request request = {0};
    size_t len = in.len;
    wire_step step = proxy_request_next(&p->reader, &in, &request);
    p->over = step == WIRE_BROKEN || (step == WIRE_FRAME && (request.tunnel || !request.known));
    if (step == WIRE_FRAME && !p->over) {
        size_t before = p->reader.head.len;
        size_t after = proxy_request_head(&p->reader, head);
        assert(after <= before && after > 0);
        pass(p, head, after);
        p->heads++;
    }
    return len - in.len;
}

static play read_in(size_t piece, const uint8_t *data, size_t size)
{
    play p = {.passed = UTR_BUF_INIT(1 << 22)};
    proxy_request_reader_init(&p.reader);
    for (size_t at = 0; at < size && !p.over;) {
        size_t len = size - at < piece ? size - at : piece;
        auto_free uint8_t *copy = utr_calloc(1, len);
        memcpy(copy, data + at, len);
        wire_view in = {copy, len};
        size_t body = proxy_request_body(&p.reader, in);
        if (body > 0)
            pass(&p, copy, body);
        size_t taken = body > 0 ? body : take_head(&p, in);
        assert(taken > 0 || p.over);
        at += taken;
    }
    proxy_request_reader_dispose(&p.reader);
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    play whole = read_in(size, data, size);
    play single = read_in(1, data, size);
    assert(whole.heads == single.heads && whole.passed.len == single.passed.len);
    assert(whole.passed.len == 0 || memcmp(whole.passed.data, single.passed.data, whole.passed.len) == 0);
    utr_buf_dispose(&whole.passed);
    utr_buf_dispose(&single.passed);
    return 0;
}
