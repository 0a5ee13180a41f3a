/* The folder of a run. */
#include "run/record.h"

#include "base/files.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/utr-record-XXXXXX";

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    auto_free char *command = utr_format("rm -rf %s", root);
    return system(command); /* a folder of ours below /tmp */
}

static void test_a_run_gets_a_folder_of_its_own_and_last_points_to_it(void **state)
{
    (void)state;
    utr_error err = {0};
    run_record record = {0};
    assert_int_equal(run_record_open(root, NULL, &record, &err), UTR_OK);
    assert_true(utr_path_exists(record.log_dir));
    auto_free char *last = utr_format("%s/.utr/last", root);
    char target[4096] = {0};
    assert_true(readlink(last, target, sizeof target - 1) > 0);
    assert_string_equal(target, record.dir);
    auto_free char *ignore = utr_format("%s/.utr/.gitignore", root);
    assert_true(utr_path_exists(ignore));
    run_record_dispose(&record);
}

static void add_finish(const run_record *record, double seconds)
{
    utr_error err = {0};
    auto_free char *path = run_record_path(record, "journal.jsonl");
    auto_journal journal *j = NULL;
    assert_int_equal(journal_new(path, &j, &err), UTR_OK);
    (void)journal_add(
        j, &(journal_fact){.kind = JOURNAL_SUITE_FINISH, .category = "c", .suite = "s", .seconds = seconds});
}

static void test_the_estimate_is_what_the_suite_took_in_the_run_before(void **state)
{
    (void)state;
    utr_error err = {0};
    run_record first = {0};
    assert_int_equal(run_record_open(root, NULL, &first, &err), UTR_OK);
    add_finish(&first, 4.5);
    run_record second = {0};
    assert_int_equal(run_record_open(root, NULL, &second, &err), UTR_OK);
    assert_true(run_record_estimate(&second, "c", "s") > 4.4);
    assert_true(run_record_estimate(&second, "c", "other") == 0);
    run_record_dispose(&first);
    run_record_dispose(&second);
}

static void add_test(const run_record *record, const char *suite, const char *test, double seconds)
{
    utr_error err = {0};
    auto_free char *path = run_record_path(record, "journal.jsonl");
    auto_journal journal *j = NULL;
    assert_int_equal(journal_new(path, &j, &err), UTR_OK);
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_TEST_FINISH,
                                         .category = "c",
                                         .suite = (char *)suite,
                                         .test = (char *)test,
                                         .seconds = seconds});
}

static void test_the_estimate_of_a_test_is_what_it_took_in_its_suite(void **state)
{
    (void)state;
    utr_error err = {0};
    run_record first = {0};
    assert_int_equal(run_record_open(root, NULL, &first, &err), UTR_OK);
    add_test(&first, "s", "test_a", 0.25);
    run_record second = {0};
    assert_int_equal(run_record_open(root, NULL, &second, &err), UTR_OK);
    assert_true(run_record_test_estimate(&second, "c", "s", "test_a") > 0.2);
    assert_true(run_record_test_estimate(&second, "c", "other", "test_a") < 0);
    assert_true(run_record_test_estimate(&second, "c", "s", "test_b") < 0);
    run_record_dispose(&first);
    run_record_dispose(&second);
}

static void test_a_folder_that_holds_a_run_is_not_written_over(void **state)
{
    (void)state;
    utr_error err = {0};
    auto_free char *dir = utr_format("%s/mine", root);
    run_record record = {0};
    assert_int_equal(run_record_open(root, dir, &record, &err), UTR_OK);
    add_finish(&record, 1);
    run_record again = {0};
    assert_int_equal(run_record_open(root, dir, &again, &err), UTR_CONFLICT);
    assert_non_null(strstr(err.text, "holds a run already"));
    run_record_dispose(&record);
}

static void test_a_root_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    utr_error err = {0};
    run_record record = {0};
    assert_int_equal(run_record_open("/nonexistent/root", NULL, &record, &err), UTR_SYS);
    assert_non_null(strstr(err.text, "/nonexistent/root"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_gets_a_folder_of_its_own_and_last_points_to_it),
        cmocka_unit_test(test_the_estimate_is_what_the_suite_took_in_the_run_before),
        cmocka_unit_test(test_the_estimate_of_a_test_is_what_it_took_in_its_suite),
        cmocka_unit_test(test_a_folder_that_holds_a_run_is_not_written_over),
        cmocka_unit_test(test_a_root_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
