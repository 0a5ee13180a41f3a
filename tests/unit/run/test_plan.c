/* The plan: manifests and compose files read and checked against each other. */
#include "run/run.h"

#include "base/files.h"
#include "base/memory.h"
#include "suites/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char COMPOSE[] = "services:\n"
                              "  redis-test:\n"
                              "    image: redis:7\n"
                              "    ports: ['6381:6379']\n";

static const char MANIFEST[] = "category: %s\n"
                               "depends_on: [%s]\n"
                               "real_services: required\n"
                               "compose: ../compose.yaml\n"
                               "services: { %s: }\n"
                               "environment: { REDIS_URL: 'redis://${%s:6379}/0' }\n"
                               "suites:\n"
                               "  - { name: one, run: ['true'], format: exit }\n";

typedef struct {
    char root[32];
    run_plan *plan;
    utr_faults faults, warnings;
    utr_error err;
} fixture;

static void put(const fixture *f, const char *name, const char *text)
{
    utr_error err = {0};
    auto_free char *path = utr_format("%s/%s", f->root, name);
    auto_free char *dir = utr_path_dir(path);
    assert_int_equal(utr_dir_make(dir, &err), UTR_OK);
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
}

static void put_category(const fixture *f, const char *name, const char *needs, const char *service)
{
    auto_free char *path = utr_format("categories/%s.yaml", name);
    auto_free char *text = utr_format(MANIFEST, name, needs, service, service);
    put(f, path, text);
}

static int set_up(void **state)
{
    fixture *f = UTR_NEW(fixture);
    (void)snprintf(f->root, sizeof f->root, "/tmp/utr-plan-XXXXXX");
    *state = f;
    if (!mkdtemp(f->root))
        return -1;
    put(f, "compose.yaml", COMPOSE);
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    auto_free char *command = utr_format("rm -rf %s", f->root);
    run_plan_free(f->plan);
    utr_faults_dispose(&f->faults);
    utr_faults_dispose(&f->warnings);
    free(f);
    return system(command); /* a folder of ours below /tmp */
}

static utr_code make_plan(fixture *f, const char *category)
{
    run_request request = {.root = f->root, .environment = "test", .workers = 1};
    if (category)
        utr_strs_add(&request.categories, category);
    utr_code code = run_plan_new(&request, &f->plan, &f->faults, &f->warnings, &f->err);
    utr_strs_dispose(&request.categories);
    return code;
}

static void test_a_category_brings_what_it_depends_on_first(void **state)
{
    fixture *f = *state;
    put_category(f, "later", "sooner", "redis-test");
    put_category(f, "sooner", "", "redis-test");
    assert_int_equal(make_plan(f, "later"), UTR_OK);
    assert_int_equal(f->plan->categories.count, 2);
    assert_string_equal(f->plan->categories.items[0].manifest->name, "sooner");
}

static void test_without_a_category_all_are_planned(void **state)
{
    fixture *f = *state;
    put_category(f, "a", "", "redis-test");
    put_category(f, "b", "", "redis-test");
    assert_int_equal(make_plan(f, NULL), UTR_OK);
    assert_int_equal(f->plan->categories.count, 2);
}

static void test_an_unknown_category_is_told_with_the_nearest(void **state)
{
    fixture *f = *state;
    put_category(f, "mission_critical", "", "redis-test");
    assert_int_equal(make_plan(f, "mision_critical"), UTR_NOT_FOUND);
    assert_non_null(strstr(f->err.text, "mission_critical"));
}

static void test_a_service_that_the_compose_file_lacks_is_told_where_it_is_named(void **state)
{
    fixture *f = *state;
    put_category(f, "a", "", "redis-tset");
    assert_int_equal(make_plan(f, "a"), UTR_CONFIG);
    assert_int_equal(f->faults.texts.count, 1);
    assert_non_null(strstr(f->faults.texts.items[0], "categories/a.yaml:5:"));
    assert_non_null(strstr(f->faults.texts.items[0], "did you mean 'redis-test'?"));
}

static void test_ports_that_variables_name_are_dialled(void **state)
{
    fixture *f = *state;
    put_category(f, "a", "", "redis-test");
    assert_int_equal(make_plan(f, "a"), UTR_OK);
    run_wanted wanted = run_plan_wanted(&f->plan->categories.items[0], "test");
    assert_int_equal(wanted.count, 1);
    assert_int_equal(wanted.items[0].port_count, 1);
    assert_int_equal(wanted.items[0].ports[0], 6379);
    assert_true(wanted.items[0].critical);
    assert_true(wanted.items[0].readiness.start_ms > 0);
    run_wanted_dispose(&wanted);
}

/* Two lists that must stay one: what a manifest may say, and what can be launched. */
static void test_every_format_of_a_manifest_can_be_launched(void **state)
{
    (void)state;
    const char *const *said = manifest_formats();
    const char *const *launched = suites_formats();
    for (; *said && *launched; said++, launched++)
        assert_string_equal(*said, *launched);
    assert_null(*said);
    assert_null(*launched);
}

static void test_a_projects_name_is_its_roots_or_the_runs(void **state)
{
    fixture *f = *state;
    auto_free char *kept = run_project_name(f->root, "My.Category", NULL);
    auto_free char *again = run_project_name(f->root, "My.Category", NULL);
    auto_free char *of_run = run_project_name(f->root, "My.Category", "20260101-000000-abcdef");
    assert_string_equal(kept, again);
    assert_string_not_equal(kept, of_run);
    assert_int_equal(strspn(kept, "abcdefghijklmnopqrstuvwxyz0123456789-_"), strlen(kept));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_category_brings_what_it_depends_on_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_a_category_all_are_planned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_unknown_category_is_told_with_the_nearest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_service_that_the_compose_file_lacks_is_told_where_it_is_named,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ports_that_variables_name_are_dialled, set_up, tear_down),
        cmocka_unit_test(test_every_format_of_a_manifest_can_be_launched),
        cmocka_unit_test_setup_teardown(test_a_projects_name_is_its_roots_or_the_runs, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
