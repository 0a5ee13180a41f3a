#include "base/faults.h"

#include "cmocka_all.h"

static void test_faults_say_where(void **state)
{
    (void)state;
    auto_faults utr_faults faults = {0};
    utr_faults_add(&faults, (utr_place){"a.yaml", 3, 7}, "wrong %d", 5);
    utr_faults_add(&faults, (utr_place){.path = "a.yaml"}, "missing");
    assert_string_equal(faults.texts.items[0], "a.yaml:3:7: wrong 5");
    assert_string_equal(faults.texts.items[1], "a.yaml: missing");
}

static void test_faults_past_a_hundred_are_only_counted(void **state)
{
    (void)state;
    auto_faults utr_faults faults = {0};
    for (int i = 0; i < 105; i++)
        utr_faults_add(&faults, (utr_place){"x", 1, 1}, "%d", i);
    assert_int_equal(faults.texts.count, 100);
    assert_int_equal(faults.dropped, 5);
}

static void test_faults_name_the_nearest_or_all(void **state)
{
    (void)state;
    auto_faults utr_faults faults = {0};
    auto_strs utr_strs known = {0};
    utr_place place = {"x", 1, 1};
    utr_faults_unknown(&faults, place, "key", "wat", &known);
    assert_string_equal(faults.texts.items[0], "x:1:1: unknown key 'wat'; known: none");
    utr_strs_add(&known, "timeout");
    utr_strs_add(&known, "tags");
    utr_faults_unknown(&faults, place, "key", "timout", &known);
    assert_string_equal(faults.texts.items[1], "x:1:1: unknown key 'timout'; did you mean 'timeout'?");
    utr_faults_unknown(&faults, place, "key", "isolation", &known);
    assert_string_equal(faults.texts.items[2], "x:1:1: unknown key 'isolation'; known: timeout, tags");
}

static void test_faults_bound_what_comes_from_files(void **state)
{
    (void)state;
    auto_faults utr_faults faults = {0};
    auto_strs utr_strs known = {0};
    utr_strs_add(&known, "tags");
    auto_free char *word = utr_format("%*s", 100000, "x");
    utr_faults_unknown(&faults, (utr_place){"x", 1, 1}, "key", word, &known);
    assert_true(strlen(faults.texts.items[0]) < 1100);
    assert_non_null(strstr(faults.texts.items[0], "known: tags"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_say_where),
        cmocka_unit_test(test_faults_past_a_hundred_are_only_counted),
        cmocka_unit_test(test_faults_name_the_nearest_or_all),
        cmocka_unit_test(test_faults_bound_what_comes_from_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
