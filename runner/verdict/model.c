#include "verdict/model.h"

#include "verdict/meet.h"
#include "verdict/own.h"

#include <assert.h>
#include <string.h>

bool model_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

verdict_category *model_category(verdict *v, const char *name)
{
    for (size_t i = v->categories.count; i-- > 0;) {
        if (model_same(v->categories.items[i].plan->category, name))
            return &v->categories.items[i];
    }
    return NULL;
}

static verdict_suite *find_suite(verdict_category *category, const char *name)
{
    for (size_t i = 0; i < category->suites.count; i++) {
        if (model_same(category->suites.items[i].plan->suite, name))
            return &category->suites.items[i];
    }
    return NULL;
}

verdict_service *model_service(const verdict_category *category, const char *name)
{
    for (size_t i = 0; i < category->services.count; i++) {
        if (model_same(category->services.items[i].plan->service, name))
            return &category->services.items[i];
    }
    return NULL;
}

bool model_state_is_bad(const char *state)
{
    static const char *const BAD[] = {"failed", "exited", "oom-killed", "unhealthy", "restarted"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (model_same(state, BAD[i]))
            return true;
    }
    return false;
}

/* Facts of a category. Each returns false where the fact belongs to nothing. */

static bool add_rule(verdict_category *category, const journal_fact *fact)
{
    *utr_vec_push(&category->rules) = fact;
    return true;
}

static bool add_waiver(verdict_category *category, const journal_fact *fact)
{
    *utr_vec_push(&category->waivers) = fact;
    return true;
}

static bool add_service(verdict_category *category, const journal_fact *fact)
{
    utr_vec_push(&category->services)->plan = fact;
    return true;
}

static bool add_suite(verdict_category *category, const journal_fact *fact)
{
    utr_vec_push(&category->suites)->plan = fact;
    return true;
}

/* What the category did not name is a dependency of what it named: rules_dependency_broken looks at those. */
static bool add_service_state(verdict_category *category, const journal_fact *fact)
{
    verdict_service *service = model_service(category, fact->service);
    if (!service)
        return true;
    service->state = fact;
    service->restarts += model_same(fact->state, "restarted");
    if (model_state_is_bad(fact->state))
        *utr_vec_push(&service->bad_states) = fact;
    return true;
}

static bool add_identity(verdict_category *category, const journal_fact *fact)
{
    verdict_service *service = model_service(category, fact->service);
    if (service)
        service->identity = fact;
    return true;
}

static bool add_not_run(verdict_category *category, const journal_fact *fact)
{
    category->not_run = fact;
    return true;
}

static bool add_external(verdict_category *category, const journal_fact *fact)
{
    *utr_vec_push(&category->externals) = fact;
    return true;
}

/* Facts of a suite. */

/* The test of that name that was started and not told to have ended. */
static verdict_test *open_test(verdict_suite *suite, const char *name)
{
    for (size_t i = suite->tests.count; name && i-- > 0;) {
        verdict_test *test = &suite->tests.items[i];
        if (!test->finish && model_same(test->start->test, name))
            return test;
    }
    return NULL;
}

/* A test's evidence is written between its start and its finish, and names it. */
static bool add_evidence(verdict_suite *suite, const journal_fact *fact)
{
    verdict_test *test = model_same(fact->state, "test") ? open_test(suite, fact->test) : NULL;
    utr_vec_push(test ? &test->evidence : &suite->other_evidence)->fact = fact;
    return true;
}

/* Where a test tried to go is told while it runs. */
static bool add_elsewhere(verdict_suite *suite, const journal_fact *fact)
{
    verdict_test *test = open_test(suite, fact->test);
    *utr_vec_push(test ? &test->elsewhere : &suite->elsewhere) = fact;
    return true;
}

static bool add_source(verdict_suite *suite, const journal_fact *fact)
{
    *utr_vec_push(&suite->sources) = fact;
    return true;
}

