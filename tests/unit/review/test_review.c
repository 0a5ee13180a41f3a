/* What findings mean under a root's manifests: levels, waivers, excuses, and whose sources they are in. */
#include "review/review.h"

#include "../base/cmocka_all.h"

#include <string.h>

static manifest_rule rules[64];
static manifest_waiver waivers[2];
static char *sources[] = {"/srv/tests"};
static char *mocks[] = {"acme.fakes", "acme.more"};
static manifest_suite suites[1];
static manifest_category categories[2];
static manifest_category *both[] = {&categories[0], &categories[1]};
static const manifest_set NO_MANIFESTS = {0};

static char *word(const char *text)
{
    char *own; /* the structs own theirs; these are never freed */
    (void)memcpy(&own, &text, sizeof own);
    return own;
}

static scan_finding finding(scan_kind kind, const char *symbol)
{
    return (scan_finding){.kind = kind,
                          .subkind = word("-"),
                          .symbol = word(symbol),
                          .line = 3,
                          .column = 1,
                          .length = 1,
                          .text = word("x")};
}

/* Two categories whose one suite has /srv/tests as its sources. */
static manifest_set manifests(void)
{
    suites[0] = (manifest_suite){.name = word("orders"), .sources = {.items = sources, .count = 1}};
    for (size_t i = 0; i < 2; i++) {
        categories[i] = (manifest_category){.name = word(i ? "two" : "one")};
        categories[i].suites.items = suites;
        categories[i].suites.count = 1;
    }
    manifest_set set = {0};
    set.categories.items = both;
    set.categories.count = 1;
    return set;
}

static void waive(size_t index, const char *test, const char *rule, const char *expires)
{
    waivers[index] = (manifest_waiver){.test = word(test),
                                       .rule = word(rule),
                                       .reason = word("why"),
                                       .owner = word("max"),
                                       .expires = word(expires),
                                       .place = {"categories/one.yaml", 9, 5}};
    categories[0].waivers.items = waivers;
    categories[0].waivers.count = index + 1;
}

/* The one item that comes of the finding in path; a zeroed one where it is not told. */
static findings_item judge_in(const char *path, scan_finding one, const manifest_set *set, int *out_exit_code)
{
    scan_file file = {.path = word(path)};
    file.findings.items = &one;
    file.findings.count = 1;
    scan_result result = {.read = 1};
    result.files.items = &file;
    result.files.count = 1;
    auto_findings findings_report report = {0};
    review_findings(&(review_options){"/srv", &result, set, "2026-06-15"}, &report);
    *out_exit_code = report.exit_code;
    return report.items.count ? report.items.items[0] : (findings_item){0};
}

static findings_item judge(scan_finding one, const manifest_set *set)
{
    int exit_code;
    return judge_in("tests/test_a.py", one, set, &exit_code);
}

static void test_levels_are_the_rules_where_no_manifest_speaks(void **state)
{
    (void)state;
    int exit_code;
    findings_item item = judge_in("t/test_a.py", finding(SCAN_SKIP, "test_a"), &NO_MANIFESTS, &exit_code);
    assert_int_equal(item.level, VERDICT_REFUSE);
    assert_null(item.category);
    assert_string_equal(item.subkind, "");
    assert_int_equal(exit_code, 3);
    item = judge_in("t/test_a.py", finding(SCAN_MOCK, "test_a"), &NO_MANIFESTS, &exit_code);
    assert_int_equal(item.level, VERDICT_WARN);
    assert_int_equal(exit_code, 0);
}

static void test_what_depends_is_a_warning_at_most(void **state)
{
    (void)state;
    scan_finding one = finding(SCAN_SKIP, "test_a");
    one.conditional = true;
    assert_int_equal(judge(one, &NO_MANIFESTS).level, VERDICT_WARN);
    manifest_set set = manifests();
    rules[0] = (manifest_rule){.rule = word("skipped"), .level = MANIFEST_OFF};
    categories[0].rules.items = rules;
    categories[0].rules.count = 1;
    assert_null(judge(one, &set).rule);
}

