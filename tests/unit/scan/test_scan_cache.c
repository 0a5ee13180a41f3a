#include "folder.h"

#include "base/files.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#define SKIP "package a\nfunc TestA(t *testing.T) {\n\tt.Skip(\"x\")\n\tt.Error(\"x\")\n}\n"
#define EXCUSE                                                                                               \
    "package a\nfunc TestA(t *testing.T) {\n\tt.Skip() // utr: allow(skip) r, o, until "                     \
    "2026-06-15\n\tt.Error(1)\n}\n"
#define ROWS "a_test.go read skip 3\nb_test.go read skip 3 ! b_test.go:4: it excuses no mock; delete it\n"

static int setup(void **state)
{
    int failed = folder_setup(state);
    folder_write(*state, "a_test.go", SKIP);
    folder_write(*state, "b_test.go",
                 "package a\nfunc TestA(t *testing.T) {\n\tt.Skip()\n"
                 "\t// utr: allow(mock) r, o, until 2027-01-01\n\tt.Error()\n}\n");
    folder_write(*state, "honest_test.go", "package a\nfunc TestA(t *testing.T) {\n\tt.Error(\"x\")\n}\n");
    return failed;
}

static void scan_with(const char *root, scan_options options, scan_result *out)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    auto_faults utr_faults faults = {0};
    auto_free char *path = utr_path_join(root, "scan.db");
    options.root = root;
    options.cache = options.cache ? options.cache : path;
    assert_int_equal(scan_open(&options, &scanner, &err), UTR_OK);
    assert_int_equal(scan_run(scanner, &(utr_strs){0}, out, &faults, &err), UTR_OK);
}

/* Scan, expect the same as ever, and how much of it came from the cache. */
static void assert_same(const char *root, int64_t cached, const char *uncached)
{
    auto_scan_result scan_result result = {0};
    scan_with(root, (scan_options){0}, &result);
    auto_free char *rows = folder_rows(&result);
    assert_string_equal(rows, ROWS);
    if (uncached)
        assert_true(result.uncached && strstr(result.uncached, uncached));
    else if (result.uncached)
        assert_string_equal(result.uncached, "");
    assert_int_equal(result.read, 3);
    assert_int_equal(result.cached, cached);
}

static void query(const char *root, const char *text)
{
    sqlite3 *base = NULL;
    auto_free char *path = utr_path_join(root, "scan.db");
    assert_int_equal(sqlite3_open(path, &base), SQLITE_OK);
    assert_int_equal(sqlite3_exec(base, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
}

static void test_cache_knows_what_did_not_change(void **state)
{
    assert_same(*state, 0, NULL);
    assert_same(*state, 3, NULL);
    folder_write(*state, "honest_test.go", "package b\nfunc TestA(t *testing.T) {\n\tt.Error(\"x\")\n}\n");
    assert_same(*state, 2, NULL);
    assert_same(*state, 3, NULL);
}

static void test_cache_gives_back_all_of_a_finding_and_a_test(void **state)
{
    folder_write(*state, "a_test.go", EXCUSE);
    auto_scan_result scan_result first = {0}, second = {0};
    scan_with(*state, (scan_options){.tests = true, .today = "2026-06-15"}, &first);
    scan_with(*state, (scan_options){.tests = true, .today = "2026-06-16"}, &second);
    assert_int_equal(second.cached, 3);
    const scan_finding *a = first.files.items[0].findings.items, *b = second.files.items[0].findings.items;
    assert_string_equal(a->subkind, b->subkind);
    assert_string_equal(a->symbol, b->symbol);
    assert_string_equal(a->text, b->text);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->conditional, b->conditional);
    assert_string_equal(a->allow->reason, b->allow->reason);
    assert_string_equal(a->allow->owner, b->allow->owner);
    assert_string_equal(a->allow->until, b->allow->until);
    assert_false(a->allow->expired);
    assert_true(b->allow->expired);
    const scan_test *x = first.files.items[0].tests.items, *y = second.files.items[0].tests.items;
    assert_string_equal(x->symbol, y->symbol);
    assert_int_equal(x->line, y->line);
    assert_int_equal(x->last, y->last);
    assert_int_equal(x->assertions, y->assertions);
    assert_int_equal(x->asserts, y->asserts);
}

static void test_cache_tells_tests_that_an_earlier_scan_did_not_ask_for(void **state)
{
    assert_same(*state, 0, NULL);
    auto_scan_result scan_result result = {0};
    scan_with(*state, (scan_options){.tests = true}, &result);
    assert_int_equal(result.cached, 3);
    assert_int_equal(result.files.count, 3);
    for (size_t i = 0; i < result.files.count; i++)
        assert_int_equal(result.files.items[i].tests.count, 1);
    assert_same(*state, 3, NULL);
}

static void test_cache_is_not_asked_where_settings_or_mocks_changed(void **state)
{
    assert_same(*state, 0, NULL);
    folder_write(*state, "pytest.ini", "[pytest]\npython_classes = X\n");
    assert_same(*state, 0, NULL);
    auto_scan_result scan_result result = {0};
    auto_strs utr_strs mocks = {0};
    utr_strs_add(&mocks, "example.org/fakes");
    scan_with(*state, (scan_options){.mocks = &mocks}, &result);
    assert_int_equal(result.cached, 0);
}

static void test_cache_that_is_none_is_replaced(void **state)
{
    folder_write(*state, "scan.db",
                 "this is no database, but it is long enough to be taken for one, or is it? "
                 "It should be longer than the header of one, which has a hundred bytes.");
    assert_same(*state, 0, NULL);
    assert_same(*state, 3, NULL);
    folder_write(*state, "scan.db", "");
    assert_same(*state, 0, NULL);
    assert_same(*state, 3, NULL);
}

static void test_cache_of_another_form_is_replaced(void **state)
{
    static const char *const FORMS[] = {"PRAGMA user_version = 7", "PRAGMA user_version = 0",
                                        "DROP TABLE text; CREATE TABLE text (x)", "DROP TABLE text"};
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        assert_same(*state, i ? 3 : 0, NULL);
        query(*state, FORMS[i]);
        assert_same(*state, 0, NULL);
    }
}

