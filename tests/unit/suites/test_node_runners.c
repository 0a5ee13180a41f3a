/* mocha, jest and vitest, as fixtures/node/install brings them. */
#include "node.h"

#define MOCHA  "../../../node_modules/mocha/bin/mocha.js"
#define JEST   "../../../node_modules/jest/bin/jest.js"
#define VITEST "../../../node_modules/vitest/vitest.mjs"

static void check(const char *project, const char *const *arguments, const char *const *told)
{
    recorder r = {.tells_uses = true};
    run_node(project, NULL, arguments, &r);
    assert_told_all(&r, told);
    assert_int_equal(r.workers, 0);
    recorder_dispose(&r);
}

#define IN "outcomes.spec.js > "

static const char *const MOCHA_TOLD[] = {
    "start " IN "outer > passes uses ",
    "passed " IN "outer > passes | outcomes.spec.js:0\n",
    "failed " IN "outer > fails | boom | ",
    "skipped " IN "outer > is left for later | ",
    "skipped " IN "outer > is skipped | ",
    "skipped " IN "outer > skips itself | ",
    "passed " IN "outer > has a name twice | ",
    "passed " IN "outer > has a name twice (2) | ",
    "again " IN "outer > is tried again uses ",
    "passed " IN "outer > is tried again | passed after 1 failed attempt(s) | ",
    "failed " IN "outer > rejects | rejected | ",
    "failed " IN "outer > takes too long | Timeout of 20ms exceeded.",
    "passed " IN "outer > is a worker's, its children are not | ",
    "start " IN "outer > inner > needs a service needs cache uses ",
    "error " IN "bad before > cannot run | not run: \"before all\" hook: no set-up | ",
    "error " IN "bad before > deep > cannot run either | not run: \"before all\" hook: no set-up | ",
    "error " IN "bad before each > is an error | \"before each\" hook: not each | ",
    "error " IN "bad before each > is not run | not run: \"before each\" hook: not each | ",
    "failed " IN "fails by an exception from nowhere | later | ",
    "begin describe \"before all\" hook\n",
    "end describe \"after all\" hook\n",
    NULL,
};

static void test_every_outcome_of_mocha_is_told(void **state)
{
    (void)state;
    static const char *const serial[] = {MOCHA, "outcomes.spec.js", NULL};
    static const char *const parallel[] = {MOCHA, "--parallel", "outcomes.spec.js", "only.spec.js", NULL};
    static const char *const workers[] = {"worker mocha ", "begin file load\n", NULL};
    check("mocha", serial, MOCHA_TOLD);
    check("mocha", parallel, MOCHA_TOLD);
    check("mocha", parallel, workers);
}

static void test_what_mocha_leaves_out_is_told(void **state)
{
    (void)state;
    static const char *const only[] = {MOCHA, "only.spec.js", NULL};
    static const char *const exits[] = {MOCHA, "exits.spec.js", NULL};
    static const char *const between[] = {MOCHA, "exits-between.spec.js", NULL};
    static const char *const only_told[] = {
        "passed only.spec.js > alone | ", "skipped only.spec.js > left out | another test is marked .only | ",
        NULL};
    static const char *const exits_told[] = {
        "error exits.spec.js > exits | the process ended (exit code 0) while this test ran | ", NULL};
    static const char *const between_told[] = {
        "error mocha > (ended early) | the process ended (exit code 0) before its tests had ended\n", NULL};
    check("mocha", only, only_told);
    check("mocha", exits, exits_told);
    check("mocha", between, between_told);
}

#undef IN
#define IN "outcomes.test.js > "

static const char *const JEST_TOLD[] = {
    "passed " IN "outer > passes | outcomes.test.js:",
    "failed " IN "outer > rejects | rejected | ",
    "passed " IN "outer > was tried three times before this one | ",
    "skipped " IN "outer > is left for later | todo | ",
    "skipped " IN "outer > is skipped | ",
    "passed " IN "outer > has a name twice (2) | ",
    "again " IN "outer > is tried again uses ",
    "passed " IN "outer > is tried again | passed after 1 failed attempt(s) | ",
    "xfailed " IN "outer > fails as expected | marked .failing | ",
    "passed " IN "outer > each 1 2 | ",
    "passed " IN "outer > is a worker's | ",
    "passed " IN "outer > leaves fake timers | ",
    "start " IN "outer > inner > needs a service needs cache uses loading outcomes.test.js,hooks of ",
    "passed " IN "runs at once | ",
    "passed " IN "with others | ",
    "failed " IN "bad before > cannot run | no set-up | ",
    "begin describe beforeAll\n",
    "end describe afterAll\n",
    NULL,
};

