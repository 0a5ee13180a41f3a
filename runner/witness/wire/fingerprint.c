#include "witness/wire/fingerprint.h"

#include "base/memory.h"

#include <ctype.h>
#include <string.h>

/** Multiply and fold eight bytes at a time: good enough for a cache, and cheap. */
static uint64_t hash_text(const char *text, size_t len)
{
    uint64_t hash = 0x9E3779B97F4A7C15U ^ len;
    while (len > 0) {
        uint64_t word = 0;
        size_t take = len < 8 ? len : 8;
        memcpy(&word, text, take);
        hash = (hash ^ word) * 0xD6E8FEB86659FD93U;
        hash ^= hash >> 32;
        text += take;
        len -= take;
    }
    return hash;
}

static fingerprint *fingerprint_new(const char *text, size_t len, uint64_t hash)
{
    fingerprint *print = utr_calloc(1, sizeof *print + len + 1);
    print->hash = hash;
    print->refs = 1;
    print->len = (uint32_t)len;
    memcpy(print->text, text, len);
    return print;
}

fingerprint *fingerprint_intern(fingerprint_cache *cache, const char *text, size_t len)
{
    if (len > FINGERPRINT_BYTES)
        len = FINGERPRINT_BYTES;
    uint64_t hash = hash_text(text, len);
    fingerprint **slot = &cache->slots[hash % FINGERPRINT_CACHED];
    if (!*slot || (*slot)->hash != hash || (*slot)->len != len || memcmp((*slot)->text, text, len) != 0) {
        fingerprint_drop(*slot);
        *slot = fingerprint_new(text, len, hash);
    }
    return fingerprint_keep(*slot);
}

void fingerprint_drop(fingerprint *print)
{
    if (print && --print->refs == 0)
        free(print);
}

void fingerprint_cache_dispose(fingerprint_cache *cache)
{
    for (size_t i = 0; i < FINGERPRINT_CACHED; i++)
        fingerprint_drop(cache->slots[i]);
    memset(cache, 0, sizeof *cache);
}

void fingerprint_puts(fingerprint_text *out, const char *text, size_t len)
{
    size_t room = sizeof out->text - out->len;
    if (len > room)
        len = room;
    memcpy(out->text + out->len, text, len);
    out->len += len;
}

/** What the bytes of a segment are, counted once. */
typedef struct {
    size_t digits, letters, hexes, others, trailing_digits;
} segment_shape;

/* A longer one names one thing among many, whatever it is made of. */
enum { LONGEST_KIND = 24 };

/* One byte's part of a sum of counts, eight bits each. */
enum { IS_DIGIT = 1, IS_LETTER = 1 << 8, IS_HEX = 1 << 16, IS_KNOWN = 1 << 24 };
static const uint32_t BYTE_CLASSES[256] = {
    ['0' ... '9'] = IS_DIGIT | IS_HEX | IS_KNOWN,
    ['a' ... 'f'] = IS_LETTER | IS_HEX | IS_KNOWN,
    ['A' ... 'F'] = IS_LETTER | IS_HEX | IS_KNOWN,
    ['g' ... 'z'] = IS_LETTER | IS_KNOWN,
    ['G' ... 'Z'] = IS_LETTER | IS_KNOWN,
    ['_'] = IS_KNOWN,
    ['-'] = IS_KNOWN,
    ['.'] = IS_KNOWN,
};

/** @param len  at most LONGEST_KIND */
static segment_shape shape_of(const char *text, size_t len)
{
    uint32_t sum = 0;
    size_t after_digits = len;
    for (size_t i = 0; i < len; i++)
        sum += BYTE_CLASSES[(unsigned char)text[i]];
    while (after_digits > 0 && (BYTE_CLASSES[(unsigned char)text[after_digits - 1]] & IS_DIGIT))
        after_digits--;
    return (segment_shape){
        .digits = sum & 0xFF,
        .letters = sum >> 8 & 0xFF,
        .hexes = sum >> 16 & 0xFF,
        .others = len - (sum >> 24),
        .trailing_digits = len - after_digits,
    };
}

/** Whether a segment names one thing among many (a number, uuid, token, address) rather than a kind. */
static bool is_identifier(size_t len, const segment_shape *shape)
{
    return shape->others > 0 || (len >= 8 && shape->hexes == len);
}

static void put_key_segment(fingerprint_text *out, const char *text, size_t len)
{
    segment_shape shape = len <= LONGEST_KIND ? shape_of(text, len) : (segment_shape){.others = 1};
    if (is_identifier(len, &shape) || shape.digits > shape.trailing_digits) {
        fingerprint_put(out, '?');
        return;
    }
    fingerprint_puts(out, text, len - shape.trailing_digits);
    if (shape.trailing_digits > 0)
        fingerprint_put(out, '?');
}

static const bool KEY_SEPARATORS[256] = {
    [':'] = true, ['/'] = true, ['|'] = true, ['{'] = true, ['}'] = true};
static const bool PATH_SEPARATORS[256] = {['/'] = true};
static const bool PATH_ENDS[256] = {['?'] = true, ['#'] = true};
static const bool HOST_ENDS[256] = {['/'] = true, ['?'] = true, ['#'] = true};

static size_t segment_end(const char *text, size_t len, size_t from, const bool *separators)
{
    while (from < len && !separators[(unsigned char)text[from]])
        from++;
    return from;
}

void fingerprint_put_key(fingerprint_text *out, const char *key, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t end = segment_end(key, len, at, KEY_SEPARATORS);
        if (end > at)
            put_key_segment(out, key + at, end - at);
        if (end < len)
            fingerprint_put(out, key[end]);
        at = end + 1;
    }
}

static void put_path_segment(fingerprint_text *out, const char *text, size_t len)
{
    segment_shape shape = len <= LONGEST_KIND ? shape_of(text, len) : (segment_shape){.others = 1};
    bool version = (text[0] == 'v' || text[0] == 'V') && shape.letters == 1 && len < 8;
    bool numbered =
        shape.digits > 0 && !version && (len >= 8 || shape.trailing_digits == len || shape.letters == 0);
    if (is_identifier(len, &shape) || numbered)
        fingerprint_puts(out, "{id}", 4);
    else
        fingerprint_puts(out, text, len);
}

/** The path of a target in absolute form ("http://host/path") without scheme and host. */
static size_t path_start(const char *target, size_t len)
{
    const char *scheme = memmem(target, len, "://", 3);
    if (!scheme || target[0] == '/')
        return 0;
    return segment_end(target, len, (size_t)(scheme - target) + 3, HOST_ENDS);
}

void fingerprint_put_path(fingerprint_text *out, const char *target, size_t len)
{
    size_t at = path_start(target, len);
    len = segment_end(target, len, at, PATH_ENDS);
    if (at == len)
        fingerprint_put(out, '/');
    while (at < len) {
        size_t end = segment_end(target, len, at, PATH_SEPARATORS);
        if (end > at)
            put_path_segment(out, target + at, end - at);
        if (end < len)
            fingerprint_put(out, '/');
        at = end + 1;
    }
}
