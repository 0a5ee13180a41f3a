#include "base/files.h"

#include "base/memory.h"
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static char *temporary_folder(void)
{
    char path[] = "/tmp/utr-test-files-XXXXXX";
    assert_non_null(mkdtemp(path));
    return utr_strdup(path);
}

static void assert_content(const char *path, const char *expected)
{
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    utr_error err = {0};
    assert_int_equal(utr_file_read(path, &text, &err), UTR_OK);
    assert_string_equal(utr_buf_text(&text), expected);
}

static void test_files_are_replaced_whole(void **state)
{
    (void)state;
    auto_free char *folder = temporary_folder();
    auto_free char *path = utr_path_join(folder, "file");
    utr_error err = {0};
    assert_false(utr_path_exists(path));
    assert_int_equal(utr_file_write(path, "longer text", 11, &err), UTR_OK);
    assert_int_equal(utr_file_write(path, "short", 5, &err), UTR_OK);
    assert_content(path, "short");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing was left beside it */
}

static void test_files_that_cannot_be_written_stay_as_they_were(void **state)
{
    (void)state;
    auto_free char *folder = temporary_folder();
    auto_free char *nowhere = utr_path_join(folder, "gone/file");
    utr_error err = {0};
    assert_int_equal(utr_file_write(nowhere, "x", 1, &err), UTR_SYS);
    assert_int_equal(err.sys, ENOENT);
    utr_error_reset(&err);
    assert_int_equal(utr_file_write(folder, "x", 1, &err), UTR_SYS);
    assert_int_equal(err.sys, EISDIR);
    assert_int_equal(rmdir(folder), 0);
}

static void test_files_special_ones_are_written_in_place(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(utr_file_write("/dev/null", "x", 1, &err), UTR_OK);
    struct stat info;
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
}

static void test_files_read_refuses_what_is_none_or_too_large(void **state)
{
    (void)state;
    auto_buf utr_buf text = UTR_BUF_INIT(100);
    utr_error err = {0};
    assert_int_equal(utr_file_read("/no/such/file", &text, &err), UTR_SYS);
    assert_int_equal(err.sys, ENOENT);
    assert_non_null(strstr(err.text, "/no/such/file"));
    utr_error_reset(&err);
    assert_int_equal(utr_file_read("/tmp", &text, &err), UTR_SYS);
    assert_int_equal(err.sys, EISDIR);
    utr_error_reset(&err);
    assert_int_equal(utr_file_read("/dev/zero", &text, &err), UTR_TOO_LARGE);
}

static void test_files_a_fifo_does_not_hold_us_up(void **state)
{
    (void)state;
    auto_free char *folder = temporary_folder();
    auto_free char *path = utr_path_join(folder, "fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_content(path, "");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_files_folders_are_made_with_their_parents(void **state)
{
    (void)state;
    auto_free char *folder = temporary_folder();
    auto_free char *inner = utr_path_join(folder, "a/b/");
    utr_error err = {0};
    assert_int_equal(utr_dir_make(inner, &err), UTR_OK);
    assert_int_equal(utr_dir_make(inner, &err), UTR_OK);
    assert_int_equal(utr_dir_make("/", &err), UTR_OK);
    assert_int_equal(rmdir(inner), 0);
    auto_free char *outer = utr_path_join(folder, "a");
    assert_int_equal(rmdir(outer), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_files_a_file_in_a_folders_place_is_an_error(void **state)
{
    (void)state;
    auto_free char *folder = temporary_folder();
    auto_free char *file = utr_path_join(folder, "file");
    auto_free char *below = utr_path_join(file, "below");
    utr_error err = {0};
    assert_int_equal(utr_file_write(file, "", 0, &err), UTR_OK);
    assert_int_equal(utr_dir_make(file, &err), UTR_SYS);
    assert_int_equal(err.sys, ENOTDIR);
    utr_error_reset(&err);
    assert_int_equal(utr_dir_make(below, &err), UTR_SYS);
    assert_int_equal(err.sys, ENOTDIR);
    utr_error_reset(&err);
    assert_int_equal(utr_dir_make("", &err), UTR_SYS);
    assert_int_equal(err.sys, ENOENT);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void assert_joined(const char *dir, const char *name, const char *expected)
{
    auto_free char *path = utr_path_join(dir, name);
    assert_string_equal(path, expected);
}

static void assert_dir(const char *path, const char *expected)
{
    auto_free char *dir = utr_path_dir(path);
    assert_string_equal(dir, expected);
}

static void test_files_paths_are_joined_and_cut(void **state)
{
    (void)state;
    assert_joined("a", "b", "a/b");
    assert_joined(".", "b", "b");
    assert_joined("", "b", "b");
    assert_joined("a", "/b", "/b");
    assert_dir("a/b/c", "a/b");
    assert_dir("c", ".");
    assert_dir("/c", "/");
}

static void test_files_auto_close_closes(void **state)
{
    (void)state;
    int copy = -1;
    {
        auto_close int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        copy = fd;
    }
    assert_int_equal(fcntl(copy, F_GETFD), -1);
    assert_int_equal(errno, EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_replaced_whole),
        cmocka_unit_test(test_files_that_cannot_be_written_stay_as_they_were),
        cmocka_unit_test(test_files_special_ones_are_written_in_place),
        cmocka_unit_test(test_files_read_refuses_what_is_none_or_too_large),
        cmocka_unit_test(test_files_a_fifo_does_not_hold_us_up),
        cmocka_unit_test(test_files_folders_are_made_with_their_parents),
        cmocka_unit_test(test_files_a_file_in_a_folders_place_is_an_error),
        cmocka_unit_test(test_files_paths_are_joined_and_cut),
        cmocka_unit_test(test_files_auto_close_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
