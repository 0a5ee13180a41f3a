/** Decorators that became comments: what each kind of scan and `restore` build on. */
#ifndef UTR_SCAN_PYTHON_DISABLED_H
#define UTR_SCAN_PYTHON_DISABLED_H

#include "scan/python/lines.h"

/** A comment that is a decorator of the definition below it. */
typedef struct {
    uint32_t line, last; /* lines of its first and its last comment */
    uint32_t start;      /* the first byte of its first comment */
    uint32_t at, end;    /* its "@", and behind its last bracket or name, on the line `last` */
    uint32_t name_end;   /* its dotted name lies between at + 1 and here */
    uint32_t hashes; /* how many "#" begin each of its comments at most; one more begins a comment in it */
    uint32_t target; /* index of the logical line of the decorator, def or class that follows */
} python_disabled;

typedef UTR_VEC(python_disabled) python_disableds;

/**
 * Find every disabled decorator, in the order of the text.
 * @param lines   of that text
 * @param parser  what is found must parse as a decorator
 * @param out     empty before; utr_vec_dispose()
 */
void python_disabled_read(const python_lines *lines, tree_text text, tree_parser *parser,
                          python_disableds *out);

/** Where what goes on in one of its comments below the first begins. */
uint32_t python_disabled_body(const python_disabled *d, tree_text text, const python_comment *comment);

#endif
