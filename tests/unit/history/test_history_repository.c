/* Repositories as they come: checkouts, linked work trees, bare, shallow, detached, of somebody else. */
#include "repository.h"

/* libgit2 1.5 forgets what it matched the extensions of a repository with. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpcre2\n";
}

static void test_a_folder_outside_git_is_told_so(void **state)
{
    (void)state;
    utr_error err = {0};
    history *h = NULL;
    assert_int_equal(history_open(place, &h, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no git repository at or above"));
    assert_null(h);
}

static void test_a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    utr_error err = {0};
    history *h = NULL;
    assert_int_equal(history_open("/nonexistent/x", &h, &err), UTR_NOT_FOUND);
}

static void test_a_folder_below_the_top_knows_where_it_stands(void **state)
{
    (void)state;
    repository("mkdir -p a/b; echo 1 >a/b/x");
    auto_history history *h = open_at("r/a/b");
    auto_free char *top = utr_format("%s/r", place);
    assert_string_equal(history_top(h), top);
    assert_string_equal(history_prefix(h), "a/b/");
    auto_history history *of_top = open_at("r");
    assert_string_equal(history_prefix(of_top), "");
}

static void test_a_repository_without_a_commit_says_so(void **state)
{
    (void)state;
    sh("git init -q r");
    auto_history history *h = open_at("r");
    utr_error err = {0};
    history_id id;
    assert_int_equal(history_head(h, &id, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no commit"));
}

static void test_dirt_is_seen(void **state)
{
    (void)state;
    repository("echo 1 >x; echo ignored >.gitignore");
    auto_history history *h = open_at("r");
    assert_false(history_is_dirty(h));
    sh("echo 1 >r/ignored");
    assert_false(history_is_dirty(h));
    sh("echo 1 >r/new");
    assert_true(history_is_dirty(h));
}

static void test_a_file_is_clean_where_head_has_it_so(void **state)
{
    (void)state;
    repository("mkdir a; echo 1 >a/x; echo 2 >a/y; echo ignored >.gitignore");
    sh("echo 3 >r/a/y; echo 1 >r/a/new; echo 1 >r/ignored");
    auto_history history *h = open_at("r/a");
    utr_error err = {0};
    bool clean = false;
    assert_int_equal(history_is_clean(h, "x", &clean, &err), UTR_OK);
    assert_true(clean);
    assert_int_equal(history_is_clean(h, "y", &clean, &err), UTR_OK);
    assert_false(clean);
    assert_int_equal(history_is_clean(h, "new", &clean, &err), UTR_OK);
    assert_false(clean);
    auto_free char *ignored = utr_format("%s/r/ignored", place);
    assert_int_equal(history_is_clean(h, ignored, &clean, &err), UTR_OK);
    assert_false(clean);
    auto_free char *absolute = utr_format("%s/r/a/x", place);
    assert_int_equal(history_is_clean(h, absolute, &clean, &err), UTR_OK);
    assert_true(clean);
    assert_int_equal(history_is_clean(h, "/etc/hostname", &clean, &err), UTR_NOT_FOUND);
}

static void test_a_linked_work_tree_is_read_as_its_own(void **state)
{
    (void)state;
    repository("echo 1 >x");
    sh("cd r && git worktree add -q ../w -b side && echo 2 >../w/x");
    auto_history history *h = open_at("w");
    assert_changes(h, "main", "x > x");
    auto_history history *main_one = open_at("r");
    assert_changes(main_one, "main", "");
}

static void test_a_bare_repository_is_compared_by_its_head(void **state)
{
    (void)state;
    repository("echo 1 >x; echo 1 >gone");
    sh("cd r && git branch base && echo 2 >x && rm gone && echo 3 >new");
    commit("2020-01-02", "second");
    sh("git clone -q --bare r b.git");
    auto_history history *h = open_at("b.git");
    assert_null(history_top(h));
    assert_changes(h, "base", "gone > -; - > new; x > x");
    history_id base = resolved(h, "base");
    history_changes_list changes = {0};
    utr_error err = {0};
    auto_buf utr_buf text = UTR_BUF_INIT(1000);
    assert_int_equal(history_changes(h, &base, &changes, &err), UTR_OK);
    assert_string_equal(changes.items[2].after, "x");
    assert_int_equal(history_blob(h, &changes.items[2].is, &text, &err), UTR_OK);
    assert_string_equal(utr_buf_text(&text), "2\n");
    history_changes_dispose(&changes);
}

static void test_a_detached_head_is_as_good_as_a_branch(void **state)
{
    (void)state;
    repository("echo 1 >x");
    sh("cd r && git checkout -q --detach && echo 2 >x");
    commit("2020-01-02", "second");
    auto_history history *h = open_at("r");
    assert_changes(h, "main", "x > x");
}

static void test_a_branch_that_only_the_remote_has_is_found_there(void **state)
{
    (void)state;
    repository("echo 1 >x");
    sh("cd r && git checkout -q -b side && cd .. && git clone -q -b side r c");
    auto_history history *h = open_at("c");
    utr_error err = {0};
    history_id id;
    char *meant = NULL;
    assert_int_equal(history_resolve(h, "main", &id, &meant, &err), UTR_OK);
    assert_string_equal(meant, "origin/main");
    free(meant);
}

static void test_a_name_that_means_nothing_gets_the_nearest(void **state)
{
    (void)state;
    repository("echo 1 >x");
    auto_history history *h = open_at("r");
    utr_error err = {0};
    history_id id;
    char *meant = NULL;
    assert_int_equal(history_resolve(h, "mian", &id, &meant, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "did you mean 'main'?"));
    utr_error_reset(&err);
    assert_int_equal(history_resolve(h, "", &id, &meant, &err), UTR_NOT_FOUND);
}

static void two_branches(void)
{
    static const char *const DAYS[] = {"2020-02-01", "2020-02-02", "2020-02-03", "2020-02-04", "2020-02-05",
                                       "2020-03-01", "2020-03-02", "2020-03-03", "2020-03-04", "2020-03-05"};
    repository("echo 1 >x");
    for (int i = 0; i < 5; i++) {
        sh("cd r && echo %d >x", i + 10);
        commit(DAYS[i], "on main");
    }
    sh("cd r && git checkout -q -b side HEAD~2");
    for (int i = 0; i < 5; i++) {
        sh("cd r && echo %d >y", i);
        commit(DAYS[i + 5], "on side");
    }
}

static void assert_base(const char *where, const char *wanted_in_r)
{
    auto_history history *h = open_at(where);
    auto_history history *whole = open_at("r");
    utr_error err = {0};
    history_id head, other = resolved(h, "main"), base = {0};
    assert_int_equal(history_head(h, &head, &err), UTR_OK);
    if (history_merge_base(h, &head, &other, &base, &err))
        print_error("%s\n", err.text);
    history_id wanted = resolved(whole, wanted_in_r);
    assert_string_equal(base.hex, wanted.hex);
}

static void test_the_merge_base_is_where_the_branch_began(void **state)
{
    (void)state;
    two_branches();
    assert_base("r", "main~2");
}

static void test_a_shallow_clone_that_has_the_merge_base_suffices(void **state)
{
    (void)state;
    two_branches();
    sh("git clone -q --no-single-branch --depth=6 file://$PWD/r c");
    auto_history history *h = open_at("c");
    assert_true(history_is_shallow(h));
    assert_base("c", "main~2");
}

static void test_a_shallow_clone_without_the_merge_base_says_how_to_deepen(void **state)
{
    (void)state;
    two_branches();
    sh("git clone -q --no-single-branch --depth=2 file://$PWD/r c");
    auto_history history *h = open_at("c");
    utr_error err = {0};
    history_id head, other = resolved(h, "main"), base;
    assert_int_equal(history_head(h, &head, &err), UTR_OK);
    assert_int_equal(history_merge_base(h, &head, &other, &base, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "git fetch --deepen=100"));
    assert_non_null(strstr(err.text, "git fetch --unshallow"));
}

static void test_histories_without_a_common_ancestor_are_told(void **state)
{
    (void)state;
    repository("echo 1 >x");
    sh("cd r && git checkout -q --orphan other && git commit -qm alone");
    auto_history history *h = open_at("r");
    utr_error err = {0};
    history_id a = resolved(h, "main"), b = resolved(h, "other"), base;
    assert_int_equal(history_merge_base(h, &a, &b, &base, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no common ancestor"));
}

static void test_a_repository_of_another_user_is_explained(void **state)
{
    (void)state;
    if (geteuid() != 0)
        return; /* only root can give files away; CI runs as root */
    repository("echo 1 >x");
    sh("chown -R 12345 r");
    utr_error err = {0};
    history *h = NULL;
    auto_free char *path = utr_format("%s/r", place);
    auto_free char *advice = utr_format("git config --global --add safe.directory '%s/r'", place);
    assert_int_equal(history_open(path, &h, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, advice));
}