static void test_cache_with_any_byte_flipped_changes_no_result(void **state)
{
    auto_free char *path = utr_path_join(*state, "scan.db");
    utr_error err = {0};
    auto_buf utr_buf whole = {0};
    assert_same(*state, 0, NULL);
    assert_int_equal(utr_file_read(path, &whole, &err), UTR_OK);
    for (size_t at = 0; at < whole.len; at += 61) {
        auto_scan_result scan_result result = {0};
        whole.data[at] ^= 0x55;
        assert_int_equal(utr_file_write(path, whole.data, whole.len, &err), UTR_OK);
        whole.data[at] ^= 0x55;
        scan_with(*state, (scan_options){0}, &result);
        auto_free char *rows = folder_rows(&result);
        assert_string_equal(rows, ROWS);
    }
}

static void test_cache_that_was_cut_off_changes_no_result(void **state)
{
    auto_free char *path = utr_path_join(*state, "scan.db");
    struct stat info;
    for (int part = 1; part < 8; part++) {
        (void)unlink(path);
        assert_same(*state, 0, NULL);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(truncate(path, info.st_size * part / 8), 0);
        auto_scan_result scan_result result = {0};
        scan_with(*state, (scan_options){0}, &result);
        auto_free char *rows = folder_rows(&result);
        assert_string_equal(rows, ROWS);
    }
}

static void test_cache_that_others_lock_is_gone_without(void **state)
{
    sqlite3 *base = NULL;
    auto_free char *path = utr_path_join(*state, "scan.db");
    assert_same(*state, 0, NULL);
    assert_int_equal(sqlite3_open(path, &base), SQLITE_OK);
    assert_int_equal(sqlite3_exec(base, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_same(*state, 0, "locked");
    assert_int_equal(sqlite3_exec(base, "COMMIT; BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_same(*state, 3, NULL); /* it can be read while another prepares to write */
    folder_write(*state, "honest_test.go", "package b\n");
    assert_same(*state, 2, "locked");
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
    assert_same(*state, 2, NULL);
}

static void test_cache_that_cannot_be_written_is_gone_without(void **state)
{
    auto_scan_result scan_result nowhere = {0}, folder = {0};
    auto_free char *path = utr_path_join(*state, "gone/scan.db");
    scan_with(*state, (scan_options){.cache = path}, &nowhere);
    scan_with(*state, (scan_options){.cache = *state}, &folder);
    auto_free char *rows = folder_rows(&nowhere);
    assert_string_equal(rows, ROWS);
    assert_non_null(strstr(nowhere.uncached, "unable to open database file"));
    assert_non_null(folder.uncached);
    assert_int_equal(folder.read, 3);
}

static void test_cache_that_may_only_be_read_is_read(void **state)
{
    assert_same(*state, 0, NULL);
    auto_free char *path = utr_path_join(*state, "scan.db");
    assert_int_equal(chmod(path, 0444) | chmod(*state, 0555), 0);
    uid_t was = geteuid();
    int changed = was ? 0 : seteuid(65534);
    auto_scan_result scan_result result = {0};
    scan_with(*state, (scan_options){0}, &result);
    assert_int_equal(was ? 0 : seteuid(was), 0);
    assert_int_equal(changed | chmod(*state, 0755), 0);
    assert_int_equal(result.cached, 3);
    assert_null(result.uncached);
}

static void test_cache_drops_what_was_not_used_for_long(void **state)
{
    assert_same(*state, 0, NULL);
    query(*state, "UPDATE text SET used = used - 29");
    assert_same(*state, 3, NULL); /* used again */
    query(*state, "INSERT INTO text SELECT 1, key, used - 31, findings, tests FROM text LIMIT 1");
    folder_write(*state, "honest_test.go", "package b\n");
    assert_same(*state, 2, NULL);
    query(*state, "CREATE TABLE ok (x CHECK (x = 4)); INSERT INTO ok SELECT count(*) FROM text");
}

int main(void)
{
#define CACHE(name) cmocka_unit_test_setup_teardown(test_cache_##name, setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        CACHE(knows_what_did_not_change),
        CACHE(gives_back_all_of_a_finding_and_a_test),
        CACHE(tells_tests_that_an_earlier_scan_did_not_ask_for),
        CACHE(is_not_asked_where_settings_or_mocks_changed),
        CACHE(that_is_none_is_replaced),
        CACHE(of_another_form_is_replaced),
        CACHE(with_any_byte_flipped_changes_no_result),
        CACHE(that_was_cut_off_changes_no_result),
        CACHE(that_others_lock_is_gone_without),
        CACHE(that_cannot_be_written_is_gone_without),
        CACHE(that_may_only_be_read_is_read),
        CACHE(drops_what_was_not_used_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
