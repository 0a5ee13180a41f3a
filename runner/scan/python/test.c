#include "scan/python/python.h"

void python_defs_read(python_file *f)
{
    (void)f;
}

void python_defs_dispose(python_file *f)
{
    utr_vec_dispose(&f->defs);
}

void python_bodies(python_file *f)
{
    (void)f;
}

void python_swallows(python_file *f)
{
    (void)f;
}

void python_misc(python_file *f)
{
    (void)f;
}

void python_tests(python_file *f)
{
    (void)f;
}

const char *python_symbol_at(const python_file *f, tree_node n)
{
    (void)f, (void)n;
    return NULL;
}
