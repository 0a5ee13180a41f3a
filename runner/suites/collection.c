#include "suites/collection.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

/* A limit on what a suite can make us remember; and on what one request hands out. */
enum { MOST_TESTS = 200000, MOST_AT_ONCE = 32 };

/* The first process to ask does not know yet how many others will. */
static const double SHARE_OF_THE_REST = 1.0 / 4;

typedef enum { WAITING, RUNNING, TOLD } test_state;

typedef struct {
    char *name;
    test_state state;
    bool collected;
    bool success; /* its result was one */
    size_t round; /* of collecting, in which it was named last */
    const void *holder;
} known_test;

typedef struct {
    suites_indices tests; /* indices into the order */
    double seconds;
    const void *holder; /* NULL: not handed out */
} test_group;

struct suites_collection {
    UTR_VEC(known_test) tests; /* every test that was named in any way */
    json_t *places;            /* of each, by name */
    size_t collected;          /* of those */
    size_t told;               /* of those that were collected */
    size_t counted;            /* tests that were expected without their names */
    bool by_name;              /* names were collected */
    size_t round;
    bool shared;          /* by processes that run parts: */
    suites_indices order; /* what they collected, indices into tests */
    UTR_VEC(test_group) groups;
    size_t first;        /* no group before it is free */
    double seconds_left; /* of the groups that are free */
    size_t sharers;
    double (*seconds_of)(void *ctx, const char *test);
    void *ctx;
};

void suites_names_dispose(suites_names *names)
{
    utr_strs_dispose(&names->names);
    utr_vec_dispose(&names->groups);
}

suites_collection *suites_collection_new(void)
{
    suites_collection *collection = UTR_NEW(suites_collection);
    collection->places = json_object();
    return collection;
}

void suites_collection_free(suites_collection *collection)
{
    if (!collection)
        return;
    for (size_t i = 0; i < collection->tests.count; i++)
        free(collection->tests.items[i].name);
    for (size_t i = 0; i < collection->groups.count; i++)
        utr_vec_dispose(&collection->groups.items[i].tests);
    utr_vec_dispose(&collection->tests);
    utr_vec_dispose(&collection->groups);
    utr_vec_dispose(&collection->order);
    json_decref(collection->places);
    free(collection);
}

void suites_collection_set_times(suites_collection *collection,
                                 double (*seconds_of)(void *ctx, const char *test), void *ctx)
{
    collection->seconds_of = seconds_of;
    collection->ctx = ctx;
}

size_t suites_collection_left(const suites_collection *collection)
{
    return collection->collected - collection->told;
}

size_t suites_collection_total(const suites_collection *collection)
{
    return collection->collected + collection->counted;
}

/* @return NULL where nobody named it */
static known_test *test_find(const suites_collection *collection, const char *name)
{
    const json_t *place = json_object_get(collection->places, name);
    return place ? &collection->tests.items[json_integer_value(place)] : NULL;
}

/* @return NULL where there are too many */
static known_test *test_get(suites_collection *collection, const char *name, utr_error *err)
{
    known_test *known = test_find(collection, name);
    if (known)
        return known;
    if (collection->tests.count == MOST_TESTS) {
        (void)utr_fail(err, UTR_CONFLICT, "more than %d tests", MOST_TESTS);
        return NULL;
    }
    (void)json_object_set_new(collection->places, name, json_integer((json_int_t)collection->tests.count));
    known_test *test = utr_vec_push(&collection->tests);
    test->name = utr_strdup(name);
    return test;
}

/* --- collecting --- */

void suites_collection_count(suites_collection *collection, size_t before, size_t now)
{
    collection->counted = collection->counted - before + now;
}

static utr_code name_add(suites_collection *collection, const char *name, utr_error *err)
{
    known_test *test = test_get(collection, name, err);
    if (!test)
        return err->code;
    if (test->round == collection->round)
        return utr_fail(err, UTR_CONFLICT, "test '%s' was collected twice", name);
    test->round = collection->round;
    if (test->collected)
        return UTR_OK;
    test->collected = true;
    collection->collected++;
    collection->told += test->state == TOLD;
    return UTR_OK;
}

static utr_code fail_uncollected(const char *test, utr_error *err)
{
    return utr_fail(err, UTR_CONFLICT, "a result for '%s', which was not collected", test);
}

