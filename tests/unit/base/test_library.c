#include "base/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_library_finds_a_function_that_can_be_called(void **state)
{
    (void)state;
    utr_error err = {0};
    double (*root)(double) = NULL;
    const utr_symbol symbols[] = {{"sqrt", (void **)&root}};
    assert_int_equal(utr_library_load("libm.so.6", symbols, 1, &err), UTR_OK);
    assert_true(root(9) > 2.9 && root(9) < 3.1);
}

static void test_library_that_is_not_there_is_named(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(utr_library_load("libnot-there.so.1", NULL, 0, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "libnot-there.so.1"));
}

static void test_library_without_a_function_says_which(void **state)
{
    (void)state;
    utr_error err = {0};
    void *address = NULL;
    const utr_symbol symbols[] = {{"no_such_function", &address}};
    assert_int_equal(utr_library_load("libm.so.6", symbols, 1, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no_such_function"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_finds_a_function_that_can_be_called),
        cmocka_unit_test(test_library_that_is_not_there_is_named),
        cmocka_unit_test(test_library_without_a_function_says_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
