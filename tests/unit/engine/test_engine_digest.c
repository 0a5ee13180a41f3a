/* What a build is made of, as a digest: what changes it and what does not. */
#include "engine/engine.h"

#include "base/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

/* On a tmpfs: there a folder is read in the order in which it was filled. */
static int make_root(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof root, "/dev/shm/utr-eng-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    auto_free char *command = utr_format("rm -rf %s", root);
    return system(command); /* NOLINT */
}

static void put_file(const char *name, const char *text)
{
    auto_free char *path = utr_path_join(root, name);
    auto_free char *dir = utr_path_dir(path);
    utr_error err = {0};
    assert_int_equal(utr_dir_make(dir, &err), UTR_OK);
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
}

static void put_mode(const char *name, mode_t mode)
{
    auto_free char *path = utr_path_join(root, name);
    assert_int_equal(chmod(path, mode), 0);
}

static void put_link(const char *name, const char *target)
{
    auto_free char *path = utr_path_join(root, name);
    (void)unlink(path);
    assert_int_equal(symlink(target, path), 0);
}

static void put_time(const char *name, time_t seconds)
{
    auto_free char *path = utr_path_join(root, name);
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void rename_file(const char *from, const char *to)
{
    auto_free char *old = utr_path_join(root, from);
    auto_free char *new = utr_path_join(root, to);
    assert_int_equal(rename(old, new), 0);
}

static void remove_file(const char *name)
{
    auto_free char *path = utr_path_join(root, name);
    assert_int_equal(remove(path), 0);
}

static char *digest_of(engine_build build)
{
    build.context = root;
    char digest[ENGINE_DIGEST_SIZE];
    utr_error err = {0};
    if (engine_build_digest(&build, NULL, digest, &err))
        fail_msg("%s", err.text);
    assert_int_equal(strspn(digest, "0123456789abcdef"), ENGINE_DIGEST_SIZE - 1);
    return utr_strdup(digest);
}

static void put_tree(void)
{
    put_file("Dockerfile", "FROM scratch\n");
    put_file("src/a", "one");
    put_file("src/b", "two");
    put_link("link", "src/a");
}

/* Says whether the digest is another one than before, and keeps it. */
static bool is_new(char **digest)
{
    char *now = digest_of((engine_build){0});
    bool differs = strcmp(now, *digest) != 0;
    free(*digest);
    *digest = now;
    return differs;
}

static void test_times_and_order_on_disk_change_nothing(void **state)
{
    (void)state;
    put_tree();
    auto_free char *digest = digest_of((engine_build){0});
    put_time("src/a", 1000000000);
    put_time("src", 1000000000);
    put_time("link", 1000000000);
    put_time("Dockerfile", 1000000000);
    assert_false(is_new(&digest));
    remove_file("src/a"); /* made again after its neighbour */
    remove_file("link");
    put_file("src/a", "one");
    put_link("link", "src/a");
    assert_false(is_new(&digest));
}

static void test_the_same_tree_elsewhere_has_the_same_digest(void **state)
{
    put_tree();
    auto_free char *digest = digest_of((engine_build){.tag = "one:1"});
    assert_int_equal(remove_root(state), 0);
    assert_int_equal(make_root(state), 0);
    put_link("link", "src/a");
    put_file("src/b", "two");
    put_file("src/a", "one");
    put_file("Dockerfile", "FROM scratch\n");
    auto_free char *other = digest_of((engine_build){.tag = "other:2", .dockerfile = "src/../Dockerfile"});
    assert_string_equal(digest, other);
}

static void test_what_is_sent_changes_it(void **state)
{
    (void)state;
    put_tree();
    auto_free char *digest = digest_of((engine_build){0});
    put_file("src/a", "One"); /* content, of the same length */
    assert_true(is_new(&digest));
    put_mode("src/a", 0755);
    assert_true(is_new(&digest));
    put_mode("src", 0700);
    assert_true(is_new(&digest));
    rename_file("src/b", "src/c");
    assert_true(is_new(&digest));
    put_link("link", "src/c");
    assert_true(is_new(&digest));
    remove_file("link"); /* type */
    put_file("link", "");
    assert_true(is_new(&digest));
    put_file("Dockerfile", "FROM scratch\nUSER 1\n");
    assert_true(is_new(&digest));
    put_file("new", "");
    assert_true(is_new(&digest));
    remove_file("new");
    assert_true(is_new(&digest));
}

static void test_where_a_file_ends_counts(void **state)
{
    (void)state;
    put_tree();
    put_file("src/a", "onetwo");
    put_file("src/b", "");
    auto_free char *digest = digest_of((engine_build){0});
    put_file("src/a", "one");
    put_file("src/b", "two");
    assert_true(is_new(&digest));
}

static void test_what_dockerignore_leaves_out_does_not_count(void **state)
{
    (void)state;
    put_tree();
    auto_free char *digest = digest_of((engine_build){0});
    put_file(".dockerignore", "src/b\nlogs\n");
    assert_true(is_new(&digest));
    put_file("src/b", "changed");
    put_file("logs/of_today", "x");
    assert_false(is_new(&digest));
    put_file(".dockerignore", "logs\n");
    assert_true(is_new(&digest));
    put_file("src/b", "changed again");
    assert_true(is_new(&digest));
}

static void test_a_dockerfile_from_outside_counts(void **state)
{
    (void)state;
    put_file("context/a", "");
    put_file("Dockerfile", "FROM scratch\n");
    auto_free char *context = utr_path_join(root, "context");
    engine_build build = {.context = context, .dockerfile = "../Dockerfile"};
    char first[ENGINE_DIGEST_SIZE];
    char second[ENGINE_DIGEST_SIZE];
    utr_error err = {0};
    assert_int_equal(engine_build_digest(&build, NULL, first, &err), UTR_OK);
    put_file("Dockerfile", "FROM another\n");
    assert_int_equal(engine_build_digest(&build, NULL, second, &err), UTR_OK);
    assert_string_not_equal(first, second);
}

static void test_dockerfile_target_and_arguments_count(void **state)
{
    (void)state;
    put_tree();
    put_file("Other", "FROM scratch\n");
    auto_strs utr_strs args = {0};
    auto_strs utr_strs swapped = {0};
    auto_strs utr_strs changed = {0};
    auto_strs utr_strs bare = {0};
    utr_strs_add(&args, "A=1");
    utr_strs_add(&args, "B=2");
    utr_strs_add(&swapped, "B=2");
    utr_strs_add(&swapped, "A=1");
    utr_strs_add(&changed, "A=1");
    utr_strs_add(&changed, "B=3");
    utr_strs_add(&bare, "A=1");
    utr_strs_add(&bare, "B");
    const engine_build builds[] = {
        {0}, {.dockerfile = "Other"}, {.target = "test"}, {.args = args}, {.args = changed}, {.args = bare}};
    enum { COUNT = sizeof builds / sizeof *builds };
    char *digests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        digests[i] = digest_of(builds[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(digests[k], digests[i]);
    }
    auto_free char *same = digest_of((engine_build){.args = swapped});
    assert_string_equal(same, digests[3]);
    for (size_t i = 0; i < COUNT; i++)
        free(digests[i]);
}

static void test_labels_do_not_count_so_the_digest_can_be_one(void **state)
{
    (void)state;
    put_tree();
    auto_free char *digest = digest_of((engine_build){0});
    auto_strs utr_strs labels = {0};
    utr_strs_give(&labels, utr_format("context=%s", digest));
    auto_free char *labelled = digest_of((engine_build){.labels = labels});
    assert_string_equal(digest, labelled);
}

static void test_a_large_file_counts_to_its_last_byte(void **state)
{
    (void)state;
    put_tree();
    put_file("big", "");
    auto_free char *path = utr_path_join(root, "big");
    assert_int_equal(truncate(path, 3 << 20), 0);
    auto_free char *digest = digest_of((engine_build){0});
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "x", 1, (3 << 20) - 1), 1);
    (void)close(fd);
    assert_true(is_new(&digest));
}

