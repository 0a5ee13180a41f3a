#include "cmocka_all.h"

#include "base/buf.h"
#include "suites/collection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names separated by spaces; groups, one digit a name, may be NULL. */
static suites_names named(const char *text, const char *groups)
{
    suites_names names = {0};
    auto_free char *copy = utr_strdup(text);
    char *rest = NULL;
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        utr_strs_add(&names.names, name);
    for (const char *digit = groups; digit && *digit; digit++)
        *utr_vec_push(&names.groups) = (size_t)(*digit - '0');
    return names;
}

static void check(utr_code code, const utr_error *err, const char *expected)
{
    assert_int_equal(code, expected ? UTR_CONFLICT : UTR_OK);
    assert_string_equal(err->text, expected ? expected : "");
}

static void add(suites_collection *c, const char *text, const char *expected)
{
    utr_error err = {0};
    suites_names names = named(text, NULL);
    check(suites_collection_add(c, &names, &err), &err, expected);
    suites_names_dispose(&names);
}

static void share(suites_collection *c, const char *text, const char *groups, const char *expected)
{
    utr_error err = {0};
    suites_names names = named(text, groups);
    check(suites_collection_share(c, &names, &err), &err, expected);
    suites_names_dispose(&names);
}

static void start(suites_collection *c, const void *holder, const char *test, const char *expected)
{
    utr_error err = {0};
    check(suites_collection_start(c, holder, test, &err), &err, expected);
}

static void finish(suites_collection *c, const char *test, bool success, const char *expected)
{
    utr_error err = {0};
    check(suites_collection_finish(c, test, success, &err), &err, expected);
}

/* What a process is handed out, "0 2 ". */
static void assert_next(suites_collection *c, const void *holder, const char *expected)
{
    suites_indices tests = {0};
    utr_error err = {0};
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    assert_int_equal(suites_collection_next(c, holder, &tests, &err), UTR_OK);
    for (size_t i = 0; i < tests.count; i++)
        utr_buf_print(&text, "%zu ", tests.items[i]);
    assert_string_equal(utr_buf_text(&text), expected);
    utr_vec_dispose(&tests);
}

static const int ONE, OTHER;

static void test_a_test_has_one_result_whoever_tells_it(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    start(c, &ONE, "a", NULL);
    start(c, &OTHER, "a", "test 'a' starts while it runs in another worker");
    finish(c, "a", true, NULL);
    finish(c, "a", true, "a second result for test 'a'");
    start(c, &OTHER, "a", "test 'a' starts a second time");
    assert_true(suites_collection_has_told(c, "a"));
    assert_false(suites_collection_has_begun(c, "b"));
    suites_collection_free(c);
}

static void test_what_was_not_collected_cannot_pass(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    add(c, "a b", NULL);
    start(c, &ONE, "c", NULL);
    finish(c, "c", true, "a result for 'c', which was not collected");
    finish(c, "c", false, NULL);
    finish(c, "a", true, NULL);
    assert_int_equal(suites_collection_left(c), 1);
    suites_collection_free(c);
}

static void test_what_passed_before_names_came_is_held_to_them(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    finish(c, "import", false, NULL);
    finish(c, "a", true, NULL);
    add(c, "a b", NULL);
    assert_int_equal(suites_collection_left(c), 1);
    suites_collection_free(c);
    c = suites_collection_new();
    finish(c, "renamed", true, NULL);
    add(c, "a b", "a result for 'renamed', which was not collected");
    suites_collection_free(c);
}

static void test_names_join_and_numbers_add_up(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    add(c, "a b", NULL);
    add(c, "b c", NULL);
    suites_collection_count(c, 0, 5);
    suites_collection_count(c, 5, 2);
    suites_collection_count(c, 0, 1);
    assert_int_equal(suites_collection_total(c), 6);
    add(c, "d d", "test 'd' was collected twice");
    suites_collection_free(c);
}

static void test_processes_that_share_must_collect_the_same(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    share(c, "a b c", NULL, NULL);
    share(c, "a b c", NULL, NULL);
    share(c, "a c b", NULL, "test 'c' was collected where another process of the suite has 'b'");
    share(c, "a b", NULL, "2 tests were collected, and 3 by another process of the suite");
    assert_int_equal(suites_collection_total(c), 3);
    suites_collection_free(c);
}