static bool add_finding(verdict_suite *suite, const journal_fact *fact)
{
    *utr_vec_push(&suite->findings) = fact;
    return true;
}

static bool start_test(verdict_suite *suite, const journal_fact *fact)
{
    verdict_test *test = utr_vec_push(&suite->tests);
    test->start = fact;
    test->requires = &fact->names;
    return true;
}

/* Where no start was told, the result is all that is known of the test. */
static bool finish_test(verdict_suite *suite, const journal_fact *fact)
{
    verdict_test *test = open_test(suite, fact->test);
    if (!test) {
        test = utr_vec_push(&suite->tests);
        test->requires = &fact->names;
    }
    test->finish = fact;
    return true;
}

static bool add_owed(verdict_suite *suite, const journal_fact *fact)
{
    *utr_vec_push(&suite->owed) = fact;
    return true;
}

static bool start_suite(verdict_suite *suite, const journal_fact *fact)
{
    suite->start = fact;
    return true;
}

static bool add_collected(verdict_suite *suite, const journal_fact *fact)
{
    suite->collected = fact->count;
    return true;
}

static bool add_fault(verdict_suite *suite, const journal_fact *fact)
{
    *utr_vec_push(&suite->faults) = fact;
    return true;
}

static bool finish_suite(verdict_suite *suite, const journal_fact *fact)
{
    suite->finish = fact;
    return true;
}

/* Where each kind goes, and the fields without which it says nothing. Kinds that are not listed need no place
 * in the model. */
typedef struct {
    bool (*to_category)(verdict_category *category, const journal_fact *fact);
    bool (*to_suite)(verdict_suite *suite, const journal_fact *fact);
    size_t needs[3]; /* offsets of texts; 0 (kind) ends the list */
} place;

#define NEEDS(field) offsetof(journal_fact, field)
static const place PLACES[] = {
    [JOURNAL_RULE] = {add_rule, NULL, {NEEDS(rule), NEEDS(level)}},
    [JOURNAL_WAIVER] = {add_waiver, NULL, {NEEDS(rule)}},
    [JOURNAL_SERVICE] = {add_service, NULL, {NEEDS(service)}},
    [JOURNAL_EXTERNAL] = {add_external, NULL, {NEEDS(service)}},
    [JOURNAL_SUITE] = {add_suite, NULL, {NEEDS(suite)}},
    [JOURNAL_SERVICE_STATE] = {add_service_state, NULL, {NEEDS(service), NEEDS(state)}},
    [JOURNAL_IDENTITY] = {add_identity, NULL, {NEEDS(service)}},
    [JOURNAL_SKIPPED_CATEGORY] = {add_not_run, NULL, {0}},
    [JOURNAL_OWED] = {NULL, add_owed, {NEEDS(service), NEEDS(state), NEEDS(measure)}},
    [JOURNAL_SUITE_START] = {NULL, start_suite, {0}},
    [JOURNAL_COLLECTED] = {NULL, add_collected, {0}},
    [JOURNAL_TEST_START] = {NULL, start_test, {NEEDS(test)}},
    [JOURNAL_EVIDENCE] = {NULL, add_evidence, {NEEDS(service), NEEDS(state)}},
    [JOURNAL_SOURCE] = {NULL, add_source, {NEEDS(file), NEEDS(test)}},
    [JOURNAL_FINDING] = {NULL, add_finding, {NEEDS(file), NEEDS(rule)}},
    [JOURNAL_ELSEWHERE] = {NULL, add_elsewhere, {NEEDS(address)}},
    [JOURNAL_TEST_FINISH] = {NULL, finish_test, {NEEDS(test), NEEDS(state)}},
    [JOURNAL_ADAPTER_FAULT] = {NULL, add_fault, {0}},
    [JOURNAL_SUITE_FINISH] = {NULL, finish_suite, {0}},
};

