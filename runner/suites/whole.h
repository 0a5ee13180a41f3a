/** Output in whole lines, so that what several write never mixes within one. Pure. */
#ifndef UTR_SUITES_WHOLE_H
#define UTR_SUITES_WHOLE_H

#include "base/buf.h"

typedef struct {
    utr_buf partial; /* a line that is not complete yet */
    void (*on_output)(void *ctx, const char *data, size_t len);
    void *ctx;
} suites_whole;

void suites_whole_init(suites_whole *whole, void (*on_output)(void *ctx, const char *data, size_t len),
                       void *ctx);

/** Take in bytes and pass on what ends with a line; a line over 64 KiB is broken. */
void suites_whole_feed(suites_whole *whole, const char *data, size_t len);

/** Pass on what is left as a line, and free. */
void suites_whole_finish(suites_whole *whole);

#endif
