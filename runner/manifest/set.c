#include "base/files.h"
#include "base/text.h"
#include "manifest/category.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>

static int is_manifest_file(const struct dirent *entry)
{
    const char *name = entry->d_name;
    return *name != '.' && (utr_text_ends(name, ".yaml") || utr_text_ends(name, ".yml"));
}

/* The manifest files of a root, by name. */
static utr_code list_files(const char *root, utr_strs *out, utr_error *err)
{
    auto_free char *folder = utr_path_join(root, "categories");
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_manifest_file, alphasort);
    if (count < 0 && errno == ENOENT)
        return utr_fail(err, UTR_NOT_FOUND, "no folder %s; name the project's folder with --root", folder);
    if (count < 0)
        return utr_fail_sys(err, errno, "list %s", folder);
    for (int i = 0; i < count; i++) {
        utr_strs_give(out, utr_path_join(folder, entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
    if (!out->count)
        return utr_fail(err, UTR_NOT_FOUND, "no manifest in %s; write one, NAME.yaml", folder);
    return UTR_OK;
}

/* Reads each file; one that cannot be opened is a fault like the others. */
static void read_files(const utr_strs *files, const manifest_options *options, manifest_set *set,
                       utr_faults *faults)
{
    for (size_t i = 0; i < files->count; i++) {
        utr_error err = {0};
        manifest_category *category = manifest_category_read(files->items[i], options, faults, &err);
        *utr_vec_push(&set->categories) = category;
        if (err.code && err.code != UTR_CONFIG)
            utr_faults_add(faults, (utr_place){.path = files->items[i]}, "%s", err.text);
    }
}

/* Those whose name could not be read come last. */
static int by_priority_and_name(const void *left, const void *right)
{
    const manifest_category *a = *(manifest_category *const *)left;
    const manifest_category *b = *(manifest_category *const *)right;
    if (!a->name || !b->name)
        return (a->name == NULL) - (b->name == NULL);
    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* The index of a named category, or the count. */
static size_t index_of(const manifest_set *set, const char *name)
{
    size_t i = 0;
    while (i < set->categories.count) {
        const char *other = set->categories.items[i]->name;
        if (other && strcmp(other, name) == 0)
            break;
        i++;
    }
    return i;
}

static utr_strs names_of(const manifest_set *set)
{
    utr_strs names = {0};
    for (size_t i = 0; i < set->categories.count; i++) {
        if (set->categories.items[i]->name)
            utr_strs_add(&names, set->categories.items[i]->name);
    }
    return names;
}

static void check_names_are_unique(const manifest_set *set, utr_faults *faults)
{
    for (size_t i = 0; i < set->categories.count; i++) {
        const manifest_category *category = set->categories.items[i];
        size_t first = category->name ? index_of(set, category->name) : i;
        if (first == i)
            continue;
        utr_place other = set->categories.items[first]->place;
        utr_faults_add(faults, category->place, "category '%s' stands in %s:%d already; names are unique",
                       category->name, other.path, other.line);
    }
}

static void check_dependencies_exist(const manifest_set *set, utr_faults *faults)
{
    auto_strs utr_strs names = names_of(set);
    if (names.count != set->categories.count)
        return; /* what is missing may be in the file that could not be read */
    for (size_t i = 0; i < set->categories.count; i++) {
        const manifest_category *category = set->categories.items[i];
        for (size_t j = 0; j < category->depends_on.count; j++) {
            const manifest_dependency *dependency = &category->depends_on.items[j];
            if (!utr_strs_has(&names, dependency->category))
                utr_faults_unknown(faults, dependency->place, "category", dependency->category, &names);
        }
    }
}

/* The first dependency that is not settled, or NULL. */
static const manifest_dependency *first_unsettled(const manifest_set *set, const bool *settled, size_t index)
{
    const manifest_category *category = set->categories.items[index];
    for (size_t i = 0; i < category->depends_on.count; i++) {
        size_t on = index_of(set, category->depends_on.items[i].category);
        if (on < set->categories.count && !settled[on])
            return &category->depends_on.items[i];
    }
    return NULL;
}

/* Settles, again and again, the first category in order whose dependencies all are, and tells each. */
static void settle(const manifest_set *set, bool *settled, manifest_categories *out)
{
    for (size_t i = 0; i < set->categories.count;) {
        if (settled[i] || first_unsettled(set, settled, i)) {
            i++;
            continue;
        }
        settled[i] = true;
        if (out)
            *utr_vec_push(out) = set->categories.items[i];
        i = 0;
    }
}

static void fault_circle(const manifest_set *set, const bool *settled, size_t start, utr_faults *faults)
{
    auto_strs utr_strs names = {0};
    const manifest_dependency *first = first_unsettled(set, settled, start);
    utr_strs_add(&names, set->categories.items[start]->name);
    size_t at = start;
    do {
        const manifest_dependency *next = first_unsettled(set, settled, at);
        utr_strs_add(&names, next->category);
        at = index_of(set, next->category);
    } while (at != start);
    auto_free char *way = utr_strs_join(&names, " -> ");
    utr_faults_add(faults, first->place, "depends_on goes in a circle: %.800s", way);
}

/* Whoever cannot be settled is in a circle or leads to one: follow it until a category comes again. */
static void check_circles(const manifest_set *set, utr_faults *faults)
{
    size_t count = set->categories.count;
    auto_free bool *settled = utr_calloc(count, sizeof *settled);
    auto_free size_t *walk = utr_calloc(count, sizeof *walk);
    settle(set, settled, NULL);
    for (size_t start = 0; start < count; start++) {
        size_t at = start;
        while (!settled[at] && !walk[at]) {
            walk[at] = start + 1;
            at = index_of(set, first_unsettled(set, settled, at)->category);
        }
        if (!settled[at] && walk[at] == start + 1)
            fault_circle(set, settled, at, faults);
    }
}

utr_code manifest_load_dir(const manifest_options *options, manifest_set *out, utr_faults *faults,
                           utr_error *err)
{
    const char *root = options->root ? options->root : ".";
    const size_t before = faults->texts.count + faults->dropped;
    auto_strs utr_strs files = {0};
    utr_code code = list_files(root, &files, err);
    if (code)
        return code;
    auto_manifest_set manifest_set set = {0};
    read_files(&files, options, &set, faults);
    assert(set.categories.items); /* list_files found some */
    qsort(set.categories.items, set.categories.count, sizeof(void *), by_priority_and_name);
    check_names_are_unique(&set, faults);
    check_dependencies_exist(&set, faults);
    check_circles(&set, faults);
    if (faults->texts.count + faults->dropped != before)
        return utr_fail(err, UTR_CONFIG, "the manifests in %s have faults", root);
    *out = set;
    set = (manifest_set){0};
    return UTR_OK;
}

void manifest_set_dispose(manifest_set *set)
{
    for (size_t i = 0; i < set->categories.count; i++)
        manifest_free(set->categories.items[i]);
    utr_vec_dispose(&set->categories);
}

static utr_code fail_unknown(const manifest_set *set, const char *name, utr_error *err)
{
    auto_strs utr_strs names = names_of(set);
    auto_free char *all = utr_strs_join(&names, ", ");
    const char *nearest = utr_text_nearest(name, (const char *const *)names.items, names.count);
    if (nearest)
        return utr_fail(err, UTR_NOT_FOUND, "no category '%.100s'; did you mean '%s'? There are: %s", name,
                        nearest, all);
    return utr_fail(err, UTR_NOT_FOUND, "no category '%.100s'; there are: %s", name, all);
}

/* Marks a category and all behind it as unsettled. The set has no circles, so this ends. */
static void want(const manifest_set *set, size_t index, bool *settled)
{
    if (!settled[index])
        return;
    settled[index] = false;
    const manifest_category *category = set->categories.items[index];
    for (size_t i = 0; i < category->depends_on.count; i++)
        want(set, index_of(set, category->depends_on.items[i].category), settled);
}

utr_code manifest_closure(const manifest_set *set, const utr_strs *names, manifest_categories *out,
                          utr_error *err)
{
    auto_free bool *settled = utr_calloc(set->categories.count, sizeof *settled);
    (void)memset(settled, true, set->categories.count);
    for (size_t i = 0; i < names->count; i++) {
        size_t index = index_of(set, names->items[i]);
        if (index == set->categories.count)
            return fail_unknown(set, names->items[i], err);
        want(set, index, settled);
    }
    settle(set, settled, out);
    return UTR_OK;
}
