#include "run/suite/quiet.h"

#include <search.h>
#include <string.h>

/* A pause must be long enough to be one; a single one, and the one at the end, are bounded, and so is their
 * sum. */
static const int64_t LEAST_MS = 10;
static const int64_t SETTLE_MS = 50;
static const int64_t MOST_MS = 2000;
static const int64_t MOST_AT_END_MS = 1000;
static const int64_t BUDGET_MS = 2000;
static const double BUDGET_SHARE = 50; /* and so many milliseconds for each second of the tests */
/* A suite that has more of them than this repeats itself too little to be told apart from its timers. */
enum { MOST_KEYS = 20000, TIMES_BEFORE = 2 };

/** What a test can be paid by. */
typedef struct {
    const char *service; /* the witness's */
    uint32_t connection; /* 0: any that a test opened itself */
    char *text;
    size_t paid;      /* tests so far */
    size_t last_test; /* of these */
    int64_t born_ms;  /* heard_ms when it was first seen: only what was heard later counts */
    int64_t needs_ms; /* to be listened to so long for the longest test that had nothing better */
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

static bool is_verified(const quiet *q, const quiet_key *key, int64_t needs_ms)
{
    return q->heard_ms - key->born_ms >= needs_ms;
}

/* How long to listen so that none of the keys is in doubt for a test of this length; 0: one is beyond doubt.
 */
static int64_t doubt_ms(const quiet *q, const quiet_keys *keys, int64_t needs_ms)
{
    int64_t longest = 0;
    for (size_t i = 0; i < keys->count; i++) {
        if (is_verified(q, keys->items[i], needs_ms))
            return 0;
        int64_t missing = needs_ms - (q->heard_ms - keys->items[i]->born_ms);
        longest = missing > longest ? missing : longest;
    }
    return longest;
}

static bool all_came_before(const quiet_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->items[i]->paid < TIMES_BEFORE)
            return false;
    }
    return keys->count > 0;
}

void quiet_note(quiet *q, const witness_evidence_list *evidence, double seconds)
{
    quiet_keys keys = {0};
    int64_t needs_ms = clamp((int64_t)(seconds * 2000), LEAST_MS, INT32_MAX);
    q->tests++;
    q->seconds += seconds;
    bool all = keys_of(q, evidence, &keys);
    int64_t missing_ms = all ? doubt_ms(q, &keys, needs_ms) : 0;
    q->wanted_ms = all_came_before(&keys) ? missing_ms : 0;
    for (size_t i = 0; i < keys.count; i++) {
        quiet_key *key = keys.items[i];
        key->paid++;
        if (missing_ms && key->needs_ms < needs_ms)
            key->needs_ms = needs_ms;
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

static int64_t before_a_start(quiet *q, bool connected)
{
    bool first = !q->begun && connected;
    int64_t wanted_ms = first && !q->wanted_ms ? LEAST_MS : q->wanted_ms;
    q->begun = true;
    q->wanted_ms = 0;
    return afford(q, wanted_ms, MOST_MS);
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
    int64_t missing_ms = key->needs_ms - (all->q->heard_ms - key->born_ms);
    if (key->needs_ms && missing_ms > all->missing_ms)
        all->missing_ms = missing_ms;
}

static int64_t at_the_end(const quiet *q)
{
    still_missing all = {.q = q};
    twalk_r(q->keys, look_at_key, &all);
    return afford(q, all.missing_ms, MOST_AT_END_MS);
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
        return enter(q, QUIET_LISTENS, moment.done ? at_the_end(q) : before_a_start(q, moment.connected));
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
