/* uncollected-test `nested`: a test that stands inside a function. */
#include "scan/python/def.h"

void python_nested(python_file *f)
{
    for (size_t i = 0; i < f->defs.count; i++) {
        const python_def *def = &f->defs.items[i];
        if (!def->is_class && tree_text_starts(python_def_name(f, def), "test_") &&
            python_def_is_inside_function(f, def))
            (void)scan_add(f->out, SCAN_UNCOLLECTED_TEST, python_def_spot(f, def), def->symbol, "nested");
    }
}
