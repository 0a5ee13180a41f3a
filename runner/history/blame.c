#include "history/step.h"

#include <string.h>
#include <time.h>

/* A commit that questions have come to. */
typedef struct {
    git_oid id;
    git_time_t when;
    history_traces traces;
} visit;

typedef struct {
    history *h;
    history_question *questions;
    UTR_VEC(visit) visits;
} blame;

static git_time_t time_of(const history *h, const git_oid *id)
{
    git_commit *commit = NULL;
    git_time_t when = 0;
    if (h->git.commit_lookup(&commit, h->repository, id) == 0)
        when = h->git.commit_time(commit);
    h->git.commit_free(commit);
    return when;
}

/* The question goes on at that commit. */
static void arrive(blame *b, const git_oid *id, history_trace trace)
{
    for (size_t i = 0; i < b->visits.count; i++) {
        if (memcmp(&b->visits.items[i].id, id, sizeof *id) == 0) {
            *utr_vec_push(&b->visits.items[i].traces) = trace;
            return;
        }
    }
    visit *next = utr_vec_push(&b->visits);
    next->id = *id;
    next->when = time_of(b->h, id);
    *utr_vec_push(&next->traces) = trace;
}

/* The newest: whatever leads to it was looked at before. */
static visit take_newest(blame *b)
{
    size_t newest = 0;
    for (size_t i = 1; i < b->visits.count; i++)
        if (b->visits.items[i].when > b->visits.items[newest].when)
            newest = i;
    const visit taken = b->visits.items[newest];
    b->visits.items[newest] = b->visits.items[--b->visits.count];
    return taken;
}

static void date_of(const git_time *when, char out[11])
{
    const time_t local = (time_t)(when->time + (git_time_t)when->offset * 60);
    struct tm parts;
    if (!gmtime_r(&local, &parts) || !strftime(out, 11, "%Y-%m-%d", &parts))
        out[0] = 0;
}

static const history_commit *note_commit(history *h, git_commit *commit, const git_oid *oid)
{
    const history_id id = history_id_of(h, oid);
    for (size_t i = 0; i < h->commits.count; i++)
        if (strcmp(h->commits.items[i]->id.hex, id.hex) == 0)
            return h->commits.items[i];
    const git_signature *author = h->git.commit_author(commit);
    const char *summary = h->git.commit_summary(commit);
    history_commit *noted = UTR_NEW(history_commit);
    noted->id = id;
    noted->author = utr_strdup(author ? author->name : "");
    noted->summary = utr_strdup(summary ? summary : "");
    if (author)
        date_of(&author->when, noted->date);
    *utr_vec_push(&h->commits) = noted;
    return noted;
}

static void drop(history_traces *traces, size_t index)
{
    traces->items[index] = traces->items[--traces->count];
}

/* Sends what one parent has just so to that parent. @return whether that parent is here */
static bool ask_parent(blame *b, git_tree *tree, const git_oid *parent, history_traces *traces)
{
    history *h = b->h;
    utr_error ignored = {0}; /* a shallow clone lacks it */
    git_tree *older = NULL;
    if (history_tree(h, parent, &older, &ignored))
        return false;
    history_step step;
    if (history_step_open(&step, h, older, tree)) {
        for (size_t i = traces->count; i-- > 0;) {
            history_trace trace = traces->items[i];
            if (!history_step_follow(&step, &b->questions[trace.question], &trace)) {
                traces->items[i] = trace;
                continue;
            }
            drop(traces, i);
            arrive(b, parent, trace);
        }
    }
    history_step_close(&step);
    h->git.tree_free(older);
    return true;
}

/* Those left over are this commit's. */
static void answer(blame *b, git_commit *commit, const visit *at, bool oldest)
{
    for (size_t i = 0; i < at->traces.count; i++) {
        history_question *question = &b->questions[at->traces.items[i].question];
        question->origin = HISTORY_COMMITTED;
        question->commit = note_commit(b->h, commit, &at->id);
        question->oldest = oldest;
    }
}

static void traces_dispose(history_traces *traces)
{
    for (size_t i = 0; i < traces->count; i++)
        free(traces->items[i].path);
    utr_vec_dispose(traces);
}

static void look_at(blame *b, visit *at)
{
    const history *h = b->h;
    git_commit *commit = NULL;
    git_tree *tree = NULL;
    if (h->git.commit_lookup(&commit, h->repository, &at->id) == 0 &&
        h->git.commit_tree(&tree, commit) == 0) {
        const unsigned parents = h->git.commit_parentcount(commit);
        bool missing = false;
        for (unsigned i = 0; i < parents && at->traces.count; i++)
            missing |= !ask_parent(b, tree, h->git.commit_parent_id(commit, i), &at->traces);
        answer(b, commit, at, missing);
    }
    h->git.tree_free(tree);
    h->git.commit_free(commit);
}

/* From the work tree to HEAD; what HEAD does not have so is not committed yet. */
static void leave_work_tree(blame *b, const git_oid *head, history_traces *traces)
{
    if (b->h->top) {
        (void)ask_parent(b, NULL, head, traces);
        for (size_t i = 0; i < traces->count; i++)
            b->questions[traces->items[i].question].origin = HISTORY_UNCOMMITTED;
    } else {
        while (traces->count)
            arrive(b, head, traces->items[--traces->count]);
    }
}

/* By path, so that a file's texts are read and compared once. */
static int by_path(const void *a, const void *b)
{
    const history_trace *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static utr_code walk(blame *b, const git_oid *until, const utr_cancel *cancel, utr_error *err)
{
    while (b->visits.count) {
        visit at = take_newest(b);
        if (utr_cancel_is_tripped(cancel))
            (void)utr_fail(err, UTR_CANCELLED, "interrupted while asking git who wrote what");
        else if (!until || memcmp(&at.id, until, sizeof *until) != 0) {
            qsort(at.traces.items, at.traces.count, sizeof *at.traces.items, by_path);
            look_at(b, &at);
        }
        traces_dispose(&at.traces);
        if (err->code)
            break;
    }
    return err->code;
}

utr_code history_blame(history *h, const history_id *until, history_questions *questions,
                       const utr_cancel *cancel, utr_error *err)
{
    blame b = {.h = h, .questions = questions->items};
    history_id head;
    if (history_head(h, &head, err))
        return err->code;
    const git_oid from = history_oid_of(h, &head);
    const git_oid end = until ? history_oid_of(h, until) : (git_oid){{0}};
    history_traces traces = {0};
    for (size_t i = 0; i < questions->count; i++) {
        questions->items[i].origin = HISTORY_UNKNOWN;
        questions->items[i].commit = NULL;
        questions->items[i].oldest = false;
        *utr_vec_push(&traces) =
            (history_trace){i, utr_strdup(questions->items[i].path), questions->items[i].line};
    }
    if (traces.count)
        qsort(traces.items, traces.count, sizeof *traces.items, by_path);
    leave_work_tree(&b, &from, &traces);
    traces_dispose(&traces);
    const utr_code code = walk(&b, until ? &end : NULL, cancel, err);
    for (size_t i = 0; i < b.visits.count; i++)
        traces_dispose(&b.visits.items[i].traces);
    utr_vec_dispose(&b.visits);
    return code;
}