/* What passed before the first names came is held to them, too. */
static utr_code check_told(const suites_collection *collection, utr_error *err)
{
    for (size_t i = 0; i < collection->tests.count; i++) {
        const known_test *test = &collection->tests.items[i];
        if (test->state == TOLD && test->success && !test->collected)
            return fail_uncollected(test->name, err);
    }
    return UTR_OK;
}

utr_code suites_collection_add(suites_collection *collection, const suites_names *names, utr_error *err)
{
    collection->round++;
    for (size_t i = 0; i < names->names.count; i++) {
        if (name_add(collection, names->names.items[i], err))
            return err->code;
    }
    if (collection->by_name)
        return UTR_OK;
    collection->by_name = true;
    return check_told(collection, err);
}

/* --- sharing --- */

/* A group's time; a test whose time is not known counts as the mean. */
static void times_set(suites_collection *collection)
{
    double known = 0;
    size_t count = 0;
    auto_free double *seconds = utr_calloc(collection->order.count + 1, sizeof *seconds);
    for (size_t i = 0; i < collection->order.count; i++) {
        const char *test = collection->tests.items[collection->order.items[i]].name;
        seconds[i] = collection->seconds_of ? collection->seconds_of(collection->ctx, test) : -1;
        known += seconds[i] < 0 ? 0 : seconds[i];
        count += seconds[i] >= 0;
    }
    double mean = count ? known / (double)count : 1;
    for (size_t i = 0; i < collection->groups.count; i++) {
        test_group *group = &collection->groups.items[i];
        for (size_t k = 0; k < group->tests.count; k++) {
            double one = seconds[group->tests.items[k]];
            group->seconds += one < 0 ? mean : one;
        }
        collection->seconds_left += group->seconds;
    }
}

/* The longest first; as collected where they take the same time. */
static int group_compare(const void *left, const void *right)
{
    const test_group *a = left;
    const test_group *b = right;
    if (a->seconds != b->seconds)
        return a->seconds < b->seconds ? 1 : -1;
    return a->tests.items[0] < b->tests.items[0] ? -1 : 1;
}

/** A test by its group, then as collected. */
typedef struct {
    size_t group;
    size_t index;
} grouped;

