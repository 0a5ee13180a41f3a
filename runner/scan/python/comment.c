#include "scan/python/python.h"

void python_comments(python_file *f)
{
    (void)f;
}