static void test_a_manifest_sets_levels_in_its_sources_only(void **state)
{
    (void)state;
    manifest_set set = manifests();
    rules[0] = (manifest_rule){.rule = word("mock"), .level = MANIFEST_REFUSE};
    categories[0].rules.items = rules;
    categories[0].rules.count = 1;
    int exit_code;
    findings_item item = judge(finding(SCAN_MOCK, "test_a"), &set);
    assert_int_equal(item.level, VERDICT_REFUSE);
    assert_string_equal(item.category, "one");
    assert_string_equal(item.suite, "orders");
    item = judge_in("tests2/test_a.py", finding(SCAN_MOCK, "test_a"), &set, &exit_code);
    assert_int_equal(item.level, VERDICT_WARN);
    assert_null(item.suite);
    item = judge_in("/srv/tests/deep/test_a.py", finding(SCAN_MOCK, "test_a"), &set, &exit_code);
    assert_int_equal(item.level, VERDICT_REFUSE);
}

static void test_a_waiver_names_a_test_as_its_runner_or_the_scan_does(void **state)
{
    (void)state;
    static const char *const GLOBS[] = {
        "*", "*::test_a", "tests/test_a.py::TestA::test_a", "TestA.test_a", "TestA::*", "tests/*"};
    manifest_set set = manifests();
    for (size_t i = 0; i < sizeof GLOBS / sizeof *GLOBS; i++) {
        waive(0, GLOBS[i], "skipped", "2026-06-15");
        findings_item item = judge(finding(SCAN_SKIP, "TestA.test_a"), &set);
        assert_int_equal(item.excuse.kind, FINDINGS_WAIVED);
        assert_false(item.excuse.expired);
        assert_int_equal(item.level, VERDICT_REFUSE);
        assert_false(findings_is_open(&item));
        assert_int_equal(item.excuse.line, 9);
    }
}

static void test_a_waiver_covers_nothing_else(void **state)
{
    (void)state;
    manifest_set set = manifests();
    waive(0, "*::test_b", "skipped", "2026-12-31");
    assert_int_equal(judge(finding(SCAN_SKIP, "test_a"), &set).excuse.kind, FINDINGS_UNEXCUSED);
    waive(0, "*", "xfailed", "2026-12-31");
    assert_int_equal(judge(finding(SCAN_SKIP, "test_a"), &set).excuse.kind, FINDINGS_UNEXCUSED);
    waive(0, "*", "skipped", "2026-12-31");
    waivers[0].suite = word("other");
    assert_int_equal(judge(finding(SCAN_SKIP, "test_a"), &set).excuse.kind, FINDINGS_UNEXCUSED);
    waive(0, "test_a", "skipped", "2026-12-31");
    assert_int_equal(judge(finding(SCAN_SKIP, NULL), &set).excuse.kind, FINDINGS_UNEXCUSED);
    waive(0, "tests/test_a.py", "skipped", "2026-12-31");
    assert_int_equal(judge(finding(SCAN_SKIP, NULL), &set).excuse.kind, FINDINGS_WAIVED);
}

static void test_an_expired_waiver_refuses_even_a_warning(void **state)
{
    (void)state;
    manifest_set set = manifests();
    waive(0, "*", "mock", "2026-06-14");
    int exit_code;
    findings_item item = judge_in("tests/test_a.py", finding(SCAN_MOCK, "test_a"), &set, &exit_code);
    assert_true(item.excuse.expired);
    assert_int_equal(item.level, VERDICT_REFUSE);
    assert_int_equal(exit_code, 3);
    waive(1, "*", "mock", "2026-07-01");
    item = judge_in("tests/test_a.py", finding(SCAN_MOCK, "test_a"), &set, &exit_code);
    assert_false(item.excuse.expired);
    assert_int_equal(exit_code, 0);
}

