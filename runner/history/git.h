/** libgit2 as the history's parts use it, and what they share. Used inside the history only. */
#ifndef UTR_HISTORY_GIT_H
#define UTR_HISTORY_GIT_H

#include "history/history.h"

#include <git2.h>

/* libgit2, loaded when the first repository is opened (base/library.h). X(name without "git_"). */
#define HISTORY_CALLS(X)                                                                                     \
    X(blob_free)                                                                                             \
    X(blob_lookup)                                                                                           \
    X(blob_rawcontent)                                                                                       \
    X(blob_rawsize)                                                                                          \
    X(branch_iterator_free)                                                                                  \
    X(branch_iterator_new)                                                                                   \
    X(branch_name)                                                                                           \
    X(branch_next)                                                                                           \
    X(buf_dispose)                                                                                           \
    X(commit_author)                                                                                         \
    X(commit_free)                                                                                           \
    X(commit_lookup)                                                                                         \
    X(commit_parent_id)                                                                                      \
    X(commit_parentcount)                                                                                    \
    X(commit_summary)                                                                                        \
    X(commit_time)                                                                                           \
    X(commit_tree)                                                                                           \
    X(diff_buffers)                                                                                          \
    X(diff_find_options_init)                                                                                \
    X(diff_find_similar)                                                                                     \
    X(diff_free)                                                                                             \
    X(diff_get_delta)                                                                                        \
    X(diff_num_deltas)                                                                                       \
    X(diff_options_init)                                                                                     \
    X(diff_tree_to_tree)                                                                                     \
    X(diff_tree_to_workdir_with_index)                                                                       \
    X(error_last)                                                                                            \
    X(index_free)                                                                                            \
    X(index_get_bypath)                                                                                      \
    X(libgit2_init)                                                                                          \
    X(libgit2_opts)                                                                                          \
    X(libgit2_shutdown)                                                                                      \
    X(merge_base)                                                                                            \
    X(object_free)                                                                                           \
    X(object_id)                                                                                             \
    X(object_peel)                                                                                           \
    X(oid_fromstr)                                                                                           \
    X(oid_tostr)                                                                                             \
    X(reference_dwim)                                                                                        \
    X(reference_peel)                                                                                        \
    X(reference_free)                                                                                        \
    X(reference_name_to_id)                                                                                  \
    X(repository_discover)                                                                                   \
    X(repository_free)                                                                                       \
    X(repository_index)                                                                                      \
    X(repository_is_shallow)                                                                                 \
    X(repository_open_ext)                                                                                   \
    X(repository_workdir)                                                                                    \
    X(revparse_single)                                                                                       \
    X(status_file)                                                                                           \
    X(status_list_entrycount)                                                                                \
    X(status_list_free)                                                                                      \
    X(status_list_new)                                                                                       \
    X(status_options_init)                                                                                   \
    X(tree_free)

typedef struct {
#define HISTORY_MEMBER(name) __typeof__(git_##name) *(name);
    HISTORY_CALLS(HISTORY_MEMBER)
#undef HISTORY_MEMBER
} history_git;

struct history {
    history_git git;
    git_repository *repository;
    char *top;                         /* NULL: bare */
    char *prefix;                      /* "" or "some/folder/" */
    UTR_VEC(history_commit *) commits; /* that answers point to */
};

/** Record what libgit2 says went wrong, after the words given. @return code */
utr_code history_fail(const history *h, utr_error *err, utr_code code, const char *format, ...)
    UTR_PRINTF(4, 5);

history_id history_id_of(const history *h, const git_oid *oid);
git_oid history_oid_of(const history *h, const history_id *id);

/** A commit's tree, freed with git.tree_free(). @return UTR_NOT_FOUND */
UTR_MUST_CHECK utr_code history_tree(const history *h, const git_oid *commit, git_tree **out, utr_error *err);

/** Follow renames in a diff. Where it fails, or there are too many, the diff stays as it is. */
void history_follow_renames(const history *h, git_diff *diff, bool untracked);

/** Whether this side of a delta is a file: no link, no submodule, not nothing. */
bool history_is_file(const git_diff_file *side);

#endif