static bool has_what_it_needs(const place *where, const journal_fact *fact)
{
    for (size_t i = 0; i < sizeof where->needs / sizeof *where->needs && where->needs[i]; i++) {
        if (!*(char *const *)((const char *)fact + where->needs[i]))
            return false;
    }
    return true;
}

static bool put_in_place(verdict *v, const place *where, const journal_fact *fact)
{
    verdict_category *category = model_category(v, fact->category);
    if (!category || !has_what_it_needs(where, fact))
        return false;
    if (where->to_category)
        return where->to_category(category, fact);
    verdict_suite *suite = find_suite(category, fact->suite);
    return suite && where->to_suite(suite, fact);
}

static void add_fact(verdict *v, const journal_fact *fact)
{
    size_t kind = (size_t)fact->kind;
    if (fact->kind == JOURNAL_RUN)
        v->run = fact;
    else if (fact->kind == JOURNAL_COMMIT)
        v->commit = fact;
    else if (fact->kind == JOURNAL_FINISH)
        v->finish = fact;
    else if (fact->kind == JOURNAL_CATEGORY && fact->category)
        utr_vec_push(&v->categories)->plan = fact;
    else if (fact->kind == JOURNAL_CATEGORY)
        *utr_vec_push(&v->strays) = fact;
    bool placed =
        kind < sizeof PLACES / sizeof *PLACES && (PLACES[kind].to_category || PLACES[kind].to_suite);
    if (placed && !put_in_place(v, &PLACES[kind], fact))
        *utr_vec_push(&v->strays) = fact;
}

static void dispose_evidences(verdict_evidences *all)
{
    for (size_t i = 0; i < all->count; i++)
        own_dispose(&all->items[i]);
    utr_vec_dispose(all);
}

static void dispose_test(verdict_test *test)
{
    dispose_evidences(&test->evidence);
    utr_vec_dispose(&test->inherited);
    utr_vec_dispose(&test->elsewhere);
    utr_vec_dispose(&test->findings);
}

/* A test that never told its end has no result to judge; that it began is kept for the suite's rules. */
static void set_unfinished_apart(verdict_suite *suite)
{
    size_t kept = 0;
    for (size_t i = 0; i < suite->tests.count; i++) {
        verdict_test *test = &suite->tests.items[i];
        if (test->finish) {
            suite->tests.items[kept++] = *test;
            continue;
        }
        *utr_vec_push(&suite->unfinished) = test->start;
        dispose_test(test);
    }
    suite->tests.count = kept;
}

void model_build(verdict *v, const journal *j)
{
    for (size_t i = 0; i < journal_count(j); i++)
        add_fact(v, journal_get(j, i));
    v->seconds = v->finish ? v->finish->seconds : 0;
    for (size_t i = 0; i < v->categories.count; i++) {
        for (size_t k = 0; k < v->categories.items[i].suites.count; k++) {
            set_unfinished_apart(&v->categories.items[i].suites.items[k]);
            own_settle(&v->categories.items[i].suites.items[k]);
            meet_settle(&v->categories.items[i].suites.items[k]);
        }
    }
}

static void dispose_suite(verdict_suite *suite)
{
    for (size_t i = 0; i < suite->tests.count; i++)
        dispose_test(&suite->tests.items[i]);
    utr_vec_dispose(&suite->tests);
    utr_vec_dispose(&suite->unfinished);
    utr_vec_dispose(&suite->owed);
    utr_vec_dispose(&suite->faults);
    utr_vec_dispose(&suite->elsewhere);
    utr_vec_dispose(&suite->findings);
    utr_vec_dispose(&suite->sources);
    dispose_evidences(&suite->other_evidence);
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
        utr_vec_dispose(&category->externals);
    }
    utr_vec_dispose(&v->categories);
    utr_vec_dispose(&v->strays);
}

