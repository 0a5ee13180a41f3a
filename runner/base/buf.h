/**
 * A growing byte buffer with a limit: for everything whose size comes from outside.
 *
 *     auto_buf utr_buf body = UTR_BUF_INIT(1 << 20);
 *     if (utr_buf_add(&body, data, len, &err)) ...      UTR_TOO_LARGE past the limit
 *
 * The bytes are always followed by a NUL, so `data` reads as a string when it holds text. `data` is never
 * NULL after the first successful add; use utr_buf_text() to read it at any time.
 */
#ifndef UTR_BASE_BUF_H
#define UTR_BASE_BUF_H

#include "base/error.h"

#include <stdarg.h>

typedef struct {
    char *data;
    size_t len;      /* bytes */
    size_t capacity; /* bytes */
    size_t limit;    /* most bytes that it may ever hold; 0: 16 MiB */
} utr_buf;

#define UTR_BUF_INIT(limit_bytes) ((utr_buf){.limit = (limit_bytes)})

void utr_buf_dispose(utr_buf *buf);

/** Empty, keeps its memory. */
void utr_buf_reset(utr_buf *buf);

/** Append len bytes. @return UTR_TOO_LARGE past the limit, with the buffer as it was */
UTR_MUST_CHECK utr_code utr_buf_add(utr_buf *buf, const void *data, size_t len, utr_error *err);

/** Append text of our own making, whose size we bound ourselves; past the limit it asserts. */
void utr_buf_print(utr_buf *buf, const char *format, ...) UTR_PRINTF(2, 3);

/** Append a string of our own making; past the limit it asserts. */
void utr_buf_puts(utr_buf *buf, const char *text);

/** Drop the first len bytes. */
void utr_buf_drop(utr_buf *buf, size_t len);

/** The content as a string; "" when empty. Borrowed until the next change. */
const char *utr_buf_text(const utr_buf *buf);

/** Move the content out as a string that the caller frees; the buffer is left empty. Never NULL. */
char *utr_buf_take(utr_buf *buf);

#define auto_buf __attribute__((cleanup(utr_buf_dispose)))

#endif
