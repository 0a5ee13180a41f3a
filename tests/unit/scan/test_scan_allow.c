#include "findings.h"

#include <string.h>

/* The findings of a Go test with a skip at line 3, on which and above which a comment stands. */
#define ABOVE "package a\nfunc TestA(t *testing.T) {\n"
#define BELOW "\n\tt.Error(1)\n}\n"

static void read_text(const char *text, scan_file *out)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    assert_int_equal(scan_open(&(scan_options){.today = "2026-06-15"}, &scanner, &err), UTR_OK);
    scan_text(scanner, "a_test.go", text, strlen(text), out);
}

/* Expect a first finding that is excused, with these words, and no fault. */
static void assert_excused(const char *text, const char *words)
{
    auto_scan_file scan_file file = {0};
    read_text(text, &file);
    for (size_t i = 0; i < file.faults.count; i++)
        print_error("%s\n", file.faults.items[i]);
    assert_int_equal(file.faults.count, 0);
    assert_true(file.findings.count > 0);
    const scan_allow *allow = file.findings.items[0].allow;
    assert_non_null(allow);
    auto_free char *found =
        utr_format("%s|%s|%s%s", allow->reason, allow->owner, allow->until, allow->expired ? "|expired" : "");
    assert_string_equal(found, words);
}

/* Expect no excused finding and these faults, joined by newlines. */
static void assert_faults(const char *text, const char *faults)
{
    auto_scan_file scan_file file = {0};
    read_text(text, &file);
    for (size_t i = 0; i < file.findings.count; i++)
        assert_null(file.findings.items[i].allow);
    auto_free char *found = utr_strs_join(&file.faults, "\n");
    assert_string_equal(found, faults);
}

static void test_allow_excuses_on_the_line_of_the_finding(void **state)
{
    (void)state;
    assert_excused(ABOVE "\tt.Skip() // utr: allow(skip) flaky, see #12, ann, until 2026-12-31" BELOW,
                   "flaky, see #12|ann|2026-12-31");
    assert_excused(ABOVE "\tt.Skip() /* utr: allow(skip) flaky, ann, until 2026-12-31 */" BELOW,
                   "flaky|ann|2026-12-31");
    assert_excused(ABOVE "\tt.Skip() // nolint // utr: allow(skip) flaky, ann, until 2026-12-31 // x" BELOW,
                   "flaky|ann|2026-12-31");
}

static void test_allow_excuses_on_the_line_below_where_it_stands_alone(void **state)
{
    (void)state;
    assert_excused(ABOVE "\t// utr: allow(skip) flaky, ann, until 2026-12-31\n\tt.Skip()" BELOW,
                   "flaky|ann|2026-12-31");
    assert_excused(ABOVE "\t/*\n\t * utr: allow(skip) flaky, ann, until 2026-12-31\n\t */\n\tt.Skip()" BELOW,
                   "flaky|ann|2026-12-31");
    assert_faults(ABOVE "\tx() // utr: allow(skip) flaky, ann, until 2026-12-31\n\tt.Skip()" BELOW,
                  "a_test.go:3: it excuses no skip; delete it");
    assert_faults(ABOVE "\t// x // utr: allow(skip) flaky, ann, until 2026-12-31\n\tt.Skip()" BELOW,
                  "a_test.go:3: it excuses no skip; delete it");
    assert_faults(ABOVE "\t// utr: allow(skip) flaky, ann, until 2026-12-31\n\n\tt.Skip()" BELOW,
                  "a_test.go:3: it excuses no skip; delete it");
}

static void test_allow_holds_to_the_end_of_its_last_day(void **state)
{
    (void)state;
    assert_excused(ABOVE "\tt.Skip() // utr: allow(skip) r, o, until 2026-06-15" BELOW, "r|o|2026-06-15");
    assert_excused(ABOVE "\tt.Skip() // utr: allow(skip) r, o, until 2026-06-14" BELOW,
                   "r|o|2026-06-14|expired");
}

