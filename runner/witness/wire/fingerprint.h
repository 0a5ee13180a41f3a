/**
 * Statements and commands with their literals taken out, as short interned texts.
 *
 * A fingerprint is counted by reference: fingerprint_intern() returns one reference, dropped with
 * fingerprint_drop(). The cache keeps the texts that were seen last, so that the same request costs a hash
 * and a comparison, never an allocation.
 */
#ifndef UTR_WITNESS_WIRE_FINGERPRINT_H
#define UTR_WITNESS_WIRE_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FINGERPRINT_BYTES = 200, FINGERPRINT_CACHED = 512 };

typedef struct {
    uint64_t hash;
    uint32_t refs;
    uint32_t len;
    char text[]; /* NUL after len bytes */
} fingerprint;

/** Zero-initialised: empty. */
typedef struct {
    fingerprint *slots[FINGERPRINT_CACHED];
} fingerprint_cache;

void fingerprint_cache_dispose(fingerprint_cache *cache);

/** The fingerprint of a text of at most FINGERPRINT_BYTES. @return one reference, never NULL */
fingerprint *fingerprint_intern(fingerprint_cache *cache, const char *text, size_t len);

/** One more reference; NULL stays NULL. */
static inline fingerprint *fingerprint_keep(fingerprint *print)
{
    if (print)
        print->refs++;
    return print;
}

/** One reference less; NULL is fine. */
void fingerprint_drop(fingerprint *print);

/** A text under construction, cut at FINGERPRINT_BYTES. Zero-initialised: empty. */
typedef struct {
    size_t len;
    char text[FINGERPRINT_BYTES];
} fingerprint_text;

static inline void fingerprint_put(fingerprint_text *out, char byte)
{
    if (out->len < sizeof out->text)
        out->text[out->len++] = byte;
}

void fingerprint_puts(fingerprint_text *out, const char *text, size_t len);

/** Append a key such as "user:42:session" as "user:?:session": what looks like an identifier is taken out. */
void fingerprint_put_key(fingerprint_text *out, const char *key, size_t len);

/** Append the path of a request target as "/users/{id}": no query, no host, no identifiers. */
void fingerprint_put_path(fingerprint_text *out, const char *target, size_t len);

#endif
