#include "gate/source/match.h"

#include <ctype.h>
#include <string.h>

/* Tests of one file that are compared each with each. */
static const size_t MOST_SIMILAR = 300;

const char *gate_last_name(const char *symbol)
{
    const char *last = symbol;
    for (const char *at = symbol; *at; at++) {
        if (*at == '.' && at[1] && !isspace((unsigned char)at[1]))
            last = at + 1;
        else if (strncmp(at, " > ", 3) == 0)
            last = at + 3;
    }
    return last;
}

uint64_t gate_line_hash(const char *line, size_t len)
{
    while (len && isspace((unsigned char)*line))
        line++, len--;
    while (len && isspace((unsigned char)line[len - 1]))
        len--;
    uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)line[i]) * 0x100000001b3U;
    return len ? hash : 0;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A definition of one line is told by what follows its name. */
static uint64_t line_without_name(const char *line, size_t len, const char *name)
{
    const char *found = memmem(line, len, name, strlen(name));
    const char *rest = found ? found + strlen(name) : line;
    return gate_line_hash(rest, len - (size_t)(rest - line));
}

void gate_body_hashes(const utr_buf *text, const scan_test *test, gate_hashes *out)
{
    size_t len = 0;
    const char *first = gate_line_at(text, test->line, &len), *at = first;
    const size_t first_len = len;
    for (int64_t line = test->line; at && line < test->last; line++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
        const uint64_t hash = at ? gate_line_hash(at, strcspn(at, "\r\n")) : 0;
        if (hash)
            *utr_vec_push(out) = hash;
    }
    if (first && !out->count)
        *utr_vec_push(out) = line_without_name(first, first_len, gate_last_name(test->symbol));
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_number);
}

/* 0 for a body of nothing but `pass` or `...`, which many tests share. */
static uint64_t body_of(const gate_pairs *pairs, const gate_test *test, bool old)
{
    const gate_pair *pair = &pairs->items[test->pair];
    gate_hashes hashes = {0};
    gate_body_hashes(old ? &pair->was : &pair->is, test->test, &hashes);
    uint64_t hash = 0;
    for (size_t i = 0; i < hashes.count; i++)
        hash = (hash ^ hashes.items[i]) * 0x100000001b3U;
    const bool bare = hashes.count == 1 && (hashes.items[0] == gate_line_hash("pass", 4) ||
                                            hashes.items[0] == gate_line_hash("...", 3));
    utr_vec_dispose(&hashes);
    return bare ? 0 : hash;
}

static int by_pair_and_symbol(const void *a, const void *b)
{
    const gate_test *x = a, *y = b;
    if (x->pair != y->pair)
        return x->pair < y->pair ? -1 : 1;
    const int order = strcmp(x->test->symbol, y->test->symbol);
    if (order)
        return order;
    return (x->test->line > y->test->line) - (x->test->line < y->test->line);
}

static void collect(const gate_pairs *pairs, bool old, gate_test_list *out)
{
    for (size_t p = 0; p < pairs->count; p++) {
        const scan_file *file = old ? &pairs->items[p].old : &pairs->items[p].new;
        for (size_t i = 0; i < file->tests.count; i++)
            *utr_vec_push(out) = (gate_test){.pair = p, .test = &file->tests.items[i]};
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_pair_and_symbol);
}

static void join(gate_tests *tests, size_t old, size_t new)
{
    tests->old.items[old].other = new + 1;
    tests->new.items[new].other = old + 1;
}

/* Both lists are sorted: one pass. The first by a name is the first of it on the other side. */
static void match_in_files(gate_tests *tests)
{
    size_t o = 0, n = 0;
    while (o < tests->old.count && n < tests->new.count) {
        const gate_test *old = &tests->old.items[o], *new = &tests->new.items[n];
        int order = (old->pair > new->pair) - (old->pair < new->pair);
        if (!order)
            order = strcmp(old->test->symbol, new->test->symbol);
        if (!order)
            join(tests, o++, n++);
        else if (order < 0)
            o++;
        else
            n++;
    }
}

typedef UTR_VEC(gate_test *) gate_rest;

static void rest_of(gate_test_list *list, gate_rest *out)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].other)
            *utr_vec_push(out) = &list->items[i];
}

