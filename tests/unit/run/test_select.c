/* One process a test: the names that a list command prints, and the commands made of them. */
#include "run/suite/select.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *read_names(const char *printed, const char *pattern)
{
    utr_error err = {0};
    auto_strs utr_strs names = {0};
    if (run_select_read(printed, pattern, &names, &err))
        return utr_format("fault: %s", err.text);
    return utr_strs_join(&names, "|");
}

static void assert_names(const char *printed, const char *pattern, const char *wanted)
{
    auto_free char *names = read_names(printed, pattern);
    assert_string_equal(names, wanted);
}

static void test_each_line_is_a_name(void **state)
{
    (void)state;
    assert_names("a\nb c\n  d", NULL, "a|b c|  d");
    assert_names("\n\na\r\n\r\nb\r\n", NULL, "a|b");
}

static void test_a_pattern_picks_and_may_pick_none(void **state)
{
    (void)state;
    assert_names("login\nlogout\norder\n", "log*", "login|logout");
    assert_names("login\n", "x", "");
}

static void test_what_is_no_list_of_names_is_refused(void **state)
{
    (void)state;
    assert_names("", NULL, "fault: it printed no name of a test");
    assert_names("\n\r\n", "x", "fault: it printed no name of a test");
    assert_names("a\nb\na\n", NULL, "fault: it printed 'a' twice; names are unique");
    assert_names("a\xff\n", NULL, "fault: it printed a name that is not UTF-8");
    char longest[4098];
    (void)memset(longest, 'x', sizeof longest - 1);
    longest[4097] = '\0';
    assert_names(longest, NULL, "fault: it printed a name of 4097 bytes; 4096 are allowed");
    longest[4096] = '\0';
    assert_names(longest, NULL, longest);
}

static void test_more_names_than_can_be_run_are_refused(void **state)
{
    (void)state;
    auto_buf utr_buf printed = UTR_BUF_INIT(0);
    for (int i = 0; i < 10001; i++)
        utr_buf_print(&printed, "%d\n", i);
    assert_names(utr_buf_text(&printed), NULL, "fault: it printed more than 10000 names");
}

static void test_the_name_stands_wherever_the_command_says(void **state)
{
    (void)state;
    auto_strs utr_strs select = {0};
    utr_strs_add(&select, "./run");
    utr_strs_add(&select, "--only={test}:{test}");
    utr_strs_add(&select, "plain");
    auto_strs utr_strs argv = run_select_argv(&select, "a {test} *");
    assert_int_equal(argv.count, 3);
    assert_string_equal(argv.items[1], "--only=a {test} *:a {test} *");
    assert_string_equal(argv.items[2], "plain");
    assert_null(argv.items[3]);
}

static void test_wildcards_of_a_name_stand_for_themselves_in_a_report(void **state)
{
    (void)state;
    auto_free char *report = run_select_report("out/*-{test}.xml", "a[1]*?\\");
    assert_string_equal(report, "out/*-a\\[1]\\*\\?\\\\.xml");
    assert_null(run_select_report(NULL, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_line_is_a_name),
        cmocka_unit_test(test_a_pattern_picks_and_may_pick_none),
        cmocka_unit_test(test_what_is_no_list_of_names_is_refused),
        cmocka_unit_test(test_more_names_than_can_be_run_are_refused),
        cmocka_unit_test(test_the_name_stands_wherever_the_command_says),
        cmocka_unit_test(test_wildcards_of_a_name_stand_for_themselves_in_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
