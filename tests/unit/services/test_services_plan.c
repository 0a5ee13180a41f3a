#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text.h"

#include "services/plan.h"

#include <string.h>

/* compose's own, which the linker takes from its library. */
static compose_service *add(compose_stack *stack, const char *name)
{
    compose_service *service = utr_vec_push(&stack->services);
    service->name = text(name);
    return service;
}

static void needs(compose_service *service, const char *other, compose_condition condition, bool required)
{
    *utr_vec_push(&service->depends_on) = (compose_dependency){text(other), condition, required};
}

static void drop(compose_stack *stack)
{
    for (size_t i = 0; i < stack->services.count; i++) {
        utr_vec_dispose(&stack->services.items[i].depends_on);
        utr_strs_dispose(&stack->services.items[i].profiles);
    }
    utr_vec_dispose(&stack->services);
}

/* app -> api -> db, app -> cache; lonely beside them. */
static compose_stack shop(void)
{
    compose_stack stack = {0};
    needs(add(&stack, "app"), "api", COMPOSE_STARTED, true);
    needs(&stack.services.items[0], "cache", COMPOSE_HEALTHY, true);
    needs(add(&stack, "api"), "db", COMPOSE_HEALTHY, true);
    (void)add(&stack, "cache");
    (void)add(&stack, "db");
    (void)add(&stack, "lonely");
    return stack;
}

static void assert_order(const services_plan *plan, const char *expected)
{
    auto_free char *order = utr_strs_join(&plan->order, " ");
    assert_string_equal(order, expected);
}

static void test_what_is_needed_comes_first_and_nothing_else_comes(void **state)
{
    (void)state;
    compose_stack stack = shop();
    services_wanted wanted[] = {{.name = "app", .critical = true}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_OK);
    assert_order(&plan, "db api cache app");
    assert_ptr_equal(plan.nodes.items[3].wanted, &wanted[0]);
    assert_null(plan.nodes.items[0].wanted);
    services_plan_dispose(&plan);
    drop(&stack);
}

static void test_what_a_critical_service_needs_is_critical(void **state)
{
    (void)state;
    compose_stack stack = shop();
    needs(&stack.services.items[2], "lonely", COMPOSE_STARTED, false);
    services_wanted wanted[] = {{.name = "app", .critical = true}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_OK);
    assert_order(&plan, "db api lonely cache app");
    static const bool CRITICAL[] = {true, true, false, true, true};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(plan.nodes.items[i].critical, CRITICAL[i]);
    services_plan_dispose(&plan);
    drop(&stack);
}

static void test_what_others_wait_for_is_known(void **state)
{
    (void)state;
    compose_stack stack = {0};
    needs(add(&stack, "app"), "migrate", COMPOSE_COMPLETED, true);
    needs(add(&stack, "migrate"), "db", COMPOSE_HEALTHY, true);
    (void)add(&stack, "db");
    services_wanted wanted[] = {{.name = "app"}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_OK);
    assert_order(&plan, "db migrate app");
    assert_true(plan.nodes.items[0].awaited_healthy);
    assert_false(plan.nodes.items[0].one_shot);
    assert_true(plan.nodes.items[1].one_shot);
    assert_int_equal(plan.nodes.items[2].needs.items[0].node, 1);
    services_plan_dispose(&plan);
    drop(&stack);
}

static void test_a_circle_is_told_with_its_path(void **state)
{
    (void)state;
    compose_stack stack = shop();
    needs(&stack.services.items[3], "app", COMPOSE_STARTED, true);
    services_wanted wanted[] = {{.name = "cache"}, {.name = "api"}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 2, &plan, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "api -> db -> app -> api"));
    drop(&stack);
}

static void test_a_service_that_needs_itself_is_a_circle(void **state)
{
    (void)state;
    compose_stack stack = {0};
    needs(add(&stack, "one"), "one", COMPOSE_STARTED, true);
    services_wanted wanted[] = {{.name = "one"}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "one -> one"));
    drop(&stack);
}

static void test_an_unknown_name_is_told_with_the_nearest(void **state)
{
    (void)state;
    compose_stack stack = shop();
    services_wanted wanted[] = {{.name = "cashe"}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "did you mean 'cache'?"));
    drop(&stack);
}

static void test_an_optional_need_may_be_missing_or_switched_off(void **state)
{
    (void)state;
    compose_stack stack = {0};
    needs(add(&stack, "app"), "ghost", COMPOSE_HEALTHY, false);
    needs(&stack.services.items[0], "debug", COMPOSE_HEALTHY, false);
    needs(&stack.services.items[0], "mail", COMPOSE_HEALTHY, false);
    utr_strs_add(&add(&stack, "debug")->profiles, "debugging");
    (void)add(&stack, "mail");
    services_wanted wanted[] = {{.name = "app"}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_OK);
    assert_order(&plan, "mail app");
    services_plan_dispose(&plan);
    drop(&stack);
}

static void test_a_required_need_that_is_missing_is_a_fault(void **state)
{
    (void)state;
    compose_stack stack = {0};
    needs(add(&stack, "app"), "ghost", COMPOSE_HEALTHY, true);
    services_wanted wanted[] = {{.name = "app"}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "'ghost'"));
    assert_non_null(strstr(err.text, "'app' depends on"));
    drop(&stack);
}

static void test_sharing_a_network_is_a_need(void **state)
{
    (void)state;
    compose_stack stack = {0};
    add(&stack, "sidecar")->network_mode = text("service:main");
    (void)add(&stack, "main");
    services_wanted wanted[] = {{.name = "sidecar"}};
    services_plan plan = {0};
    utr_error err = {0};
    assert_int_equal(services_plan_make(&stack, wanted, 1, &plan, &err), UTR_OK);
    assert_order(&plan, "main sidecar");
    services_plan_dispose(&plan);
    drop(&stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_needed_comes_first_and_nothing_else_comes),
        cmocka_unit_test(test_what_a_critical_service_needs_is_critical),
        cmocka_unit_test(test_what_others_wait_for_is_known),
        cmocka_unit_test(test_a_circle_is_told_with_its_path),
        cmocka_unit_test(test_a_service_that_needs_itself_is_a_circle),
        cmocka_unit_test(test_an_unknown_name_is_told_with_the_nearest),
        cmocka_unit_test(test_an_optional_need_may_be_missing_or_switched_off),
        cmocka_unit_test(test_a_required_need_that_is_missing_is_a_fault),
        cmocka_unit_test(test_sharing_a_network_is_a_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
