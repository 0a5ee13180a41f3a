/* Any bytes as GoogleTest's output. */
#include "suites_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    watch_reader(&suites_reader_gtest, data, size);
    return 0;
}
