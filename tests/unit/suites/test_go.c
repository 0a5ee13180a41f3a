/* Real runs of the system's Go over the project beside this file. */
#include "launcher.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void run_go(const char *const *words, recorder *r)
{
    auto_free char *cache =
        utr_format("GOCACHE=%s/utr-go-build", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    const char *argv[16] = {"/usr/bin/env", cache, "GOPROXY=off"};
    size_t count = 3;
    while (*words && count < 15)
        argv[count++] = *words++;
    launcher_run(&(launch){.format = "go", .directory = PROJECTS "/go", .argv = argv}, r);
}

#define RUN_GO(r, ...) run_go((const char *const[]){__VA_ARGS__, NULL}, r)

static void assert_told(const recorder *r, const char *part)
{
    if (!strstr(utr_buf_text(&r->told), part))
        fail_msg("not told: %s\namong:\n%s\noutput:\n%s", part, utr_buf_text(&r->told),
                 utr_buf_text(&r->output));
}

static void assert_not_told(const recorder *r, const char *part)
{
    if (strstr(utr_buf_text(&r->told), part))
        fail_msg("told: %s\namong:\n%s", part, utr_buf_text(&r->told));
}

#define SHOP  "example.com/shop/"
#define CARTS "" /* told by main */
#define TEST  SHOP "carts.Test"

static void test_every_outcome_is_told(void **state)
{
    (void)state;
    static const char *const TOLD[] = {
        CARTS "passed " TEST "Adds\n",
        CARTS "failed " TEST
              "Fails |     carts_test.go:22: want 3\n        and more | carts/carts_test.go:22\n",
        CARTS "skipped " TEST "Skips |     carts_test.go:26: no redis | carts/carts_test.go:26\n",
        CARTS "passed " SHOP "carts.ExampleHello\n",
        CARTS "passed " SHOP "carts.FuzzNames/seed#0\n",
    };
    recorder r = {0};
    RUN_GO(&r, "go", "test", "./carts");
    assert_int_equal(r.how.exit_code, 1);
    for (size_t i = 0; i < sizeof TOLD / sizeof *TOLD; i++)
        assert_told(&r, TOLD[i]);
    assert_not_told(&r, "FAULT");
    assert_non_null(strstr(utr_buf_text(&r.output), "no line end--- PASS: TestAdds"));
    recorder_dispose(&r);
}

static void test_subtests_are_tests_and_their_parents_fixtures(void **state)
{
    (void)state;
    recorder r = {.tells_uses = true};
    RUN_GO(&r, "go", "test", "-run", "Each|ItselfFails", "./carts");
    assert_told(&r, CARTS "was test " TEST "Each\n" CARTS "start  uses " TEST "Main," TEST "Each\n" CARTS
                          "passed " TEST "Each/one_item\n" CARTS "begin test " TEST "Each\n" CARTS
                          "end test " TEST "Each\n" CARTS "start  uses " TEST "Main," TEST "Each\n" CARTS
                          "was test " TEST "Each/two\n" CARTS "start  uses " TEST "Main," TEST "Each," TEST
                          "Each/two\n" CARTS "passed " TEST "Each/two/deep\n");
    assert_not_told(&r, "passed " TEST "Each\n");
    assert_told(&r, CARTS "passed " TEST "ItselfFails/good\n");
    assert_told(&r, CARTS "failed " TEST "ItselfFails |     carts_test.go:49: after its parts");
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_a_parent_that_failed_by_its_parts_is_not_told_again(void **state)
{
    (void)state;
    recorder r = {0};
    RUN_GO(&r, "go", "test", "-run", "OneFails", "./carts");
    assert_told(&r, "failed " TEST "OneFails/bad | ");
    assert_told(&r, "passed " TEST "OneFails/good\n");
    assert_not_told(&r, "failed " TEST "OneFails ");
    recorder_dispose(&r);
}

/* What a test did before t.Parallel() is a fixture of it; then one runs at a time. */
static void test_parallel_tests_run_one_after_another(void **state)
{
    (void)state;
    recorder r = {.tells_uses = true};
    RUN_GO(&r, "go", "test", "-parallel", "8", "-run", "AtOnce", "./carts");
    assert_told(&r, CARTS "was test " TEST "AtOnceA before t.Parallel()\n");
    assert_told(&r, CARTS "start  uses " TEST "Main," TEST "AtOnceA before t.Parallel()\n" CARTS
                          "passed " TEST "AtOnceA\n");
    assert_told(&r, CARTS "start  uses " TEST "Main," TEST "AtOnceB," TEST
                          "AtOnceB/y before t.Parallel()\n" CARTS "passed " TEST "AtOnceB/y\n");
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_what_has_no_result_is_an_error(void **state)
{
    (void)state;
    recorder r = {0};
    RUN_GO(&r, "go", "test", "./crash", "./quits", "./broken", "./empty");
    assert_told(&r, "passed " SHOP "crash.TestBefore\n");
    assert_told(&r, "error " SHOP "crash.TestCrash | panic: boom\n");
    assert_told(&r, "the test binary ended while it ran");
    assert_told(&r, "FAULT " SHOP "quits: its test binary ended and said neither PASS nor FAIL\n");
    assert_told(&r, "error " SHOP "broken.(build failed) | # " SHOP "broken");
    recorder_dispose(&r);
}

static void test_benchmarks_and_an_empty_selection_tell_no_test(void **state)
{
    (void)state;
    recorder r = {0};
    RUN_GO(&r, "go", "test", "-json", "-run", "Nothing", "-bench", ".", "-benchtime", "1x", "./bench");
    assert_int_equal(r.how.exit_code, 0);
    assert_not_told(&r, "start");
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

static void test_a_go_that_runs_its_binaries_itself_is_a_fault(void **state)
{
    (void)state;
    recorder r = {0};
    RUN_GO(&r, "sh", "-c", "unset GOFLAGS; go test ./bench && go test ./bench");
    assert_int_equal(r.how.exit_code, 0);
    assert_told(&r, "FAULT an earlier run's result is no result: ok");
    assert_told(&r, "FAULT the suite exited with 0 and never spoke to the runner");
    recorder_dispose(&r);
}

/* A quiet moment is one in which the package cannot start its next test. */
static void test_no_test_starts_in_a_quiet_moment(void **state)
{
    (void)state;
    recorder r = {.quiet_ms = 300};
    int64_t start = utr_clock_ms();
    RUN_GO(&r, "go", "test", "-run", "Adds|Fails", "./carts");
    assert_true(utr_clock_ms() - start >= 300);
    assert_told(&r, "quiet");
    assert_not_told(&r, "FAULT");
    recorder_dispose(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_is_told),
        cmocka_unit_test(test_subtests_are_tests_and_their_parents_fixtures),
        cmocka_unit_test(test_a_parent_that_failed_by_its_parts_is_not_told_again),
        cmocka_unit_test(test_parallel_tests_run_one_after_another),
        cmocka_unit_test(test_what_has_no_result_is_an_error),
        cmocka_unit_test(test_benchmarks_and_an_empty_selection_tell_no_test),
        cmocka_unit_test(test_a_go_that_runs_its_binaries_itself_is_a_fault),
        cmocka_unit_test(test_no_test_starts_in_a_quiet_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