static void test_sparse_and_partial_checkouts_are_read(void **state)
{
    (void)state;
    repository("mkdir a b; echo 1 >a/x; echo 1 >b/y");
    sh("cd r && git config uploadpack.allowFilter true && cd .. && "
       "git clone -q --filter=blob:none --sparse file://$PWD/r c && cd c && git sparse-checkout set a && "
       "echo 2 >a/x");
    auto_history history *h = open_at("c");
    assert_changes(h, "main", "a/x > a/x");
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_a_folder_outside_git_is_told_so),
        IN_PLACE(test_a_folder_that_is_not_there_is_an_error),
        IN_PLACE(test_a_folder_below_the_top_knows_where_it_stands),
        IN_PLACE(test_a_repository_without_a_commit_says_so),
        IN_PLACE(test_dirt_is_seen),
        IN_PLACE(test_a_file_is_clean_where_head_has_it_so),
        IN_PLACE(test_a_linked_work_tree_is_read_as_its_own),
        IN_PLACE(test_a_bare_repository_is_compared_by_its_head),
        IN_PLACE(test_a_detached_head_is_as_good_as_a_branch),
        IN_PLACE(test_a_branch_that_only_the_remote_has_is_found_there),
        IN_PLACE(test_a_name_that_means_nothing_gets_the_nearest),
        IN_PLACE(test_the_merge_base_is_where_the_branch_began),
        IN_PLACE(test_a_shallow_clone_that_has_the_merge_base_suffices),
        IN_PLACE(test_a_shallow_clone_without_the_merge_base_says_how_to_deepen),
        IN_PLACE(test_histories_without_a_common_ancestor_are_told),
        IN_PLACE(test_a_repository_of_another_user_is_explained),
        IN_PLACE(test_sparse_and_partial_checkouts_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
