#include "root.h"

#include "base/files.h"

/* Writes a category without services. */
static void add(const char *root, const char *name, const char *priority, const char *depends_on)
{
    auto_free char *file = utr_format("%s.yaml", name);
    auto_free char *text =
        utr_format("category: %s\npriority: %s\ndepends_on: [%s]\nreal_services: none\n" ROOT_SUITES, name,
                   priority, depends_on);
    root_write(root, file, text);
}

static manifest_set load(const char *root)
{
    auto_faults utr_faults faults = {0};
    manifest_options options = root_options(root);
    manifest_set set = {0};
    utr_error err = {0};
    utr_code code = manifest_load_dir(&options, &set, &faults, &err);
    if (faults.texts.count)
        print_error("%s\n", faults.texts.items[0]);
    assert_int_equal(code, UTR_OK);
    return set;
}

static char *faults_of(const char *root)
{
    auto_faults utr_faults faults = {0};
    manifest_options options = root_options(root);
    manifest_set set = {0};
    utr_error err = {0};
    assert_int_equal(manifest_load_dir(&options, &set, &faults, &err), UTR_CONFIG);
    assert_int_equal(set.categories.count, 0);
    return utr_strs_join(&faults.texts, "\n");
}

static char *names(const manifest_categories *categories)
{
    auto_strs utr_strs all = {0};
    for (size_t i = 0; i < categories->count; i++)
        utr_strs_add(&all, categories->items[i]->name);
    return utr_strs_join(&all, " ");
}

static void test_set_is_sorted_by_priority_and_then_by_name(void **state)
{
    add(*state, "a", "low", "");
    add(*state, "z", "critical", "");
    add(*state, "m", "high", "");
    add(*state, "b", "high", "");
    root_write(*state, "README.md", "not a manifest");
    root_write(*state, ".hidden.yaml", "not: one");
    auto_manifest_set manifest_set set = load(*state);
    auto_free char *all = names(&set.categories);
    assert_string_equal(all, "z b m a");
}

