#include "gate/source/finding.h"

#include <string.h>

/* How a kind of finding is weighed. Those of comments and uncollected definitions are told with the test that
 * is gone. */
static const struct weight {
    gate_kind kind;
    bool told;
    bool loose;    /* another form of it on the same symbol is no new one */
    bool also_new; /* refuses in a new test or file, too: what never runs, or hides what fails */
} WEIGHTS[SCAN_KIND_COUNT] = {
    [SCAN_DISABLED_DECORATOR] = {GATE_DECORATOR, true, false, true},
    [SCAN_SKIP] = {GATE_SKIPPED, true, true, true},
    [SCAN_XFAIL] = {GATE_XFAILED, true, true, true},
    [SCAN_MOCK] = {GATE_MOCK, true, true, false},
    [SCAN_EMPTY_TEST] = {GATE_TEST_EMPTIED, true, true, false},
    [SCAN_SWALLOWED] = {GATE_SWALLOWED, true, true, true},
};

typedef struct {
    size_t pair;
    const scan_finding *finding;
    bool used;
} place;

typedef UTR_VEC(place) places;

typedef struct {
    gate_work *work;
    const gate_tests *tests;
    places old, new;
} comparison;

static void collect(const gate_pairs *pairs, bool old, places *out)
{
    for (size_t p = 0; p < pairs->count; p++) {
        const scan_file *file = old ? &pairs->items[p].old : &pairs->items[p].new;
        for (size_t i = 0; i < file->findings.count; i++)
            if (WEIGHTS[file->findings.items[i].kind].told)
                *utr_vec_push(out) = (place){p, &file->findings.items[i], false};
    }
}

