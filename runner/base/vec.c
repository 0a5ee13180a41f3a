#include "base/vec.h"

#include "base/buf.h"

#include <string.h>

void *utr_vec_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 8;
        items = utr_realloc_array(items, *capacity, size);
    }
    (void)memset((char *)items + count * size, 0, size);
    return items;
}

void utr_strs_give(utr_strs *strs, char *text)
{
    *utr_vec_push(strs) = text;
    (void)utr_vec_push(strs);
    strs->count--; /* the terminating NULL is not counted */
}

void utr_strs_add(utr_strs *strs, const char *text)
{
    utr_strs_give(strs, utr_strdup(text));
}

void utr_strs_add_all(utr_strs *strs, const utr_strs *from)
{
    for (size_t i = 0; i < from->count; i++)
        utr_strs_add(strs, from->items[i]);
}

int utr_strs_has(const utr_strs *strs, const char *text)
{
    for (size_t i = 0; i < strs->count; i++) {
        if (strcmp(strs->items[i], text) == 0)
            return 1;
    }
    return 0;
}

char *utr_strs_join(const utr_strs *strs, const char *separator)
{
    utr_buf text = UTR_BUF_INIT(0);
    for (size_t i = 0; i < strs->count; i++) {
        if (i)
            utr_buf_puts(&text, separator);
        utr_buf_puts(&text, strs->items[i]);
    }
    return utr_buf_take(&text);
}

void utr_strs_dispose(utr_strs *strs)
{
    for (size_t i = 0; i < strs->count; i++)
        free(strs->items[i]);
    utr_vec_dispose(strs);
}