static double seconds_of(void *ctx, const char *test)
{
    (void)ctx;
    return *test == 'x' ? -1 : *test - 'a';
}

static void test_the_longest_group_goes_first_and_whole(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    suites_collection_set_times(c, seconds_of, NULL);
    share(c, "b e c d f x", "010213", NULL); /* 3 s, 9 s, 3 s, and one that counts as the mean, 3 s */
    share(c, "b e c d f x", "010213", NULL);
    assert_next(c, &ONE, "1 4 ");
    assert_next(c, &OTHER, "0 2 ");
    assert_next(c, &ONE, "3 ");
    assert_next(c, &OTHER, "5 ");
    assert_next(c, &OTHER, "");
    suites_collection_free(c);
}

static void test_one_request_is_given_a_share_of_the_rest(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    share(c, "a b c d e f g h i j", NULL, NULL);
    assert_next(c, &ONE, "0 1 "); /* a quarter, as long as one process shares */
    assert_next(c, &ONE, "2 3 ");
    share(c, "a b c d e f g h i j", NULL, NULL);
    assert_next(c, &OTHER, "4 ");
    suites_collection_free(c);
    c = suites_collection_new();
    auto_buf utr_buf many = UTR_BUF_INIT(0);
    for (int i = 0; i < 1000; i++)
        utr_buf_print(&many, "t%d ", i);
    share(c, utr_buf_text(&many), NULL, NULL);
    suites_indices tests = {0};
    utr_error err = {0};
    assert_int_equal(suites_collection_next(c, &ONE, &tests, &err), UTR_OK);
    assert_int_equal(tests.count, 32);
    utr_vec_dispose(&tests);
    suites_collection_free(c);
}

static void test_a_process_runs_only_what_it_was_given(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    suites_indices none = {0};
    utr_error err = {0};
    check(suites_collection_next(c, &ONE, &none, &err), &err,
          "tests are asked for before any were collected by name");
    share(c, "a b", NULL, NULL);
    assert_next(c, &ONE, "0 ");
    start(c, &OTHER, "a", "test 'a' starts in a process that was not given it");
    start(c, &OTHER, "b", "test 'b' starts in a process that was not given it");
    start(c, &ONE, "a", NULL);
    suites_collection_free(c);
}

static void test_what_a_dead_process_did_not_run_is_given_to_others(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    share(c, "a b c", "000", NULL);
    assert_next(c, &ONE, "0 1 2 ");
    assert_next(c, &OTHER, "");
    start(c, &ONE, "a", NULL);
    finish(c, "a", false, NULL);
    suites_collection_give_back(c, &ONE);
    assert_int_equal(suites_collection_left(c), 2);
    assert_next(c, &OTHER, "1 2 ");
    start(c, &OTHER, "b", NULL);
    finish(c, "b", true, NULL);
    start(c, &OTHER, "c", NULL);
    finish(c, "c", true, NULL);
    suites_collection_give_back(c, &OTHER);
    suites_collection_give_back(c, &OTHER);
    assert_next(c, &ONE, "");
    assert_int_equal(suites_collection_left(c), 0);
    suites_collection_free(c);
}

static void test_a_test_that_was_none_may_start_again(void **state)
{
    (void)state;
    suites_collection *c = suites_collection_new();
    start(c, &ONE, "parent", NULL);
    suites_collection_forget(c, "parent");
    assert_false(suites_collection_has_begun(c, "parent"));
    start(c, &ONE, "parent", NULL);
    finish(c, "parent", true, NULL);
    suites_collection_forget(c, "parent");
    assert_true(suites_collection_has_told(c, "parent"));
    suites_collection_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_test_has_one_result_whoever_tells_it),
        cmocka_unit_test(test_what_was_not_collected_cannot_pass),
        cmocka_unit_test(test_what_passed_before_names_came_is_held_to_them),
        cmocka_unit_test(test_names_join_and_numbers_add_up),
        cmocka_unit_test(test_processes_that_share_must_collect_the_same),
        cmocka_unit_test(test_the_longest_group_goes_first_and_whole),
        cmocka_unit_test(test_one_request_is_given_a_share_of_the_rest),
        cmocka_unit_test(test_a_process_runs_only_what_it_was_given),
        cmocka_unit_test(test_what_a_dead_process_did_not_run_is_given_to_others),
        cmocka_unit_test(test_a_test_that_was_none_may_start_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
