#include "witness/evidence.h"

#include "witness/wire/wire.h"

#include <assert.h>

enum { FIRST_STATEMENTS = 8 };

static void counts_dispose(evidence_counts *counts)
{
    evidence_statements *all = &counts->statements;
    for (size_t i = 0; i < all->count; i++)
        fingerprint_drop(all->items[i].print);
    free(all->items);
    free(all->slots);
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
    evidence_counts *counts = &scope->services.items[service];
    counts->touched = true;
    counts->scope = scope->id;
    counts->limit = at ? WITNESS_STATEMENTS : WITNESS_AMBIENT_STATEMENTS;
    return counts;
}

/* Statements. */

static size_t slot_of(const evidence_statements *all, uint64_t key, uint32_t connection)
{
    size_t mask = (size_t)all->capacity * 2 - 1;
    size_t slot = (size_t)(key ^ connection * 0x9E3779B97F4A7C15U) & mask;
    while (all->slots[slot]) {
        const evidence_statement *one = &all->items[all->slots[slot] - 1];
        if (one->key == key && one->connection == connection)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void index_anew(evidence_statements *all)
{
    memset(all->slots, 0, (size_t)all->capacity * 2 * sizeof *all->slots);
    for (uint16_t i = 0; i < all->count; i++)
        all->slots[slot_of(all, all->items[i].key, all->items[i].connection)] = (uint16_t)(i + 1);
}

static void statements_grow(evidence_statements *all)
{
    uint16_t capacity = all->capacity ? (uint16_t)(all->capacity * 2) : FIRST_STATEMENTS;
    evidence_statement *items = utr_calloc(capacity, sizeof *items);
    if (all->count)
        memcpy(items, all->items, all->count * sizeof *items);
    free(all->items);
    free(all->slots);
    all->items = items;
    all->slots = utr_calloc((size_t)capacity * 2, sizeof *all->slots);
    all->capacity = capacity;
    index_anew(all);
}

static evidence_statement *rarest_trivial(evidence_statements *all)
{
    evidence_statement *rarest = NULL;
    for (size_t i = 0; i < all->count; i++) {
        evidence_statement *one = &all->items[i];
        if (!one->substantive && (!rarest || one->count < rarest->count))
            rarest = one;
    }
    all->all_substantive = !rarest;
    return rarest;
}

/** The place for a statement that is not there yet: a new one, that of a trivial one if it is substantive, or
 * among the rest. Each gives way once at most, so the search is paid for by what it finds. */
static evidence_statement *statement_new(evidence_statements *all, const evidence_request *request,
                                         size_t limit)
{
    evidence_statement *place = NULL;
    bool trivial = request->flags & WIRE_TRIVIAL;
    if (all->count == all->capacity && all->count < limit)
        statements_grow(all);
    if (all->count < all->capacity)
        place = &all->items[all->count++];
    else if (!trivial && !all->all_substantive)
        place = rarest_trivial(all);
    if (!place)
        return &all->the_rest;
    all->the_rest.count += place->count;
    fingerprint_drop(place->print);
    *place = (evidence_statement){
        .print = fingerprint_keep(request->print),
        .key = request->print ? request->print->hash : 0,
        .connection = request->connection,
        .opened = request->opened,
    };
    index_anew(all);
    return place;
}

static evidence_statement *statement_of(evidence_statements *all, const evidence_request *request,
                                        size_t limit, uint16_t *hint)
{
    uint64_t key = request->print ? request->print->hash : 0;
    if (*hint < all->count && all->items[*hint].key == key &&
        all->items[*hint].connection == request->connection)
        return &all->items[*hint];
    size_t slot = all->capacity ? slot_of(all, key, request->connection) : 0;
    evidence_statement *found = all->capacity && all->slots[slot] ? &all->items[all->slots[slot] - 1]
                                                                  : statement_new(all, request, limit);
    if (found != &all->the_rest)
        *hint = (uint16_t)(found - all->items);
    return found;
}

void evidence_exchange(evidence_counts *counts, const evidence_request *request, uint16_t *hint)
{
    witness_evidence *seen = &counts->seen;
    bool substantive = !(request->flags & WIRE_TRIVIAL);
    bool read = substantive && (request->flags & WIRE_READ);
    bool write = substantive && (request->flags & WIRE_WRITE);
    seen->exchanges++;
    seen->substantive += substantive;
    seen->reads += read;
    seen->writes += write;
    seen->errors += (request->flags & WIRE_ERROR) != 0;
    if (request->scope != counts->scope)
        return;
    evidence_statement *one = statement_of(&counts->statements, request, counts->limit, hint);
    one->count++;
    one->substantive += substantive;
    one->reads += read;
    one->writes += write;
}

/* What a scope held, for others. */

static int by_count(const void *a, const void *b)
{
    const witness_statement *left = a;
    const witness_statement *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    int order = strcmp(left->text, right->text);
    return order ? order : (left->connection > right->connection) - (left->connection < right->connection);
}

static void report_statement(const evidence_statement *one, witness_evidence *out)
{
    *utr_vec_push(&out->statements) = (witness_statement){
        .connection = one->connection,
        .opened = one->opened,
        .text = one->print ? utr_strndup(one->print->text, one->print->len) : utr_strdup(""),
        .count = one->count,
        .substantive = one->substantive,
        .reads = one->reads,
        .writes = one->writes,
    };
}

static void report_counts(const evidence_counts *counts, const char *service, witness_evidence *out)
{
    *out = counts->seen;
    out->service = service;
    for (size_t i = 0; i < counts->statements.count; i++)
        report_statement(&counts->statements.items[i], out);
    if (counts->statements.the_rest.count)
        report_statement(&counts->statements.the_rest, out);
    if (out->statements.count)
        qsort(out->statements.items, out->statements.count, sizeof *out->statements.items, by_count);
}

static void report_scope(const evidence_scope *scope, const utr_strs *services, witness_evidence_list *out)
{
    *out = (witness_evidence_list){0};
    for (size_t i = 0; i < scope->services.count; i++)
        if (scope->services.items[i].touched)
            report_counts(&scope->services.items[i], services->items[i], utr_vec_push(out));
}

void evidence_end(evidence *all, const utr_strs *services, witness_evidence_list *out)
{
    assert(all->scopes.count > 0);
    evidence_scope *scope = &all->scopes.items[--all->scopes.count];
    report_scope(scope, services, out);
    scope_dispose(scope);
}

void evidence_take_ambient(evidence *all, const utr_strs *services, witness_evidence_list *out)
{
    evidence_scope *ambient = all->scopes.items;
    report_scope(ambient, services, out);
    scope_dispose(ambient);
}

void witness_evidence_dispose(witness_evidence_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < list->items[i].statements.count; k++)
            free(list->items[i].statements.items[k].text);
        utr_vec_dispose(&list->items[i].statements);
    }
    utr_vec_dispose(list);
}
