#include "verdict/own.h"

#include <string.h>

/** A statement that was seen in an ambient moment. */
typedef struct {
    const char *service;
    const journal_statement *statement;
} ambient;

typedef UTR_VEC(ambient) ambient_list;

static bool is_of(const journal_fact *fact, journal_evidence_state state)
{
    return strcmp(fact->state, journal_evidence_state_text(state)) == 0;
}

static int by_service_and_text(const void *a, const void *b)
{
    const ambient *left = a;
    const ambient *right = b;
    int order = strcmp(left->service, right->service);
    return order ? order : strcmp(left->statement->text, right->statement->text);
}

static void list_ambient(const verdict_suite *suite, ambient_list *out)
{
    for (size_t i = 0; i < suite->other_evidence.count; i++) {
        const journal_fact *fact = suite->other_evidence.items[i].fact;
        for (size_t k = 0; k < fact->statements.count && is_of(fact, JOURNAL_OF_AMBIENT); k++) {
            if (fact->statements.items[k].connection)
                *utr_vec_push(out) = (ambient){fact->service, &fact->statements.items[k]};
        }
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_service_and_text);
}

/* The first that is not before it in order. */
static size_t lower_bound(const ambient_list *all, const ambient *wanted)
{
    size_t low = 0;
    for (size_t high = all->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (by_service_and_text(&all->items[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Words that are not the statement's own (of TLS, the server's name) tell no two connections apart. */
static bool is_same_habit(const ambient *seen, const journal_fact *fact, const journal_statement *one)
{
    if (seen->statement->connection == one->connection)
        return true;
    bool readable = *one->text && !fact->opaque;
    return readable && seen->statement->opened && one->opened;
}

static bool goes_on_by_itself(const ambient_list *all, const journal_fact *fact, const journal_statement *one)
{
    ambient wanted = {fact->service, one};
    for (size_t i = lower_bound(all, &wanted);
         i < all->count && by_service_and_text(&all->items[i], &wanted) == 0; i++) {
        if (is_same_habit(&all->items[i], fact, one))
            return one->connection != 0;
    }
    return false;
}

static int64_t less(int64_t count, int64_t by)
{
    return by <= 0 ? count : by < count ? count - by : 0;
}

static void settle(const ambient_list *all, verdict_evidence *evidence)
{
    const journal_fact *fact = evidence->fact;
    if (is_of(fact, JOURNAL_OF_AMBIENT))
        return; /* nobody's: nothing of it counts */
    evidence->exchanges = fact->exchanges;
    evidence->substantive = fact->substantive;
    evidence->reads = fact->reads;
    evidence->writes = fact->writes;
    for (size_t i = 0; i < fact->statements.count && all->count; i++) {
        const journal_statement *one = &fact->statements.items[i];
        if (!goes_on_by_itself(all, fact, one))
            continue;
        evidence->exchanges = less(evidence->exchanges, one->count);
        evidence->substantive = less(evidence->substantive, one->substantive);
        evidence->reads = less(evidence->reads, one->reads);
        evidence->writes = less(evidence->writes, one->writes);
        *utr_vec_push(&evidence->by_itself) = one;
    }
}

/* Fixtures. */

typedef UTR_VEC(const verdict_evidence *) fixture_list;

static int compare_fixtures(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int by_fixture(const void *a, const void *b)
{
    const verdict_evidence *const *left = a;
    const verdict_evidence *const *right = b;
    return compare_fixtures((*left)->fact->test, (*right)->fact->test);
}

static void list_fixtures(const verdict_suite *suite, fixture_list *out)
{
    for (size_t i = 0; i < suite->other_evidence.count; i++) {
        const verdict_evidence *one = &suite->other_evidence.items[i];
        if (is_of(one->fact, JOURNAL_OF_FIXTURE) && one->fact->test)
            *utr_vec_push(out) = one;
    }
    if (out->count)
        qsort(out->items, out->count, sizeof(const verdict_evidence *), by_fixture);
}

static void inherit(const fixture_list *fixtures, const char *id, verdict_test *test)
{
    size_t low = 0;
    for (size_t high = fixtures->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare_fixtures(fixtures->items[middle]->fact->test, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < fixtures->count && compare_fixtures(fixtures->items[low]->fact->test, id) == 0; low++)
        *utr_vec_push(&test->inherited) = fixtures->items[low];
}

void own_settle(verdict_suite *suite)
{
    ambient_list all = {0};
    fixture_list fixtures = {0};
    list_ambient(suite, &all);
    list_fixtures(suite, &fixtures);
    for (size_t i = 0; i < suite->other_evidence.count; i++)
        settle(&all, &suite->other_evidence.items[i]);
    for (size_t i = 0; i < suite->tests.count; i++) {
        verdict_test *test = &suite->tests.items[i];
        for (size_t k = 0; k < test->evidence.count; k++)
            settle(&all, &test->evidence.items[k]);
        for (size_t k = 0; test->start && k < test->start->uses.count; k++)
            inherit(&fixtures, test->start->uses.items[k], test);
    }
    utr_vec_dispose(&all);
    utr_vec_dispose(&fixtures);
}

void own_dispose(verdict_evidence *evidence)
{
    utr_vec_dispose(&evidence->by_itself);
}
