/**
 * What each open scope of a worker exchanged with each service.
 *
 * Scopes nest; the outermost, the ambient one, is always there. A scope is known by an id that is never used
 * again, so that whoever holds the id of one that has ended finds the ambient scope instead.
 */
#ifndef UTR_WITNESS_EVIDENCE_H
#define UTR_WITNESS_EVIDENCE_H

#include "witness/wire/fingerprint.h"
#include "witness/witness.h"

enum { EVIDENCE_PRINTS = 64, EVIDENCE_PRINTS_SHOWN = 8 };

typedef struct {
    fingerprint *print;
    uint64_t count;
} evidence_print;

/** One service in one scope; `seen.fingerprints` stays empty until the scope ends. */
typedef struct {
    bool touched;
    witness_evidence seen;
    UTR_VEC(evidence_print) prints;
} evidence_counts;

typedef struct {
    uint32_t id;
    UTR_VEC(evidence_counts) services; /* by index; grows as they are touched */
} evidence_scope;

typedef struct {
    UTR_VEC(evidence_scope) scopes; /* the ambient one first, the innermost last */
    uint32_t last_id;
} evidence;

void evidence_init(evidence *all);
void evidence_dispose(evidence *all);

void evidence_begin(evidence *all);

/** End the innermost scope. @param services  the names by index  @param out  its evidence, the caller's */
void evidence_end(evidence *all, const utr_strs *services, witness_evidence_list *out);

/** The innermost scope. */
static inline const evidence_scope *evidence_innermost(const evidence *all)
{
    return &all->scopes.items[all->scopes.count - 1];
}

/** What a scope (the ambient one if it has ended) has with a service. Valid until the next call. */
evidence_counts *evidence_of(evidence *all, uint32_t scope, size_t service);

/** Count one answered request. @param print  may be NULL  @param flags  WIRE_TRIVIAL and so on */
void evidence_exchange(evidence_counts *counts, fingerprint *print, uint32_t flags);

#endif