static void test_allow_names_several_kinds_and_each_must_excuse_something(void **state)
{
    (void)state;
    static const char IDLE[] = ABOVE "\tt.Skip() // utr: allow(skip, mock) r, o, until 2027-01-01" BELOW;
    auto_scan_file scan_file one = {0};
    read_text(IDLE, &one);
    assert_non_null(one.findings.items[0].allow);
    assert_int_equal(one.faults.count, 1);
    assert_string_equal(one.faults.items[0], "a_test.go:3: it excuses no mock; delete it");
}

static void test_allow_is_none_in_a_string_or_in_prose(void **state)
{
    (void)state;
    assert_faults(ABOVE "\tt.Skip(\"// utr: allow(skip) r, o, until 2026-12-31\")" BELOW, "");
    assert_faults(ABOVE "\tt.Skip(`\n// utr: allow(skip) r, o, until 2026-12-31\n`)" BELOW, "");
    assert_faults(ABOVE "\tt.Skip() // write utr: allow(skip) r, o, until 2026-12-31" BELOW, "");
    assert_faults(ABOVE "\tt.Skip() // utr: the runner counts these" BELOW, "");
}

static void test_allow_that_is_malformed_says_what_would_be_right(void **state)
{
    (void)state;
#define AS "write `utr: allow(skip) reason, owner, until 2026-12-31`"
    static const char *const CASES[][2] = {
        {"utr: allow skip r, o, until 2026-12-31", "the excuse names no kind in brackets; " AS},
        {"utr: alow(skip) r, o, until 2026-12-32", "'2026-12-32' is no day; write it as 2026-12-31"},
        {"utr: allow(skp) r, o, until 2026-12-31", "unknown kind 'skp'; did you mean 'skip'?"},
        {"utr: allow() r, o, until 2026-12-31", "unknown kind ''; " AS},
        {"utr: allow(skip)", "the excuse needs a reason, an owner and its last day; " AS},
        {"utr: allow(skip) reason", "the excuse needs a reason, an owner and its last day; " AS},
        {"utr: allow(skip) reason, owner", "the excuse has no last day; " AS},
        {"utr: allow(skip) r, o, until", "the excuse has no last day; " AS},
        {"utr: allow(skip) r, o, until 2026-02-30", "'2026-02-30' is no day; write it as 2026-12-31"},
        {"utr: allow(skip) r, o, until soon", "'soon' is no day; write it as 2026-12-31"},
        {"utr: allow(skip) r, o, until 2026-12-31 or so",
         "'2026-12-31 or so' is no day; write it as 2026-12-31"},
        {"utr: allow(skip) owner, until 2026-12-31", "the excuse needs a reason and an owner; " AS},
        {"utr: allow(skip) , owner, until 2026-12-31", "the excuse needs a reason and an owner; " AS},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *text = utr_format("%s\tt.Skip() // %s%s", ABOVE, CASES[i][0], BELOW);
        auto_free char *expected = utr_format("a_test.go:3: %s", CASES[i][1]);
        assert_faults(text, expected);
    }
}

static void test_allow_that_excuses_nothing_is_told_only_of_files_that_were_read_wholly(void **state)
{
    (void)state;
    assert_faults(ABOVE "\t// utr: allow(mock) r, o, until 2026-12-31" BELOW,
                  "a_test.go:3: it excuses no mock; delete it");
    assert_faults(ABOVE "\t// utr: allow(mock) r, o, until 2026-12-31\n\tx(((" BELOW, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allow_excuses_on_the_line_of_the_finding),
        cmocka_unit_test(test_allow_excuses_on_the_line_below_where_it_stands_alone),
        cmocka_unit_test(test_allow_holds_to_the_end_of_its_last_day),
        cmocka_unit_test(test_allow_names_several_kinds_and_each_must_excuse_something),
        cmocka_unit_test(test_allow_is_none_in_a_string_or_in_prose),
        cmocka_unit_test(test_allow_that_is_malformed_says_what_would_be_right),
        cmocka_unit_test(test_allow_that_excuses_nothing_is_told_only_of_files_that_were_read_wholly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
