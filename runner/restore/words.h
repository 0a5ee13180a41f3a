/** The words of a piece of Python: names, numbers and signs; strings and comments hold none. Used inside
 * restore/ only. */
#ifndef UTR_RESTORE_WORDS_H
#define UTR_RESTORE_WORDS_H

#include "scan/python/lines.h"

typedef struct {
    tree_text text;
    const python_lines *lines;
    uint32_t first; /* line of the decorator that is switched on */
} words_text;

typedef struct {
    const words_text *file;
    uint32_t at, end;
    size_t string, comment; /* the next of each */
} words_reader;

/** len 0: none is left. */
typedef struct {
    const char *data;
    size_t len;
    uint32_t start; /* byte of the text */
} words_word;

/** Read the bytes [start, end). */
words_reader words_from(const words_text *file, uint32_t start, uint32_t end);
words_word words_next(words_reader *r);
bool words_is(words_word w, const char *text);

/** Whether a byte belongs to a name. */
bool words_is_letter(char c);

#endif
