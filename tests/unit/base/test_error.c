#include "base/error.h"

#include "cmocka_all.h"

#include <errno.h>

static void test_error_keeps_code_and_text(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(utr_fail(&err, UTR_CONFIG, "line %d", 7), UTR_CONFIG);
    assert_int_equal(err.code, UTR_CONFIG);
    assert_string_equal(err.text, "line 7");
}

static void test_error_of_the_system_says_why(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(utr_fail_sys(&err, ENOENT, "open %s", "x"), UTR_SYS);
    assert_int_equal(err.sys, ENOENT);
    assert_string_equal(err.text, "open x: No such file or directory");
}

static void test_error_is_wrapped_from_the_outside(void **state)
{
    (void)state;
    utr_error err = {0};
    (void)utr_fail(&err, UTR_TIMEOUT, "inner");
    assert_int_equal(utr_wrap(&err, "middle %d", 1), UTR_TIMEOUT);
    assert_int_equal(utr_wrap(&err, "outer"), UTR_TIMEOUT);
    assert_string_equal(err.text, "outer: middle 1: inner");
}

static void test_error_text_is_cut_where_it_is_too_long(void **state)
{
    (void)state;
    utr_error err = {0};
    (void)utr_fail_sys(&err, ENOENT, "%*s", 600, "x");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    (void)utr_wrap(&err, "%*s", 600, "y");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void test_error_reset_makes_it_clean(void **state)
{
    (void)state;
    utr_error err = {0};
    (void)utr_fail_sys(&err, EACCES, "x");
    utr_error_reset(&err);
    assert_int_equal(err.code, UTR_OK);
    assert_int_equal(err.sys, 0);
    assert_string_equal(err.text, "");
}

static void test_error_codes_have_their_texts(void **state)
{
    (void)state;
    assert_string_equal(utr_code_text(UTR_OK), "no error");
    assert_string_equal(utr_code_text(UTR_CONFLICT), "conflict");
    assert_string_equal(utr_code_text(UTR_DEFECT), "defect in the runner");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_keeps_code_and_text),
        cmocka_unit_test(test_error_of_the_system_says_why),
        cmocka_unit_test(test_error_is_wrapped_from_the_outside),
        cmocka_unit_test(test_error_text_is_cut_where_it_is_too_long),
        cmocka_unit_test(test_error_reset_makes_it_clean),
        cmocka_unit_test(test_error_codes_have_their_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
