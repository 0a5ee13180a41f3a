/* Who wrote a line, and who removed one. */
#include "repository.h"

/* The summary of the commit; "not committed", "unknown"; "oldest: " in front where a shallow clone ends
 * there. */
static char *blamed(history *h, const char *until, const char *path, int64_t line, const char *text)
{
    utr_error err = {0};
    history_question question = {.path = path, .line = line, .text = text};
    history_questions one = {&question, 1, 1};
    history_id end = {0};
    if (until)
        end = resolved(h, until);
    assert_int_equal(history_blame(h, until ? &end : NULL, &one, NULL, &err), UTR_OK);
    if (question.origin == HISTORY_COMMITTED)
        return utr_format("%s%s", question.oldest ? "oldest: " : "", question.commit->summary);
    return utr_strdup(question.origin == HISTORY_UNKNOWN ? "unknown" : "not committed");
}

static void assert_wrote(history *h, const char *path, int64_t line, const char *wanted)
{
    auto_free char *is = blamed(h, NULL, path, line, NULL);
    assert_string_equal(is, wanted);
}

static void assert_removed(history *h, const char *path, const char *text, const char *wanted)
{
    auto_free char *is = blamed(h, NULL, path, 0, text);
    assert_string_equal(is, wanted);
}

static void test_each_line_has_the_commit_that_wrote_it(void **state)
{
    (void)state;
    repository("printf 'a\\nb\\nc\\n' >x");
    sh("cd r && printf 'new\\na\\nb\\nC\\n' >x");
    commit("2020-01-02", "second");
    sh("cd r && printf 'new\\na\\nmine\\nb\\nC\\n' >x");
    auto_history history *h = open_at("r");
    assert_wrote(h, "x", 1, "second");
    assert_wrote(h, "x", 2, "the first");
    assert_wrote(h, "x", 3, "not committed");
    assert_wrote(h, "x", 4, "the first");
    assert_wrote(h, "x", 5, "second");
}

static void test_a_commit_is_told_with_author_date_and_summary(void **state)
{
    (void)state;
    repository("echo a >x");
    auto_history history *h = open_at("r");
    utr_error err = {0};
    history_question question = {.path = "x", .line = 1};
    history_questions one = {&question, 1, 1};
    assert_int_equal(history_blame(h, NULL, &one, NULL, &err), UTR_OK);
    assert_string_equal(question.commit->author, "Ada Lovelace");
    assert_string_equal(question.commit->date, "2020-01-01");
    assert_string_equal(question.commit->summary, "the first");
    history_id head = resolved(h, "HEAD");
    assert_string_equal(question.commit->id.hex, head.hex);
}

static void test_a_line_is_followed_through_renames(void **state)
{
    (void)state;
    repository("seq 1 50 >x");
    sh("cd r && git mv x y && echo more >>y");
    commit("2020-01-02", "second");
    sh("cd r && git mv y z");
    auto_history history *h = open_at("r");
    assert_wrote(h, "z", 10, "the first");
    assert_wrote(h, "z", 51, "second");
}

static void test_a_line_is_followed_through_merges(void **state)
{
    (void)state;
    repository("seq 1 20 >x");
    sh("cd r && git checkout -q -b side && sed -i s/^3$/three/ x");
    commit("2020-01-02", "of the side");
    sh("cd r && git checkout -q main && sed -i s/^15$/fifteen/ x");
    commit("2020-01-03", "of main");
    sh("cd r && git merge -q --no-edit side -m merged");
    auto_history history *h = open_at("r");
    assert_wrote(h, "x", 3, "of the side");
    assert_wrote(h, "x", 15, "of main");
    assert_wrote(h, "x", 9, "the first");
}

static void test_what_was_removed_has_the_commit_that_removed_it(void **state)
{
    (void)state;
    repository("printf 'a\\nassert x\\nc\\n' >x; echo 1 >gone; echo 1 >moved");
    sh("cd r && printf 'a\\nc\\n' >x");
    commit("2020-01-02", "second");
    sh("cd r && echo more >>x && rm gone && git mv moved elsewhere");
    commit("2020-01-03", "third");
    auto_history history *h = open_at("r");
    assert_removed(h, "x", "  assert x", "second");
    assert_removed(h, "x", NULL, "third");
    assert_removed(h, "gone", NULL, "third");
    assert_removed(h, "moved", NULL, "third");
    sh("cd r && rm x");
    auto_history history *again = open_at("r");
    assert_removed(again, "x", NULL, "not committed");
}

