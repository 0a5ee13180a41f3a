#include "root.h"

static void assert_profile(const manifest_profile *profile, const int64_t expected[4])
{
    assert_int_equal(profile->timeout_ms, expected[0]);
    assert_int_equal(profile->retries, expected[1]);
    assert_int_equal(profile->delay_ms, expected[2]);
    assert_int_equal(profile->start_ms, expected[3]);
}

#define ASSERT_PROFILE(profile, ...) assert_profile((profile), (const int64_t[4]){__VA_ARGS__})

static void test_service_has_the_built_in_profiles(void **state)
{
    auto_manifest manifest_category *c = root_load(*state, ROOT_HEAD ROOT_SUITES);
    const manifest_service *db = manifest_service_find(c, "db");
    ASSERT_PROFILE(manifest_readiness(db, NULL), 5000, 3, 500, 60000);
    ASSERT_PROFILE(manifest_readiness(db, "test"), 5000, 3, 500, 60000);
    ASSERT_PROFILE(manifest_readiness(db, "development"), 10000, 3, 1000, 60000);
    ASSERT_PROFILE(manifest_readiness(db, "staging"), 3000, 2, 500, 60000);
    ASSERT_PROFILE(manifest_readiness(db, "production"), 3000, 2, 500, 60000);
    assert_null(manifest_service_find(c, "nope"));
}

static void test_service_profiles_fall_back_to_default_then_to_built_in(void **state)
{
    auto_manifest manifest_category *c =
        root_load(*state, "category: one\ncompose: ../stack.yaml\n" ROOT_SUITES "services:\n"
                          "  db:\n"
                          "    readiness:\n"
                          "      development: {timeout: 9s}\n"
                          "      default: {retries: 7, start: 2m}\n");
    const manifest_service *db = manifest_service_find(c, "db");
    ASSERT_PROFILE(manifest_readiness(db, "development"), 9000, 7, 1000, 120000);
    ASSERT_PROFILE(manifest_readiness(db, "staging"), 3000, 7, 500, 120000);
    ASSERT_PROFILE(manifest_readiness(db, "no such"), 5000, 7, 500, 120000);
}

static void test_service_refuses_what_it_does_not_know(void **state)
{
    static const struct {
        const char *service, *wanted;
    } CASES[] = {
        {"db: {readiness: {develop: {}}}", "unknown profile 'develop'; did you mean 'development'?"},
        {"db: {readiness: {default: {timeout: -1s}}}", "it takes a duration"},
        {"db: {readiness: {default: {retrys: 1}}}", "unknown key 'retrys'; did you mean 'retries'?"},
        {"db: {readiness: {default: {retries: 0}}}", "it takes a whole number from 1"},
        {"db: {readiness: }", "nothing where a readiness is due"},
        {"db: {critical: yes}", "'critical' is 'yes'; it takes true or false"},
        {"db: x", "a scalar where a service is due"},
        {"'a b': ", "'a b' names no service"},
        {"../db: ", "'../db' names no service"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *text = utr_format(
            "category: one\ncompose: ../stack.yaml\n" ROOT_SUITES "services:\n  %s\n", CASES[i].service);
        root_refuse(*state, text, CASES[i].wanted);
    }
    root_refuse(*state, "category: one\ncompose: ../stack.yaml\n" ROOT_SUITES "services: [db]\n",
                "'services' is a list; it takes a mapping of service names");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_service_has_the_built_in_profiles),
        cmocka_unit_test(test_service_profiles_fall_back_to_default_then_to_built_in),
        cmocka_unit_test(test_service_refuses_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
