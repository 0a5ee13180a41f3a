/** Time: a monotonic clock for deadlines and durations, the wall clock for people. */
#ifndef UTR_BASE_CLOCK_H
#define UTR_BASE_CLOCK_H

#include <stdint.h>

/** Monotonic milliseconds. */
int64_t utr_clock_ms(void);

/** Monotonic microseconds. */
int64_t utr_clock_us(void);

/** The wall clock in UTC as RFC 3339 with milliseconds, "2026-01-31T12:00:00.000Z". */
void utr_clock_rfc3339(char out[32]);

#endif