static const char *const OTHER_FILES_TOLD[] = {
    "passed only.test.js > alone | ",
    "skipped only.test.js > left out | ",
    "error broken.test.js | cannot be loaded | ",
    NULL,
};

static void test_every_outcome_of_jest_is_told(void **state)
{
    (void)state;
    static const char *const in_band[] = {JEST,        "--ci",        "--runInBand", "outcomes.test",
                                          "only.test", "broken.test", NULL};
    static const char *const workers[] = {
        JEST, "--ci", "--maxWorkers=2", "outcomes.test", "only.test", "broken.test", NULL};
    check("jest", in_band, JEST_TOLD);
    check("jest", in_band, OTHER_FILES_TOLD);
    check("jest", workers, JEST_TOLD);
}

static void test_what_jest_leaves_out_is_told(void **state)
{
    (void)state;
    static const char *const exits[] = {JEST, "--ci", "--runInBand", "exits.test", NULL};
    static const char *const told[] = {
        "error exits.test.js > exits | the process ended (exit code 0) while this test ran | ", NULL};
    check("jest", exits, told);
}

static const char *const VITEST_TOLD[] = {
    "worker vitest ",
    "passed " IN "outer > passes | outcomes.test.js:",
    "failed " IN "outer > rejects | rejected | ",
    "skipped " IN "outer > is left for later | todo | ",
    "skipped " IN "outer > is skipped | ",
    "skipped " IN "outer > skips itself | ",
    "passed " IN "outer > has a name twice (2) | ",
    "again " IN "outer > is tried again uses ",
    "passed " IN "outer > is tried again | passed after 1 failed attempt(s) | ",
    "xfailed " IN "outer > fails as expected | marked .fails | ",
    "failed " IN "outer > takes too long | Test timed out in 20ms.",
    "passed " IN "outer > is a worker's | ",
    "passed " IN "outer > leaves fake timers | ",
    "start " IN "outer > inner > needs a service needs cache uses loading outcomes.test.js,hooks of ",
    "passed " IN "at once > runs | ",
    "passed " IN "at once > with others | ",
    "error " IN "bad before > cannot run | not run: no set-up | ",
    "begin describe beforeAll\n",
    "end describe afterAll\n",
    NULL,
};

static void test_every_outcome_of_vitest_is_told(void **state)
{
    (void)state;
    static const char *const POOLS[] = {"forks", "threads"};
    for (size_t i = 0; i < sizeof POOLS / sizeof *POOLS; i++) {
        const char *const arguments[] = {VITEST, "run", "--pool", POOLS[i], NULL};
        check("vitest", arguments, VITEST_TOLD);
        check("vitest", arguments, OTHER_FILES_TOLD);
    }
}

static void test_a_pattern_selects_in_each_runner(void **state)
{
    (void)state;
    static const struct {
        const char *project;
        const char *arguments[5];
    } CASES[] = {{"mocha", {MOCHA, "outcomes.spec.js"}},
                 {"jest", {JEST, "--ci", "outcomes.test"}},
                 {"vitest", {VITEST, "run", "outcomes.test"}}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        recorder r = {.quiet_ms = 20};
        run_node(CASES[i].project, "* > outer > inner > *", CASES[i].arguments, &r);
        assert_int_equal(count_of(&r, "quiet\n"), 1);
        assert_int_equal(count_of(&r, "start "), 1);
        assert_int_equal(count_of(&r, "passed outcomes."), 1);
        assert_int_equal(count_of(&r, "skipped "), 0);
        recorder_dispose(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_of_mocha_is_told),
        cmocka_unit_test(test_what_mocha_leaves_out_is_told),
        cmocka_unit_test(test_every_outcome_of_jest_is_told),
        cmocka_unit_test(test_what_jest_leaves_out_is_told),
        cmocka_unit_test(test_every_outcome_of_vitest_is_told),
        cmocka_unit_test(test_a_pattern_selects_in_each_runner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
