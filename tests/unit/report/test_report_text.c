#include "golden.h"

#include "report/text.h"

static void expect_clean(const char *text, const char *want)
{
    auto_free char *clean = text_clean(text);
    assert_string_equal(clean, want);
}

static void test_escape_sequences_and_control_characters_are_taken_out(void **state)
{
    (void)state;
    expect_clean("a\033[31mred\033[0m b", "ared b");
    expect_clean("\033]0;title\ax\033]8;;u\033\\y", "xy");
    expect_clean("\033Pq\033\\z\033(Bw\033c!", "zw!");
    expect_clean("a\x08\x07\x7f"
                 "b",
                 "ab");
    expect_clean("\xc2\x9b"
                 "31mC1",
                 "31mC1");
    expect_clean("cut\033[", "cut");
    expect_clean("cut\033]0;never ended", "cut");
    expect_clean("\033", "");
    expect_clean("a\tb\nc\r\nd", "a b c  d");
    expect_clean("right\xe2\x80\xaeleft", "rightleft");
    expect_clean("caf\xc3\xa9 \xff", "caf\xc3\xa9 \xef\xbf\xbd");
    expect_clean("a\x7f", "a");
    expect_clean(" ~", " ~");
    expect_clean(NULL, "");
}

static void test_what_a_ci_system_reads_as_a_command_is_broken_up(void **state)
{
    (void)state;
    expect_clean("::error::x", ": :error::x");
    expect_clean("   ::error::x", "   : :error::x");
    expect_clean("\033[0m::stop-commands::x", ": :stop-commands::x");
    expect_clean("\t::error::x", " : :error::x");
    expect_clean("a ##[add-path]/x", "a # #[add-path]/x");
    expect_clean("tests/test_a.py::test_b", "tests/test_a.py::test_b");
}

static void test_the_first_line_that_says_something_is_found(void **state)
{
    (void)state;
    auto_free char *line = text_first_line("\n \n  first \nsecond");
    assert_string_equal(line, "first ");
}

static void test_lines_are_bounded(void **state)
{
    (void)state;
    auto_printed printed *p = printed_new();
    text_put_lines(p->out, "> ", "a\n\nb\nc\nd", 3);
    assert_string_equal(printed_text(p), "> a\n> ... 2 lines; see report.json\n> c\n> d\n");
}

static void test_xml_loses_only_what_it_has_no_place_for(void **state)
{
    (void)state;
    auto_free char *text = text_for_xml("a\x01\x1b[0m\tb\n\xef\xbf\xbe"
                                        "c<&\xf0\x9f\x98\x80\xff");
    assert_string_equal(text, "a[0m\tb\nc<&\xf0\x9f\x98\x80\xef\xbf\xbd");
}

static void test_a_cut_text_never_takes_more_columns_than_it_may(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"plain ascii text",
                                        "w\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80", "ab", ""};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        for (size_t columns = 0; columns < 20; columns++) {
            auto_free char *text = utr_strdup(TEXTS[i]);
            text_cut(text, columns);
            assert_true(text_columns(text) <= columns);
            if (text_columns(TEXTS[i]) <= columns)
                assert_string_equal(text, TEXTS[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape_sequences_and_control_characters_are_taken_out),
        cmocka_unit_test(test_what_a_ci_system_reads_as_a_command_is_broken_up),
        cmocka_unit_test(test_the_first_line_that_says_something_is_found),
        cmocka_unit_test(test_lines_are_bounded),
        cmocka_unit_test(test_xml_loses_only_what_it_has_no_place_for),
        cmocka_unit_test(test_a_cut_text_never_takes_more_columns_than_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
