#include "folder.h"

#include "base/files.h"
#include "scan/files/walk.h"

#include <string.h>
#include <sys/stat.h>

static bool all(void *ctx, const char *path)
{
    (void)ctx;
    (void)path;
    return true;
}

static bool none(void *ctx, const char *path)
{
    (void)ctx;
    (void)path;
    return false;
}

/* The paths that a walk finds, joined by blanks; a why in brackets behind one. */
static char *walked(const char *root, bool (*wants)(void *, const char *), const utr_strs *paths)
{
    auto_walk_list walk_list list = {0};
    auto_strs utr_strs found = {0};
    utr_error err = {0};
    const walk_options options = {.root = root, .wants = wants};
    assert_int_equal(walk_paths(&options, paths, &list, &err), UTR_OK);
    for (size_t i = 0; i < list.items.count; i++) {
        const walk_entry *entry = &list.items.items[i];
        utr_strs_give(&found, entry->why ? utr_format("%s(%s)", entry->path, entry->why)
                                         : utr_format("%s%s", entry->path, entry->named ? "*" : ""));
    }
    return utr_strs_join(&found, " ");
}

static void assert_walked(const char *root, const utr_strs *paths, const char *expected)
{
    auto_free char *found = walked(root, all, paths);
    assert_string_equal(found, expected);
}

static void link_in(const char *folder, const char *target, const char *name)
{
    auto_free char *path = utr_path_join(folder, name);
    assert_int_equal(symlink(target, path), 0);
}

static void test_walk_finds_all_files_in_the_order_of_their_paths(void **state)
{
    folder_write(*state, "z.py", "");
    folder_write(*state, "b/c.py", "");
    folder_write(*state, "b/a/x", "");
    folder_write(*state, "a.py", "");
    assert_walked(*state, NULL, "a.py b/a/x b/c.py z.py");
}

static void test_walk_leaves_out_git_and_pycache_and_nothing_else(void **state)
{
    folder_write(*state, ".git/a.py", "");
    folder_write(*state, "x/__pycache__/a.py", "");
    folder_write(*state, ".hidden/a.py", "");
    folder_write(*state, "node_modules/a.py", "");
    folder_write(*state, ".github/a.py", "");
    assert_walked(*state, NULL, ".github/a.py .hidden/a.py node_modules/a.py");
}

static void test_walk_follows_no_links_and_opens_no_pipes(void **state)
{
    folder_write(*state, "real/a.py", "");
    link_in(*state, "real/a.py", "link.py");
    link_in(*state, ".", "loop");
    link_in(*state, "../..", "real/up");
    link_in(*state, "nowhere", "dangling.py");
    auto_free char *pipe = utr_path_join(*state, "pipe.py");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_walked(*state, NULL, "real/a.py");
}

static void test_walk_reads_a_named_link_as_what_it_leads_to(void **state)
{
    folder_write(*state, "real/a.py", "");
    link_in(*state, "real", "link");
    auto_strs utr_strs paths = {0};
    utr_strs_give(&paths, utr_path_join(*state, "link"));
    utr_strs_give(&paths, utr_path_join(*state, "link/a.py"));
    assert_walked(*state, &paths, "real/a.py*");
}

static void test_walk_tells_paths_that_are_named_twice_once(void **state)
{
    folder_write(*state, "a/b/c.py", "");
    auto_strs utr_strs paths = {0};
    utr_strs_give(&paths, utr_path_join(*state, "a/b"));
    utr_strs_give(&paths, utr_path_join(*state, "a/../a"));
    utr_strs_add(&paths, *state);
    assert_walked(*state, &paths, "a/b/c.py");
}

static void test_walk_tells_what_lies_outside_the_root_by_its_absolute_path(void **state)
{
    folder_write(*state, "root/a.py", "");
    folder_write(*state, "rooted/b.py", "");
    auto_free char *root = utr_path_join(*state, "root");
    auto_free char *outside = utr_path_join(*state, "rooted/b.py");
    auto_free char *expected = utr_format("%s*", outside);
    auto_strs utr_strs paths = {0};
    utr_strs_add(&paths, outside);
    assert_walked(root, &paths, expected);
}

static void test_walk_asks_for_no_name_of_what_was_named(void **state)
{
    folder_write(*state, "a.py", "");
    folder_write(*state, "b.py", "");
    auto_strs utr_strs paths = {0};
    utr_strs_add(&paths, *state);
    utr_strs_give(&paths, utr_path_join(*state, "b.py"));
    auto_free char *found = walked(*state, none, &paths);
    assert_string_equal(found, "b.py*");
}

static void test_walk_refuses_paths_that_are_not_there(void **state)
{
    auto_strs utr_strs paths = {0};
    utr_strs_give(&paths, utr_path_join(*state, "gone"));
    auto_walk_list walk_list list = {0};
    utr_error err = {0};
    const walk_options options = {.root = *state, .wants = all};
    assert_int_equal(walk_paths(&options, &paths, &list, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "gone"));
    utr_error_reset(&err);
    utr_strs_dispose(&paths);
    utr_strs_add(&paths, "/dev/null");
    assert_int_equal(walk_paths(&options, &paths, &list, &err), UTR_USAGE);
}

static void test_walk_tells_folders_that_cannot_be_looked_into(void **state)
{
    folder_write(*state, "open/a.py", "");
    folder_write(*state, "shut/a.py", "");
    auto_free char *shut = utr_path_join(*state, "shut");
    assert_int_equal(chmod(shut, 0), 0);
    uid_t was = geteuid();
    int changed = was ? 0 : chmod(*state, 0755) | seteuid(65534); /* root could look into it */
    auto_free char *found = walked(*state, all, NULL);
    assert_int_equal(was ? 0 : seteuid(was), 0);
    assert_int_equal(changed, 0);
    assert_string_equal(found, "open/a.py shut(Permission denied)");
    assert_int_equal(chmod(shut, 0755), 0);
}

static void test_walk_ends_when_it_is_cancelled(void **state)
{
    utr_cancel cancel;
    utr_error err = {0};
    auto_walk_list walk_list list = {0};
    assert_int_equal(utr_cancel_init(&cancel, &err), UTR_OK);
    utr_cancel_trip(&cancel);
    const walk_options options = {.root = *state, .wants = all, .cancel = &cancel};
    assert_int_equal(walk_paths(&options, NULL, &list, &err), UTR_CANCELLED);
    utr_cancel_dispose(&cancel);
}

int main(void)
{
#define WALK(name) cmocka_unit_test_setup_teardown(test_walk_##name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        WALK(finds_all_files_in_the_order_of_their_paths),
        WALK(leaves_out_git_and_pycache_and_nothing_else),
        WALK(follows_no_links_and_opens_no_pipes),
        WALK(reads_a_named_link_as_what_it_leads_to),
        WALK(tells_paths_that_are_named_twice_once),
        WALK(tells_what_lies_outside_the_root_by_its_absolute_path),
        WALK(asks_for_no_name_of_what_was_named),
        WALK(refuses_paths_that_are_not_there),
        WALK(tells_folders_that_cannot_be_looked_into),
        WALK(ends_when_it_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
