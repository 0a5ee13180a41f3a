#include "root.h"

static void test_rule_levels_are_read(void **state)
{
    auto_manifest manifest_category *c =
        root_load(*state, ROOT_HEAD ROOT_SUITES "rules: {skipped: off, mock: refuse}\n");
    assert_int_equal(c->rules.count, 2);
    assert_string_equal(c->rules.items[0].rule, "skipped");
    assert_int_equal(c->rules.items[0].level, MANIFEST_OFF);
    assert_int_equal(c->rules.items[1].level, MANIFEST_REFUSE);
}

static void test_rule_unknown_names_and_levels_are_refused(void **state)
{
    root_refuse(*state, ROOT_HEAD ROOT_SUITES "rules: {skiped: off}\n",
                "one.yaml:5:9: unknown rule 'skiped'; did you mean 'skipped'?");
    root_refuse(*state, ROOT_HEAD ROOT_SUITES "rules: {mock: fatal}\n",
                "unknown level 'fatal'; known: refuse, warn, off");
}

static void test_rule_a_waiver_is_read(void **state)
{
    auto_manifest manifest_category *c =
        root_load(*state, ROOT_HEAD ROOT_SUITES
                  "waivers:\n"
                  "  - {suite: s, test: '*::t', rule: mock, reason: why, owner: who, expires: 2028-02-29}\n"
                  "  - {rule: skipped, reason: why, owner: who, expires: '2026-12-31'}\n");
    assert_int_equal(c->waivers.count, 2);
    const manifest_waiver *waiver = &c->waivers.items[0];
    assert_string_equal(waiver->suite, "s");
    assert_string_equal(waiver->test, "*::t");
    assert_string_equal(waiver->rule, "mock");
    assert_string_equal(waiver->reason, "why");
    assert_string_equal(waiver->owner, "who");
    assert_string_equal(waiver->expires, "2028-02-29");
    assert_int_equal(waiver->place.line, 6);
    assert_null(c->waivers.items[1].suite);
    assert_string_equal(c->waivers.items[1].test, "*");
}

static void test_rule_a_waiver_without_its_reason_is_refused(void **state)
{
    static const char *const KEYS[] = {"rule: mock", "reason: r", "owner: o", "expires: 2026-01-01"};
    enum { KEY_COUNT = sizeof KEYS / sizeof *KEYS };
    for (size_t left_out = 0; left_out < KEY_COUNT; left_out++) {
        auto_strs utr_strs given = {0};
        for (size_t i = 0; i < KEY_COUNT; i++) {
            if (i != left_out)
                utr_strs_add(&given, KEYS[i]);
        }
        auto_free char *keys = utr_strs_join(&given, ", ");
        auto_free char *text = utr_format(ROOT_HEAD ROOT_SUITES "waivers: [{%s}]\n", keys);
        auto_free char *wanted =
            utr_format("the waiver has no '%.*s'", (int)strcspn(KEYS[left_out], ":"), KEYS[left_out]);
        root_refuse(*state, text, wanted);
    }
}

static void test_rule_a_waiver_needs_a_date_that_exists(void **state)
{
    static const char *const WRONG[] = {"tomorrow",   "2026-02-29", "2026-13-01", "2026-00-10",
                                        "2026-04-31", "26-01-01",   "2026/01/01", "2026-1-1",
                                        "2100-02-29", "0000-01-01", "2026-01-0x", "[]"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        auto_free char *text = utr_format(
            ROOT_HEAD ROOT_SUITES "waivers: [{rule: mock, reason: r, owner: o, expires: %s}]\n", WRONG[i]);
        root_refuse(*state, text, "it takes a date that exists, YYYY-MM-DD");
    }
}

static void test_rule_a_waiver_of_what_is_not_there_is_refused(void **state)
{
    root_refuse(*state,
                ROOT_HEAD ROOT_SUITES
                "waivers: [{suite: t, rule: mock, reason: r, owner: o, expires: 2026-01-01}]\n",
                "unknown suite 't'");
    root_refuse(*state,
                ROOT_HEAD ROOT_SUITES "waivers: [{rule: mocks, reason: r, owner: o, expires: 2026-01-01}]\n",
                "unknown rule 'mocks'; did you mean 'mock'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_levels_are_read),
        cmocka_unit_test(test_rule_unknown_names_and_levels_are_refused),
        cmocka_unit_test(test_rule_a_waiver_is_read),
        cmocka_unit_test(test_rule_a_waiver_without_its_reason_is_refused),
        cmocka_unit_test(test_rule_a_waiver_needs_a_date_that_exists),
        cmocka_unit_test(test_rule_a_waiver_of_what_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
