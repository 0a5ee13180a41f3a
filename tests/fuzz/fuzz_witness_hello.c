/* Any bytes to the ClientHello reader: whole and byte by byte they give the same name, fit for a report. */
#include "fuzz_target.h"

#include "witness/wire/client_hello.h"

#include "base/memory.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

static wire_step read_in(size_t piece, const uint8_t *data, size_t size, char name[CLIENT_HELLO_NAME_BYTES])
{
    client_hello hello;
    wire_step step = WIRE_MORE;
    client_hello_init(&hello);
    for (size_t at = 0; at < size && step == WIRE_MORE; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        auto_free uint8_t *copy = utr_calloc(1, len);
        memcpy(copy, data + at, len);
        wire_view in = {copy, len};
        step = client_hello_next(&hello, &in);
    }
    memcpy(name, hello.name, CLIENT_HELLO_NAME_BYTES);
    client_hello_dispose(&hello);
    return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char whole[CLIENT_HELLO_NAME_BYTES];
    char single[CLIENT_HELLO_NAME_BYTES];
    wire_step step = read_in(size, data, size, whole);
    assert(step == read_in(1, data, size, single));
    if (step != WIRE_FRAME)
        return 0;
    assert(strcmp(whole, single) == 0);
    for (const char *at = whole; *at; at++)
        assert(isgraph((unsigned char)*at) && !isupper((unsigned char)*at));
    return 0;
}
