#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/log.h"

#include <string.h>

static void assert_last(const char *text, int lines, const char *expected)
{
    assert_string_equal(services_log_last_lines(text, strlen(text), lines), expected);
}

static void test_the_last_lines_are_found(void **state)
{
    (void)state;
    assert_last("a\nb\nc", 1, "c");
    assert_last("a\nb\nc", 2, "b\nc");
    assert_last("a\nb\nc", 3, "a\nb\nc");
    assert_last("a\nb\nc", 9, "a\nb\nc");
    assert_last("", 3, "");
    assert_last("\n\nx", 2, "\nx");
}

static void test_no_log_is_an_empty_one(void **state)
{
    (void)state;
    auto_free char *tail = services_log_tail(NULL, 50);
    assert_string_equal(tail, "");
    assert_false(services_log_has_ended(NULL));
    services_log_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_lines_are_found),
        cmocka_unit_test(test_no_log_is_an_empty_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
