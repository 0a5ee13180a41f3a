#include "verdict/model.h"

#include <assert.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static verdict_category *find_category(verdict *v, const char *name)
{
    for (size_t i = v->categories.count; i-- > 0;) {
        if (same(v->categories.items[i].plan->category, name))
            return &v->categories.items[i];
    }
    return NULL;
}

static verdict_suite *find_suite(verdict_category *category, const char *name)
{
    for (size_t i = 0; i < category->suites.count; i++) {
        if (same(category->suites.items[i].plan->suite, name))
            return &category->suites.items[i];
    }
    return NULL;
}

verdict_service *model_service(const verdict_category *category, const char *name)
{
    for (size_t i = 0; i < category->services.count; i++) {
        if (same(category->services.items[i].plan->service, name))
            return &category->services.items[i];
    }
    return NULL;
}

static void add_service_state(verdict_category *category, const journal_fact *fact)
{
    static const char *const BAD[] = {"failed", "exited", "oom-killed", "unhealthy", "restarted"};
    verdict_service *service = model_service(category, fact->service);
    if (!service)
        return; /* a dependency that no suite asked for by name; its failure shows in the one that did */
    service->state = fact;
    service->restarts += same(fact->state, "restarted");
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (same(fact->state, BAD[i]))
            *utr_vec_push(&service->bad_states) = fact;
    }
}

static void add_category_fact(verdict_category *category, const journal_fact *fact)
{
    if (fact->kind == JOURNAL_RULE)
        *utr_vec_push(&category->rules) = fact;
    else if (fact->kind == JOURNAL_WAIVER)
        *utr_vec_push(&category->waivers) = fact;
    else if (fact->kind == JOURNAL_SERVICE)
        utr_vec_push(&category->services)->plan = fact;
    else if (fact->kind == JOURNAL_SUITE)
        utr_vec_push(&category->suites)->plan = fact;
    else if (fact->kind == JOURNAL_SERVICE_STATE)
        add_service_state(category, fact);
    else if (fact->kind == JOURNAL_IDENTITY && model_service(category, fact->service))
        model_service(category, fact->service)->identity = fact;
    else if (fact->kind == JOURNAL_SKIPPED_CATEGORY)
        category->not_run = fact;
}

/* A test's evidence is written between its start and its finish; it belongs to the test that is open. */
static void add_evidence(verdict_suite *suite, const journal_fact *fact)
{
    verdict_test *last = suite->tests.count ? &suite->tests.items[suite->tests.count - 1] : NULL;
    if (same(fact->state, "test") && last && !last->finish)
        *utr_vec_push(&last->evidence) = fact;
    else
        *utr_vec_push(&suite->other_evidence) = fact;
}

static void start_test(verdict_suite *suite, const journal_fact *fact)
{
    utr_vec_push(&suite->tests)->requires = &fact->names;
}

static void finish_test(verdict_suite *suite, const journal_fact *fact)
{
    if (!suite->tests.count || suite->tests.items[suite->tests.count - 1].finish)
        start_test(suite, fact); /* told only by its result */
    suite->tests.items[suite->tests.count - 1].finish = fact;
}

static void add_suite_fact(verdict_suite *suite, const journal_fact *fact)
{
    if (fact->kind == JOURNAL_OWED)
        *utr_vec_push(&suite->owed) = fact;
    else if (fact->kind == JOURNAL_SUITE_START)
        suite->start = fact;
    else if (fact->kind == JOURNAL_COLLECTED)
        suite->collected = fact->count;
    else if (fact->kind == JOURNAL_TEST_START)
        start_test(suite, fact);
    else if (fact->kind == JOURNAL_EVIDENCE)
        add_evidence(suite, fact);
    else if (fact->kind == JOURNAL_TEST_FINISH)
        finish_test(suite, fact);
    else if (fact->kind == JOURNAL_ADAPTER_FAULT)
        *utr_vec_push(&suite->faults) = fact;
    else if (fact->kind == JOURNAL_SUITE_FINISH)
        suite->finish = fact;
}

