/**
 * Small allocations that cannot fail, and cleanup attributes.
 *
 * Ordinary small allocations abort through one function when memory is gone; the reaper cleans up, as after
 * SIGKILL. Whatever has its size from outside goes through a utr_buf with a limit instead.
 */
#ifndef UTR_BASE_MEMORY_H
#define UTR_BASE_MEMORY_H

#include <stdarg.h>
#include <stdlib.h>

/** Zeroed memory for count elements of size bytes; aborts when there is none. Freed with free(). */
void *utr_calloc(size_t count, size_t size) __attribute__((returns_nonnull, malloc));

/** realloc() for an array of count elements of size bytes; aborts when there is no memory. */
void *utr_realloc_array(void *memory, size_t count, size_t size) __attribute__((returns_nonnull));

/** Copy of a string; NULL stays NULL. Freed with free(). */
char *utr_strdup(const char *text);

/** Copy of the first len bytes of text with a terminator. Freed with free(). */
char *utr_strndup(const char *text, size_t len) __attribute__((returns_nonnull));

/** New string made like printf; aborts when there is no memory. Freed with free(). */
char *utr_format(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *utr_vformat(const char *format, va_list args) __attribute__((format(printf, 1, 0), returns_nonnull));

#define UTR_NEW(type) ((type *)utr_calloc(1, sizeof(type)))

static inline void utr_free_pointer(void *where)
{
    free(*(void **)where);
}

/** `auto_free char *x = NULL;` frees x at the end of the block. */
#define auto_free __attribute__((cleanup(utr_free_pointer)))

#endif
