#include "base/json.h"

#include "base/memory.h"
#include "base/text.h"

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

json_t *utr_json_text(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    auto_free char *repaired = utr_text_utf8(text);
    value = json_string(repaired);
    return value ? value : json_string("");
}
