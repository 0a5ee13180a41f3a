/* list: what there is to run. */
#include "cli/command.h"

#include "base/json.h"

static json_t *services_json(const manifest_category *category)
{
    json_t *list = json_array();
    for (size_t i = 0; i < category->services.count; i++)
        (void)json_array_append_new(list, json_pack("{s:s, s:b}", "name", category->services.items[i].name,
                                                    "critical", category->services.items[i].critical));
    return list;
}

static json_t *category_json(const manifest_category *category)
{
    json_t *suite_list = json_array();
    for (size_t i = 0; i < category->suites.count; i++)
        (void)json_array_append_new(suite_list,
                                    json_pack("{s:s, s:s}", "name", category->suites.items[i].name, "format",
                                              category->suites.items[i].format));
    json_t *needs = json_array();
    for (size_t i = 0; i < category->depends_on.count; i++)
        (void)json_array_append_new(needs, json_string(category->depends_on.items[i].category));
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "name", category->name, "description",
                     category->description, "priority", manifest_priority_text(category->priority),
                     "real_services", manifest_real_services_text(category->real_services), "minimum_tests",
                     (json_int_t)category->minimum_tests, "depends_on", needs, "suites", suite_list,
                     "services", services_json(category));
}

static void print_json(const manifest_set *set)
{
    auto_json json_t *list = json_array();
    for (size_t i = 0; i < set->categories.count; i++)
        (void)json_array_append_new(list, category_json(set->categories.items[i]));
    (void)json_dumpf(list, stdout, JSON_INDENT(2));
    (void)printf("\n");
}

static void print_category(const manifest_category *category)
{
    (void)printf("%s  (%s, real services %s, at least %lld tests)\n", category->name,
                 manifest_priority_text(category->priority),
                 manifest_real_services_text(category->real_services), (long long)category->minimum_tests);
    if (*category->description)
        (void)printf("    %s\n", category->description);
    for (size_t i = 0; i < category->depends_on.count; i++)
        (void)printf("    after    %s\n", category->depends_on.items[i].category);
    for (size_t i = 0; i < category->services.count; i++)
        (void)printf("    service  %s%s\n", category->services.items[i].name,
                     category->services.items[i].critical ? "" : "  (not critical)");
    for (size_t i = 0; i < category->suites.count; i++)
        (void)printf("    suite    %s  (%s)\n", category->suites.items[i].name,
                     category->suites.items[i].format);
}

int command_list(const cli_options *options)
{
    utr_error err = {0};
    auto_faults utr_faults faults = {0};
    auto_manifest_set manifest_set set = {0};
    if (options->arguments.count) {
        (void)utr_fail(&err, UTR_USAGE, "list takes no '%s'", options->arguments.items[0]);
        return cli_fail(&err, NULL);
    }
    auto_strs utr_strs rules = run_rule_names();
    manifest_options read = {.root = options->request.root, .rules = (const char *const *)rules.items};
    if (manifest_load_dir(&read, &set, &faults, &err))
        return cli_fail(&err, &faults);
    if (options->json)
        print_json(&set);
    else
        for (size_t i = 0; i < set.categories.count; i++)
            print_category(set.categories.items[i]);
    return CLI_OK;
}
