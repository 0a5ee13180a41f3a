/* What the processes of a suite write, in its log. */
#include "run/suite/output.h"

#include "base/files.h"
#include "base/memory.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char folder[] = "/tmp/utr-output-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    auto_free char *log = utr_path_join(folder, "log");
    (void)unlink(log);
    return rmdir(folder); /* fails where a block was left */
}

static void test_blocks_follow_each_other_whatever_came_first(void **state)
{
    (void)state;
    utr_error err = {0};
    auto_free char *log_path = utr_path_join(folder, "log");
    auto_free char *one_path = utr_path_join(folder, "log.1");
    auto_free char *two_path = utr_path_join(folder, "log.2");
    run_output log = {.fd = -1};
    run_output one = {.fd = -1};
    run_output two = {.fd = -1};
    assert_int_equal(run_output_open(&log, log_path, &err), UTR_OK);
    assert_int_equal(run_output_open(&one, one_path, &err), UTR_OK);
    assert_int_equal(run_output_open(&two, two_path, &err), UTR_OK);
    auto_free char *large = utr_calloc(200001, 1);
    (void)memset(large, 'x', 200000);
    run_output_add(&one, "a\n", 2);
    run_output_add(&two, "b\n", 2);
    run_output_add(&one, large, 200000);
    run_output_merge(&log, &two, "second");
    run_output_merge(&log, &one, "first");
    run_output_close(&log);
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    assert_int_equal(utr_file_read(log_path, &text, &err), UTR_OK);
    auto_free char *wanted = utr_format("== second ==\nb\n== first ==\na\n%s", large);
    assert_string_equal(utr_buf_text(&text), wanted);
    assert_int_equal(one.fd, -1);
}

static void test_a_full_disk_costs_the_output_only(void **state)
{
    (void)state;
    run_output full = {.fd = open("/dev/full", O_WRONLY | O_CLOEXEC)};
    assert_true(full.fd >= 0);
    run_output_add(&full, "a", 1);
    assert_int_equal(full.fd, -1);
    run_output_add(&full, "a", 1);
    run_output_close(&full);
}

static void test_a_folder_that_is_not_there_is_said(void **state)
{
    (void)state;
    utr_error err = {0};
    run_output output = {.fd = -1};
    assert_int_equal(run_output_open(&output, "/no/such/folder/log", &err), UTR_SYS);
    assert_non_null(strstr(err.text, "/no/such/folder/log"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_follow_each_other_whatever_came_first),
        cmocka_unit_test(test_a_full_disk_costs_the_output_only),
        cmocka_unit_test(test_a_folder_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
