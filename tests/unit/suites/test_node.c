/* node:test, as the system's node has it. */
#include "node.h"

#define IN "outcomes.test.js > "

static const char *const OUTCOMES_TOLD[] = {
    "passed " IN "passes | outcomes.test.js",
    "failed " IN "fails | boom | outcomes.test.js",
    "failed " IN "rejects | rejected | ",
    "skipped " IN "is skipped | not here | ",
    "skipped " IN "is left for later | todo | ",
    "xfailed " IN "fails and is to be done | todo: known | ",
    "skipped " IN "skips itself | not now | ",
    "error " IN "takes too long | test timed out after 20ms | ",
    "passed " IN "is called back | ",
    "passed " IN "has a name twice | ",
    "passed " IN "has a name twice (2) | ",
    "passed " IN "is a worker's | ",
    "passed " IN "outer > runs at once | ",
    "passed " IN "outer > with others | ",
    "start " IN "outer > inner > needs a service needs cache uses hooks of outcomes.test.js > outer\n",
    "skipped outcomes.test.js > skipped as a whole | ",
    "error " IN "bad before > cannot run | ",
    "begin describe before\n",
    "end describe after\n",
    NULL,
};

static const char *const PARENTS_TOLD[] = {
    "start " IN "parent > child uses test outcomes.test.js > parent\n",
    "passed " IN "parent > child | ",
    "passed " IN "parent > child with a child > grandchild | ",
    "skipped " IN "parent > skipped child | ",
    "passed " IN "parent of two at once > one | ",
    "passed " IN "parent of two at once > two | ",
    "error " IN "parent that fails | its own | ",
    "passed " IN "parent that fails > fine | ",
    "failed " IN "parent of one that fails > not fine | the child's | ",
    NULL,
};

static void test_every_outcome_of_a_file_in_a_process_of_its_own_is_told(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--test", "outcomes.test.js", NULL};
    recorder r = {.tells_uses = true};
    run_node("node", NULL, arguments, &r);
    assert_int_equal(r.how.exit_code, 1);
    assert_told(&r, "worker node ");
    assert_told_all(&r, OUTCOMES_TOLD);
    recorder_dispose(&r);
}

static void test_a_file_that_is_run_by_itself_is_told_by_main(void **state)
{
    (void)state;
    static const char *const arguments[] = {"outcomes.test.js", NULL};
    recorder r = {.tells_uses = true, .quiet_ms = 20};
    run_node("node", NULL, arguments, &r);
    assert_memory_equal(utr_buf_text(&r.told), "quiet\nstart " IN "passes\n", 37);
    assert_told_all(&r, OUTCOMES_TOLD);
    recorder_dispose(&r);
}

static void test_subtests_are_the_tests_and_their_parent_a_fixture(void **state)
{
    (void)state;
    static const char *const arguments[] = {"outcomes.test.js", NULL};
    recorder r = {.tells_uses = true};
    run_node("node", NULL, arguments, &r);
    assert_told_all(&r, PARENTS_TOLD);
    assert_not_told(&r, "passed " IN "parent | ");
    assert_not_told(&r, "failed " IN "parent of one that fails | ");
    recorder_dispose(&r);
}

static void test_a_pattern_selects_by_name_or_by_the_whole(void **state)
{
    (void)state;
    static const char *const arguments[] = {"outcomes.test.js", NULL};
    static const struct {
        const char *pattern;
        size_t started;
    } CASES[] = {{"is called back", 1}, {"*outer > *", 3}, {"nothing*", 0}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        recorder r = {0};
        run_node("node", CASES[i].pattern, arguments, &r);
        assert_int_equal(count_of(&r, "start "), CASES[i].started);
        assert_int_equal(count_of(&r, "passed "), CASES[i].started);
        recorder_dispose(&r);
    }
}

static void test_a_process_that_ends_leaves_errors(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--test", "exits.mjs", NULL};
    static const char *const TOLD[] = {
        "passed exits.mjs > first | ",
        "error exits.mjs > exits | the process ended (exit code 0) while this test ran | ",
        "error exits.mjs > never runs | not run before the process ended | ", NULL};
    recorder r = {0};
    run_node("node", NULL, arguments, &r);
    assert_told_all(&r, TOLD);
    recorder_dispose(&r);
}

static void test_a_node_without_tests_is_left_alone(void **state)
{
    (void)state;
    static const char *const arguments[] = {"-e", "process.exitCode = 3; setTimeout(() => {}, 5)", NULL};
    recorder r = {0};
    run_node("node", NULL, arguments, &r);
    assert_int_equal(r.how.exit_code, 3);
    assert_string_equal(utr_buf_text(&r.told), "");
    recorder_dispose(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_of_a_file_in_a_process_of_its_own_is_told),
        cmocka_unit_test(test_a_file_that_is_run_by_itself_is_told_by_main),
        cmocka_unit_test(test_subtests_are_the_tests_and_their_parent_a_fixture),
        cmocka_unit_test(test_a_pattern_selects_by_name_or_by_the_whole),
        cmocka_unit_test(test_a_process_that_ends_leaves_errors),
        cmocka_unit_test(test_a_node_without_tests_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