static void test_an_excuse_at_the_line_holds_until_it_expires(void **state)
{
    (void)state;
    scan_allow allow = {word("why"), word("max"), word("2026-06-15"), false};
    scan_finding one = finding(SCAN_SKIP, "test_a");
    one.allow = &allow;
    findings_item item = judge(one, &NO_MANIFESTS);
    assert_int_equal(item.excuse.kind, FINDINGS_ALLOWED);
    assert_false(findings_is_open(&item));
    allow.expired = true;
    one.conditional = true;
    item = judge(one, &NO_MANIFESTS);
    assert_true(findings_is_open(&item));
    assert_int_equal(item.level, VERDICT_REFUSE);
}

static void test_the_worst_of_several_categories_is_told(void **state)
{
    (void)state;
    manifest_set set = manifests();
    waive(0, "*", "skipped", "2026-12-31");
    findings_item item = judge(finding(SCAN_SKIP, "test_a"), &set);
    assert_false(findings_is_open(&item));
    set.categories.count = 2; /* the second waives nothing */
    item = judge(finding(SCAN_SKIP, "test_a"), &set);
    assert_true(findings_is_open(&item));
    assert_string_equal(item.category, "two");
}

static void test_an_excuse_that_is_none_ends_with_a_usage_error(void **state)
{
    (void)state;
    scan_file file = {.path = word("a.py"), .state = SCAN_BROKEN, .why = word("line 1")};
    utr_strs_add(&file.faults, "a.py:3: no owner");
    scan_result result = {.read = 1};
    result.files.items = &file;
    result.files.count = 1;
    auto_findings findings_report report = {0};
    review_findings(&(review_options){"/srv", &result, &NO_MANIFESTS, NULL}, &report);
    assert_int_equal(report.exit_code, 2);
    assert_string_equal(report.faults.items[0], "a.py:3: no owner");
    assert_string_equal(report.files.items[0].state, "syntax errors");
    utr_strs_dispose(&file.faults);
}

/* A manifest that turns off whatever manifests may. */
static manifest_set without_rules(void)
{
    manifest_set set = manifests();
    categories[0].rules.items = rules;
    for (const verdict_rule *rule = verdict_rules(); rule->name; rule++) {
        assert_true(categories[0].rules.count < sizeof rules / sizeof *rules);
        if (rule->adjustable)
            rules[categories[0].rules.count++] =
                (manifest_rule){.rule = word(rule->name), .level = MANIFEST_OFF};
    }
    return set;
}

static void test_every_kind_has_a_rule_that_manifests_may_adjust(void **state)
{
    (void)state;
    manifest_set set = without_rules();
    for (scan_kind kind = 0; kind < SCAN_KIND_COUNT; kind++) {
        findings_item item = judge(finding(kind, "test_a"), &set);
        if (item.rule)
            fail_msg("%s cannot be turned off", item.rule);
    }
}

static void test_mocks_of_all_manifests_are_each_given_once(void **state)
{
    (void)state;
    manifest_set set = manifests();
    set.categories.count = 2;
    categories[0].mocks = (utr_strs){.items = mocks, .count = 1};
    categories[1].mocks = (utr_strs){.items = mocks, .count = 2};
    auto_strs utr_strs all = review_mocks(&set);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.items[1], "acme.more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_are_the_rules_where_no_manifest_speaks),
        cmocka_unit_test(test_what_depends_is_a_warning_at_most),
        cmocka_unit_test(test_a_manifest_sets_levels_in_its_sources_only),
        cmocka_unit_test(test_a_waiver_names_a_test_as_its_runner_or_the_scan_does),
        cmocka_unit_test(test_a_waiver_covers_nothing_else),
        cmocka_unit_test(test_an_expired_waiver_refuses_even_a_warning),
        cmocka_unit_test(test_an_excuse_at_the_line_holds_until_it_expires),
        cmocka_unit_test(test_the_worst_of_several_categories_is_told),
        cmocka_unit_test(test_an_excuse_that_is_none_ends_with_a_usage_error),
        cmocka_unit_test(test_every_kind_has_a_rule_that_manifests_may_adjust),
        cmocka_unit_test(test_mocks_of_all_manifests_are_each_given_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
