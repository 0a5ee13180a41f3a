#include "folder.h"

#include "base/files.h"

#include <string.h>
#include <sys/stat.h>

#define SKIP   "package a\nfunc TestA(t *testing.T) {\n\tt.Skip(\"x\")\n\tt.Error(\"x\")\n}\n"
#define HONEST "package a\nfunc TestA(t *testing.T) {\n\tt.Error(\"x\")\n}\n"

static void run(const char *folder, const scan_options *with, const utr_strs *paths, scan_result *out)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    auto_faults utr_faults faults = {0};
    scan_options options = *with;
    options.root = folder;
    assert_int_equal(scan_open(&options, &scanner, &err), UTR_OK);
    assert_int_equal(scan_run(scanner, paths, out, &faults, &err), UTR_OK);
}

static void test_run_tells_files_by_path_and_counts_the_others(void **state)
{
    folder_write(*state, "b/b_test.go", SKIP);
    folder_write(*state, "a_test.go", SKIP);
    folder_write(*state, "honest_test.go", HONEST);
    folder_write(*state, "other.go", SKIP);
    auto_scan_result scan_result result = {0};
    run(*state, &(scan_options){0}, &(utr_strs){0}, &result);
    auto_free char *rows = folder_rows(&result);
    assert_string_equal(rows, "a_test.go read skip 3\nb/b_test.go read skip 3\n");
    assert_int_equal(result.read, 3);
    assert_int_equal(result.states[SCAN_READ], 3);
    assert_int_equal(result.bytes, 2 * strlen(SKIP) + strlen(HONEST));
}

static void test_run_finds_the_same_with_any_number_of_threads(void **state)
{
    auto_buf utr_buf expected = {0};
    for (int i = 0; i < 60; i++) {
        auto_free char *name = utr_format("a%02d_test.go", i);
        folder_write(*state, name, i % 2 ? SKIP : HONEST);
        if (i % 2)
            utr_buf_print(&expected, "%s read skip 3\n", name);
    }
    for (int threads = 1; threads < 9; threads++)
        assert_scanned(*state, (scan_options){.threads = threads}, utr_buf_text(&expected));
}

static void test_run_tells_tests_only_where_they_are_asked_for(void **state)
{
    folder_write(*state, "a_test.go", HONEST);
    assert_scanned(*state, (scan_options){0}, "");
    auto_scan_result scan_result result = {0};
    run(*state, &(scan_options){.tests = true}, &(utr_strs){0}, &result);
    assert_int_equal(result.files.count, 1);
    assert_string_equal(result.files.items[0].tests.items[0].symbol, "TestA");
}

static void test_run_reads_a_named_file_whatever_its_name(void **state)
{
    folder_write(*state, "other.go", SKIP);
    auto_strs utr_strs paths = {0};
    auto_scan_result scan_result result = {0};
    utr_strs_give(&paths, utr_path_join(*state, "other.go"));
    run(*state, &(scan_options){0}, &paths, &result);
    auto_free char *rows = folder_rows(&result);
    assert_string_equal(rows, "other.go read skip 3\n");
}

static void test_run_looks_for_imports_in_all_of_python(void **state)
{
    static const char LATE[] = "# @slow\ndef close():\n    import a\n";
    folder_write(*state, "src/help.py", LATE);
    folder_write(*state, "src/idle.py", "import a\n# @slow\ndef test_a():\n    pass\n");
    folder_write(*state, "src/tests/help.py", LATE);
    auto_scan_result scan_result all = {0}, named = {0};
    run(*state, &(scan_options){0}, &(utr_strs){0}, &all);
    auto_free char *rows = folder_rows(&all);
    assert_string_equal(rows, "src/help.py read dynamic-import 3\n"
                              "src/tests/help.py read disabled-decorator 1 dynamic-import 3\n");
    assert_int_equal(all.read, 1);
    assert_int_equal(all.others, 2);
    assert_int_equal(all.bytes, strlen(LATE));
    auto_strs utr_strs paths = {0};
    utr_strs_give(&paths, utr_path_join(*state, "src"));
    utr_strs_give(&paths, utr_path_join(*state, "src/help.py"));
    run(*state, &(scan_options){0}, &paths, &named);
    assert_int_equal(named.files.items[0].findings.count, 2);
    assert_int_equal(named.read, 2);
}

