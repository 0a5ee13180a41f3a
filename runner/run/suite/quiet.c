#include "run/suite/quiet.h"

#include <search.h>
#include <string.h>

/* A pause must be long enough to be one; a single one, and the one at the end, are bounded, and so is their
 * sum. */
static const int64_t LEAST_MS = 10;
static const int64_t SETTLE_MS = 50;
static const int64_t MOST_MS = 2000;
static const int64_t MOST_AT_END_MS = 500;
static const int64_t BUDGET_MS = 2000;
static const double BUDGET_SHARE = 50; /* and so many milliseconds for each second of the tests */
/* A suite that has more of them than this repeats itself too little to be told apart from its timers. */
enum { MOST_KEYS = 20000 };
/* Luck may pay for a test that is shorter than an interval, hardly for so many. */
enum { BEYOND_LUCK = 2 };

/** What a test can be paid by. */
typedef struct {
    const char *service; /* the witness's */
    uint32_t connection; /* 0: any that a test opened itself */
    char *text;
    int64_t born_ms;                  /* heard_ms when it was first seen: only what was heard later counts */
    size_t last_test;                 /* in which it was seen */
    size_t relied;                    /* tests that had nothing better */
    int64_t shortest_ms[BEYOND_LUCK]; /* of these, as many as there are */
} quiet_key;

static int by_key(const void *a, const void *b)
{
    const quiet_key *left = a;
    const quiet_key *right = b;
    if (left->connection != right->connection)
        return left->connection < right->connection ? -1 : 1;
    int order = strcmp(left->text, right->text);
    return order ? order : strcmp(left->service, right->service);
}

static void key_free(void *key)
{
    free(((quiet_key *)key)->text);
    free(key);
}

void quiet_dispose(quiet *q)
{
    tdestroy(q->keys, key_free);
    *q = (quiet){0};
}

/* The key of a statement, new or old; NULL where there is no room for one more. */
static quiet_key *key_of(quiet *q, const char *service, const witness_statement *statement)
{
    quiet_key wanted = {.service = service,
                        .connection = statement->opened ? 0 : statement->connection,
                        .text = statement->text};
    quiet_key **found = tfind(&wanted, &q->keys, by_key);
    if (found)
        return *found;
    if (q->key_count == MOST_KEYS)
        return NULL;
    quiet_key *key = UTR_NEW(quiet_key);
    *key = wanted;
    key->text = utr_strdup(statement->text);
    key->born_ms = q->heard_ms;
    if (!tsearch(key, &q->keys, by_key)) {
        key_free(key);
        return NULL;
    }
    q->key_count++;
    return key;
}

typedef UTR_VEC(quiet_key *) quiet_keys;

/* What paid for a test. @return false where something did that cannot be told again */
static bool keys_of(quiet *q, const witness_evidence_list *evidence, quiet_keys *out)
{
    bool all = true;
    for (size_t i = 0; i < evidence->count; i++) {
        const witness_evidence *one = &evidence->items[i];
        for (size_t k = 0; k < one->statements.count; k++) {
            const witness_statement *statement = &one->statements.items[k];
            if (!statement->substantive)
                continue;
            quiet_key *key = key_of(q, one->service, statement);
            all = all && key;
            if (!key || key->last_test == q->tests)
                continue;
            key->last_test = q->tests;
            *utr_vec_push(out) = key;
        }
    }
    return all;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static int64_t heard_ms(const quiet *q, const quiet_key *key)
{
    return q->heard_ms - key->born_ms;
}

/* How long it must be listened to: twice the length of a test that it paid for, if it goes on by itself, by
 * more than luck. */
static int64_t needs_ms(const quiet_key *key, int64_t test_ms)
{
    int64_t length_ms = key->relied < BEYOND_LUCK ? test_ms : key->shortest_ms[BEYOND_LUCK - 1];
    return clamp(2 * length_ms, LEAST_MS, INT32_MAX);
}

static bool any_is_verified(const quiet *q, const quiet_keys *keys, int64_t test_ms)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (heard_ms(q, keys->items[i]) >= needs_ms(keys->items[i], test_ms))
            return true;
    }
    return false;
}

