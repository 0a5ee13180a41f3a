#include "folder.h"

#include "base/files.h"
#include "scan/cache/cache.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#define SKIP "package a\nfunc TestA(t *testing.T) {\n\tt.Skip(\"x\")\n\tt.Error(\"x\")\n}\n"
#define TEN  "ten bytes "
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "are more than seven bits can tell"
#define EXCUSE                                                                                               \
    "package a\nfunc TestA(t *testing.T) {\n\tt.Skip() // utr: allow(skip) " LONG ", o, until "              \
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
    assert_string_equal(a->allow->reason, LONG);
    assert_string_equal(b->allow->reason, LONG);
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

static int64_t count_of(const char *root, const char *question)
{
    sqlite3 *base = NULL;
    sqlite3_stmt *answer = NULL;
    auto_free char *path = utr_path_join(root, "scan.db");
    assert_int_equal(sqlite3_open(path, &base), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(base, question, -1, &answer, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(answer), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(answer, 0);
    assert_int_equal(sqlite3_finalize(answer), SQLITE_OK);
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
    return count;
}

static void test_cache_reads_no_file_that_was_not_touched_and_each_that_was(void **state)
{
    static const char CHANGED[] = "package a\nfunc TestA(t *testing.T) {\n\tt.Skip(\"xy\")\n}\n";
    struct stat info;
    auto_free char *path = utr_path_join(*state, "honest_test.go");
    assert_same(*state, 0, NULL);
    assert_same(*state, 3, NULL);
    assert_int_equal(count_of(*state, "SELECT count(*) FROM file"), 0); /* they are too new to be sure */
    (void)sleep(4);
    assert_same(*state, 3, NULL);
    assert_int_equal(count_of(*state, "SELECT count(*) FROM file"), 3);
    query(*state, "UPDATE file SET text = zeroblob(32)");
    assert_same(*state, 3, NULL); /* one that leads nowhere, and is mended */
    query(*state, "UPDATE file SET text = (SELECT key FROM text ORDER BY length(findings) DESC LIMIT 1)");
    auto_scan_result scan_result believed = {0};
    scan_with(*state, (scan_options){0}, &believed);
    auto_free char *rows = folder_rows(&believed);
    assert_string_not_equal(rows, ROWS); /* so the texts themselves were not read */
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, sizeof CHANGED - 1);
    auto_close int fd = open(path, O_WRONLY | O_CLOEXEC); /* in place: its inode and size stay */
    assert_int_equal(write(fd, CHANGED, sizeof CHANGED - 1), sizeof CHANGED - 1);
    const struct timespec times[] = {info.st_atim, info.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    auto_scan_result scan_result changed = {0};
    scan_with(*state, (scan_options){0}, &changed);
    const scan_file *last = &changed.files.items[changed.files.count - 1];
    assert_string_equal(last->path, "honest_test.go");
    assert_string_equal(last->findings.items[last->findings.count - 1].text, "\tt.Skip(\"xy\")");
}

static void test_cache_trusts_no_stamp_of_the_moment_when_the_file_was_read(void **state)
{
    (void)state;
    const struct stat old = {.st_mtim = {.tv_sec = 1000}, .st_ctim = {.tv_sec = 1000}};
    const struct stat moved = {.st_mtim = {.tv_sec = 1000}, .st_ctim = {.tv_sec = 2000}};
    const struct stat written = {.st_mtim = {.tv_sec = 2000}, .st_ctim = {.tv_sec = 1000}};
    assert_true(scan_stamp_holds(&old, 1003));
    assert_false(scan_stamp_holds(&old, 1002));
    assert_false(scan_stamp_holds(&old, 999));
    assert_false(scan_stamp_holds(&moved, 2002));
    assert_false(scan_stamp_holds(&written, 2002));
}

static void test_cache_gives_a_file_another_stamp_for_each_fact_that_differs(void **state)
{
    (void)state;
    const scan_key common = {{1}}, other = {{2}};
    const scan_settings none = {0};
    const scan_means whole = {.settings = &none}, part = {.settings = &none, .other = true};
    const struct stat as = {.st_dev = 1, .st_ino = 2, .st_size = 3, .st_mtim = {4, 5}, .st_ctim = {6, 7}};
    struct stat others[] = {as, as, as, as, as, as, as};
    others[0].st_dev++, others[1].st_ino++, others[2].st_size++, others[3].st_mtim.tv_sec++;
    others[4].st_mtim.tv_nsec++, others[5].st_ctim.tv_sec++, others[6].st_ctim.tv_nsec++;
    scan_stamp stamp = scan_stamp_of(&common, &whole, "a.go", &as);
    scan_stamp again = scan_stamp_of(&common, &whole, "a.go", &as);
    assert_memory_equal(&stamp, &again, sizeof stamp);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        scan_stamp one = scan_stamp_of(&common, &whole, "a.go", &others[i]);
        assert_int_equal(one.place, stamp.place);
        assert_memory_not_equal(&one.key, &stamp.key, sizeof stamp.key);
    }
    scan_stamp elsewhere = scan_stamp_of(&common, &whole, "b.go", &as);
    scan_stamp met = scan_stamp_of(&common, &part, "a.go", &as);
    scan_stamp with = scan_stamp_of(&other, &whole, "a.go", &as);
    assert_int_not_equal(elsewhere.place, stamp.place);
    assert_memory_not_equal(&elsewhere.key, &stamp.key, sizeof stamp.key);
    assert_memory_not_equal(&met.key, &stamp.key, sizeof stamp.key);
    assert_memory_not_equal(&with.key, &stamp.key, sizeof stamp.key);
}

static scan_key first_key(sqlite3 *base)
{
    scan_key key;
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(base, "SELECT key FROM text LIMIT 1", -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_int_equal(sqlite3_column_bytes(row, 0), sizeof key);
    (void)memcpy(&key, sqlite3_column_blob(row, 0), sizeof key);
    assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
    return key;
}

static void test_cache_is_free_for_others_once_it_rests(void **state)
{
    assert_same(*state, 0, NULL);
    char *why = NULL;
    scan_key key;
    scan_file file = {.path = utr_strdup("a_test.go")};
    auto_free char *path = utr_path_join(*state, "scan.db");
    scan_cache *cache = scan_cache_open(path, &why);
    assert_non_null(cache);
    sqlite3 *base = NULL;
    assert_int_equal(sqlite3_open(path, &base), SQLITE_OK);
    key = first_key(base);
    assert_true(scan_cache_get(cache, &key, false, &file));
    assert_int_equal(sqlite3_exec(base, "UPDATE text SET used = used", NULL, NULL, NULL), SQLITE_BUSY);
    scan_cache_rest(cache);
    assert_int_equal(sqlite3_exec(base, "UPDATE text SET used = used", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
    assert_null(scan_cache_close(cache));
    scan_file_dispose(&file);
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
                                        "DROP TABLE text; CREATE TABLE text (x)", "DROP TABLE text",
                                        "DROP TABLE file"};
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

static void test_cache_tells_a_file_that_was_named_from_one_that_was_met(void **state)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    auto_faults utr_faults faults = {0};
    auto_scan_result scan_result first = {0}, second = {0}, named = {0};
    auto_strs utr_strs paths = {0};
    auto_free char *path = utr_path_join(*state, "scan.db");
    folder_write(*state, "help.py", "# @slow\ndef close():\n    import a\n");
    utr_strs_give(&paths, utr_path_join(*state, "help.py"));
    scan_with(*state, (scan_options){0}, &first);
    scan_with(*state, (scan_options){0}, &second);
    assert_int_equal(second.files.items[2].findings.count, 1);
    assert_int_equal(scan_open(&(scan_options){.root = *state, .cache = path}, &scanner, &err), UTR_OK);
    assert_int_equal(scan_run(scanner, &paths, &named, &faults, &err), UTR_OK);
    assert_int_equal(named.cached, 0);
    assert_int_equal(named.files.items[0].findings.count, 2);
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
        CACHE(reads_no_file_that_was_not_touched_and_each_that_was),
        cmocka_unit_test(test_cache_trusts_no_stamp_of_the_moment_when_the_file_was_read),
        cmocka_unit_test(test_cache_gives_a_file_another_stamp_for_each_fact_that_differs),
        CACHE(is_free_for_others_once_it_rests),
        CACHE(that_is_none_is_replaced),
        CACHE(of_another_form_is_replaced),
        CACHE(with_any_byte_flipped_changes_no_result),
        CACHE(that_was_cut_off_changes_no_result),
        CACHE(that_others_lock_is_gone_without),
        CACHE(that_cannot_be_written_is_gone_without),
        CACHE(tells_a_file_that_was_named_from_one_that_was_met),
        CACHE(that_may_only_be_read_is_read),
        CACHE(drops_what_was_not_used_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
