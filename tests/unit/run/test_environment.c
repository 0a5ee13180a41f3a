/* The variables of a suite. */
#include "run/environment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *known_address(void *ctx, const char *service, int port)
{
    (void)ctx;
    return strcmp(service, "redis-test") == 0 && port == 6379 ? "127.0.0.1:40001" : NULL;
}

static void add(manifest_category *category, const char *name, const char *value)
{
    manifest_variable *variable = utr_vec_push(&category->environment);
    variable->name = (char *)name;
    variable->value = (char *)value;
}

/* Values of a name, joined: "a|b" where it stands twice. */
static char *values_of(const utr_strs *environment, const char *name)
{
    utr_strs values = {0};
    size_t len = strlen(name);
    for (size_t i = 0; i < environment->count; i++) {
        if (strncmp(environment->items[i], name, len) == 0 && environment->items[i][len] == '=')
            utr_strs_add(&values, environment->items[i] + len + 1);
    }
    char *joined = utr_strs_join(&values, "|");
    utr_strs_dispose(&values);
    return joined;
}

static void test_a_declared_variable_takes_the_place_of_an_inherited_one(void **state)
{
    (void)state;
    assert_int_equal(setenv("UTR_TEST_URL", "redis://stray:6379", 1), 0);
    manifest_category category = {0};
    manifest_suite suite = {0};
    add(&category, "UTR_TEST_URL", "redis://${redis-test:6379}/0");
    auto_strs utr_strs environment = run_environment_base(&category, &suite);
    assert_int_equal(run_environment_add(&category, &suite, known_address, NULL, &environment), UTR_OK);
    auto_free char *values = values_of(&environment, "UTR_TEST_URL");
    assert_string_equal(values, "redis://127.0.0.1:40001/0");
    utr_vec_dispose(&category.environment);
}

static void test_a_variable_of_an_absent_service_is_unset_and_the_others_stay(void **state)
{
    (void)state;
    assert_int_equal(setenv("UTR_TEST_URL", "postgresql://stray", 1), 0);
    manifest_category category = {0};
    manifest_suite suite = {0};
    add(&category, "UTR_TEST_URL", "postgresql://${postgres-test:5432}/x");
    add(&category, "UTR_TEST_PLAIN", "yes");
    auto_strs utr_strs environment = run_environment_base(&category, &suite);
    assert_int_equal(run_environment_add(&category, &suite, known_address, NULL, &environment), UTR_OK);
    auto_free char *url = values_of(&environment, "UTR_TEST_URL");
    auto_free char *plain = values_of(&environment, "UTR_TEST_PLAIN");
    assert_string_equal(url, "");
    assert_string_equal(plain, "yes");
    assert_null(environment.items[environment.count]);
    utr_vec_dispose(&category.environment);
}

static void test_the_suites_own_variable_wins(void **state)
{
    (void)state;
    manifest_category category = {0};
    manifest_suite suite = {0};
    add(&category, "UTR_TEST_PLAIN", "category");
    manifest_variable *variable = utr_vec_push(&suite.environment);
    variable->name = (char *)"UTR_TEST_PLAIN";
    variable->value = (char *)"suite";
    auto_strs utr_strs environment = run_environment_base(&category, &suite);
    assert_int_equal(run_environment_add(&category, &suite, known_address, NULL, &environment), UTR_OK);
    auto_free char *plain = values_of(&environment, "UTR_TEST_PLAIN");
    assert_string_equal(plain, "suite");
    utr_vec_dispose(&category.environment);
    utr_vec_dispose(&suite.environment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_declared_variable_takes_the_place_of_an_inherited_one),
        cmocka_unit_test(test_a_variable_of_an_absent_service_is_unset_and_the_others_stay),
        cmocka_unit_test(test_the_suites_own_variable_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
