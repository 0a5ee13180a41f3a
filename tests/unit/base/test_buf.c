#include "base/buf.h"

#include "base/memory.h"
#include "cmocka_all.h"

static void test_buf_refuses_bytes_past_its_limit_and_stays_as_it_was(void **state)
{
    (void)state;
    auto_buf utr_buf buf = UTR_BUF_INIT(4);
    utr_error err = {0};
    assert_int_equal(utr_buf_add(&buf, "abcd", 4, &err), UTR_OK);
    assert_int_equal(utr_buf_add(&buf, "e", 1, &err), UTR_TOO_LARGE);
    assert_string_equal(utr_buf_text(&buf), "abcd");
    assert_int_equal(buf.len, 4);
}

static void test_buf_grows_and_always_ends_with_a_nul(void **state)
{
    (void)state;
    auto_buf utr_buf buf = UTR_BUF_INIT(0);
    assert_string_equal(utr_buf_text(&buf), "");
    for (int i = 0; i < 1000; i++)
        utr_buf_print(&buf, "%03d", i);
    assert_int_equal(buf.len, 3000);
    assert_int_equal(strlen(buf.data), 3000);
    assert_string_equal(buf.data + 2997, "999");
}

static void test_buf_keeps_nul_bytes(void **state)
{
    (void)state;
    auto_buf utr_buf buf = UTR_BUF_INIT(0);
    utr_error err = {0};
    assert_int_equal(utr_buf_add(&buf, "a\0b", 3, &err), UTR_OK);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.data, "a\0b", 4);
}

static void test_buf_drops_its_first_bytes(void **state)
{
    (void)state;
    auto_buf utr_buf buf = UTR_BUF_INIT(0);
    utr_buf_puts(&buf, "abcdef");
    utr_buf_drop(&buf, 0);
    utr_buf_drop(&buf, 2);
    assert_string_equal(utr_buf_text(&buf), "cdef");
    utr_buf_drop(&buf, 4);
    assert_string_equal(utr_buf_text(&buf), "");
    assert_int_equal(buf.len, 0);
}

static void test_buf_reset_keeps_memory_and_take_gives_it_away(void **state)
{
    (void)state;
    auto_buf utr_buf buf = UTR_BUF_INIT(8);
    utr_buf_puts(&buf, "abc");
    const char *memory = buf.data;
    utr_buf_reset(&buf);
    assert_string_equal(utr_buf_text(&buf), "");
    utr_buf_puts(&buf, "xyz");
    assert_ptr_equal(buf.data, memory);
    auto_free char *taken = utr_buf_take(&buf);
    assert_string_equal(taken, "xyz");
    assert_null(buf.data);
    assert_int_equal(buf.limit, 8);
    auto_free char *nothing = utr_buf_take(&buf);
    assert_string_equal(nothing, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_refuses_bytes_past_its_limit_and_stays_as_it_was),
        cmocka_unit_test(test_buf_grows_and_always_ends_with_a_nul),
        cmocka_unit_test(test_buf_keeps_nul_bytes),
        cmocka_unit_test(test_buf_drops_its_first_bytes),
        cmocka_unit_test(test_buf_reset_keeps_memory_and_take_gives_it_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
