/* What got weaker in how CI calls the runner: two texts, and nothing of git. */
#include "compared.h"

#include "gate/ci/call.h"
#include "gate/ci/ci.h"

static bool is_ci(const char *path)
{
    (void)path;
    return true;
}

static void assert_change(const char *path, const char *was, const char *is, const char *wanted)
{
    gate_work work = {0};
    (void)add_file(&work, path, was, path, is);
    gate_ci_compare(&work, is_ci);
    assert_told(&work, wanted);
    gate_work_dispose(&work);
}

/* "command category line" of each call, "!" for an ignored one, "+" for --real-services. */
static void assert_calls(const char *path, const char *text, const char *wanted)
{
    gate_calls calls = {0};
    auto_strs utr_strs lines = {0};
    auto_buf utr_buf buf = UTR_BUF_INIT(1 << 16);
    utr_buf_puts(&buf, text);
    gate_calls_read(path, &buf, &calls);
    for (size_t i = 0; i < calls.count; i++)
        utr_strs_give(&lines, utr_format("%s %s %lld%s%s", calls.items[i].command, calls.items[i].category,
                                         (long long)calls.items[i].line, calls.items[i].real ? "+" : "",
                                         calls.items[i].ignored ? "!" : ""));
    auto_free char *is = utr_strs_join(&lines, "; ");
    assert_string_equal(is, wanted);
    gate_calls_dispose(&calls);
}

static void test_calls_are_found_in_all_that_ci_is_written_in(void **state)
{
    (void)state;
    assert_calls("x.sh", "./unified_test_runner --real-services --category a\n", "run a 1+");
    assert_calls("x.sh", "set -e\n$HOME/unified_test_runner run --categories a b --real-services\n",
                 "run a 2+; run b 2+");
    assert_calls("x.sh", "unified_test_runner --category=a \\\n  --real-services\n", "run a 1+");
    assert_calls("x.sh", "unified_test_runner gate --base main && unified_test_runner\n",
                 "gate * 1; run * 1");
    assert_calls(
        "x.yml",
        "a:\n  script:\n    - >\n      unified_test_runner\n      --category a\n      --real-services\n",
        "run a 4+");
    assert_calls("package.json", "{\"scripts\": {\"test\": \"./unified_test_runner --category a\"}}\n",
                 "run a 1");
    assert_calls("Jenkinsfile", "sh 'unified_test_runner --category a'\n", "run a 1");
    assert_calls("x.sh",
                 "# unified_test_runner --category a\nls my_unified_test_runner_x unified_test_runner.log\n",
                 "");
}

static void test_what_ignores_the_result_is_known(void **state)
{
    (void)state;
    assert_calls("x.sh", "unified_test_runner || true\n", "run * 1!");
    assert_calls("x.sh", "unified_test_runner ; exit 0\n", "run * 1!");
    assert_calls("x.sh", "unified_test_runner || exit 1\n", "run * 1");
    assert_calls("Makefile", "test:\n\t-./unified_test_runner\n", "run * 2!");
    assert_calls("x.yml",
                 "steps:\n  - run: unified_test_runner\n    continue-on-error: true\n  - run: "
                 "unified_test_runner scan\n",
                 "run * 2!; scan * 4");
    assert_calls("x.yml", "job:\n  allow_failure: true\n  script: [unified_test_runner]\n", "run * 3!");
    assert_calls("x.yml",
                 "job:\n  if: false\n  steps:\n    - run: |\n        make\n        unified_test_runner\n",
                 "run * 6!");
}

static void test_fewer_categories_are_told(void **state)
{
    (void)state;
    assert_change("x.sh", "unified_test_runner --categories a b\n", "unified_test_runner --category a\n",
                  "ci-removed -");
    assert_change("x.sh", "unified_test_runner\n", "unified_test_runner --category a\n", "ci-removed -");
    assert_change("x.sh", "unified_test_runner gate --base main\n", "true\n", "ci-removed -");
    assert_change("x.sh", "unified_test_runner --category a\n", NULL, "ci-removed -");
    assert_change("x.sh", "unified_test_runner --category a\n", "# unified_test_runner --category a\n",
                  "ci-removed -");
    assert_change("x.sh", "unified_test_runner --category a\n", "unified_test_runner\n", "");
    assert_change("x.sh", "unified_test_runner --category a\n", "unified_test_runner --categories b a\n", "");
}

static void test_a_call_that_moves_to_another_file_is_followed(void **state)
{
    (void)state;
    gate_work work = {0};
    (void)add_file(&work, "a.yml", "run: unified_test_runner --category a\n", NULL, NULL);
    (void)add_file(&work, NULL, NULL, "b.sh", "unified_test_runner --category a\n");
    gate_ci_compare(&work, is_ci);
    assert_told(&work, "");
    gate_work_dispose(&work);
}

static void test_a_call_that_asks_less_is_told(void **state)
{
    (void)state;
    assert_change("x.sh", "unified_test_runner --real-services\n", "unified_test_runner\n",
                  "ci-without-real-services -");
    assert_change("x.sh", "unified_test_runner\n", "unified_test_runner --pattern 'x*'\n", "ci-removed -");
    assert_change("x.sh", "unified_test_runner\n", "unified_test_runner --isolation open\n",
                  "isolation-opened -");
    assert_change("x.sh", "unified_test_runner\n", "unified_test_runner || true\n", "ci-result-ignored -");
    assert_change("x.sh", "unified_test_runner || true\n", "unified_test_runner\n", "");
    assert_change("x.yml", "s:\n  - run: unified_test_runner\n",
                  "s:\n  - run: unified_test_runner\n    continue-on-error: true\n", "ci-result-ignored -");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_are_found_in_all_that_ci_is_written_in),
        cmocka_unit_test(test_what_ignores_the_result_is_known),
        cmocka_unit_test(test_fewer_categories_are_told),
        cmocka_unit_test(test_a_call_that_moves_to_another_file_is_followed),
        cmocka_unit_test(test_a_call_that_asks_less_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
