#include "recorder.h"

static void keep(void *ctx, const char *line)
{
    utr_strs_add(ctx, line);
}

static void test_lines_are_cut_repaired_and_complete(void **state)
{
    (void)state;
    static const char BYTES[] = "one\r\n\ntwo\0half\nbad \xff byte\ncaf\xc3\xa9";
    for (size_t cut = 0; cut < sizeof BYTES; cut++) {
        auto_strs utr_strs kept = {0};
        suites_lines lines;
        suites_lines_init(&lines, keep, &kept);
        suites_lines_feed(&lines, BYTES, cut);
        suites_lines_feed(&lines, BYTES + cut, sizeof BYTES - 1 - cut);
        suites_lines_finish(&lines);
        auto_free char *all = utr_strs_join(&kept, "|");
        assert_string_equal(all, "one||two?half|bad \xEF\xBF\xBD byte|caf\xc3\xa9");
    }
}

static void test_a_long_line_keeps_its_end_whole(void **state)
{
    (void)state;
    enum { LONG = 300000 };
    static const char END[] = "[       OK ] name\n";
    for (size_t extra = 0; extra < 40; extra++) {
        auto_strs utr_strs kept = {0};
        suites_lines lines;
        auto_free char *filler = utr_calloc(LONG + extra + 1, 1);
        (void)memset(filler, 'x', LONG + extra);
        suites_lines_init(&lines, keep, &kept);
        suites_lines_feed(&lines, filler, LONG + extra);
        suites_lines_feed(&lines, END, sizeof END - 1);
        suites_lines_finish(&lines);
        assert_true(kept.count >= 5);
        for (size_t i = 0; i < kept.count; i++)
            assert_true(strlen(kept.items[i]) <= (size_t)64 * 1024);
        assert_non_null(strstr(kept.items[kept.count - 1], "[       OK ] name"));
    }
}

static void test_colours_are_left_out(void **state)
{
    (void)state;
    static const char BYTES[] = "\033[0;32m[       OK ] \033[mname\033[K\n\033]0;title\nhalf \033[1";
    auto_strs utr_strs kept = {0};
    suites_lines lines;
    suites_lines_init(&lines, keep, &kept);
    suites_lines_feed(&lines, BYTES, sizeof BYTES - 1);
    suites_lines_finish(&lines);
    auto_free char *all = utr_strs_join(&kept, "|");
    assert_string_equal(all, "[       OK ] name|\033]0;title|half \033[1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_cut_repaired_and_complete),
        cmocka_unit_test(test_a_long_line_keeps_its_end_whole),
        cmocka_unit_test(test_colours_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
