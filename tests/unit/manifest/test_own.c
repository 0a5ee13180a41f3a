/* The manifests that the project itself keeps: its own category, the cheats and their honest twins. */
#include "root.h"

#include "base/files.h"

#include <dirent.h>

static void assert_loads(const char *root)
{
    auto_faults utr_faults faults = {0};
    auto_manifest_set manifest_set set = {0};
    manifest_options options = root_options(root);
    utr_error err = {0};
    utr_code code = manifest_load_dir(&options, &set, &faults, &err);
    for (size_t i = 0; i < faults.texts.count; i++)
        print_error("%s\n", faults.texts.items[i]);
    if (code)
        fail_msg("%s", err.text);
    assert_int_equal(set.categories.count, 1);
    const manifest_category *category = set.categories.items[0];
    assert_string_equal(category->name, "mission_critical");
    assert_int_equal(category->real_services, MANIFEST_REQUIRED);
    assert_true(category->services.count > 0);
}

static void test_own_category_is_right(void **state)
{
    (void)state;
    assert_loads(UTR_OWN);
}

static int is_project(const struct dirent *entry)
{
    return *entry->d_name != '.';
}

static void assert_all_load(const char *folder)
{
    struct dirent **projects = NULL;
    int count = scandir(folder, &projects, is_project, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        auto_free char *root = utr_path_join(folder, projects[i]->d_name);
        assert_loads(root);
        free(projects[i]);
    }
    free(projects);
}

static void test_own_fixtures_are_right(void **state)
{
    (void)state;
    assert_all_load(UTR_OWN "/fixtures/bypassed");
    assert_all_load(UTR_OWN "/fixtures/proven");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_category_is_right),
        cmocka_unit_test(test_own_fixtures_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
