#include "base/json.h"

#include "base/buf.h"
#include "base/memory.h"

#include <string.h>

const char *utr_json_str(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : fallback;
}

int64_t utr_json_int(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

int utr_json_bool(const json_t *object, const char *key, int fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

/* The bytes of the UTF-8 sequence that text begins with (RFC 3629), 0 where it begins with none. */
static size_t utf8_sequence(const unsigned char *text)
{
    if (text[0] < 0x80)
        return 1;
    size_t len = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    if (text[0] < 0xC2 || text[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    }
    bool overlong = (text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xF0 && text[1] < 0x90);
    bool outside = (text[0] == 0xED && text[1] > 0x9F) || (text[0] == 0xF4 && text[1] > 0x8F);
    return overlong || outside ? 0 : len;
}

static char *utf8_repaired(const char *text)
{
    size_t most = strlen(text) * 3;
    char *out = utr_calloc(most + 1, 1);
    size_t len = 0;
    while (*text) {
        size_t step = utf8_sequence((const unsigned char *)text);
        (void)memcpy(out + len, step ? text : "\xEF\xBF\xBD", step ? step : 3);
        len += step ? step : 3;
        text += step ? step : 1;
    }
    return out;
}

json_t *utr_json_text(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    auto_free char *repaired = utf8_repaired(text);
    value = json_string(repaired);
    return value ? value : json_string("");
}
