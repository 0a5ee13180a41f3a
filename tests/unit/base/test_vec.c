#include "base/vec.h"

#include "cmocka_all.h"

typedef struct {
    int number;
    char *text;
} thing;

static void test_vec_elements_come_zeroed_and_stay(void **state)
{
    (void)state;
    UTR_VEC(thing) things = {0};
    for (int i = 0; i < 100; i++) {
        thing *one = utr_vec_push(&things);
        assert_null(one->text);
        one->number = i;
    }
    assert_int_equal(things.count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(things.items[i].number, i);
    utr_vec_dispose(&things);
    assert_null(things.items);
    assert_int_equal(things.count, 0);
}

static void test_vec_strings_end_with_a_null(void **state)
{
    (void)state;
    auto_strs utr_strs strs = {0};
    for (size_t i = 0; i < 20; i++) {
        utr_strs_add(&strs, "x");
        assert_int_equal(strs.count, i + 1);
        assert_null(strs.items[strs.count]);
    }
}

static void test_vec_strings_are_copies_unless_given(void **state)
{
    (void)state;
    auto_strs utr_strs strs = {0};
    char text[] = "copy";
    utr_strs_add(&strs, text);
    text[0] = 'X';
    assert_string_equal(strs.items[0], "copy");
    char *given = utr_strdup("given");
    utr_strs_give(&strs, given);
    assert_ptr_equal(strs.items[1], given);
    auto_strs utr_strs all = {0};
    utr_strs_add_all(&all, &strs);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.items[1], "given");
    assert_ptr_not_equal(all.items[1], given);
}

static void test_vec_strings_can_be_found_and_joined(void **state)
{
    (void)state;
    auto_strs utr_strs strs = {0};
    auto_free char *empty = utr_strs_join(&strs, ", ");
    assert_string_equal(empty, "");
    assert_false(utr_strs_has(&strs, "a"));
    utr_strs_add(&strs, "a");
    utr_strs_add(&strs, "b");
    auto_free char *joined = utr_strs_join(&strs, ", ");
    assert_string_equal(joined, "a, b");
    assert_true(utr_strs_has(&strs, "b"));
    assert_false(utr_strs_has(&strs, "ab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vec_elements_come_zeroed_and_stay),
        cmocka_unit_test(test_vec_strings_end_with_a_null),
        cmocka_unit_test(test_vec_strings_are_copies_unless_given),
        cmocka_unit_test(test_vec_strings_can_be_found_and_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