static void test_run_knows_only_files_of_tests(void **state)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    assert_int_equal(scan_open(&(scan_options){.root = *state}, &scanner, &err), UTR_OK);
    assert_false(scan_knows(scanner, "src/help.py"));
    assert_true(scan_knows(scanner, "src/tests/help.py"));
}

static void test_run_reads_excuses_of_imports_in_all_of_python(void **state)
{
    static const char END[] = " r, o, until 2999-12-31\n";
    auto_free char *good = utr_format("def close():\n    import a  # utr: allow(dynamic-import)%s", END);
    auto_free char *idle = utr_format("import a  # utr: allow(dynamic-import)%s", END);
    auto_free char *skip = utr_format("def close():\n    skip()  # utr: allow(skip)%s    import a\n", END);
    folder_write(*state, "good.py", good);
    folder_write(*state, "idle.py", idle);
    folder_write(*state, "none.py", "x = 1  # utr: allow(dynamic-imports) why\n");
    folder_write(*state, "skip.py", skip);
    auto_scan_result scan_result result = {0};
    run(*state, &(scan_options){0}, &(utr_strs){0}, &result);
    auto_free char *rows = folder_rows(&result);
    assert_string_equal(
        rows, "good.py read dynamic-import 2\n"
              "idle.py read ! idle.py:1: it excuses no dynamic-import; delete it\n"
              "none.py read ! none.py:1: unknown kind 'dynamic-imports'; did you mean 'dynamic-import'? ! "
              "none.py:1: the excuse needs a reason, an owner and its last day; write `utr: allow(skip) "
              "reason, owner, until 2026-12-31`\n"
              "skip.py read dynamic-import 3\n");
    assert_non_null(result.files.items[0].findings.items[0].allow);
}

static void test_run_tells_of_syntax_only_where_it_looked(void **state)
{
    folder_write(*state, "idle.py", "def f(x y):\n    pass\ndef close():\n    import a\n");
    folder_write(*state, "late.py", "def close():\n    def f(x y):\n        pass\n    import a\n");
    assert_scanned(*state, (scan_options){0},
                   "idle.py read dynamic-import 4\nlate.py syntax errors dynamic-import 4\n");
}

static void test_run_refuses_a_named_file_of_no_known_language(void **state)
{
    folder_write(*state, "notes.txt", "");
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    auto_scan_result scan_result result = {0};
    auto_faults utr_faults faults = {0};
    auto_strs utr_strs paths = {0};
    utr_strs_give(&paths, utr_path_join(*state, "notes.txt"));
    assert_int_equal(scan_open(&(scan_options){.root = *state}, &scanner, &err), UTR_OK);
    assert_int_equal(scan_run(scanner, &paths, &result, &faults, &err), UTR_USAGE);
    assert_non_null(strstr(err.text, "notes.txt"));
}

static void test_run_tells_what_could_not_be_read_and_why(void **state)
{
    folder_write(*state, "broken_test.go", "package a\nfunc TestA(t *testing.T) {\n\tt.Skip(\"x\"\n");
    folder_write(*state, "binary_test.go", "");
    folder_write(*state, "shut_test.go", SKIP);
    auto_free char *binary = utr_path_join(*state, "binary_test.go");
    auto_free char *shut = utr_path_join(*state, "shut_test.go");
    utr_error err = {0};
    assert_int_equal(utr_file_write(binary, "a\0b", 3, &err), UTR_OK);
    assert_int_equal(chmod(shut, 0), 0);
    uid_t was = geteuid();
    int changed = was ? 0 : chmod(*state, 0755) | seteuid(65534);
    auto_scan_result scan_result result = {0};
    run(*state, &(scan_options){.threads = 1}, &(utr_strs){0}, &result);
    assert_int_equal(was ? 0 : seteuid(was), 0);
    assert_int_equal(changed, 0);
    assert_int_equal(result.files.count, 3);
    assert_int_equal(result.files.items[0].state, SCAN_BINARY);
    assert_string_equal(result.files.items[0].why, "holds NUL bytes");
    assert_int_equal(result.files.items[1].state, SCAN_BROKEN);
    assert_int_equal(result.files.items[2].state, SCAN_UNREADABLE);
    assert_string_equal(result.files.items[2].why, "Permission denied");
    assert_int_equal(result.states[SCAN_UNREADABLE], 1);
}

