/**
 * Which files a scan reads. Used inside the scan only.
 *
 * Regular files only: no symbolic link is followed. Folders .git and __pycache__ are left out, nothing else.
 * What cannot be looked into is told, never left out in silence.
 */
#ifndef UTR_SCAN_FILES_WALK_H
#define UTR_SCAN_FILES_WALK_H

#include "base/cancel.h"
#include "base/vec.h"

typedef struct {
    char *path; /* relative to the root, without "./"; absolute where it lies outside */
    char *why;  /* a folder that cannot be looked into; NULL: a file */
    bool named; /* it was asked for by name */
} walk_entry;

typedef struct {
    UTR_VEC(walk_entry) items; /* by path, each once */
} walk_list;

typedef struct {
    const char *root; /* absolute, without links */
    /** Whether a file that nobody named is wanted. */
    bool (*wants)(void *ctx, const char *path);
    void *ctx;
    const utr_cancel *cancel;
} walk_options;

/**
 * @param paths  relative to the working directory or absolute; empty: the root. A link that is named is read
 *               as what it leads to
 * @param out    empty before
 * @return UTR_NOT_FOUND, UTR_USAGE (neither file nor folder), UTR_CANCELLED; out is empty then
 */
UTR_MUST_CHECK utr_code walk_paths(const walk_options *options, const utr_strs *paths, walk_list *out,
                                   utr_error *err);

void walk_list_dispose(walk_list *list);

#define auto_walk_list __attribute__((cleanup(walk_list_dispose)))

#endif
