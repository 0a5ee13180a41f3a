#include "gate/source/source.h"

#include "gate/source/finding.h"
#include "gate/source/match.h"

#include <ctype.h>
#include <string.h>

/* A line that asserts, by its words. */
static bool looks_like_assertion(const char *line)
{
    static const char *const WORDS[] = {"assert", "expect", "verify",  "check",
                                        "raises", "fail",   "require", "Error"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strcasestr(line, WORDS[i]))
            return true;
    return false;
}

static bool has_hash(const gate_hashes *hashes, uint64_t wanted)
{
    for (size_t i = 0; i < hashes->count; i++)
        if (hashes->items[i] == wanted)
            return true;
    return false;
}

/* The first line that asserted and is gone: its commit is who to ask for. 0: none is found. */
static int64_t first_lost(const gate_pair *old_pair, const scan_test *old, const gate_pair *new_pair,
                          const scan_test *new)
{
    gate_hashes now = {0};
    int64_t found = 0;
    gate_body_hashes(&new_pair->is, new, &now);
    for (int64_t line = old->line + 1; line <= old->last && !found; line++) {
        auto_free char *text = gate_line(&old_pair->was, line);
        const uint64_t hash = gate_line_hash(text, strlen(text));
        if (hash && looks_like_assertion(text) && !has_hash(&now, hash))
            found = line;
    }
    utr_vec_dispose(&now);
    return found;
}

static void add_assertions(gate_work *work, const gate_test *old, const gate_test *new)
{
    const gate_pair *was = &work->pairs.items[old->pair], *is = &work->pairs.items[new->pair];
    const int64_t before = old->test->assertions, after = new->test->assertions;
    gate_item *item =
        after < before
            ? gate_add(work, GATE_ASSERTIONS, new->test->symbol, "it had %lld assertion%s, now it has %lld",
                       (long long)before, before == 1 ? "" : "s", (long long)after)
            : gate_add(work, GATE_ASSERTIONS, new->test->symbol, "nothing can fail it any more");
    gate_here(item, is, new->test->line);
    const int64_t lost = first_lost(was, old->test, is, new->test);
    item->blame_line = 0;
    item->blame_text = lost ? gate_line(&was->was, lost) : NULL;
}

/* What its profile says, where no finding says it already. */
static void compare_test(gate_work *work, const gate_test *old, const gate_test *new)
{
    const scan_test *was = old->test, *is = new->test;
    const gate_pair *pair = &work->pairs.items[new->pair];
    const bool emptied = gate_has(work, GATE_TEST_EMPTIED, pair, is->symbol);
    if (!emptied && (is->assertions < was->assertions || (was->asserts && !is->asserts)))
        add_assertions(work, old, new);
    if (!was->mocks && is->mocks && !gate_has(work, GATE_MOCK, pair, NULL))
        gate_here(gate_add(work, GATE_MOCK, is->symbol, "it uses a mock now, and used none"), pair, is->line);
    if (!was->swallows && is->swallows && !gate_has(work, GATE_SWALLOWED, pair, is->symbol))
        gate_here(gate_add(work, GATE_SWALLOWED, is->symbol, "each of its failures is hidden now"), pair,
                  is->line);
}

/* Where its file went, in words. */
static char *fate(const gate_pair *pair)
{
    if (!pair->after)
        return utr_format("its file was removed");
    if (!pair->scanned_is)
        return utr_format("its file is %s now, which no runner collects", pair->after);
    return utr_format("it is neither here nor in another file that changed");
}

static void add_removed(gate_work *work, const gate_test *old)
{
    const gate_pair *pair = &work->pairs.items[old->pair];
    auto_free char *where = fate(pair);
    gate_gone(gate_add(work, GATE_TEST_REMOVED, old->test->symbol, "%s", where), pair, old->test->line);
}

/* A test that is gone may have left a comment, or a def that nobody collects: that is told in its place. */
static bool add_left(gate_work *work, const gate_test *old, scan_kind left, gate_kind kind, const char *says)
{
    gate_pair *pair = &work->pairs.items[old->pair];
    const char *name = gate_last_name(old->test->symbol);
    for (size_t i = 0; pair->scanned_is && i < pair->new.findings.count; i++) {
        const scan_finding *finding = &pair->new.findings.items[i];
        if (finding->kind != left || !finding->symbol || strcmp(gate_last_name(finding->symbol), name) != 0)
            continue;
        gate_here(gate_add(work, kind, old->test->symbol, "%s", says), pair, finding->line);
        return true;
    }
    return false;
}

static void compare_tests(gate_work *work, const gate_tests *tests)
{
    for (size_t i = 0; i < tests->old.count; i++) {
        const gate_test *old = &tests->old.items[i];
        if (old->other)
            compare_test(work, old, &tests->new.items[old->other - 1]);
        else if (!add_left(work, old, SCAN_COMMENTED_TEST, GATE_TEST_COMMENTED, "it stands in a comment") &&
                 !add_left(work, old, SCAN_UNCOLLECTED_TEST, GATE_TEST_UNCOLLECTED,
                           "it stands in a function or a string"))
            add_removed(work, old);
    }
}

void gate_sources_compare(gate_work *work)
{
    gate_tests tests = {0};
    gate_tests_match(&work->pairs, &tests);
    work->tests = (int64_t)tests.old.count;
    gate_findings_compare(work, &tests);
    compare_tests(work, &tests);
    gate_tests_dispose(&tests);
}
