/* cmocka wants these in front of it. */
#ifndef UTR_TESTS_CMOCKA_ALL_H
#define UTR_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
