/* What got weaker in manifests: two texts, and nothing of git. */
#include "compared.h"

#include "gate/manifests/manifest.h"

static const gate_rule RULES[] = {{"skipped", 2}, {"mock", 1}, {"no-evidence", 2}, {NULL, 0}};

static bool is_manifest(const void *ctx, const char *path)
{
    (void)ctx;
    return strncmp(path, "categories/", 11) == 0;
}

static void compare(gate_work *work)
{
    gate_manifests manifests = {0};
    gate_manifests_parse(work, RULES, is_manifest, NULL, &manifests);
    gate_manifests_compare(work, RULES, &manifests);
    gate_manifests_dispose(&manifests);
}

/* What is told of one.yaml where it went from one text to the other. */
static void assert_change(const char *was, const char *is, const char *wanted)
{
    gate_work work = {0};
    (void)add_file(&work, "categories/one.yaml", was, "categories/one.yaml", is);
    compare(&work);
    assert_told(&work, wanted);
    gate_work_dispose(&work);
}

/* A manifest with lines of the category, of its one suite, and what follows. */
#define MANIFEST(category, suite)                                                                            \
    "category: one\ncompose: c.yaml\nservices:\n  db:\n  cache:\n" category                                  \
    "suites:\n  - name: s\n    run: [x]\n"                                                                   \
    "    format: pytest\n" suite

static void test_the_same_manifest_says_nothing(void **state)
{
    (void)state;
    assert_change(MANIFEST("", ""), MANIFEST("description: other\ntimeout: 1m\n", "    timeout: 1m\n"), "");
}

static void test_a_strengthening_is_not_told(void **state)
{
    (void)state;
    assert_change(MANIFEST("minimum_tests: 2\nrules: {mock: warn}\n", "    inherit: true\n"),
                  MANIFEST("minimum_tests: 3\nrules: {mock: refuse}\nisolation: sealed\n",
                           "    evidence: {db: {writes: 9}, cache: }\n"),
                  "");
}

static void test_a_category_that_is_gone_is_told(void **state)
{
    (void)state;
    assert_change(MANIFEST("", ""), NULL, "category-removed one");
}

static void test_a_category_that_moves_to_another_file_is_followed(void **state)
{
    (void)state;
    gate_work work = {0};
    (void)add_file(&work, "categories/one.yaml", MANIFEST("minimum_tests: 5\n", ""), NULL, NULL);
    (void)add_file(&work, NULL, NULL, "categories/two.yaml", MANIFEST("minimum_tests: 4\n", ""));
    compare(&work);
    assert_told(&work, "minimum-tests-lowered one");
    assert_string_equal(work.items.items[0].told.file, "categories/two.yaml");
    gate_work_dispose(&work);
}

static void test_a_manifest_that_cannot_be_read_any_more_is_told(void **state)
{
    (void)state;
    assert_change(MANIFEST("", ""), MANIFEST("unknown: 1\n", ""), "manifest-broken -");
    assert_change(MANIFEST("", ""), "category: [", "manifest-broken -");
}

static void test_suites_and_services_that_went_are_told(void **state)
{
    (void)state;
    assert_change(MANIFEST("", "  - {name: t, run: [y], format: exit}\n"), MANIFEST("", ""),
                  "suite-removed one/t");
    assert_change(
        "category: one\ncompose: c\nservices: {db: , cache: }\nsuites: [{name: s, run: [x], format: exit}]\n",
        "category: one\ncompose: c\nservices: {db: }\nsuites: [{name: s, run: [x], format: exit}]\n",
        "service-removed one/cache");
    assert_change(
        "category: one\ncompose: c\nservices: {db: }\nsuites: [{name: s, run: [x], format: exit}]\n",
        "category: one\ncompose: c\nservices: {db: {critical: false}}\nsuites: [{name: s, run: [x], format: "
        "exit}]\n",
        "service-not-critical one/db");
}

static void test_lower_evidence_is_told(void **state)
{
    (void)state;
    assert_change(MANIFEST("", "    evidence: {db: {exchanges: 3}}\n"),
                  MANIFEST("", "    evidence: {db: {exchanges: 2}}\n"), "evidence-lowered one/s");
    assert_change(MANIFEST("", "    evidence: {db: {scope: test}}\n"),
                  MANIFEST("", "    evidence: {db: {scope: suite}}\n"), "evidence-lowered one/s");
    assert_change(MANIFEST("", "    evidence: {db: {writes: 1}}\n"),
                  MANIFEST("", "    evidence: {db: {exchanges: 1}}\n"), "evidence-lowered one/s");
    assert_change(MANIFEST("", "    evidence: {db: , cache: }\n"), MANIFEST("", "    evidence: {db: }\n"),
                  "evidence-lowered one/s");
    assert_change(MANIFEST("", "    evidence: {db: {writes: 2}}\n"), MANIFEST("", ""),
                  "evidence-lowered one/s");
    assert_change(MANIFEST("", ""),
                  MANIFEST("", "    evidence: {db: {scope: suite}, cache: {scope: suite}}\n"),
                  "evidence-lowered one/s");
    assert_change(MANIFEST("", ""), MANIFEST("", "    evidence: {db: {scope: test}}\n"),
                  "evidence-lowered one/s");
    assert_change(MANIFEST("", ""),
                  MANIFEST("", "    evidence: {db: {scope: test}, cache: {scope: suite}}\n"), "");
}