static void add_fact(verdict *v, const journal_fact *fact)
{
    if (fact->kind == JOURNAL_RUN)
        v->run = fact;
    if (fact->kind == JOURNAL_FINISH)
        v->seconds = fact->seconds;
    if (fact->kind == JOURNAL_CATEGORY)
        utr_vec_push(&v->categories)->plan = fact;
    verdict_category *category = find_category(v, fact->category);
    if (!category)
        return;
    add_category_fact(category, fact);
    verdict_suite *suite = find_suite(category, fact->suite);
    if (suite)
        add_suite_fact(suite, fact);
}

/* A test that was started and never told its end did not finish: without a finish there is no result to
 * count. */
static void drop_unfinished(verdict_suite *suite)
{
    while (suite->tests.count && !suite->tests.items[suite->tests.count - 1].finish) {
        suite->tests.count--;
        utr_vec_dispose(&suite->tests.items[suite->tests.count].evidence);
    }
}

void model_build(verdict *v, const journal *j)
{
    for (size_t i = 0; i < journal_count(j); i++)
        add_fact(v, journal_get(j, i));
    for (size_t i = 0; i < v->categories.count; i++) {
        for (size_t k = 0; k < v->categories.items[i].suites.count; k++)
            drop_unfinished(&v->categories.items[i].suites.items[k]);
    }
}

static void dispose_suite(verdict_suite *suite)
{
    for (size_t i = 0; i < suite->tests.count; i++)
        utr_vec_dispose(&suite->tests.items[i].evidence);
    utr_vec_dispose(&suite->tests);
    utr_vec_dispose(&suite->owed);
    utr_vec_dispose(&suite->faults);
    utr_vec_dispose(&suite->other_evidence);
}

void model_dispose(verdict *v)
{
    for (size_t i = 0; i < v->categories.count; i++) {
        verdict_category *category = &v->categories.items[i];
        for (size_t k = 0; k < category->suites.count; k++)
            dispose_suite(&category->suites.items[k]);
        for (size_t k = 0; k < category->services.count; k++)
            utr_vec_dispose(&category->services.items[k].bad_states);
        utr_vec_dispose(&category->suites);
        utr_vec_dispose(&category->services);
        utr_vec_dispose(&category->rules);
        utr_vec_dispose(&category->waivers);
    }
    utr_vec_dispose(&v->categories);
}

typedef struct {
    const char *name;
    size_t offset;
} measure;

/* An owed exchange is a substantive one (design, section 7). */
static const measure MEASURES[] = {
    {"exchanges", offsetof(journal_fact, substantive)}, {"requests", offsetof(journal_fact, substantive)},
    {"reads", offsetof(journal_fact, reads)},           {"writes", offsetof(journal_fact, writes)},
    {"any", offsetof(journal_fact, exchanges)},
};

static int64_t measure_of(const journal_fact *fact, const char *name)
{
    for (size_t i = 0; i < sizeof MEASURES / sizeof *MEASURES; i++) {
        if (strcmp(MEASURES[i].name, name) == 0)
            return *(const int64_t *)((const char *)fact + MEASURES[i].offset);
    }
    return 0; /* a measure that is not known proves nothing */
}

int64_t model_measure(const verdict_facts *evidence, const char *service, const char *name)
{
    int64_t sum = 0;
    for (size_t i = 0; i < evidence->count; i++) {
        if (!service || same(evidence->items[i]->service, service))
            sum += measure_of(evidence->items[i], name);
    }
    return sum;
}

bool model_test_is(const verdict_test *test, const char *status)
{
    return same(test->finish->state, status);
}

bool model_test_passed(const verdict_test *test)
{
    return model_test_is(test, "passed") || model_test_is(test, "xpassed");
}

static bool suite_uses(const verdict_suite *suite, const char *service)
{
    for (size_t i = 0; i < suite->tests.count; i++) {
        if (model_measure(&suite->tests.items[i].evidence, service, "exchanges"))
            return true;
    }
    return false;
}

bool model_service_used(const verdict_category *category, const char *service)
{
    for (size_t i = 0; i < category->suites.count; i++) {
        if (suite_uses(&category->suites.items[i], service))
            return true;
    }
    return false;
}
