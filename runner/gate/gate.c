#include "gate/gate.h"

#include "base/files.h"
#include "gate/ci/ci.h"
#include "gate/manifests/manifest.h"
#include "gate/read.h"
#include "gate/source/source.h"

#include <string.h>

static const struct {
    const char *word, *says, *advice;
} KINDS[] = {
#define GATE_KIND_ROW(name, word, says, advice) {word, says, advice},
    GATE_KINDS(GATE_KIND_ROW)
#undef GATE_KIND_ROW
};

const char *gate_kind_text(gate_kind kind)
{
    return KINDS[kind].word;
}

const char *gate_kind_says(gate_kind kind)
{
    return KINDS[kind].says;
}

const char *gate_kind_advice(gate_kind kind)
{
    return KINDS[kind].advice;
}

static bool is_manifest(const void *reader, const char *path)
{
    return gate_is_manifest(reader, path);
}

static void add_mocks(const manifest_category *category, utr_strs *out)
{
    for (size_t i = 0; i < category->mocks.count; i++)
        if (!utr_strs_has(out, category->mocks.items[i]))
            utr_strs_add(out, category->mocks.items[i]);
}

/* Of all manifests there are and those that changed, on both sides: what is no mock any more is compared as
 * one. */
static utr_strs all_mocks(const gate_options *options, const gate_manifests *changed)
{
    utr_strs mocks = {0}, names = {0};
    manifest_set set = {0};
    utr_error ignored = {0}; /* what cannot be read now is told by its comparison */
    utr_faults faults = {0};
    for (const gate_rule *rule = options->rules; rule->name; rule++)
        utr_strs_add(&names, rule->name);
    const manifest_options read = {.root = options->root, .rules = (const char *const *)names.items};
    if (manifest_load_dir(&read, &set, &faults, &ignored) == UTR_OK)
        for (size_t i = 0; i < set.categories.count; i++)
            add_mocks(set.categories.items[i], &mocks);
    for (size_t i = 0; i < changed->old.count; i++)
        add_mocks(changed->old.items[i].category, &mocks);
    for (size_t i = 0; i < changed->new.count; i++)
        add_mocks(changed->new.items[i].category, &mocks);
    manifest_set_dispose(&set);
    utr_faults_dispose(&faults);
    utr_strs_dispose(&names);
    return mocks;
}

static utr_code compare(const gate_options *options, history *h, const history_changes_list *changes,
                        gate_work *work, utr_error *err)
{
    gate_manifests manifests = {0};
    utr_strs mocks = {0};
    gate_reader reader = {.options = options, .history = h, .root = options->root, .mocks = &mocks};
    if (gate_read(&reader, changes, work, err) == UTR_OK) {
        gate_manifests_parse(work, options->rules, is_manifest, &reader, &manifests);
        mocks = all_mocks(options, &manifests);
        if (gate_scan(&reader, work, err) == UTR_OK) {
            gate_sources_compare(work);
            gate_manifests_compare(work, options->rules, &manifests);
            gate_ci_compare(work, gate_is_ci);
        }
    }
    utr_strs_dispose(&mocks);
    gate_manifests_dispose(&manifests);
    return err->code;
}

static utr_code blame(const gate_options *options, history *h, const history_id *base, gate_work *work,
                      utr_error *err)
{
    history_questions questions = {0};
    for (size_t i = 0; i < work->items.count; i++) {
        const gate_item *item = &work->items.items[i];
        *utr_vec_push(&questions) =
            (history_question){.path = item->blame_path, .line = item->blame_line, .text = item->blame_text};
    }
    if (!questions.count || history_blame(h, base, &questions, options->cancel, err) == UTR_OK) {
        for (size_t i = 0; i < questions.count; i++) {
            work->items.items[i].told.origin = questions.items[i].origin;
            work->items.items[i].told.commit = questions.items[i].commit;
        }
    }
    utr_vec_dispose(&questions);
    return err->code;
}

/* A path of the repository as seen from the root. */
static char *as_seen(const char *prefix, const char *path)
{
    const char *rest = prefix;
    auto_strs utr_strs parts = {0};
    for (const char *slash = strchr(rest, '/'); slash; slash = strchr(rest, '/')) {
        const size_t len = (size_t)(slash + 1 - rest);
        if (parts.count || strncmp(path, rest, len) != 0)
            utr_strs_add(&parts, "..");
        else
            path += len;
        rest = slash + 1;
    }
    utr_strs_add(&parts, path);
    return utr_strs_join(&parts, "/");
}

static int by_place(const void *a, const void *b)
{
    const gate_weakening *x = a, *y = b;
    const int order = strcmp(x->file, y->file);
    if (order)
        return order;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

/* What is told goes over to the result, its paths as seen from the root. */
static void hand_over(gate_work *work, gate_result *out)
{
    const char *prefix = history_prefix(out->history);
    for (size_t i = 0; i < work->items.count; i++) {
        gate_weakening *told = &work->items.items[i].told;
        gate_weakening *given = utr_vec_push(&out->items);
        *given = *told;
        given->file = as_seen(prefix, told->file);
        free(told->file);
        *told = (gate_weakening){0};
    }
    for (size_t i = 0; i < work->unread.count; i++)
        *utr_vec_push(&out->unread) =
            (gate_unread){as_seen(prefix, work->unread.items[i].file), utr_strdup(work->unread.items[i].why)};
    if (out->items.count)
        qsort(out->items.items, out->items.count, sizeof *out->items.items, by_place);
    out->tests = work->tests;
    out->manifests = work->manifests;
    out->calls = work->calls;
}

static utr_code find_base(const gate_options *options, gate_result *out, utr_error *err)
{
    history_id head, named;
    if (history_open(options->root, &out->history, err) || history_head(out->history, &head, err) ||
        history_resolve(out->history, options->base, &named, &out->base_name, err))
        return err->code;
    return history_merge_base(out->history, &head, &named, &out->base, err);
}

utr_code gate_compare(const gate_options *options, gate_result *out, utr_error *err)
{
    if (find_base(options, out, err))
        return err->code;
    auto_history_changes history_changes_list changes = {0};
    if (history_changes(out->history, &out->base, &changes, err))
        return err->code;
    out->files = (int64_t)changes.count;
    gate_work work = {0};
    if (compare(options, out->history, &changes, &work, err) == UTR_OK &&
        blame(options, out->history, &out->base, &work, err) == UTR_OK)
        hand_over(&work, out);
    gate_work_dispose(&work);
    return err->code;
}
