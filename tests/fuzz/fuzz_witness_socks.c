/* Any bytes to the SOCKS5 reader: whole and byte by byte they mean the same, and nothing beyond is taken. */
#include "fuzz_target.h"

#include "witness/wire/socks.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

typedef struct {
    wire_step greeting, request;
    uint8_t method;
    socks_request asked;
    size_t taken;
} outcome;

static outcome read_in(size_t piece, const uint8_t *data, size_t size)
{
    outcome out = {.method = 1};
    socks_reader reader = {0};
    while (out.taken < size && out.request == WIRE_MORE && out.greeting != WIRE_BROKEN) {
        size_t len = size - out.taken < piece ? size - out.taken : piece;
        auto_free uint8_t *copy = utr_calloc(1, len);
        memcpy(copy, data + out.taken, len);
        wire_view in = {copy, len};
        if (out.greeting == WIRE_MORE)
            out.greeting = socks_greeting_next(&reader, &in, &out.method);
        else
            out.request = socks_request_next(&reader, &in, &out.asked);
        out.taken += len - in.len;
    }
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[AUTHORITY_TEXT_BYTES];
    outcome whole = read_in(size, data, size);
    outcome single = read_in(1, data, size);
    assert(whole.greeting == single.greeting && whole.request == single.request);
    assert(whole.method == single.method && whole.taken == single.taken);
    if (whole.request != WIRE_FRAME)
        return 0;
    assert(whole.asked.fault == single.asked.fault);
    if (whole.asked.fault != SOCKS_GRANTED)
        return 0;
    authority again;
    assert(authority_equal(&whole.asked.to, &single.asked.to));
    authority_print(&whole.asked.to, text);
    assert(authority_read(text, strlen(text), 0, &again) && authority_equal(&whole.asked.to, &again));
    return 0;
}
