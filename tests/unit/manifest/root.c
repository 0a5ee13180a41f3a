#include "root.h"

#include "base/files.h"

#include <ftw.h>

static const char *const RULES[] = {"no-evidence", "skipped", "mock", NULL};

static void write_file(const char *root, const char *name, const char *text)
{
    auto_free char *path = utr_path_join(root, name);
    utr_error err = {0};
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
}

int root_setup(void **state)
{
    char path[] = "/tmp/utr-test-root-XXXXXX";
    if (!mkdtemp(path))
        return -1;
    utr_error err = {0};
    auto_free char *categories = utr_path_join(path, "categories");
    auto_free char *tests = utr_path_join(path, "tests");
    if (utr_dir_make(categories, &err) || utr_dir_make(tests, &err))
        return -1;
    write_file(path, "stack.yaml", "services: {}\n");
    *state = utr_strdup(path);
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

int root_teardown(void **state)
{
    int removed = nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return removed;
}

void root_write(const char *root, const char *name, const char *text)
{
    auto_free char *path = utr_format("categories/%s", name);
    write_file(root, path, text);
}

manifest_options root_options(const char *root)
{
    return (manifest_options){.root = root, .rules = RULES};
}

static utr_code load(const char *root, const char *text, manifest_category **out, utr_faults *faults)
{
    root_write(root, "one.yaml", text);
    auto_free char *path = utr_path_join(root, "categories/one.yaml");
    manifest_options options = root_options(root);
    utr_error err = {0};
    return manifest_load(path, &options, out, faults, &err);
}

manifest_category *root_load(const char *root, const char *text)
{
    auto_faults utr_faults faults = {0};
    manifest_category *category = NULL;
    utr_code code = load(root, text, &category, &faults);
    for (size_t i = 0; i < faults.texts.count; i++)
        print_error("%s\n", faults.texts.items[i]);
    assert_int_equal(code, UTR_OK);
    return category;
}

char *root_faults(const char *root, const char *text)
{
    auto_faults utr_faults faults = {0};
    manifest_category *category = NULL;
    assert_int_equal(load(root, text, &category, &faults), UTR_CONFIG);
    assert_null(category);
    return utr_strs_join(&faults.texts, "\n");
}

void root_refuse(const char *root, const char *text, const char *wanted)
{
    auto_free char *faults = root_faults(root, text);
    if (strchr(faults, '\n') || !strstr(faults, wanted))
        assert_string_equal(faults, wanted);
}