/* An owed exchange is a substantive one (design, section 7). */
static const struct {
    const char *name;
    size_t offset;
} MEASURES[] = {
    {"exchanges", offsetof(verdict_evidence, substantive)},
    {"requests", offsetof(verdict_evidence, substantive)},
    {"reads", offsetof(verdict_evidence, reads)},
    {"writes", offsetof(verdict_evidence, writes)},
    {"any", offsetof(verdict_evidence, exchanges)},
};

int64_t model_measure_one(const verdict_evidence *evidence, const char *service, const char *name)
{
    if (service && !model_same(evidence->fact->service, service))
        return 0;
    for (size_t i = 0; i < sizeof MEASURES / sizeof *MEASURES; i++) {
        int64_t count = *(const int64_t *)((const char *)evidence + MEASURES[i].offset);
        if (strcmp(MEASURES[i].name, name) == 0)
            return count > 0 ? count : 0;
    }
    return 0; /* a measure that is not known proves nothing */
}

/* Neither is below 0. */
static int64_t sum_of(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t model_measure(const verdict_evidences *evidence, const char *service, const char *name)
{
    int64_t sum = 0;
    for (size_t i = 0; i < evidence->count; i++)
        sum = sum_of(sum, model_measure_one(&evidence->items[i], service, name));
    return sum;
}

int64_t model_suite_measure(const verdict_suite *suite, const char *service, const char *name)
{
    int64_t sum = model_measure(&suite->other_evidence, service, name);
    for (size_t i = 0; i < suite->tests.count; i++)
        sum = sum_of(sum, model_measure(&suite->tests.items[i].evidence, service, name));
    return sum;
}

int64_t model_test_measure(const verdict_suite *suite, const verdict_test *test, const char *service,
                           const char *name)
{
    int64_t sum = model_measure(&test->evidence, service, name);
    if (suite->plan->whole) {
        sum = sum_of(sum, model_measure(&suite->other_evidence, service, name));
        return suite->owing > 1 ? sum / suite->owing : sum;
    }
    for (size_t i = 0; suite->plan->inherit && i < test->inherited.count; i++)
        sum = sum_of(sum, model_measure_one(test->inherited.items[i], service, name));
    return sum;
}

bool model_owed_by(const journal_fact *owed, const char *scope)
{
    return model_same(owed->state, scope);
}

bool model_suite_paid(const verdict_suite *suite, const char *service)
{
    for (size_t i = 0; i < suite->owed.count; i++) {
        const journal_fact *owed = suite->owed.items[i];
        bool meant = model_owed_by(owed, "suite") && (!service || model_same(owed->service, service));
        if (meant && model_suite_measure(suite, owed->service, owed->measure) < owed->count)
            return false;
    }
    return true;
}

bool model_real_services_are(const verdict_category *category, const char *word)
{
    return model_same(category->plan->state, word);
}

bool model_test_is(const verdict_test *test, const char *status)
{
    return model_same(test->finish->state, status);
}

bool model_test_passed(const verdict_test *test)
{
    return model_test_is(test, "passed") || model_test_is(test, "xpassed");
}

bool model_test_failed(const verdict_test *test)
{
    return !model_test_passed(test) && !model_test_is(test, "skipped") && !model_test_is(test, "xfailed");
}

static bool owes_as_a_whole(const verdict_suite *suite, const char *service)
{
    for (size_t i = 0; i < suite->owed.count; i++) {
        const journal_fact *owed = suite->owed.items[i];
        if (model_owed_by(owed, "suite") && model_same(owed->service, service) && owed->count > 0)
            return true;
    }
    return false;
}

static bool suite_uses(const verdict_suite *suite, const char *service)
{
    for (size_t i = 0; i < suite->tests.count; i++) {
        if (model_test_measure(suite, &suite->tests.items[i], service, "exchanges"))
            return true;
    }
    return owes_as_a_whole(suite, service) && model_suite_paid(suite, service);
}

bool model_service_used(const verdict_category *category, const char *service)
{
    for (size_t i = 0; i < category->suites.count; i++) {
        if (suite_uses(&category->suites.items[i], service))
            return true;
    }
    return false;
}