static void rely(quiet_key *key, int64_t test_ms)
{
    size_t known = key->relied < BEYOND_LUCK ? key->relied : BEYOND_LUCK;
    key->relied++;
    for (size_t i = 0; i < BEYOND_LUCK; i++) {
        int64_t other_ms = key->shortest_ms[i];
        if (i < known && other_ms <= test_ms)
            continue;
        key->shortest_ms[i] = test_ms;
        test_ms = other_ms;
    }
}

/* How long to listen until one of them is beyond doubt, which is enough; 0: one of them may still be luck. */
static int64_t doubt_ms(const quiet *q, const quiet_keys *keys, int64_t test_ms)
{
    int64_t least_ms = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const quiet_key *key = keys->items[i];
        if (key->relied < BEYOND_LUCK)
            return 0;
        int64_t missing_ms = needs_ms(key, test_ms) - heard_ms(q, key);
        least_ms = least_ms && least_ms < missing_ms ? least_ms : missing_ms;
    }
    return least_ms;
}

void quiet_note(quiet *q, const witness_evidence_list *evidence, double seconds)
{
    quiet_keys keys = {0};
    int64_t test_ms = clamp((int64_t)(seconds * 1000), 0, INT32_MAX);
    q->tests++;
    q->seconds += seconds;
    q->wanted_ms = 0;
    if (keys_of(q, evidence, &keys) && !any_is_verified(q, &keys, test_ms)) {
        for (size_t i = 0; i < keys.count; i++)
            rely(keys.items[i], test_ms);
        q->wanted_ms = doubt_ms(q, &keys, test_ms);
    }
    utr_vec_dispose(&keys);
}

static int64_t budget_left_ms(const quiet *q)
{
    return BUDGET_MS + (int64_t)(q->seconds * BUDGET_SHARE) - q->heard_ms;
}

/* As much of it as there is time for; 0 where that tells nothing. */
static int64_t afford(const quiet *q, int64_t wanted_ms, int64_t most_ms)
{
    int64_t left_ms = budget_left_ms(q);
    if (!wanted_ms || left_ms < LEAST_MS)
        return 0;
    return clamp(wanted_ms, LEAST_MS, left_ms < most_ms ? left_ms : most_ms);
}

typedef struct {
    const quiet *q;
    int64_t missing_ms;
} still_missing;

static void look_at_key(const void *node, VISIT when, void *ctx)
{
    const quiet_key *key = *(quiet_key *const *)node;
    still_missing *all = ctx;
    if (when != postorder && when != leaf)
        return;
    if (!key->relied)
        return;
    int64_t missing_ms = clamp(key->shortest_ms[0], LEAST_MS, INT32_MAX) - heard_ms(all->q, key);
    if (missing_ms > all->missing_ms)
        all->missing_ms = missing_ms;
}

static int64_t at_the_end(const quiet *q)
{
    still_missing all = {.q = q};
    twalk_r(q->keys, look_at_key, &all);
    return afford(q, all.missing_ms, MOST_AT_END_MS);
}

/* Before what may be the last test, as at the end: what a fixture started may end with that test. */
static int64_t before_a_start(quiet *q, quiet_moment moment)
{
    bool first = !q->begun && moment.connected;
    int64_t wanted_ms = afford(q, first && !q->wanted_ms ? LEAST_MS : q->wanted_ms, MOST_MS);
    int64_t at_the_end_ms = moment.last ? at_the_end(q) : 0;
    q->begun = true;
    q->wanted_ms = 0;
    return wanted_ms > at_the_end_ms ? wanted_ms : at_the_end_ms;
}

static int64_t enter(quiet *q, quiet_phase phase, int64_t ms)
{
    q->phase = ms ? phase : QUIET_NOT;
    q->asked_ms = ms;
    return ms;
}

int64_t quiet_next(quiet *q, quiet_moment moment)
{
    switch (q->phase) {
    case QUIET_NOT:
        return enter(q, QUIET_LISTENS, moment.done ? at_the_end(q) : before_a_start(q, moment));
    case QUIET_LISTENS:
        q->heard_ms += q->asked_ms;
        q->first_ms = q->asked_ms;
        return enter(q, QUIET_SETTLES, moment.heard ? SETTLE_MS : 0);
    case QUIET_SETTLES:
        return enter(q, QUIET_LISTENS_AGAIN, clamp(2 * q->first_ms, LEAST_MS, MOST_MS));
    case QUIET_LISTENS_AGAIN:
        break;
    }
    return enter(q, QUIET_NOT, 0);
}
