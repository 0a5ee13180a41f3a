#include "witness/evidence.h"

#include "witness/wire/wire.h"

#include <assert.h>

static void counts_dispose(evidence_counts *counts)
{
    for (size_t i = 0; i < counts->prints.count; i++)
        fingerprint_drop(counts->prints.items[i].print);
    utr_vec_dispose(&counts->prints);
}

static void scope_dispose(evidence_scope *scope)
{
    for (size_t i = 0; i < scope->services.count; i++)
        counts_dispose(&scope->services.items[i]);
    utr_vec_dispose(&scope->services);
}

void evidence_init(evidence *all)
{
    *all = (evidence){0};
    evidence_begin(all);
}

void evidence_dispose(evidence *all)
{
    for (size_t i = 0; i < all->scopes.count; i++)
        scope_dispose(&all->scopes.items[i]);
    utr_vec_dispose(&all->scopes);
}

void evidence_begin(evidence *all)
{
    evidence_scope *scope = utr_vec_push(&all->scopes);
    scope->id = ++all->last_id;
}

evidence_counts *evidence_of(evidence *all, uint32_t id, size_t service)
{
    size_t at = all->scopes.count - 1;
    while (at > 0 && all->scopes.items[at].id != id)
        at--;
    evidence_scope *scope = &all->scopes.items[at];
    while (scope->services.count <= service)
        (void)utr_vec_push(&scope->services);
    scope->services.items[service].touched = true;
    return &scope->services.items[service];
}

/** The entry of a fingerprint: an old one, a new one, or the rarest one's place. */
static evidence_print *print_entry(evidence_counts *counts, const fingerprint *print)
{
    evidence_print *rarest = NULL;
    for (size_t i = 0; i < counts->prints.count; i++) {
        evidence_print *one = &counts->prints.items[i];
        if (one->print->hash == print->hash)
            return one;
        if (!rarest || one->count < rarest->count)
            rarest = one;
    }
    if (counts->prints.count < EVIDENCE_PRINTS)
        return utr_vec_push(&counts->prints);
    fingerprint_drop(rarest->print);
    *rarest = (evidence_print){0};
    return rarest;
}

static void count_print(evidence_counts *counts, fingerprint *print)
{
    evidence_print *entry = print_entry(counts, print);
    if (!entry->print)
        entry->print = fingerprint_keep(print);
    entry->count++;
}

void evidence_exchange(evidence_counts *counts, fingerprint *print, uint32_t flags)
{
    witness_evidence *seen = &counts->seen;
    bool substantive = !(flags & WIRE_TRIVIAL);
    seen->exchanges++;
    seen->substantive += substantive;
    seen->reads += substantive && (flags & WIRE_READ);
    seen->writes += substantive && (flags & WIRE_WRITE);
    seen->errors += (flags & WIRE_ERROR) != 0;
    if (print)
        count_print(counts, print);
}

static int by_count(const void *a, const void *b)
{
    const evidence_print *left = a;
    const evidence_print *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return strcmp(left->print->text, right->print->text);
}

static void report_counts(evidence_counts *counts, const char *service, witness_evidence *out)
{
    *out = counts->seen;
    out->service = service;
    if (counts->prints.count > 0)
        qsort(counts->prints.items, counts->prints.count, sizeof *counts->prints.items, by_count);
    for (size_t i = 0; i < counts->prints.count && i < EVIDENCE_PRINTS_SHOWN; i++) {
        witness_fingerprint *shown = utr_vec_push(&out->fingerprints);
        shown->text = utr_strndup(counts->prints.items[i].print->text, counts->prints.items[i].print->len);
        shown->count = counts->prints.items[i].count;
    }
}

void evidence_end(evidence *all, const utr_strs *services, witness_evidence_list *out)
{
    assert(all->scopes.count > 0);
    evidence_scope *scope = &all->scopes.items[--all->scopes.count];
    *out = (witness_evidence_list){0};
    for (size_t i = 0; i < scope->services.count; i++)
        if (scope->services.items[i].touched)
            report_counts(&scope->services.items[i], services->items[i], utr_vec_push(out));
    scope_dispose(scope);
}

void witness_evidence_dispose(witness_evidence_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < list->items[i].fingerprints.count; k++)
            free(list->items[i].fingerprints.items[k].text);
        utr_vec_dispose(&list->items[i].fingerprints);
    }
    utr_vec_dispose(list);
}
