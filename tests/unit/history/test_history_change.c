/* What differs from a commit. */
#include "repository.h"

static void test_changes_are_those_of_commits_index_and_files(void **state)
{
    (void)state;
    repository("for f in same committed staged edited gone; do seq 20 | sed s/$/$f/ >$f; done; echo ignored "
               ">.gitignore");
    sh("cd r && git checkout -q -b side && echo 2 >>committed");
    commit("2020-01-02", "second");
    sh("cd r && echo 2 >>staged && git add staged && echo 2 >>edited && rm gone && mkdir -p d/e && echo n "
       ">d/e/new && "
       "echo i >ignored");
    auto_history history *h = open_at("r");
    assert_changes(h, "main",
                   "committed > committed; - > d/e/new; edited > edited; gone > -; staged > staged");
}

static void test_renames_are_followed_committed_or_not(void **state)
{
    (void)state;
    repository("seq 1 50 >a; seq 101 150 >b; seq 201 250 >c; seq 301 350 >d");
    sh("cd r && git checkout -q -b side && git mv a a2 && echo more >>a2");
    commit("2020-01-02", "second");
    sh("cd r && git mv b b2 && mv c c2 && echo more >>c2");
    auto_history history *h = open_at("r");
    assert_changes(h, "main", "a > a2; b > b2; c > c2");
}

static void test_links_and_submodules_are_no_files(void **state)
{
    (void)state;
    repository("echo 1 >x; echo 1 >y");
    sh("git init -q m && cd m && git commit -q --allow-empty -m m && cd ../r && rm x && ln -s y x && ln -s y "
       "z && "
       "git -c protocol.file.allow=always submodule --quiet add ../m sub");
    auto_history history *h = open_at("r");
    assert_changes(h, "main", "- > .gitmodules; x > -");
}

static void test_a_file_that_was_read_gives_its_content_of_then(void **state)
{
    (void)state;
    repository("echo then >x");
    sh("echo now >r/x");
    auto_history history *h = open_at("r");
    utr_error err = {0};
    history_id id = resolved(h, "main");
    auto_history_changes history_changes_list list = {0};
    assert_int_equal(history_changes(h, &id, &list, &err), UTR_OK);
    auto_buf utr_buf text = UTR_BUF_INIT(1000);
    assert_int_equal(history_blob(h, &list.items[0].was, &text, &err), UTR_OK);
    assert_string_equal(utr_buf_text(&text), "then\n");
    auto_buf utr_buf small = UTR_BUF_INIT(2);
    assert_int_equal(history_blob(h, &list.items[0].was, &small, &err), UTR_TOO_LARGE);
    utr_error_reset(&err);
    history_id none = {"0123456789012345678901234567890123456789"};
    assert_int_equal(history_blob(h, &none, &text, &err), UTR_NOT_FOUND);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_changes_are_those_of_commits_index_and_files),
        IN_PLACE(test_renames_are_followed_committed_or_not),
        IN_PLACE(test_links_and_submodules_are_no_files),
        IN_PLACE(test_a_file_that_was_read_gives_its_content_of_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
