/** Code that a comment holds. Used inside the Python scan only. */
#ifndef UTR_SCAN_PYTHON_COMMENTED_H
#define UTR_SCAN_PYTHON_COMMENTED_H

#include "scan/python/lines.h"

/** Where the text behind leading "#"s and blanks begins; the comment's end where there is none. */
uint32_t python_comment_body(tree_text text, const python_comment *comment);

/** A definition that a comment begins: `def NAME(`, `async def NAME(`, `class NAME(`, `class NAME:`. */
typedef struct {
    uint32_t at;        /* of "def", "async" or "class" */
    uint32_t name, end; /* the NAME */
    bool is_class;
    bool labelled; /* behind words that say that it went, such as "REMOVED: " or "todo - " */
} python_commented;

/** @return false where the comment's text begins none */
bool python_commented_read(tree_text text, const python_comment *comment, python_commented *out);

/** A definition that begins at `at`, without a label, in a text that ends at `end`. */
bool python_commented_at(tree_text text, uint32_t at, uint32_t end, python_commented *out);

#endif
