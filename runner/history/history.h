/**
 * What git knows of a tree of sources: what changed since a commit, what a file was, who wrote a line.
 *
 * 1. history_open() finds the repository around a folder: a checkout, a linked work tree, or a bare one.
 * 2. history_resolve() and history_merge_base() name commits; history_changes() tells what is different in
 * the work tree, history_blob() what a file was, history_read() what it is.
 * 3. history_blame() answers many questions of who wrote or removed a line in one walk.
 * 4. history_close().
 *
 * libgit2 is loaded when the first repository is opened; nothing is ever written, and no `git` is started.
 * Paths of files are relative to the top of the work tree unless said otherwise. Blocks; use it off the loop,
 * by one thread at a time. UTR_NOT_FOUND, UTR_CONFIG and UTR_CONFLICT say what to do about them.
 */
#ifndef UTR_HISTORY_HISTORY_H
#define UTR_HISTORY_HISTORY_H

#include "base/buf.h"
#include "base/cancel.h"
#include "base/vec.h"

#include <stdint.h>

typedef struct history history;

/** A commit's or blob's id in hexadecimal, ended by a NUL; "": none. */
typedef struct {
    char hex[41];
} history_id;

/**
 * @param folder  somewhere in a work tree, or a bare repository
 * @return UTR_NOT_FOUND (no such folder, or no repository around it), UTR_CONFIG (one that git refuses to
 * read because it belongs to somebody else, or in a format that libgit2 does not know)
 */
UTR_MUST_CHECK utr_code history_open(const char *folder, history **out, utr_error *err);
void history_close(history *h);

/** The absolute path of the work tree's top, without a slash at its end; NULL: a bare repository. Borrowed.
 */
const char *history_top(const history *h);

/** The folder that was opened, as paths have it in front: "" (the top, or bare) or "some/folder/". Borrowed.
 */
const char *history_prefix(const history *h);

/** Whether commits are missing because only the newest were fetched. */
bool history_is_shallow(const history *h);

/** HEAD's commit. @return UTR_NOT_FOUND (no commit yet) */
UTR_MUST_CHECK utr_code history_head(history *h, history_id *out, utr_error *err);

/** Whether the work tree has changes, untracked files included. False in a bare one. */
bool history_is_dirty(history *h);

/**
 * Whether a file is as HEAD has it; one that git does not track, or ignores, is not.
 * @param path  absolute, or relative to the folder that was opened
 * @return UTR_NOT_FOUND (no such file in this work tree)
 */
UTR_MUST_CHECK utr_code history_is_clean(history *h, const char *path, bool *out, utr_error *err);

/**
 * The commit that a name means. What exists only as a branch of a remote, as CI checks out, is found there.
 * @param out_name  what it is the commit of, "main" or "origin/main"; the caller frees it
 * @return UTR_NOT_FOUND with what to fetch, or the nearest name
 */
UTR_MUST_CHECK utr_code history_resolve(history *h, const char *name, history_id *out, char **out_name,
                                        utr_error *err);

/** The best common ancestor. @return UTR_NOT_FOUND: there is none, or a shallow clone lacks it */
UTR_MUST_CHECK utr_code history_merge_base(history *h, const history_id *a, const history_id *b,
                                           history_id *out, utr_error *err);

/** A file that differs. Links and submodules are no files. */
typedef struct {
    char *before;   /* its path in the commit; NULL: added */
    char *after;    /* its path now, another one where it was renamed; NULL: removed */
    history_id was; /* its content in the commit; "" where it was added */
    history_id is;  /* its content now, where no file has it: in a bare repository, or left out of a sparse
                       checkout; else "": read the file */
} history_change;

/** By path: `after`, or else `before`. */
typedef UTR_VEC(history_change) history_changes_list;

/**
 * What differs between a commit and the work tree (in a bare repository: HEAD), untracked files that are not
 * ignored included, renames followed.
 * @param out  empty before; disposed of with history_changes_dispose()
 */
UTR_MUST_CHECK utr_code history_changes(history *h, const history_id *since, history_changes_list *out,
                                        utr_error *err);
void history_changes_dispose(history_changes_list *list);

/** The content of a blob, appended. @return UTR_TOO_LARGE, UTR_NOT_FOUND (a partial clone lacks it) */
UTR_MUST_CHECK utr_code history_blob(history *h, const history_id *blob, utr_buf *out, utr_error *err);

typedef struct {
    history_id id;
    char *author;
    char date[11]; /* "YYYY-MM-DD", the author's own */
    char *summary; /* first line of its message */
} history_commit;

typedef enum {
    HISTORY_UNKNOWN,     /* not found: too far back, or no such line */
    HISTORY_UNCOMMITTED, /* only in the work tree: not committed yet */
    HISTORY_COMMITTED    /* by .commit */
} history_origin;

/** Who wrote a line, or who removed one. */
typedef struct {
    const char *path;      /* in the work tree; of a removed file, what it was in the commit */
    int64_t line;          /* who wrote this line, from 1; 0: who removed `text` */
    const char *text;      /* one line without its newline; NULL: who last changed the file (or removed it) */
    history_origin origin; /* the answer */
    const history_commit *commit; /* of HISTORY_COMMITTED; owned by the history */
    bool oldest;                  /* the commit is the oldest that a shallow clone has: it, or one before */
} history_question;

typedef UTR_VEC(history_question) history_questions;

/**
 * Answer all questions in one walk from the work tree back, renames followed.
 * @param until   where the walk ends: what stood there already is HISTORY_UNKNOWN; NULL: at the first commit
 * @param cancel  NULL: never
 * @return UTR_CANCELLED
 */
UTR_MUST_CHECK utr_code history_blame(history *h, const history_id *until, history_questions *questions,
                                      const utr_cancel *cancel, utr_error *err);

static inline void history_release(history **h)
{
    history_close(*h);
}

#define auto_history         __attribute__((cleanup(history_release)))
#define auto_history_changes __attribute__((cleanup(history_changes_dispose)))

#endif
