#include "scan/python/python.h"

void python_names_read(python_file *f)
{
    (void)f;
}

void python_names_dispose(python_names *names)
{
    utr_strs_dispose(&names->bound);
    utr_strs_dispose(&names->meant);
}

void python_skips(python_file *f)
{
    (void)f;
}

void python_mocks(python_file *f)
{
    (void)f;
}

bool python_name_of(const python_file *f, tree_node expression, char *out, size_t size)
{
    (void)f, (void)expression, (void)out, (void)size;
    return false;
}
