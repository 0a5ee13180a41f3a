#include "base/buf.h"
#include "scan/python/lines.h"

#include "cmocka_all.h"

#include <string.h>

#define LINES(text) ((tree_text){text, sizeof(text) - 1})

static void read_rows(tree_text text, utr_buf *out)
{
    python_lines lines = {0};
    python_lines_read(text, &lines);
    for (size_t i = 0; i < lines.logical.count; i++) {
        const python_logical *l = &lines.logical.items[i];
        utr_buf_print(out, "%u+%u <%.*s>%s%s%s\n", l->line, l->indent, (int)(l->end - l->start),
                      text.data + l->start, l->spread ? " spread" : "", l->joined ? " joined" : "",
                      l->closed ? "" : " open");
    }
    for (size_t i = 0; i < lines.comments.count; i++) {
        const python_comment *c = &lines.comments.items[i];
        utr_buf_print(out, "%u <%.*s>%s%s %u\n", c->line, (int)(c->end - c->start), text.data + c->start,
                      c->alone ? " alone" : "", c->inside ? " inside" : "", c->next);
    }
    for (size_t i = 0; i < lines.strings.count; i++) {
        const python_string *s = &lines.strings.items[i];
        utr_buf_print(out, "%u [%.*s]%s%s\n", s->line, (int)(s->end - s->start), text.data + s->start,
                      s->formatted ? " formatted" : "", s->closed ? "" : " open");
    }
    python_lines_dispose(&lines);
}

static void assert_lines(tree_text text, const char *rows)
{
    auto_buf utr_buf found = {0};
    read_rows(text, &found);
    assert_string_equal(utr_buf_text(&found), rows);
}

static void test_lines_join_what_brackets_and_backslashes_continue(void **state)
{
    (void)state;
    assert_lines(LINES("a = 1\n\n  b(\n1,\n)  \nc = \\\n  2\nd; e\n"),
                 "1+0 <a = 1>\n3+2 <b(\n1,\n)> spread\n6+0 <c = \\\n  2> spread\n8+0 <d; e> joined\n");
    assert_lines(LINES("(a; b)"), "1+0 <(a; b)>\n");
    assert_lines(LINES("a\r\nif b:\r\n\tc\r\n"), "1+0 <a>\n2+0 <if b:>\n3+8 <c>\n");
}

static void test_lines_end_at_line_feeds_only(void **state)
{
    (void)state;
    assert_lines(LINES("a\rb\x0b\x0c"
                       "c\xC2\x85"
                       "d\nx"),
                 "1+0 <a\rb\x0b\x0c"
                 "c\xC2\x85"
                 "d>\n2+0 <x>\n");
}

static void test_lines_know_indentation(void **state)
{
    (void)state;
    assert_lines(LINES("\xEF\xBB\xBF"
                       "a\n   b\n  \tc\n\t d\n  \f e\n"),
                 "1+0 <a>\n2+3 <b>\n3+8 <c>\n4+9 <d>\n5+1 <e>\n");
}

static void test_comments_know_where_they_stand(void **state)
{
    (void)state;
    assert_lines(LINES("a # b\n  # c\r\nd(  # e\n  # f\n)\n#g"),
                 "1+0 <a>\n3+0 <d(  # e\n  # f\n)> spread\n"
                 "1 <# b> 1\n2 <# c> alone 1\n3 <# e> 2\n4 <# f> alone inside 2\n6 <#g> alone 2\n");
    assert_lines(LINES("'# a' \"# b\" '''\n# c'''\n"),
                 "1+0 <'# a' \"# b\" '''\n# c'''> spread\n1 ['# a']\n1 [\"# b\"]\n1 ['''\n# c''']\n");
}

static void test_strings_end_where_python_ends_them(void **state)
{
    (void)state;
    assert_lines(LINES("'a\\'b' r'\\' rb\"x\" u'' xr'y'"),
                 "1+0 <'a\\'b' r'\\' rb\"x\" u'' xr'y'>\n"
                 "1 ['a\\'b']\n1 [r'\\' rb\"x\" u']\n1 [' xr']\n1 ['] open\n");
    assert_lines(LINES("'''a'b''\\'''c'''d"), "1+0 <'''a'b''\\'''c'''d>\n1 ['''a'b''\\'''c''']\n");
    assert_lines(LINES("'a\\\nb'\nc"), "1+0 <'a\\\nb'> spread\n3+0 <c>\n1 ['a\\\nb']\n");
    assert_lines(LINES("''\n\"\"\n"), "1+0 <''>\n2+0 <\"\">\n1 ['']\n2 [\"\"]\n");
}

