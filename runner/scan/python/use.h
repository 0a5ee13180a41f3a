/**
 * What a Python text uses, wherever it stands: functions of its own that it calls, and mocks. Used inside
 * scan/python only.
 *
 * Read from the text itself and not from its tree, for the tree's text is condensed: what a test calls is not
 * in it.
 */
#ifndef UTR_SCAN_PYTHON_USE_H
#define UTR_SCAN_PYTHON_USE_H

#include "scan/python/index.h"
#include "scan/python/python.h"

typedef struct {
    uint32_t at;       /* byte of the text */
    uint32_t function; /* that is called, as in the index; 0: a mock */
} python_use;

typedef struct {
    python_use *items;
    size_t count, capacity;
} python_uses;

/** Fill in uses in the order of the text. @param functions names of functions -> a number over 0 */
void python_uses_read(const python_file *f, const python_index *functions, python_uses *out);

/** Whether a parameter of that name stands for a mock. */
bool python_use_is_mock_fixture(tree_text name);

#endif