static void test_no_digest_comes_of_what_cannot_be_read_or_was_cancelled(void **state)
{
    (void)state;
    char digest[ENGINE_DIGEST_SIZE] = "untouched";
    engine_build build = {.context = root};
    utr_error err = {0};
    assert_int_equal(engine_build_digest(&build, NULL, digest, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "no Dockerfile"));
    put_tree();
    utr_error_reset(&err);
    utr_cancel cancel;
    assert_int_equal(utr_cancel_init(&cancel, &err), UTR_OK);
    utr_cancel_trip(&cancel);
    assert_int_equal(engine_build_digest(&build, &cancel, digest, &err), UTR_CANCELLED);
    utr_cancel_dispose(&cancel);
    assert_string_equal(digest, "untouched");
}

#define test_in_root(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_in_root(test_times_and_order_on_disk_change_nothing),
        test_in_root(test_the_same_tree_elsewhere_has_the_same_digest),
        test_in_root(test_what_is_sent_changes_it),
        test_in_root(test_where_a_file_ends_counts),
        test_in_root(test_what_dockerignore_leaves_out_does_not_count),
        test_in_root(test_a_dockerfile_from_outside_counts),
        test_in_root(test_dockerfile_target_and_arguments_count),
        test_in_root(test_labels_do_not_count_so_the_digest_can_be_one),
        test_in_root(test_a_large_file_counts_to_its_last_byte),
        test_in_root(test_no_digest_comes_of_what_cannot_be_read_or_was_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
