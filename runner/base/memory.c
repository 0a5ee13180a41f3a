#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *memory_or_abort(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

void *utr_calloc(size_t count, size_t size)
{
    return memory_or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *utr_realloc_array(void *memory, size_t count, size_t size)
{
    return memory_or_abort(reallocarray(memory, count ? count : 1, size ? size : 1));
}

char *utr_strdup(const char *text)
{
    return text ? memory_or_abort(strdup(text)) : NULL;
}

char *utr_strndup(const char *text, size_t len)
{
    return memory_or_abort(strndup(text, len));
}

char *utr_vformat(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    return memory_or_abort(text);
}

char *utr_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = utr_vformat(format, args);
    va_end(args);
    return text;
}
