#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t utr_clock_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t utr_clock_ms(void)
{
    return utr_clock_us() / 1000;
}

void utr_clock_rfc3339(char out[32])
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct tm parts;
    (void)gmtime_r(&now.tv_sec, &parts);
    char text[32];
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(text + len, sizeof text - len, ".%03dZ", (int)(now.tv_nsec / 1000000));
    (void)memcpy(out, text, sizeof text);
}
