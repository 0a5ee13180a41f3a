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

/** A statement as one connection sent it, counted. */
typedef struct {
    fingerprint *print; /* NULL: no text */
    uint64_t key;       /* of the print; 0: none */
    uint32_t connection;
    bool opened;
    uint64_t count, substantive, reads, writes;
} evidence_statement;

/** Statements by connection and fingerprint; entries keep their place until another takes it. */
typedef struct {
    evidence_statement *items;
    uint16_t *slots; /* open addressing: 0 is empty, else an index + 1; twice as many as there is room */
    uint16_t count, capacity;
    bool all_substantive;        /* nothing is left that would give way */
    evidence_statement the_rest; /* what found no place; connection 0 */
} evidence_statements;

/** One service in one scope; `seen.statements` stays empty until the scope ends. */
typedef struct {
    bool touched;
    uint16_t limit; /* of its statements */
    uint32_t scope;
    witness_evidence seen;
    evidence_statements statements;
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

/** What the ambient scope holds so far; it starts anew. Parameters as of evidence_end(). */
void evidence_take_ambient(evidence *all, const utr_strs *services, witness_evidence_list *out);

/** What a scope (the ambient one if it has ended) has with a service. Valid until the next call. */
evidence_counts *evidence_of(evidence *all, uint32_t scope, size_t service);

/** One answered request. */
typedef struct {
    fingerprint *print; /* may be NULL */
    uint32_t flags;     /* WIRE_TRIVIAL and so on */
    uint32_t scope;     /* in which it was sent */
    uint32_t connection;
    bool opened; /* the connection was opened in the scope */
} evidence_request;

/**
 * Count an answered request. Where its scope has ended meanwhile, it is an exchange of the ambient one but no
 * statement of it: nobody sent it there.
 * @param counts  of its scope, or of the ambient one
 * @param hint    where the connection's last statement was found; in and out, any value will do
 */
void evidence_exchange(evidence_counts *counts, const evidence_request *request, uint16_t *hint);

#endif
