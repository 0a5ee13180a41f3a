/** One commit beside one of its parents, or the work tree beside HEAD. Used inside the history only. */
#ifndef UTR_HISTORY_STEP_H
#define UTR_HISTORY_STEP_H

#include "history/git.h"

/** Where a question stands on its way back. */
typedef struct {
    size_t question; /* index */
    char *path;
    int64_t line; /* 0: of what is gone */
} history_trace;

typedef UTR_VEC(history_trace) history_traces;

/** Lines that one text has in place of others of another. */
typedef struct {
    int64_t old_line, old_count, new_line, new_count;
} history_hunk;

typedef struct {
    const history *h;
    bool work_tree; /* the newer side's content is in the files */
    git_diff *diff;
    bool followed;                        /* renames are */
    UTR_VEC(const git_diff_delta *) is;   /* by path in the newer side */
    UTR_VEC(const git_diff_delta *) gone; /* by path in the older side: removed or renamed */
    const git_diff_delta *loaded;         /* whose texts and hunks these are */
    utr_buf before, after;
    UTR_VEC(history_hunk) hunks;
} history_step;

/** Compare two trees; newer NULL: the work tree. @return whether that could be done */
bool history_step_open(history_step *step, const history *h, git_tree *older, git_tree *newer);
void history_step_close(history_step *step);

/** Whether the older side has what the question is about just so; the trace goes on there then. */
bool history_step_follow(history_step *step, const history_question *question, history_trace *trace);

#endif
