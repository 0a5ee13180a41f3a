#include "scan/sorted.h"

#include <string.h>

void sorted_names_add(utr_strs *names, tree_text name)
{
    utr_strs_give(names, utr_strndup(name.data, name.len));
}

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

void sorted_names_end(utr_strs *names)
{
    if (names->count)
        qsort(names->items, names->count, sizeof *names->items, by_text);
}

static int by_name(const void *key, const void *item)
{
    const tree_text *name = key;
    const char *const *other = item;
    int order = strncmp(name->data, *other, name->len);
    return order ? order : -((*other)[name->len] != '\0');
}

bool sorted_names_have(const utr_strs *names, tree_text name)
{
    return names->count && bsearch(&name, names->items, names->count, sizeof *names->items, by_name);
}

size_t sorted_up_to(const void *items, size_t count, size_t size, uint32_t key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t begin;
        (void)memcpy(&begin, (const char *)items + middle * size, sizeof begin);
        if (begin <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