static int grouped_compare(const void *left, const void *right)
{
    const grouped *a = left;
    const grouped *b = right;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

static void groups_make(suites_collection *collection, const suites_names *names)
{
    auto_free grouped *all = utr_calloc(names->names.count + 1, sizeof *all);
    for (size_t i = 0; i < names->names.count; i++)
        all[i] = (grouped){names->groups.count ? names->groups.items[i] : i, i};
    qsort(all, names->names.count, sizeof *all, grouped_compare);
    for (size_t i = 0; i < names->names.count; i++) {
        if (i == 0 || all[i].group != all[i - 1].group)
            (void)utr_vec_push(&collection->groups);
        test_group *group = &collection->groups.items[collection->groups.count - 1];
        *utr_vec_push(&group->tests) = all[i].index;
    }
    times_set(collection);
    if (collection->groups.count)
        qsort(collection->groups.items, collection->groups.count, sizeof *collection->groups.items,
              group_compare);
}

static utr_code share_first(suites_collection *collection, const suites_names *names, utr_error *err)
{
    if (suites_collection_add(collection, names, err))
        return err->code;
    for (size_t i = 0; i < names->names.count; i++) {
        const json_t *place = json_object_get(collection->places, names->names.items[i]);
        *utr_vec_push(&collection->order) = (size_t)json_integer_value(place);
    }
    collection->shared = true;
    groups_make(collection, names);
    return UTR_OK;
}

static utr_code share_again(const suites_collection *collection, const suites_names *names, utr_error *err)
{
    if (names->names.count != collection->order.count)
        return utr_fail(err, UTR_CONFLICT,
                        "%zu tests were collected, and %zu by another process of the suite",
                        names->names.count, collection->order.count);
    for (size_t i = 0; i < collection->order.count; i++) {
        const char *other = collection->tests.items[collection->order.items[i]].name;
        if (strcmp(other, names->names.items[i]) != 0)
            return utr_fail(err, UTR_CONFLICT,
                            "test '%.160s' was collected where another process of the suite has '%.160s'",
                            names->names.items[i], other);
    }
    return UTR_OK;
}

utr_code suites_collection_share(suites_collection *collection, const suites_names *names, utr_error *err)
{
    utr_code code =
        collection->shared ? share_again(collection, names, err) : share_first(collection, names, err);
    collection->sharers += !code;
    return code;
}

/* --- handing out --- */

static void group_hand_out(suites_collection *collection, test_group *group, const void *holder,
                           suites_indices *out)
{
    group->holder = holder;
    collection->seconds_left -= group->seconds;
    for (size_t i = 0; i < group->tests.count; i++) {
        size_t index = group->tests.items[i];
        collection->tests.items[collection->order.items[index]].holder = holder;
        *utr_vec_push(out) = index;
    }
}

utr_code suites_collection_next(suites_collection *collection, const void *holder, suites_indices *out,
                                utr_error *err)
{
    if (!collection->shared)
        return utr_fail(err, UTR_CONFLICT, "tests are asked for before any were collected by name");
    double enough = collection->seconds_left * SHARE_OF_THE_REST / (double)collection->sharers;
    double seconds = 0;
    for (; collection->first < collection->groups.count; collection->first++) {
        test_group *group = &collection->groups.items[collection->first];
        if (group->holder)
            continue;
        if (out->count && (seconds + group->seconds > enough || out->count >= MOST_AT_ONCE))
            break;
        group_hand_out(collection, group, holder, out);
        seconds += group->seconds;
    }
    return UTR_OK;
}

/* What is left of a group goes to whoever asks next. */
static void group_give_back(suites_collection *collection, test_group *group)
{
    size_t kept = 0;
    for (size_t i = 0; i < group->tests.count; i++) {
        size_t index = group->tests.items[i];
        known_test *test = &collection->tests.items[collection->order.items[index]];
        test->holder = NULL;
        if (test->state == WAITING)
            group->tests.items[kept++] = index;
    }
    group->seconds *= (double)kept / (double)group->tests.count;
    group->tests.count = kept;
    group->holder = kept ? NULL : collection; /* nobody: there is nothing left of it */
    collection->seconds_left += kept ? group->seconds : 0;
}

void suites_collection_give_back(suites_collection *collection, const void *holder)
{
    for (size_t i = 0; i < collection->groups.count; i++) {
        if (collection->groups.items[i].holder == holder)
            group_give_back(collection, &collection->groups.items[i]);
    }
    collection->first = 0;
}

/* --- running --- */

utr_code suites_collection_start(suites_collection *collection, const void *holder, const char *test,
                                 utr_error *err)
{
    known_test *known = test_get(collection, test, err);
    if (!known)
        return err->code;
    if (known->state == TOLD)
        return utr_fail(err, UTR_CONFLICT, "test '%s' starts a second time", test);
    if (known->state == RUNNING)
        return utr_fail(err, UTR_CONFLICT, "test '%s' starts while it runs in another worker", test);
    if (collection->shared && known->collected && known->holder != holder)
        return utr_fail(err, UTR_CONFLICT, "test '%s' starts in a process that was not given it", test);
    known->state = RUNNING;
    return UTR_OK;
}

utr_code suites_collection_finish(suites_collection *collection, const char *test, bool success,
                                  utr_error *err)
{
    known_test *known = test_get(collection, test, err);
    if (!known)
        return err->code;
    if (known->state == TOLD)
        return utr_fail(err, UTR_CONFLICT, "a second result for test '%s'", test);
    if (success && collection->by_name && !known->collected)
        return fail_uncollected(test, err);
    known->state = TOLD;
    known->success = success;
    collection->told += known->collected;
    return UTR_OK;
}

void suites_collection_forget(suites_collection *collection, const char *test)
{
    known_test *known = test_find(collection, test);
    if (known && known->state == RUNNING)
        known->state = WAITING;
}

bool suites_collection_has_told(const suites_collection *collection, const char *test)
{
    const known_test *known = test_find(collection, test);
    return known && known->state == TOLD;
}

bool suites_collection_has_failed(const suites_collection *collection, const char *test)
{
    const known_test *known = test_find(collection, test);
    return known && known->state == TOLD && !known->success;
}

bool suites_collection_has_begun(const suites_collection *collection, const char *test)
{
    const known_test *known = test_find(collection, test);
    return known && known->state != WAITING;
}
