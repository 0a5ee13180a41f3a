/* Any bytes as a JUnit report. */
#include "fuzz_target.h"

#include "base/json.h"
#include "suites/junit.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void on_case(void *ctx, const suites_result *result)
{
    assert(*result->test && result->message && result->file && result->line >= 0);
    int set = json_object_set_new(ctx, result->test, json_true()); /* fails where it is not UTF-8 */
    assert(set == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    utr_error err = {0};
    char path[32];
    auto_json json_t *times = json_object();
    auto_json json_t *told = json_object();
    int fd = memfd_create("report", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (suites_junit_read(path, times, on_case, told, &err))
        assert(*err.text);
    (void)close(fd);
    return 0;
}
