#include "scan/python/def.h"

void python_tests(python_file *f)
{
    (void)f;
}
