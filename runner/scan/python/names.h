/** What the imports of a file bind. Used inside the Python scan only. */
#ifndef UTR_SCAN_PYTHON_NAMES_H
#define UTR_SCAN_PYTHON_NAMES_H

#include "base/vec.h"

/** Names that imports bind, and what each stands for. */
typedef struct {
    utr_strs bound, meant;
} python_names;

#endif
