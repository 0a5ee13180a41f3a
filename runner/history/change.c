#include "history/git.h"

#include <string.h>

/* Sources and targets of renames that are compared each with each: more, and only equal files are. */
static const size_t MOST_RENAMES = 400;

bool history_is_file(const git_diff_file *side)
{
    static const unsigned KIND = 0170000;
    return side->path && (side->mode & KIND) == (GIT_FILEMODE_BLOB & KIND);
}

void history_follow_renames(const history *h, git_diff *diff, bool untracked)
{
    git_diff_find_options options;
    (void)h->git.diff_find_options_init(&options, GIT_DIFF_FIND_OPTIONS_VERSION);
    options.flags = GIT_DIFF_FIND_RENAMES | (untracked ? GIT_DIFF_FIND_FOR_UNTRACKED : 0U);
    options.rename_limit = MOST_RENAMES;
    (void)h->git.diff_find_similar(diff, &options);
}

/* Where a sparse checkout leaves a file out, the index has what would be there. */
static bool is_left_out(const history *h, git_index *index, const git_diff_delta *delta, history_id *out)
{
    if (!index || delta->status != GIT_DELTA_DELETED)
        return false;
    const git_index_entry *entry = h->git.index_get_bypath(index, delta->old_file.path, 0);
    if (!entry || !(entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE))
        return false;
    *out = history_id_of(h, &entry->id);
    return true;
}

/* A file that became a link, or the other way round, is one that is removed or added. */
static void add_change(const history *h, git_index *index, const git_diff_delta *delta,
                       history_changes_list *out)
{
    history_id is_id = {0};
    const bool is_new = delta->status == GIT_DELTA_ADDED || delta->status == GIT_DELTA_UNTRACKED;
    const bool was = !is_new && history_is_file(&delta->old_file);
    const bool left_out = was && is_left_out(h, index, delta, &is_id);
    const bool is = left_out || (delta->status != GIT_DELTA_DELETED && history_is_file(&delta->new_file));
    const history_id was_id = was ? history_id_of(h, &delta->old_file.id) : (history_id){0};
    if ((!was && !is) || (left_out && strcmp(is_id.hex, was_id.hex) == 0))
        return;
    if (is && !h->top)
        is_id = history_id_of(h, &delta->new_file.id);
    *utr_vec_push(out) = (history_change){
        .before = was ? utr_strdup(delta->old_file.path) : NULL,
        .after = is ? utr_strdup(left_out ? delta->old_file.path : delta->new_file.path) : NULL,
        .was = was_id,
        .is = is_id,
    };
}

static void add_changes(const history *h, git_diff *diff, history_changes_list *out)
{
    git_index *index = NULL;
    if (h->top && h->git.repository_index(&index, h->repository))
        index = NULL;
    for (size_t i = 0; i < h->git.diff_num_deltas(diff); i++)
        add_change(h, index, h->git.diff_get_delta(diff, i), out);
    h->git.index_free(index);
}

static int by_path(const void *a, const void *b)
{
    const history_change *x = a, *y = b;
    return strcmp(x->after ? x->after : x->before, y->after ? y->after : y->before);
}

/* The work tree, or in a bare repository HEAD's. */
static int diff_since(const history *h, git_tree *since, git_tree *head, git_diff **out)
{
    git_diff_options options;
    (void)h->git.diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                    GIT_DIFF_SKIP_BINARY_CHECK | GIT_DIFF_INCLUDE_TYPECHANGE;
    if (h->top)
        return h->git.diff_tree_to_workdir_with_index(out, h->repository, since, &options);
    return h->git.diff_tree_to_tree(out, h->repository, since, head, &options);
}

utr_code history_changes(history *h, const history_id *since, history_changes_list *out, utr_error *err)
{
    git_tree *before = NULL, *head = NULL;
    git_diff *diff = NULL;
    history_id head_id;
    if (history_head(h, &head_id, err))
        return err->code;
    const git_oid from = history_oid_of(h, since), to = history_oid_of(h, &head_id);
    if (history_tree(h, &from, &before, err) == UTR_OK && history_tree(h, &to, &head, err) == UTR_OK &&
        diff_since(h, before, head, &diff))
        (void)history_fail(h, err, UTR_CONFIG, "compare with commit %.12s", since->hex);
    if (diff) {
        history_follow_renames(h, diff, true);
        add_changes(h, diff, out);
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_path);
    h->git.diff_free(diff);
    h->git.tree_free(before);
    h->git.tree_free(head);
    return err->code;
}

void history_changes_dispose(history_changes_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].before);
        free(list->items[i].after);
    }
    utr_vec_dispose(list);
}
