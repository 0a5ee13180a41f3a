/* Any bytes as Catch2's XML. */
#include "suites_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    watch_reader(&suites_reader_catch2, data, size);
    return 0;
}
