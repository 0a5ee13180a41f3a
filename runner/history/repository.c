#include "base/files.h"
#include "base/library.h"
#include "base/text.h"
#include "history/git.h"

#include <errno.h>
#include <string.h>

/* What libgit2 1.5 refuses of itself, though it changes nothing for who only reads. */
static const char *const HARMLESS[] = {"partialclone", "preciousobjects", "worktreeconfig"};

static utr_code load(history_git *git, utr_error *err)
{
    const utr_symbol symbols[] = {
#define HISTORY_SYMBOL(name) {"git_" #name, (void **)&git->name},
        HISTORY_CALLS(HISTORY_SYMBOL)
#undef HISTORY_SYMBOL
    };
    return utr_library_load(UTR_LIBGIT2, symbols, sizeof symbols / sizeof *symbols, err);
}

utr_code history_fail(const history *h, utr_error *err, utr_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auto_free char *what = utr_vformat(format, args);
    va_end(args);
    const git_error *last = h->git.error_last();
    return utr_fail(err, code, "%s: %s", what, last && last->message ? last->message : "git says no more");
}

history_id history_id_of(const history *h, const git_oid *oid)
{
    history_id id;
    (void)h->git.oid_tostr(id.hex, sizeof id.hex, oid);
    return id;
}

git_oid history_oid_of(const history *h, const history_id *id)
{
    git_oid oid = {{0}};
    (void)h->git.oid_fromstr(&oid, id->hex);
    return oid;
}

/* What safe.directory is to name: the folder that belongs to somebody else. NULL: no repository. */
static char *refused_folder(const history *h, const char *folder)
{
    git_buf found = {0};
    if (h->git.repository_discover(&found, folder, 0, NULL))
        return NULL;
    size_t len = found.size;
    while (len > 1 && found.ptr[len - 1] == '/')
        len--;
    if (len > 5 && strncmp(found.ptr + len - 5, "/.git", 5) == 0)
        len -= 5;
    char *path = utr_strndup(found.ptr, len);
    h->git.buf_dispose(&found);
    return path;
}

/* libgit2 1.5 says GIT_ENOTFOUND in place of GIT_EOWNER where there is a configuration without
 * safe.directory. */
static utr_code fail_open(const history *h, int code, const char *folder, utr_error *err)
{
    if (code != GIT_ENOTFOUND && code != GIT_EOWNER)
        return history_fail(h, err, UTR_CONFIG, "open the git repository around %s", folder);
    auto_free char *path = refused_folder(h, folder);
    if (!path)
        return utr_fail(err, UTR_NOT_FOUND,
                        "no git repository at or above %s; run it in a checkout, or name one with --root",
                        folder);
    return utr_fail(err, UTR_CONFIG,
                    "the git repository %s belongs to another user, so it is not read; if you trust it: "
                    "git config --global --add safe.directory '%s'",
                    path, path);
}

/* Where folder lies below the top. */
static char *prefix_of(const char *top, const char *folder)
{
    const size_t len = strlen(top);
    if (strncmp(folder, top, len) != 0 || folder[len] != '/')
        return utr_strdup("");
    return utr_format("%s/", folder + len + 1);
}

static void note_places(history *h, const char *folder)
{
    const char *workdir = h->git.repository_workdir(h->repository);
    size_t len = workdir ? strlen(workdir) : 0;
    while (len > 1 && workdir[len - 1] == '/')
        len--;
    h->top = len ? utr_strndup(workdir, len) : NULL;
    h->prefix = prefix_of(h->top ? h->top : folder, folder);
}

static utr_code open_in(history *h, const char *folder, utr_error *err)
{
    char *real = realpath(folder, NULL);
    if (!real)
        return utr_fail(err, UTR_NOT_FOUND, "%s: %s", folder, strerror(errno));
    const int code = h->git.repository_open_ext(&h->repository, real, 0, NULL);
    if (code)
        (void)fail_open(h, code, real, err);
    else
        note_places(h, real);
    free(real);
    return err->code;
}