static void test_what_was_there_at_the_end_of_the_walk_is_unknown(void **state)
{
    (void)state;
    repository("echo a >x");
    sh("cd r && echo b >>x");
    commit("2020-01-02", "second");
    sh("cd r && echo c >>x");
    commit("2020-01-03", "third");
    auto_history history *h = open_at("r");
    auto_free char *before = blamed(h, "HEAD~1", "x", 2, NULL);
    assert_string_equal(before, "unknown");
    auto_free char *after = blamed(h, "HEAD~1", "x", 3, NULL);
    assert_string_equal(after, "third");
}

static void test_the_end_of_a_shallow_clone_is_told(void **state)
{
    (void)state;
    repository("echo a >x");
    sh("cd r && echo b >>x");
    commit("2020-01-02", "second");
    sh("cd r && echo c >>x");
    commit("2020-01-03", "third");
    sh("git clone -q --depth=2 file://$PWD/r c");
    auto_history history *h = open_at("c");
    assert_wrote(h, "x", 3, "third");
    assert_wrote(h, "x", 1, "oldest: second");
}

static void test_a_bare_repository_is_blamed_from_its_head(void **state)
{
    (void)state;
    repository("echo a >x");
    sh("cd r && echo b >>x");
    commit("2020-01-02", "second");
    sh("git clone -q --bare r b");
    auto_history history *h = open_at("b");
    assert_wrote(h, "x", 2, "second");
}

static void test_many_questions_are_answered_in_one_walk(void **state)
{
    (void)state;
    repository("seq 1 9 >x; seq 1 9 >y");
    for (int i = 1; i <= 9; i++) {
        sh("cd r && sed -i '%ds/.*/x%d/' x && sed -i '%ds/.*/y%d/' y", i, i, 10 - i, i);
        auto_free char *day = utr_format("2020-02-%02d", i);
        auto_free char *message = utr_format("number %d", i);
        commit(day, message);
    }
    auto_history history *h = open_at("r");
    utr_error err = {0};
    history_question questions[18];
    for (int i = 0; i < 18; i++)
        questions[i] = (history_question){.path = i % 2 ? "x" : "y", .line = i / 2 + 1};
    assert_int_equal(history_blame(h, NULL, &(history_questions){questions, 18, 18}, NULL, &err), UTR_OK);
    for (int i = 0; i < 18; i++) {
        auto_free char *wanted = utr_format("number %d", i % 2 ? i / 2 + 1 : 9 - i / 2);
        assert_string_equal(questions[i].commit->summary, wanted);
    }
}

static void test_an_interruption_ends_the_walk(void **state)
{
    (void)state;
    repository("echo a >x");
    auto_history history *h = open_at("r");
    utr_error err = {0};
    utr_cancel cancel;
    assert_int_equal(utr_cancel_init(&cancel, &err), UTR_OK);
    utr_cancel_trip(&cancel);
    history_question question = {.path = "x", .line = 1};
    history_questions one = {&question, 1, 1};
    assert_int_equal(history_blame(h, NULL, &one, &cancel, &err), UTR_CANCELLED);
    utr_cancel_dispose(&cancel);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_each_line_has_the_commit_that_wrote_it),
        IN_PLACE(test_a_commit_is_told_with_author_date_and_summary),
        IN_PLACE(test_a_line_is_followed_through_renames),
        IN_PLACE(test_a_line_is_followed_through_merges),
        IN_PLACE(test_what_was_removed_has_the_commit_that_removed_it),
        IN_PLACE(test_what_was_there_at_the_end_of_the_walk_is_unknown),
        IN_PLACE(test_the_end_of_a_shallow_clone_is_told),
        IN_PLACE(test_a_bare_repository_is_blamed_from_its_head),
        IN_PLACE(test_many_questions_are_answered_in_one_walk),
        IN_PLACE(test_an_interruption_ends_the_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
