#include "suites/names.h"

#include "base/memory.h"

char *suites_name_unique(json_t *times, const char *name)
{
    json_int_t used = json_integer_value(json_object_get(times, name)) + 1;
    (void)json_object_set_new(times, name, json_integer(used));
    return used == 1 ? utr_format("%s", name) : utr_format("%s#%lld", name, (long long)used);
}