utr_code history_open(const char *folder, history **out, utr_error *err)
{
    history_git git;
    if (load(&git, err))
        return err->code;
    history *h = UTR_NEW(history);
    h->git = git;
    (void)git.libgit2_init();
    (void)git.libgit2_opts(GIT_OPT_SET_EXTENSIONS, HARMLESS, sizeof HARMLESS / sizeof *HARMLESS);
    if (open_in(h, folder, err)) {
        history_close(h);
        return err->code;
    }
    *out = h;
    return UTR_OK;
}

void history_close(history *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->commits.count; i++) {
        free(h->commits.items[i]->author);
        free(h->commits.items[i]->summary);
        free(h->commits.items[i]);
    }
    utr_vec_dispose(&h->commits);
    h->git.repository_free(h->repository);
    (void)h->git.libgit2_shutdown();
    free(h->top);
    free(h->prefix);
    free(h);
}

const char *history_top(const history *h)
{
    return h->top;
}

const char *history_prefix(const history *h)
{
    return h->prefix;
}

bool history_is_shallow(const history *h)
{
    return h->git.repository_is_shallow(h->repository) == 1;
}

utr_code history_head(history *h, history_id *out, utr_error *err)
{
    git_oid head;
    if (h->git.reference_name_to_id(&head, h->repository, "HEAD"))
        return utr_fail(err, UTR_NOT_FOUND, "no commit is checked out yet; commit something first");
    *out = history_id_of(h, &head);
    return UTR_OK;
}

bool history_is_dirty(history *h)
{
    git_status_options options;
    (void)h->git.status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED;
    git_status_list *list = NULL;
    if (!h->top || h->git.status_list_new(&list, h->repository, &options))
        return false;
    const bool dirty = h->git.status_list_entrycount(list) > 0;
    h->git.status_list_free(list);
    return dirty;
}

/* Where a file stands below the top: what is absolute is taken as it really is. NULL: not below it. */
static char *path_below_top(const history *h, const char *path)
{
    if (*path != '/')
        return utr_format("%s%s", h->prefix, path);
    auto_free char *folder = utr_path_dir(path);
    auto_free char *real = realpath(folder, NULL);
    const size_t len = h->top ? strlen(h->top) : 0;
    if (!real || !h->top || strncmp(real, h->top, len) != 0 || (real[len] && real[len] != '/'))
        return NULL;
    const char *name = strrchr(path, '/') + 1;
    return real[len] ? utr_format("%s/%s", real + len + 1, name) : utr_strdup(name);
}

utr_code history_is_clean(history *h, const char *path, bool *out, utr_error *err)
{
    auto_free char *below = path_below_top(h, path);
    unsigned flags = 0;
    if (!below || !h->top)
        return utr_fail(err, UTR_NOT_FOUND, "%s lies in no git work tree", path);
    if (h->git.status_file(&flags, h->repository, below))
        return history_fail(h, err, UTR_NOT_FOUND, "ask git for %s", path);
    *out = flags == GIT_STATUS_CURRENT;
    return UTR_OK;
}

utr_code history_tree(const history *h, const git_oid *commit, git_tree **out, utr_error *err)
{
    git_commit *found = NULL;
    if (h->git.commit_lookup(&found, h->repository, commit) || h->git.commit_tree(out, found)) {
        h->git.commit_free(found);
        return history_fail(h, err, UTR_NOT_FOUND, "read commit %.12s", history_id_of(h, commit).hex);
    }
    h->git.commit_free(found);
    return UTR_OK;
}

utr_code history_blob(history *h, const history_id *blob, utr_buf *out, utr_error *err)
{
    const git_oid oid = history_oid_of(h, blob);
    git_blob *found = NULL;
    if (h->git.blob_lookup(&found, h->repository, &oid))
        return utr_fail(err, UTR_NOT_FOUND,
                        "the content of blob %.12s is not here, as in a partial clone; "
                        "`git fetch --refetch --filter=blob:limit=16m` brings what is missing",
                        blob->hex);
    const utr_code code =
        utr_buf_add(out, h->git.blob_rawcontent(found), (size_t)h->git.blob_rawsize(found), err);
    h->git.blob_free(found);
    return code;
}
