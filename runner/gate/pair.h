/** The two sides of what changed, and the list of what got weaker. Used inside the gate only. */
#ifndef UTR_GATE_PAIR_H
#define UTR_GATE_PAIR_H

#include "gate/gate.h"
#include "scan/scan.h"

/** A file that changed, with what both sides hold. */
typedef struct {
    char *before, *after; /* relative to the repository's top; NULL: not there on that side */
    utr_buf was, is;      /* the texts; empty where they were not read */
    bool scanned_was, scanned_is;
    scan_file old, new; /* of those that were scanned */
} gate_pair;

typedef UTR_VEC(gate_pair) gate_pairs;

void gate_pairs_dispose(gate_pairs *pairs);

/** A weakening on its way: what git is asked about it besides. */
typedef struct {
    gate_weakening told;
    char *blame_path;   /* relative to the top */
    int64_t blame_line; /* who wrote this line; 0: who removed `blame_text` */
    char *blame_text;   /* NULL: who last changed the file */
} gate_item;

/** What is compared, and what came of it. */
typedef struct {
    gate_pairs pairs;
    UTR_VEC(gate_item) items;
    UTR_VEC(gate_unread) unread;
    int64_t tests, manifests, calls; /* at the merge base */
} gate_work;

/** Add a weakening; message as printf. File and blame are the caller's to set, see gate_here(). @return it,
 * borrowed until the next */
gate_item *gate_add(gate_work *work, gate_kind kind, const char *symbol, const char *message, ...)
    UTR_PRINTF(4, 5);

/** It stands in the pair's newer text at that line, which is who to ask for. */
void gate_here(gate_item *item, const gate_pair *pair, int64_t line);

/** It stood in the pair's older text at that line, and who removed that line is to be asked for. */
void gate_gone(gate_item *item, const gate_pair *pair, int64_t line);

/** A line of a text, from 1, without its newline; "" where there is none. The caller frees it. */
char *gate_line(const utr_buf *text, int64_t line);

/** The same, borrowed; NULL where there is none. */
const char *gate_line_at(const utr_buf *text, int64_t line, size_t *out_len);

/** Note that a file could not be compared to the end. */
void gate_note(gate_work *work, const char *path, const char *why);

void gate_work_dispose(gate_work *work);

#endif
