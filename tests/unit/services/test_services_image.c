#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text.h"

#include "services/image.h"

#include <string.h>

static services_image_step decide(const char *image, const char *context, const char *policy,
                                  services_pull pull, services_image_presence presence)
{
    compose_service spec = {.name = text("one"),
                            .image = text(image),
                            .build = {.context = text(context)},
                            .pull_policy = text(policy)};
    return services_image_decide(&spec, pull, presence);
}

static void test_what_is_there_is_used_without_asking_anyone(void **state)
{
    (void)state;
    assert_int_equal(decide("redis:7", NULL, NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
    assert_int_equal(decide("redis:7", ".", NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
    assert_int_equal(decide(NULL, ".", NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
    assert_int_equal(decide("redis:7", NULL, NULL, SERVICES_PULL_NEVER, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
}

static void test_what_is_missing_is_pulled_and_else_built(void **state)
{
    (void)state;
    assert_int_equal(decide("redis:7", NULL, NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_ABSENT),
                     SERVICES_IMAGE_PULL);
    assert_int_equal(decide("redis:7", ".", NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_ABSENT),
                     SERVICES_IMAGE_PULL_OR_BUILD);
    assert_int_equal(decide(NULL, ".", NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_ABSENT),
                     SERVICES_IMAGE_BUILD);
}

static void test_latest_is_asked_for_each_time(void **state)
{
    (void)state;
    assert_int_equal(decide("redis", NULL, NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_PULL_OR_USE);
    assert_int_equal(decide("redis:latest", NULL, NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_PULL_OR_USE);
    assert_int_equal(decide("host:5000/redis", NULL, NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_PULL_OR_USE);
    assert_int_equal(decide("host:5000/redis:7", NULL, NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
    assert_int_equal(decide("redis@sha256:00", NULL, NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
    assert_int_equal(decide("redis", ".", NULL, SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
    assert_int_equal(decide("redis", NULL, NULL, SERVICES_PULL_NEVER, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
}

static void test_never_builds_but_does_not_pull(void **state)
{
    (void)state;
    assert_int_equal(decide("redis:7", NULL, NULL, SERVICES_PULL_NEVER, SERVICES_IMAGE_ABSENT),
                     SERVICES_IMAGE_REFUSE);
    assert_int_equal(decide("redis:7", ".", NULL, SERVICES_PULL_NEVER, SERVICES_IMAGE_ABSENT),
                     SERVICES_IMAGE_BUILD);
    assert_int_equal(decide("redis:7", NULL, "never", SERVICES_PULL_MISSING, SERVICES_IMAGE_ABSENT),
                     SERVICES_IMAGE_REFUSE);
}

static void test_always_pulls_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(decide("redis:7", NULL, NULL, SERVICES_PULL_ALWAYS, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_PULL);
    assert_int_equal(decide("redis:7", NULL, "always", SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_PULL);
    assert_int_equal(decide("redis:7", ".", "always", SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_PULL_OR_BUILD);
}

static void test_the_runs_policy_wins_over_the_services(void **state)
{
    (void)state;
    assert_int_equal(decide("redis:7", NULL, "always", SERVICES_PULL_NEVER, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_USE);
    assert_int_equal(decide("redis:7", NULL, "never", SERVICES_PULL_ALWAYS, SERVICES_IMAGE_ABSENT),
                     SERVICES_IMAGE_PULL);
}

static void test_build_policy_builds_each_time(void **state)
{
    (void)state;
    assert_int_equal(decide("redis:7", ".", "build", SERVICES_PULL_MISSING, SERVICES_IMAGE_PRESENT),
                     SERVICES_IMAGE_BUILD);
}

static void test_what_we_built_is_built_again_once_its_context_changed(void **state)
{
    (void)state;
    static const services_pull PULLS[] = {SERVICES_PULL_MISSING, SERVICES_PULL_NEVER};
    static const char *const POLICIES[] = {NULL, "missing", "never", "build"};
    for (size_t i = 0; i < sizeof PULLS / sizeof *PULLS; i++) {
        for (size_t k = 0; k < sizeof POLICIES / sizeof *POLICIES; k++) {
            assert_int_equal(decide("app:dev", ".", POLICIES[k], PULLS[i], SERVICES_IMAGE_STALE),
                             SERVICES_IMAGE_BUILD);
            assert_int_equal(decide(NULL, ".", POLICIES[k], PULLS[i], SERVICES_IMAGE_STALE),
                             SERVICES_IMAGE_BUILD);
        }
    }
    assert_int_equal(decide(NULL, ".", NULL, SERVICES_PULL_ALWAYS, SERVICES_IMAGE_STALE),
                     SERVICES_IMAGE_BUILD);
    assert_int_equal(decide("app:dev", ".", NULL, SERVICES_PULL_ALWAYS, SERVICES_IMAGE_STALE),
                     SERVICES_IMAGE_PULL_OR_BUILD);
}

static void test_services_of_one_image_share_it(void **state)
{
    (void)state;
    compose_service specs[] = {
        {.name = text("a"), .image = text("x:1")},
        {.name = text("b"), .image = text("x:1"), .build = {.context = text("/src")}},
        {.name = text("C_d"), .build = {.context = text("/src")}},
        {.name = text("C_d"), .build = {.context = text("/other")}},
    };
    services_plan plan = {0};
    for (size_t i = 0; i < 4; i++)
        *utr_vec_push(&plan.nodes) = (services_node){.spec = &specs[i], .critical = i == 1};
    services_images images = {0};
    size_t of_node[4];
    services_images_collect(&plan, &images, of_node);
    assert_int_equal(images.count, 3);
    assert_int_equal(of_node[0], of_node[1]);
    assert_ptr_equal(images.items[0].spec, &specs[1]); /* the one that can build it */
    assert_true(images.items[0].critical);
    assert_non_null(strstr(images.items[1].ref, "c-d"));
    assert_string_not_equal(images.items[1].ref, images.items[2].ref);
    services_images_dispose(&images);
    services_plan_dispose(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_there_is_used_without_asking_anyone),
        cmocka_unit_test(test_what_is_missing_is_pulled_and_else_built),
        cmocka_unit_test(test_latest_is_asked_for_each_time),
        cmocka_unit_test(test_never_builds_but_does_not_pull),
        cmocka_unit_test(test_always_pulls_what_is_there),
        cmocka_unit_test(test_the_runs_policy_wins_over_the_services),
        cmocka_unit_test(test_build_policy_builds_each_time),
        cmocka_unit_test(test_what_we_built_is_built_again_once_its_context_changed),
        cmocka_unit_test(test_services_of_one_image_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