static void test_run_does_not_parse_texts_that_are_too_large(void **state)
{
    auto_buf utr_buf text = {0};
    utr_buf_puts(&text, SKIP);
    while (text.len <= 4 << 20)
        utr_buf_puts(&text, "// a line of a comment, as long as this\n");
    folder_write(*state, "a_test.go", utr_buf_text(&text));
    assert_scanned(*state, (scan_options){0}, "a_test.go too large\n");
}

/* The grammar would try for ever to make sense of this; it was found by fuzzing. */
static void test_run_gives_up_what_cannot_be_parsed_in_time(void **state)
{
    static const char TEXT[] = "1est_b\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF# @a.*xb(\n"
                               "#- @a.quire(\"deli\x90\x90n\") {disable\"[\": T)py\001Const {t.=> c;)\n"
                               "def=;\ntest <T>t\005";
    folder_write(*state, "a.test.js", TEXT);
    assert_scanned(*state, (scan_options){0}, "a.test.js not parsed\n");
}

static void test_run_makes_utf8_of_what_is_none(void **state)
{
    folder_write(*state, "a_test.go",
                 "package a\nfunc TestA(t *testing.T) {\n\tt.Skip(\"f\xFCr\")\n\tt.Error(1)\n}\n");
    auto_scan_result scan_result result = {0};
    run(*state, &(scan_options){0}, &(utr_strs){0}, &result);
    assert_string_equal(result.files.items[0].findings.items[0].text, "\tt.Skip(\"f\xEF\xBF\xBDr\")");
}

static void test_run_ends_when_it_is_cancelled(void **state)
{
    utr_error err = {0};
    utr_cancel cancel;
    auto_scan scan *scanner = NULL;
    auto_scan_result scan_result result = {0};
    auto_faults utr_faults faults = {0};
    folder_write(*state, "a_test.go", SKIP);
    assert_int_equal(utr_cancel_init(&cancel, &err), UTR_OK);
    utr_cancel_trip(&cancel);
    assert_int_equal(scan_open(&(scan_options){.root = *state, .cancel = &cancel}, &scanner, &err), UTR_OK);
    assert_int_equal(scan_run(scanner, &(utr_strs){0}, &result, &faults, &err), UTR_CANCELLED);
    assert_int_equal(result.files.count, 0);
    utr_cancel_dispose(&cancel);
}

int main(void)
{
#define RUN(name) cmocka_unit_test_setup_teardown(test_run_##name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        RUN(tells_files_by_path_and_counts_the_others),
        RUN(finds_the_same_with_any_number_of_threads),
        RUN(tells_tests_only_where_they_are_asked_for),
        RUN(reads_a_named_file_whatever_its_name),
        RUN(looks_for_imports_in_all_of_python),
        RUN(knows_only_files_of_tests),
        RUN(reads_excuses_of_imports_in_all_of_python),
        RUN(tells_of_syntax_only_where_it_looked),
        RUN(refuses_a_named_file_of_no_known_language),
        RUN(tells_what_could_not_be_read_and_why),
        RUN(does_not_parse_texts_that_are_too_large),
        RUN(gives_up_what_cannot_be_parsed_in_time),
        RUN(makes_utf8_of_what_is_none),
        RUN(ends_when_it_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
