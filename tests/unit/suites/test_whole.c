#include "cmocka_all.h"

#include "base/memory.h"
#include "suites/whole.h"

#include <string.h>

/* Each piece that was passed on, in brackets. */
static void on_output(void *ctx, const char *data, size_t len)
{
    utr_buf *told = ctx;
    utr_buf_print(told, "[%.*s]", (int)len, data);
}

static void test_only_whole_lines_are_passed_on(void **state)
{
    (void)state;
    auto_buf utr_buf told = UTR_BUF_INIT(0);
    suites_whole whole;
    suites_whole_init(&whole, on_output, &told);
    suites_whole_feed(&whole, "a", 1);
    suites_whole_feed(&whole, "b\nc\nd", 5);
    suites_whole_feed(&whole, "e", 1);
    assert_string_equal(utr_buf_text(&told), "[ab\nc\n]");
    suites_whole_feed(&whole, "\n", 1);
    suites_whole_feed(&whole, "f", 1);
    suites_whole_finish(&whole);
    assert_string_equal(utr_buf_text(&told), "[ab\nc\n][de\n][f\n]");
}

static void test_a_line_without_an_end_is_broken(void **state)
{
    (void)state;
    enum { LONG = 64 * 1024 + 3 };
    auto_buf utr_buf told = UTR_BUF_INIT(0);
    auto_free char *line = utr_calloc(LONG + 1, 1);
    suites_whole whole;
    (void)memset(line, 'x', LONG);
    suites_whole_init(&whole, on_output, &told);
    suites_whole_feed(&whole, line, LONG);
    suites_whole_finish(&whole);
    assert_int_equal(told.len, LONG + 2 + 4);
    assert_string_equal(utr_buf_text(&told) + told.len - 8, "\n][xxx\n]");
}

static void test_nothing_is_passed_on_where_nothing_came(void **state)
{
    (void)state;
    auto_buf utr_buf told = UTR_BUF_INIT(0);
    suites_whole whole;
    suites_whole_init(&whole, on_output, &told);
    suites_whole_feed(&whole, "", 0);
    suites_whole_finish(&whole);
    assert_int_equal(told.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_whole_lines_are_passed_on),
        cmocka_unit_test(test_a_line_without_an_end_is_broken),
        cmocka_unit_test(test_nothing_is_passed_on_where_nothing_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
