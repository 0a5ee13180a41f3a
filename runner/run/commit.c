#include "run/commit.h"

#include "base/library.h"
#include "base/memory.h"

#include <git2.h>

/* libgit2, loaded when a run begins (base/library.h). X(name without "git_"). */
#define LIBGIT2_CALLS(X)                                                                                     \
    X(libgit2_init)                                                                                          \
    X(libgit2_shutdown)                                                                                      \
    X(oid_tostr)                                                                                             \
    X(reference_name_to_id)                                                                                  \
    X(repository_free)                                                                                       \
    X(repository_open_ext)                                                                                   \
    X(status_list_entrycount)                                                                                \
    X(status_list_free)                                                                                      \
    X(status_list_new)                                                                                       \
    X(status_options_init)

typedef struct {
#define LIBGIT2_MEMBER(name) __typeof__(git_##name) *(name);
    LIBGIT2_CALLS(LIBGIT2_MEMBER)
#undef LIBGIT2_MEMBER
} libgit2_functions;

static bool load(libgit2_functions *git)
{
    const utr_symbol symbols[] = {
#define LIBGIT2_SYMBOL(name) {"git_" #name, (void **)&git->name},
        LIBGIT2_CALLS(LIBGIT2_SYMBOL)
#undef LIBGIT2_SYMBOL
    };
    utr_error ignored = {0}; /* without it the record lacks the commit, as outside git */
    return utr_library_load(UTR_LIBGIT2, symbols, sizeof symbols / sizeof *symbols, &ignored) == UTR_OK;
}

static bool is_dirty(const libgit2_functions *git, git_repository *repository)
{
    git_status_options options;
    (void)git->status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED;
    git_status_list *list = NULL;
    if (git->status_list_new(&list, repository, &options))
        return false;
    bool dirty = git->status_list_entrycount(list) > 0;
    git->status_list_free(list);
    return dirty;
}

char *run_commit(const char *root, bool *out_dirty)
{
    libgit2_functions git;
    if (!load(&git))
        return NULL;
    char *commit = NULL;
    git_repository *repository = NULL;
    git_oid head;
    (void)git.libgit2_init();
    if (git.repository_open_ext(&repository, root, 0, NULL) == 0 &&
        git.reference_name_to_id(&head, repository, "HEAD") == 0) {
        commit = utr_calloc(GIT_OID_HEXSZ + 1, 1);
        (void)git.oid_tostr(commit, GIT_OID_HEXSZ + 1, &head);
        *out_dirty = is_dirty(&git, repository);
    }
    git.repository_free(repository);
    (void)git.libgit2_shutdown();
    return commit;
}
