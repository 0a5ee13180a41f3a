#include "base/text.h"
#include "history/git.h"

#include <search.h>
#include <string.h>

static bool note(const history *h, git_object *object, history_id *out)
{
    git_object *commit = NULL;
    const bool found = object && h->git.object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0;
    if (found)
        *out = history_id_of(h, h->git.object_id(commit));
    h->git.object_free(commit);
    h->git.object_free(object);
    return found;
}

static bool commit_of_ref(const history *h, const char *name, history_id *out)
{
    git_reference *reference = NULL;
    git_object *object = NULL;
    if (h->git.reference_dwim(&reference, h->repository, name) == 0 &&
        h->git.reference_peel(&object, reference, GIT_OBJECT_COMMIT))
        object = NULL;
    h->git.reference_free(reference);
    return note(h, object, out);
}

/* An id, or a way from another name: HEAD~2, main@{1}. What is neither is not asked for: libgit2 1.5 leaks
 * then. */
static bool commit_of_way(const history *h, const char *name, history_id *out)
{
    git_object *object = NULL;
    if (h->git.revparse_single(&object, h->repository, name))
        return false;
    return note(h, object, out);
}

/* All branches, those of remotes, too. */
static utr_strs branches(const history *h)
{
    utr_strs names = {0};
    git_branch_iterator *each = NULL;
    git_reference *branch = NULL;
    git_branch_t kind;
    if (h->git.branch_iterator_new(&each, h->repository, GIT_BRANCH_ALL))
        return names;
    while (h->git.branch_next(&branch, &kind, each) == 0) {
        const char *name = NULL;
        if (h->git.branch_name(&name, branch) == 0)
            utr_strs_add(&names, name);
        h->git.reference_free(branch);
    }
    h->git.branch_iterator_free(each);
    return names;
}

static utr_code fail_unknown(const history *h, const char *name, utr_error *err)
{
    auto_strs utr_strs names = branches(h);
    const char *nearest = utr_text_nearest(name, (const char *const *)names.items, names.count);
    auto_free char *meant = nearest ? utr_format("did you mean '%s'? Else ", nearest) : utr_strdup("");
    return utr_fail(
        err, UTR_NOT_FOUND,
        "no commit or branch '%.100s' here, nor 'origin/%.100s'; %s`git fetch origin %.100s` brings "
        "a branch (then name it FETCH_HEAD), `git branch --all` lists what there is",
        name, name, meant, name);
}

utr_code history_resolve(history *h, const char *name, history_id *out, char **out_name, utr_error *err)
{
    auto_free char *remote = utr_format("refs/remotes/origin/%s", name);
    const bool here = *name && (commit_of_ref(h, name, out) || commit_of_way(h, name, out));
    if (!here && !(*name && commit_of_ref(h, remote, out)))
        return fail_unknown(h, name, err);
    *out_name = here ? utr_strdup(name) : utr_format("origin/%s", name);
    return UTR_OK;
}

/* Commits on a walk, each once: in order, and as a tree to look them up. */
typedef struct {
    UTR_VEC(git_oid *) items;
    void *known;
} walk;

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(git_oid));
}

static void walk_add(walk *w, const git_oid *oid)
{
    if (tfind(oid, &w->known, by_id))
        return;
    git_oid *own = UTR_NEW(git_oid);
    *own = *oid;
    *utr_vec_push(&w->items) = own;
    (void)tsearch(own, &w->known, by_id);
}

static void forget_nothing(void *node)
{
    (void)node; /* the items own them */
}

static void walk_dispose(walk *w)
{
    tdestroy(w->known, forget_nothing);
    for (size_t i = 0; i < w->items.count; i++)
        free(w->items.items[i]);
    utr_vec_dispose(&w->items);
}

/* Adds the commit's parents, as far as they are here. @return when it was made; 0: it is not here */
static git_time_t walk_on(const history *h, walk *w, const git_oid *oid)
{
    git_commit *commit = NULL;
    if (h->git.commit_lookup(&commit, h->repository, oid))
        return 0;
    for (unsigned i = 0; i < h->git.commit_parentcount(commit); i++)
        walk_add(w, h->git.commit_parent_id(commit, i));
    const git_time_t when = h->git.commit_time(commit);
    h->git.commit_free(commit);
    return when;
}

/* The newest ancestor of b that is one of a, too, where only a part of the history is here: libgit2 gives up
 * at the first commit that is not. */
static bool newest_common(const history *h, const git_oid *a, const git_oid *b, git_oid *out)
{
    walk of_a = {0}, of_b = {0};
    git_time_t newest = 0;
    walk_add(&of_a, a);
    walk_add(&of_b, b);
    for (size_t i = 0; i < of_a.items.count; i++)
        (void)walk_on(h, &of_a, of_a.items.items[i]);
    for (size_t i = 0; i < of_b.items.count; i++) {
        const git_oid *oid = of_b.items.items[i];
        walk behind = {0};
        const bool common = tfind(oid, &of_a.known, by_id) != NULL;
        const git_time_t when = walk_on(h, common ? &behind : &of_b, oid);
        if (common && when > newest) {
            newest = when;
            *out = *oid;
        }
        walk_dispose(&behind);
    }
    walk_dispose(&of_a);
    walk_dispose(&of_b);
    return newest != 0;
}

static utr_code fail_no_base(const history *h, const git_oid *a, const git_oid *b, utr_error *err)
{
    if (!history_is_shallow(h))
        return utr_fail(
            err, UTR_NOT_FOUND,
            "commits %.12s and %.12s have no common ancestor; name a branch that this one came from",
            history_id_of(h, a).hex, history_id_of(h, b).hex);
    return utr_fail(err, UTR_NOT_FOUND,
                    "this shallow clone lacks the common ancestor of %.12s and %.12s; get it with "
                    "`git fetch --deepen=100` (again until it suffices) or `git fetch --unshallow`",
                    history_id_of(h, a).hex, history_id_of(h, b).hex);
}

utr_code history_merge_base(history *h, const history_id *a, const history_id *b, history_id *out,
                            utr_error *err)
{
    const git_oid one = history_oid_of(h, a), two = history_oid_of(h, b);
    git_oid base;
    const bool found = history_is_shallow(h) ? newest_common(h, &one, &two, &base)
                                             : h->git.merge_base(&base, h->repository, &one, &two) == 0;
    if (!found)
        return fail_no_base(h, &one, &two, err);
    *out = history_id_of(h, &base);
    return UTR_OK;
}
