#include "base/text.h"

#include "base/memory.h"
#include "cmocka_all.h"

static void test_text_starts_and_ends(void **state)
{
    (void)state;
    assert_true(utr_text_starts("abc", "ab"));
    assert_true(utr_text_starts("abc", ""));
    assert_false(utr_text_starts("a", "ab"));
    assert_true(utr_text_ends("abc", "bc"));
    assert_false(utr_text_ends("c", "bc"));
    assert_false(utr_text_ends("abc", "ab"));
}

static void assert_nearest(const char *word, const char *expected)
{
    static const char *const NAMES[] = {"timeout", "tags", "services", "postgres-test", "db"};
    const char *nearest = utr_text_nearest(word, NAMES, sizeof NAMES / sizeof *NAMES);
    if (!expected)
        assert_null(nearest);
    else
        assert_string_equal(nearest ? nearest : "none", expected);
}

static void test_text_nearest_is_what_was_meant_or_nothing(void **state)
{
    (void)state;
    assert_nearest("timeuot", "timeout");
    assert_nearest("Service", "services");
    assert_nearest("tag", "tags");
    assert_nearest("postgres", "postgres-test");
    assert_nearest("bd", NULL);
    assert_nearest("dc", "db");
    assert_nearest("x", NULL);
    assert_nearest("", NULL);
    assert_nearest("completely different", NULL);
    assert_null(utr_text_nearest("x", NULL, 0));
}

static void test_text_nearest_leaves_endless_words_alone(void **state)
{
    (void)state;
    auto_free char *word = utr_format("%*s", 1000000, "x");
    const char *const candidates[] = {word, "x"};
    assert_null(utr_text_nearest(word, candidates, 2));
    assert_string_equal(utr_text_nearest("xy", candidates, 2), "x");
}

static void test_text_glob_crosses_slashes(void **state)
{
    (void)state;
    assert_true(utr_text_glob("*::test_a", "tests/x.py::test_a"));
    assert_true(utr_text_glob("a?[bc]", "axb"));
    assert_false(utr_text_glob("*::test_a", "tests/x.py::test_ab"));
    assert_false(utr_text_glob("", "x"));
}

static void test_text_durations_are_those_of_compose(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } CASES[] = {
        {"500ms", 500}, {"10s", 10000}, {"1m30s", 90000}, {"2h", 7200000}, {"1.5s", 1500},
        {"100us", 1},   {"0s", 0},      {"1d", 86400000}, {"1001us", 2},   {"1h1m1s1ms", 3661001},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        int64_t ms = -1;
        assert_true(utr_text_duration_ms(CASES[i].text, &ms));
        assert_int_equal(ms, CASES[i].ms);
    }
}

static void test_text_refuses_what_is_no_duration(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"",     "10",   "s",     "-1s",  "+1s",      " 1s",
                                        "1s ",  "1 s",  "0x10s", "1e3s", "1..5s",    "1.5.5s",
                                        "1sec", "infs", "nans",  "1s2",  "99999999h"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        int64_t ms = 42;
        if (utr_text_duration_ms(WRONG[i], &ms))
            fail_msg("'%s' was taken for %lld ms", WRONG[i], (long long)ms);
        assert_int_equal(ms, 42);
    }
}

static void test_text_whole_numbers_within_their_bounds(void **state)
{
    (void)state;
    int64_t number = 42;
    assert_true(utr_text_int("-5", -5, 5, &number));
    assert_int_equal(number, -5);
    static const char *const WRONG[] = {"",   "6", "-6",  "1x",  " 1",
                                        "+1", "-", "0x1", "1.0", "99999999999999999999"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(utr_text_int(WRONG[i], -5, 5, &number));
    assert_int_equal(number, -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_starts_and_ends),
        cmocka_unit_test(test_text_nearest_is_what_was_meant_or_nothing),
        cmocka_unit_test(test_text_nearest_leaves_endless_words_alone),
        cmocka_unit_test(test_text_glob_crosses_slashes),
        cmocka_unit_test(test_text_durations_are_those_of_compose),
        cmocka_unit_test(test_text_refuses_what_is_no_duration),
        cmocka_unit_test(test_text_whole_numbers_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
