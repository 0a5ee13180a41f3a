/**
 * A Python text, line by line: logical lines, comments and strings, as Python's own tokenizer splits them.
 *
 * One pass without a grammar, for any bytes: what never closes ends with its line (a string in single
 * quotes), at the next `def` or `class` that begins a line (a bracket), or with the text (a string in triple
 * quotes). A line ends at LF. Used inside the Python scan only.
 */
#ifndef UTR_SCAN_PYTHON_LINES_H
#define UTR_SCAN_PYTHON_LINES_H

#include "base/vec.h"
#include "scan/tree.h"

#include <string.h>

typedef struct {
    uint32_t start, end; /* from its '#' to the end of the line, without LF or CR LF */
    uint32_t line;       /* from 1 */
    uint32_t next;       /* index of the first logical line behind its start */
    bool alone;          /* nothing but blanks stands in front of it on its line */
    bool inside;         /* inside brackets or a statement that a backslash continues */
} python_comment;

typedef struct {
    uint32_t start, end; /* with prefix and quotes */
    uint32_t line;
    uint8_t prefix, quotes; /* how many bytes each has in front: 0 to 3, 1 or 3 */
    bool formatted;         /* f"", t"" */
    bool closed;
    bool inside; /* inside brackets */
} python_string;

/** A logical line: a statement or several joined by ";", or the head of a block; never empty. */
typedef struct {
    uint32_t start, end; /* without indentation, trailing blanks and comment */
    uint32_t line;
    uint32_t indent; /* columns; a tab goes to the next multiple of 8, a form feed starts again */
    bool spread;     /* over several lines of the text */
    bool joined;     /* holds a ";" outside brackets and strings */
    bool closed;     /* each bracket closes */
} python_logical;

typedef struct {
    UTR_VEC(python_logical) logical;
    UTR_VEC(python_comment) comments;
    UTR_VEC(python_string) strings;
} python_lines;

/** Split text, at most 4 GiB. @param out empty before; disposed of with python_lines_dispose() */
void python_lines_read(tree_text text, python_lines *out);
void python_lines_dispose(python_lines *lines);

/** Make blanks of the comments in a copy of the text. */
void python_lines_blank_comments(const python_lines *lines, char *copy);

/** Index of the logical line that holds the byte, or of the first behind it; their count where there is none.
 */
size_t python_lines_at(const python_lines *lines, uint32_t byte);

/** Whether c is one of the set's bytes. */
static inline bool python_is_in(char c, const char *set)
{
    return c && strchr(set, c);
}

#endif