static void test_a_suite_that_asks_less_is_told(void **state)
{
    (void)state;
    assert_change(MANIFEST("", ""), MANIFEST("", "    inherit: true\n"), "inherit-added one/s");
    assert_change(MANIFEST("", "    sources: [a, b/c]\n"), MANIFEST("", "    sources: [b]\n"),
                  "sources-removed one/s");
    assert_change(MANIFEST("", "    sources: [a/b]\n"), MANIFEST("", "    sources: [a]\n"), "");
    assert_change("category: one\nreal_services: none\nsuites: [{name: s, run: [x], format: pytest}]\n",
                  "category: one\nreal_services: none\nsuites: [{name: s, run: [x], format: exit}]\n",
                  "evidence-lowered one/s");
}

static void test_a_category_that_asks_less_is_told(void **state)
{
    (void)state;
    assert_change(MANIFEST("minimum_tests: 5\n", ""), MANIFEST("", ""), "minimum-tests-lowered one");
    assert_change(MANIFEST("", ""), MANIFEST("real_services: preferred\n", ""), "real-services-lowered one");
    assert_change(MANIFEST("isolation: sealed\n", ""), MANIFEST("", ""), "isolation-opened one");
    assert_change(MANIFEST("depends_on: [two]\n", ""), MANIFEST("", ""), "dependency-removed one");
    assert_change(MANIFEST("mocks: [acme]\n", ""), MANIFEST("", ""), "mock-module-removed one");
}

static void test_rules_are_compared_with_their_defaults(void **state)
{
    (void)state;
    assert_change(MANIFEST("", ""), MANIFEST("rules: {skipped: warn}\n", ""), "rule-lowered one");
    assert_change(MANIFEST("rules: {mock: refuse}\n", ""), MANIFEST("", ""), "rule-lowered one");
    assert_change(MANIFEST("rules: {skipped: refuse, mock: warn}\n", ""), MANIFEST("", ""), "");
    assert_change(MANIFEST("rules: {mock: off}\n", ""), MANIFEST("rules: {mock: warn}\n", ""), "");
}

#define WAIVER(test, expires)                                                                                \
    "waivers:\n  - {suite: s, test: '" test "', rule: skipped, reason: r, owner: o, expires: " expires "}\n"

static void test_waivers_are_told_where_they_excuse_more(void **state)
{
    (void)state;
    assert_change(MANIFEST("", ""), MANIFEST(WAIVER("a", "2026-01-31"), ""), "waiver-added one/s");
    assert_change(MANIFEST(WAIVER("a", "2026-01-31"), ""), MANIFEST(WAIVER("a", "2027-01-31"), ""),
                  "waiver-added one/s");
    assert_change(MANIFEST(WAIVER("a", "2026-01-31"), ""), MANIFEST(WAIVER("*", "2026-01-31"), ""),
                  "waiver-added one/s");
    assert_change(MANIFEST(WAIVER("*", "2026-01-31"), ""), MANIFEST(WAIVER("a", "2026-01-30"), ""), "");
    assert_change(MANIFEST(WAIVER("a", "2026-01-31"), ""), MANIFEST("", ""), "");
}

static void test_a_weakening_stands_where_it_is_to_be_mended(void **state)
{
    (void)state;
    gate_work work = {0};
    (void)add_file(&work, "categories/one.yaml", MANIFEST("minimum_tests: 5\n", ""), "categories/one.yaml",
                   MANIFEST("minimum_tests: 4\n", ""));
    compare(&work);
    assert_int_equal(work.items.items[0].told.line, 6);
    assert_string_equal(work.items.items[0].told.text, "minimum_tests: 4");
    assert_string_equal(work.items.items[0].told.message, "minimum_tests fell from 5 to 4");
    gate_work_dispose(&work);
}

static void test_a_merge_base_that_cannot_be_read_is_said(void **state)
{
    (void)state;
    gate_work work = {0};
    (void)add_file(&work, "categories/one.yaml", "category: one\nold_key: 1\n", "categories/one.yaml",
                   MANIFEST("", ""));
    compare(&work);
    assert_told(&work, "");
    assert_int_equal(work.unread.count, 1);
    gate_work_dispose(&work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_manifest_says_nothing),
        cmocka_unit_test(test_a_strengthening_is_not_told),
        cmocka_unit_test(test_a_category_that_is_gone_is_told),
        cmocka_unit_test(test_a_category_that_moves_to_another_file_is_followed),
        cmocka_unit_test(test_a_manifest_that_cannot_be_read_any_more_is_told),
        cmocka_unit_test(test_suites_and_services_that_went_are_told),
        cmocka_unit_test(test_lower_evidence_is_told),
        cmocka_unit_test(test_a_suite_that_asks_less_is_told),
        cmocka_unit_test(test_a_category_that_asks_less_is_told),
        cmocka_unit_test(test_rules_are_compared_with_their_defaults),
        cmocka_unit_test(test_waivers_are_told_where_they_excuse_more),
        cmocka_unit_test(test_a_weakening_stands_where_it_is_to_be_mended),
        cmocka_unit_test(test_a_merge_base_that_cannot_be_read_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