static void test_set_without_manifests_is_not_found(void **state)
{
    auto_faults utr_faults faults = {0};
    manifest_options options = root_options(*state);
    manifest_set set = {0};
    utr_error err = {0};
    assert_int_equal(manifest_load_dir(&options, &set, &faults, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no manifest in"));
    utr_error_reset(&err);
    options.root = "/no/such/place";
    assert_int_equal(manifest_load_dir(&options, &set, &faults, &err), UTR_NOT_FOUND);
    assert_non_null(
        strstr(err.text, "no folder /no/such/place/categories; name the project's folder with --root"));
}

static void test_set_closure_puts_first_what_is_depended_on(void **state)
{
    add(*state, "top", "critical", "middle, side");
    add(*state, "middle", "low", "bottom");
    add(*state, "side", "medium", "");
    add(*state, "bottom", "low", "");
    add(*state, "other", "high", "");
    auto_manifest_set manifest_set set = load(*state);
    utr_error err = {0};
    auto_strs utr_strs wanted = {0};
    utr_strs_add(&wanted, "top");
    utr_strs_add(&wanted, "bottom");
    manifest_categories closure = {0};
    assert_int_equal(manifest_closure(&set, &wanted, &closure, &err), UTR_OK);
    auto_free char *all = names(&closure);
    assert_string_equal(all, "side bottom middle top");
    utr_vec_dispose(&closure);
}

static void test_set_closure_names_the_nearest_to_what_is_unknown(void **state)
{
    static const char *const CASES[][2] = {
        {"mission-critical", "no category 'mission-critical'; did you mean 'mission_critical'? There are: "
                             "mission_critical, slow"},
        {"xyzzyx", "no category 'xyzzyx'; there are: mission_critical, slow"},
    };
    add(*state, "mission_critical", "high", "");
    add(*state, "slow", "low", "");
    auto_manifest_set manifest_set set = load(*state);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        utr_error err = {0};
        auto_strs utr_strs wanted = {0};
        utr_strs_add(&wanted, "slow");
        utr_strs_add(&wanted, CASES[i][0]);
        manifest_categories closure = {0};
        assert_int_equal(manifest_closure(&set, &wanted, &closure, &err), UTR_NOT_FOUND);
        assert_string_equal(err.text, CASES[i][1]);
        assert_null(closure.items);
        utr_error_reset(&err);
    }
}

static void test_set_refuses_a_name_given_twice(void **state)
{
    add(*state, "one", "low", "");
    root_write(*state, "two.yaml", "category: one\nreal_services: none\n" ROOT_SUITES);
    auto_free char *faults = faults_of(*state);
    assert_non_null(strstr(faults, "category 'one' stands in"));
    assert_null(strchr(faults, '\n'));
}

static void test_set_refuses_dependencies_that_are_not_there(void **state)
{
    add(*state, "one", "low", "two, thre");
    add(*state, "two", "low", "");
    add(*state, "three", "low", "");
    auto_free char *faults = faults_of(*state);
    assert_non_null(strstr(faults, "one.yaml:3:19: unknown category 'thre'; did you mean 'three'?"));
    assert_null(strchr(faults, '\n'));
}

static void test_set_refuses_circles_and_shows_them(void **state)
{
    add(*state, "a", "low", "b");
    add(*state, "b", "low", "c");
    add(*state, "c", "low", "b");
    add(*state, "self", "low", "self");
    auto_free char *faults = faults_of(*state);
    assert_non_null(strstr(faults, "b.yaml:3:14: depends_on goes in a circle: b -> c -> b"));
    assert_non_null(strstr(faults, "self.yaml:3:14: depends_on goes in a circle: self -> self"));
    assert_ptr_equal(strchr(faults, '\n'), strrchr(faults, '\n'));
}

static void test_set_tells_the_faults_of_all_files(void **state)
{
    root_write(*state, "a.yaml", "a: [");
    root_write(*state, "b.yml", "category: b\nreal_services: none\nsuites: []\n");
    add(*state, "c", "urgent", "a");
    auto_free char *folder = utr_format("%s/categories/d.yaml", (const char *)*state);
    utr_error err = {0};
    assert_int_equal(utr_dir_make(folder, &err), UTR_OK);
    auto_free char *faults = faults_of(*state);
    assert_non_null(strstr(faults, "a.yaml:"));
    assert_non_null(strstr(faults, "b.yml:3:9: 'suites' is empty"));
    assert_non_null(strstr(faults, "c.yaml:2:11: unknown priority"));
    assert_non_null(strstr(faults, "d.yaml: "));
    assert_null(strstr(faults, "unknown category"));
}

#define SET_TEST(name) cmocka_unit_test_setup_teardown(name, root_setup, root_teardown)

static void test_a_text_is_read_without_the_files_that_it_names(void **state)
{
    manifest_options options = root_options(*state);
    static const char TEXT[] = "category: old\ncompose: gone.yaml\nservices: {db: }\nsuites:\n"
                               "  - {name: s, run: [x], format: exit, sources: [gone], directory: gone}\n";
    auto_faults utr_faults faults = {0};
    auto_buf utr_buf text = UTR_BUF_INIT(1000);
    utr_buf_puts(&text, TEXT);
    auto_manifest manifest_category *category = NULL;
    assert_int_equal(manifest_parse("old.yaml", &text, &options, &category, &faults), UTR_OK);
    assert_string_equal(category->name, "old");
    utr_buf_puts(&text, "unknown: 1\n");
    manifest_category *none = NULL;
    assert_int_equal(manifest_parse("old.yaml", &text, &options, &none, &faults), UTR_CONFIG);
    assert_null(none);
    assert_non_null(strstr(faults.texts.items[0], "old.yaml:6:1: unknown key 'unknown'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SET_TEST(test_a_text_is_read_without_the_files_that_it_names),
        SET_TEST(test_set_is_sorted_by_priority_and_then_by_name),
        SET_TEST(test_set_without_manifests_is_not_found),
        SET_TEST(test_set_closure_names_the_nearest_to_what_is_unknown),
        SET_TEST(test_set_closure_puts_first_what_is_depended_on),
        SET_TEST(test_set_refuses_a_name_given_twice),
        SET_TEST(test_set_refuses_dependencies_that_are_not_there),
        SET_TEST(test_set_refuses_circles_and_shows_them),
        SET_TEST(test_set_tells_the_faults_of_all_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