static int by_symbol(const void *a, const void *b)
{
    const gate_test *const *x = a, *const *y = b;
    return strcmp((*x)->test->symbol, (*y)->test->symbol);
}

static int by_body(const void *a, const void *b)
{
    const gate_test *const *x = a, *const *y = b;
    return ((*x)->body > (*y)->body) - ((*x)->body < (*y)->body);
}

/* Joins those of both rests that compare equal, one to one. */
static void match_rest(gate_tests *tests, int (*order)(const void *, const void *))
{
    gate_rest old = {0}, new = {0};
    rest_of(&tests->old, &old);
    rest_of(&tests->new, &new);
    if (old.count)
        qsort(old.items, old.count, sizeof(void *), order);
    if (new.count)
        qsort(new.items, new.count, sizeof(void *), order);
    for (size_t o = 0, n = 0; o < old.count && n < new.count;) {
        const int which = order(&old.items[o], &new.items[n]);
        const bool nothing = order == by_body && !old.items[o]->body;
        if (which == 0 && !nothing) {
            join(tests, (size_t)(old.items[o] - tests->old.items), (size_t)(new.items[n] - tests->new.items));
            o++, n++;
        } else if (which < 0 || nothing) {
            o++;
        } else {
            n++;
        }
    }
    utr_vec_dispose(&old);
    utr_vec_dispose(&new);
}

static void read_bodies(const gate_pairs *pairs, gate_test_list *list, bool old)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].other)
            list->items[i].body = body_of(pairs, &list->items[i], old);
}

/* How many lines two bodies share. */
static size_t shared(const gate_hashes *a, const gate_hashes *b)
{
    size_t count = 0;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        if (a->items[i] == b->items[k])
            count++, i++, k++;
        else if (a->items[i] < b->items[k])
            i++;
        else
            k++;
    }
    return count;
}

/* Whether most of the lines of the longer one are the other's, too. */
static bool is_similar(const gate_pairs *pairs, const gate_test *old, const gate_test *new)
{
    gate_hashes a = {0}, b = {0};
    gate_body_hashes(&pairs->items[old->pair].was, old->test, &a);
    gate_body_hashes(&pairs->items[new->pair].is, new->test, &b);
    const size_t longer = a.count > b.count ? a.count : b.count;
    const bool similar = shared(&a, &b) * 5 >= longer * 3;
    utr_vec_dispose(&a);
    utr_vec_dispose(&b);
    return similar;
}

static void match_similar(const gate_pairs *pairs, gate_tests *tests)
{
    gate_rest old = {0}, new = {0};
    rest_of(&tests->old, &old);
    rest_of(&tests->new, &new);
    size_t first = 0;
    for (size_t o = 0; o < old.count; o++) {
        while (first < new.count &&new.items[first]->pair < old.items[o]->pair)
            first++;
        for (size_t n = first; n < new.count &&n - first < MOST_SIMILAR; n++) {
            if (new.items[n]->pair != old.items[o]->pair)
                break;
            if (new.items[n]->other || !is_similar(pairs, old.items[o], new.items[n]))
                continue;
            join(tests, (size_t)(old.items[o] - tests->old.items), (size_t)(new.items[n] - tests->new.items));
            break;
        }
    }
    utr_vec_dispose(&old);
    utr_vec_dispose(&new);
}

void gate_tests_match(const gate_pairs *pairs, gate_tests *out)
{
    collect(pairs, true, &out->old);
    collect(pairs, false, &out->new);
    match_in_files(out);
    match_rest(out, by_symbol);
    read_bodies(pairs, &out->old, true);
    read_bodies(pairs, &out->new, false);
    match_rest(out, by_body);
    match_similar(pairs, out);
}

void gate_tests_dispose(gate_tests *tests)
{
    utr_vec_dispose(&tests->old);
    utr_vec_dispose(&tests->new);
}

const gate_test *gate_tests_find(const gate_test_list *list, size_t pair, const char *symbol)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const gate_test *test = &list->items[middle];
        int order = (test->pair > pair) - (test->pair < pair);
        if (!order)
            order = strcmp(test->test->symbol, symbol);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == list->count || list->items[low].pair != pair ||
        strcmp(list->items[low].test->symbol, symbol) != 0)
        return NULL;
    return &list->items[low];
}
