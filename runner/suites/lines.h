/** Output as lines: bounded, without their line ends and colours, repaired to UTF-8. Pure. */
#ifndef UTR_SUITES_LINES_H
#define UTR_SUITES_LINES_H

#include "base/buf.h"

typedef struct {
    utr_buf partial;
    void (*on_line)(void *ctx, const char *line);
    void *ctx;
} suites_lines;

void suites_lines_init(suites_lines *lines, void (*on_line)(void *ctx, const char *line), void *ctx);

/** Take in bytes; a line over 64 KiB is told in pieces, each beginning with the last KiB of the one before.
 */
void suites_lines_feed(suites_lines *lines, const char *data, size_t len);

/** Tell what is left without a line end, and free. */
void suites_lines_finish(suites_lines *lines);

#endif