static void test_formatted_strings_hold_strings_in_their_braces(void **state)
{
    (void)state;
    assert_lines(LINES("f'{a[\"#\"]}' b"), "1+0 <f'{a[\"#\"]}' b>\n1 [f'{a[\"#\"]}'] formatted\n");
    assert_lines(LINES("f'{a['#']}' b"), "1+0 <f'{a['#']}' b>\n1 [f'{a['#']}'] formatted\n");
    assert_lines(LINES("f'{{' # b"), "1+0 <f'{{'>\n1 <# b> 1\n1 [f'{{'] formatted\n");
    assert_lines(LINES("f'{' # b"), "1+0 <f'{'>\n1 <# b> 1\n1 [f'{'] formatted\n");
    assert_lines(LINES("f'{a:{b}}' + '{'"), "1+0 <f'{a:{b}}' + '{'>\n1 [f'{a:{b}}'] formatted\n1 ['{']\n");
}

static void test_what_never_closes_ends_somewhere(void **state)
{
    (void)state;
    assert_lines(LINES("a = 'b\n# c\nd"), "1+0 <a = 'b>\n3+0 <d>\n2 <# c> alone 1\n1 ['b] open\n");
    assert_lines(LINES("a = '''b\n# c\n"), "1+0 <a = '''b\n# c\n> spread\n1 ['''b\n# c\n] open\n");
    assert_lines(LINES("a = (1,\n  b\n# c\ndef d(): pass\n"),
                 "1+0 <a = (1,\n  b> spread open\n4+0 <def d(): pass>\n3 <# c> alone inside 1\n");
    assert_lines(LINES("a)]}\nb"), "1+0 <a)]}>\n2+0 <b>\n");
    assert_lines(LINES("a(\n"), "1+0 <a(> open\n");
    assert_lines(LINES("a \\"), "1+0 <a \\>\n");
    assert_lines(LINES("\\\n\n\\\n"), "1+0 <\\>\n3+0 <\\>\n");
}

static void test_any_bytes_make_lines(void **state)
{
    (void)state;
    assert_lines(LINES(""), "");
    assert_lines(LINES("\n \n\t\n"), "");
    assert_lines((tree_text){"a\0b\n'\0'\n# \xFF\n", 12}, "1+0 <a>\n2+0 <'>\n3 <# \xFF> alone 2\n2 [']\n");
}

/* Each line of the text is told of exactly once, wherever the text is cut. */
static void test_a_text_cut_anywhere_can_be_read(void **state)
{
    (void)state;
    static const char TEXT[] =
        "@a(\n '''x''', # y\n f\"{b['c']}\")\r\ndef d(e=\\\n1): # f\n\tpass; g['h'\n]\n";
    for (size_t len = 0; len < sizeof TEXT; len++) {
        char *cut = utr_strndup(TEXT, len);
        auto_buf utr_buf rows = {0};
        read_rows((tree_text){cut, len}, &rows);
        free(cut);
        assert_true((len > 0) == (rows.len > 0));
    }
}

static void test_a_byte_is_found_in_its_line(void **state)
{
    (void)state;
    python_lines lines = {0};
    python_lines_read(LINES("ab\n\n(c\n)\nd"), &lines);
    static const size_t EXPECTED[] = {0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 3};
    for (uint32_t at = 0; at < 11; at++)
        assert_int_equal(python_lines_at(&lines, at), EXPECTED[at]);
    python_lines_dispose(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_join_what_brackets_and_backslashes_continue),
        cmocka_unit_test(test_lines_end_at_line_feeds_only),
        cmocka_unit_test(test_lines_know_indentation),
        cmocka_unit_test(test_comments_know_where_they_stand),
        cmocka_unit_test(test_strings_end_where_python_ends_them),
        cmocka_unit_test(test_formatted_strings_hold_strings_in_their_braces),
        cmocka_unit_test(test_what_never_closes_ends_somewhere),
        cmocka_unit_test(test_any_bytes_make_lines),
        cmocka_unit_test(test_a_text_cut_anywhere_can_be_read),
        cmocka_unit_test(test_a_byte_is_found_in_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
