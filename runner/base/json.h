/** What jansson leaves to its users. */
#ifndef UTR_BASE_JSON_H
#define UTR_BASE_JSON_H

#include <jansson.h>
#include <stdint.h>

static inline void utr_json_release(json_t **json)
{
    json_decref(*json);
}

/** `auto_json json_t *x = NULL;` drops the reference at the end of the block. */
#define auto_json __attribute__((cleanup(utr_json_release)))

/** A string member of an object, or fallback. Borrowed from the object. */
const char *utr_json_str(const json_t *object, const char *key, const char *fallback);

/** A whole-number member of an object, or fallback. */
int64_t utr_json_int(const json_t *object, const char *key, int64_t fallback);

/** A boolean member of an object, or fallback. */
int utr_json_bool(const json_t *object, const char *key, int fallback);

/** A new JSON string; bytes that are not UTF-8 become U+FFFD, for text that comes from outside. Never NULL.
 */
json_t *utr_json_text(const char *text);

#endif
