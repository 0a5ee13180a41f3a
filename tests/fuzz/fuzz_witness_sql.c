/* Any bytes as SQL: statements end, and their fingerprints keep to their limit. */
#include "fuzz_target.h"

#include "witness/wire/sql.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sql_lexer query = {(const char *)data, (const char *)data + size};
    sql_statement one;
    size_t count = 0;
    while (sql_next(&query, &one)) {
        assert(++count <= size);
        assert(one.text.len <= FINGERPRINT_BYTES);
        assert(one.flags != 0);
    }
    return 0;
}
