/** Text: nearest names, globs, durations, UTF-8. Pure functions. */
#ifndef UTR_BASE_TEXT_H
#define UTR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether text begins with prefix. */
bool utr_text_starts(const char *text, const char *prefix);

/** Whether text ends with suffix. */
bool utr_text_ends(const char *text, const char *suffix);

/**
 * The candidate that a person most likely meant by word: the smallest edit distance, at most a third of its
 * length (at least 2, but never all of it), or one that word is a part of. Words over 256 bytes have none.
 * @return one of the candidates (borrowed), or NULL where none is near
 */
const char *utr_text_nearest(const char *word, const char *const *candidates, size_t count);

/** Whether text matches the shell glob, `*` crossing slashes. */
bool utr_text_glob(const char *glob, const char *text);

/**
 * Parse a duration as Compose writes it: "500ms", "10s", "1m30s", "2h", "100us".
 * @return false where text is none, with out_ms untouched; microseconds are rounded up to whole milliseconds
 */
bool utr_text_duration_ms(const char *text, int64_t *out_ms);

/** Parse a whole decimal number between min and max. @return false otherwise, with out untouched */
bool utr_text_int(const char *text, int64_t min, int64_t max, int64_t *out);

/** A copy in which every byte that is not UTF-8 (RFC 3629) became U+FFFD; the caller frees it. */
char *utr_text_utf8(const char *text) __attribute__((returns_nonnull));

#endif
