/* Any bytes as what a Go test binary prints. */
#include "suites_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    watch_reader(&suites_reader_go, data, size);
    return 0;
}