/* The pair and symbol that a finding's symbol had: another one where its test was moved or renamed. */
static const gate_test *test_then(const comparison *c, const place *now)
{
    if (!now->finding->symbol)
        return NULL;
    const gate_test *test = gate_tests_find(&c->tests->new, now->pair, now->finding->symbol);
    return test && test->other ? &c->tests->old.items[test->other - 1] : NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* How well an old finding fits a new one, best first. */
enum { FITS_EXACTLY = 3, FITS_LOOSELY = 2, FITS_ELSEWHERE = 1, FITS_NOT = 0 };

static int fit(const place *old, const place *now, const gate_test *then)
{
    const scan_finding *a = old->finding, *b = now->finding;
    if (old->used || a->kind != b->kind)
        return FITS_NOT;
    const bool exact = strcmp(a->subkind, b->subkind) == 0;
    if (!exact && !WEIGHTS[a->kind].loose)
        return FITS_NOT;
    const bool of_test = then && then->pair == old->pair && same_text(then->test->symbol, a->symbol);
    const bool of_pair = old->pair == now->pair && same_text(a->symbol, b->symbol);
    if (of_test || of_pair)
        return exact ? FITS_EXACTLY : FITS_LOOSELY;
    return exact && a->symbol && same_text(a->symbol, b->symbol) ? FITS_ELSEWHERE : FITS_NOT;
}

static int by_pair(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return (x->pair > y->pair) - (x->pair < y->pair);
}

static place *first_of_pair(const places *list, size_t pair)
{
    const place wanted = {.pair = pair};
    place *found = list->count ? bsearch(&wanted, list->items, list->count, sizeof wanted, by_pair) : NULL;
    while (found && found > list->items && found[-1].pair == pair)
        found--;
    return found;
}

/* One of a pair's old findings that fits at least so well. */
static place *find_in(comparison *c, size_t pair, const place *now, int least)
{
    const gate_test *then = test_then(c, now);
    place *end = c->old.items + c->old.count;
    for (place *old = first_of_pair(&c->old, pair); old && old < end && old->pair == pair; old++)
        if (fit(old, now, then) >= least)
            return old;
    return NULL;
}

/* The finding that was it before: in its own file, in that which its test was moved from, or on the same
 * symbol of any other, since fixtures and classes move, too. */
static place *before(comparison *c, const place *now, int least)
{
    const gate_test *then = test_then(c, now);
    place *found = then ? find_in(c, then->pair, now, least) : NULL;
    if (!found)
        found = find_in(c, now->pair, now, least);
    for (size_t i = 0; !found && least == FITS_ELSEWHERE && i < c->old.count; i++)
        if (fit(&c->old.items[i], now, then))
            found = &c->old.items[i];
    return found;
}

static bool file_has_moved_test(const comparison *c, size_t pair)
{
    for (size_t i = 0; i < c->tests->new.count; i++)
        if (c->tests->new.items[i].pair == pair && c->tests->new.items[i].other)
            return true;
    return false;
}

/* Whether the tests that a symbol holds (a test, or a class) are such that were there. @return -1: it holds
 * none */
static int holds_old(const comparison *c, size_t pair, const char *symbol)
{
    const size_t len = strlen(symbol);
    int holds = -1;
    for (size_t i = 0; i < c->tests->new.count &&holds < 1; i++) {
        const gate_test *test = &c->tests->new.items[i];
        const char *name = test->test->symbol;
        if (test->pair == pair && strncmp(name, symbol, len) == 0 && (!name[len] || strchr(". ", name[len])))
            holds = test->other != 0;
    }
    return holds;
}

/* Whether what it concerns was there before: a new test, or a new file, weakens nothing by what it is. */
static bool concerns_old(const comparison *c, const place *now)
{
    const char *symbol = now->finding->symbol;
    const int holds = symbol ? holds_old(c, now->pair, symbol) : -1;
    if (holds >= 0)
        return holds;
    return c->work->pairs.items[now->pair].scanned_was || file_has_moved_test(c, now->pair);
}

static char *excuse_of(const scan_finding *finding)
{
    const scan_allow *allow = finding->allow;
    if (!allow)
        return utr_strdup("");
    return utr_format(" (allowed by %s until %s: %s)", allow->owner, allow->until, allow->reason);
}

static char *message_of(const comparison *c, const place *now)
{
    const scan_finding *finding = now->finding;
    auto_free char *excuse = excuse_of(finding);
    const char *in_new = concerns_old(c, now) ? "" : ", in what is new";
    const char *what = *finding->subkind ? finding->subkind : scan_kind_text(finding->kind);
    auto_free char *says = NULL;
    if (finding->kind == SCAN_DISABLED_DECORATOR)
        says = utr_format("@%s became a comment", what);
    else if (finding->kind == SCAN_EMPTY_TEST)
        says = utr_format("it holds only: %s", what);
    return utr_format("%s%s%s", says ? says : what, in_new, excuse);
}

static void add_new(const comparison *c, const place *now)
{
    const scan_finding *finding = now->finding;
    const struct weight *weight = &WEIGHTS[finding->kind];
    if (finding->kind == SCAN_EMPTY_TEST && !concerns_old(c, now))
        return; /* it lost nothing */
    auto_free char *message = message_of(c, now);
    gate_item *item = gate_add(c->work, weight->kind, finding->symbol, "%s", message);
    item->told.refuses = concerns_old(c, now) || (weight->also_new && !finding->conditional);
    gate_here(item, &c->work->pairs.items[now->pair], finding->line);
}

/* It was there; it may be worse now. */
static void compare_kept(const comparison *c, const place *old, const place *now)
{
    const scan_finding *was = old->finding, *is = now->finding;
    const gate_pair *pair = &c->work->pairs.items[now->pair];
    if (was->conditional && !is->conditional) {
        auto_free char *message = message_of(c, now);
        gate_here(
            gate_add(c->work, WEIGHTS[is->kind].kind, is->symbol, "%s, which depended on something", message),
            pair, is->line);
    }
    const bool longer = is->allow && was->allow && strcmp(is->allow->until, was->allow->until) > 0;
    if (is->allow && (!was->allow || longer))
        gate_here(gate_add(c->work, GATE_ALLOW, is->symbol, "%s is %s by %s until %s: %s",
                           scan_kind_text(is->kind), longer ? "allowed for longer" : "allowed",
                           is->allow->owner, is->allow->until, is->allow->reason),
                  pair, is->line);
}

void gate_findings_compare(gate_work *work, const gate_tests *tests)
{
    comparison c = {.work = work, .tests = tests};
    collect(&work->pairs, true, &c.old);
    collect(&work->pairs, false, &c.new);
    for (int least = FITS_EXACTLY; least > FITS_NOT; least--) {
        for (size_t i = 0; i < c.new.count; i++) {
            place *now = &c.new.items[i];
            place *old = now->used ? NULL : before(&c, now, least);
            if (!old)
                continue;
            old->used = now->used = true;
            compare_kept(&c, old, now);
        }
    }
    for (size_t i = 0; i < c.new.count; i++)
        if (!c.new.items[i].used)
            add_new(&c, &c.new.items[i]);
    utr_vec_dispose(&c.old);
    utr_vec_dispose(&c.new);
}

bool gate_has(const gate_work *work, gate_kind kind, const gate_pair *pair, const char *symbol)
{
    for (size_t i = 0; i < work->items.count; i++) {
        const gate_weakening *told = &work->items.items[i].told;
        if (told->kind == kind && pair->after && strcmp(told->file, pair->after) == 0 &&
            (!symbol || same_text(told->symbol, symbol)))
            return true;
    }
    return false;
}
