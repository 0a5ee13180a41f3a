/**
 * Growing arrays.
 *
 *     UTR_VEC(struct probe) probes = {0};
 *     struct probe *one = utr_vec_push(&probes);     zeroed; valid until the next push
 *     for (size_t i = 0; i < probes.count; i++) ... probes.items[i]
 *     utr_vec_dispose(&probes);                      frees the array, not what its elements own
 */
#ifndef UTR_BASE_VEC_H
#define UTR_BASE_VEC_H

#include "base/memory.h"

#include <stddef.h>

#define UTR_VEC(type)                                                                                        \
    struct {                                                                                                 \
        type *items;                                                                                         \
        size_t count;                                                                                        \
        size_t capacity;                                                                                     \
    }

/** Room for one more element of size bytes, zeroed. Used through utr_vec_push. */
void *utr_vec_grow(void *items, size_t count, size_t *capacity, size_t size) __attribute__((returns_nonnull));

#define utr_vec_push(vec)                                                                                    \
    ((vec)->items =                                                                                          \
         utr_vec_grow((vec)->items, (vec)->count, &(vec)->capacity, sizeof(__typeof__(*(vec)->items))),      \
     &(vec)->items[(vec)->count++])

#define utr_vec_dispose(vec) (free((vec)->items), (vec)->items = NULL, (vec)->count = (vec)->capacity = 0)

/** A list of strings that it owns, always followed by a NULL, so `items` serves as an argv. */
typedef struct {
    char **items;
    size_t count;
    size_t capacity;
} utr_strs;

/** Append a copy of text. */
void utr_strs_add(utr_strs *strs, const char *text);

/** Append text and own it from now on. */
void utr_strs_give(utr_strs *strs, char *text);

/** Append copies of all of from. */
void utr_strs_add_all(utr_strs *strs, const utr_strs *from);

/** Whether text is one of them. */
int utr_strs_has(const utr_strs *strs, const char *text);

/** The strings joined by separator; a new string that the caller frees. */
char *utr_strs_join(const utr_strs *strs, const char *separator);

/** Remove all, keep nothing. */
void utr_strs_dispose(utr_strs *strs);

#define auto_strs __attribute__((cleanup(utr_strs_dispose)))

#endif
