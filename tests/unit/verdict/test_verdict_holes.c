/* The verdict under attack: an honest journal is damaged in every place, and must never crash the judge, nor
 * stay proven where a proof was taken away. */
#include "record.h"

/* Copies all facts but the one at index skip. */
static journal *without(const journal *from, size_t skip)
{
    journal *to = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(NULL, &to, &err), UTR_OK);
    for (size_t i = 0; i < journal_count(from); i++) {
        if (i != skip)
            (void)journal_add(to, journal_get(from, i));
    }
    return to;
}

static int exit_code_of(journal *j)
{
    verdict *v = verdict_judge(j);
    int code = v->exit_code;
    verdict_free(v);
    journal_free(j);
    return code;
}

/* Kinds whose loss takes something away that a proof needs. */
static bool is_needed(const journal_fact *fact)
{
    static const journal_kind NEEDED[] = {
        JOURNAL_RUN,         JOURNAL_CATEGORY, JOURNAL_SUITE,        JOURNAL_TEST_START,
        JOURNAL_TEST_FINISH, JOURNAL_EVIDENCE, JOURNAL_SUITE_FINISH, JOURNAL_FINISH,
    };
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
        if (fact->kind == NEEDED[i])
            return !(fact->kind == JOURNAL_EVIDENCE && strcmp(fact->state, "test") != 0);
    }
    return false;
}

static void test_no_lost_fact_leaves_a_run_proven_that_needs_it(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("proven.jsonl");
    record_expect(&one, "proven", 0);
    for (size_t i = 0; i < journal_count(one.j); i++) {
        int code = exit_code_of(without(one.j, i));
        if (is_needed(journal_get(one.j, i)) && code == 0)
            fail_msg("fact %zu (%s) can be lost", i, journal_kind_text(journal_get(one.j, i)->kind));
    }
}

static void test_no_lost_end_leaves_a_run_proven(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("proven.jsonl");
    for (size_t kept = 0; kept < journal_count(one.j); kept++) {
        journal *j = NULL;
        utr_error err = {0};
        assert_int_equal(journal_new(NULL, &j, &err), UTR_OK);
        for (size_t i = 0; i < kept; i++)
            (void)journal_add(j, journal_get(one.j, i));
        assert_int_not_equal(exit_code_of(j), 0);
    }
}

static bool is_same(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* The texts that judging looks at; the first ones are what evidence is attributed by. */
static const size_t TEXTS[] = {
    offsetof(journal_fact, category), offsetof(journal_fact, suite),   offsetof(journal_fact, test),
    offsetof(journal_fact, service),  offsetof(journal_fact, state),   offsetof(journal_fact, rule),
    offsetof(journal_fact, level),    offsetof(journal_fact, measure), offsetof(journal_fact, expires),
    offsetof(journal_fact, started),  offsetof(journal_fact, text),    offsetof(journal_fact, format),
};
enum { ATTRIBUTING = 5 };

/* Copies all facts, one of them with another word in a field. */
static journal *with_word(const journal *from, size_t index, size_t field, const char *word)
{
    journal *to = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(NULL, &to, &err), UTR_OK);
    for (size_t i = 0; i < journal_count(from); i++) {
        journal_fact fact = *journal_get(from, i);
        auto_free char *other = utr_strdup(word);
        if (i == index)
            *(char **)((char *)&fact + field) = other;
        (void)journal_add(to, &fact);
    }
    return to;
}

/* Every text of a fact, one at a time, is taken away or replaced by another word. */
static void damage_texts(const journal *from, size_t index, const char *word)
{
    const journal_fact *fact = journal_get(from, index);
    bool is_proof = fact->kind == JOURNAL_EVIDENCE && strcmp(fact->state, "test") == 0;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        const char *was = *(char *const *)((const char *)fact + TEXTS[i]);
        int code = exit_code_of(with_word(from, index, TEXTS[i], word));
        if (is_proof && i < ATTRIBUTING && code == 0 && !is_same(was, word))
            fail_msg("evidence with its text %zu damaged still proves", i);
    }
}

static void test_no_damaged_word_crashes_the_judge_or_forges_a_proof(void **state)
{
    (void)state;
    static const char *const WORDS[] = {NULL, "", "*", "nonsense"};
    auto_judged judged one = record_judge_file("proven.jsonl");
    for (size_t i = 0; i < journal_count(one.j); i++) {
        for (size_t k = 0; k < sizeof WORDS / sizeof *WORDS; k++)
            damage_texts(one.j, i, WORDS[k]);
    }
}

static void test_numbers_that_overflow_are_only_large(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) START("a")
            EVIDENCE("a", "pg", "'exchanges':9223372036854775807,'substantive':9223372036854775807")
                EVIDENCE("a", "pg", "'exchanges':9223372036854775807,'substantive':9223372036854775807")
                    FINISH("a", "passed") OUTSIDE("pg", "'exchanges':9223372036854775807,'substantive':9")
                        SUITE_END END,
        NULL);
    record_expect(&one, "proven", 0);
}

/* What was planned stays: it says what is owed. */
enum { PLAN_FACTS = 9 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* The oracle, told without the model: whether each passed test of the journal had evidence of its own between
 * its start and its end. */
static bool all_delivered(const journal *j)
{
    for (size_t i = 0; i < journal_count(j); i++) {
        const journal_fact *end = journal_get(j, i);
        if (end->kind != JOURNAL_TEST_FINISH)
            continue;
        bool delivered = false;
        for (size_t k = i; k-- > 0;) {
            const journal_fact *fact = journal_get(j, k);
            bool its_own = fact->test && end->test && strcmp(fact->test, end->test) == 0 && fact->suite &&
                           strcmp(fact->suite, end->suite) == 0;
            if (its_own && fact->kind != JOURNAL_EVIDENCE)
                break;
            delivered |= its_own && fact->substantive > 0;
        }
        if (!delivered)
            return false;
    }
    return true;
}

static void test_no_order_of_facts_proves_what_was_not_delivered(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("proven.jsonl");
    size_t count = journal_count(one.j);
    auto_free size_t *order = utr_calloc(count, sizeof *order);
    uint32_t seed = 7;
    for (int turn = 0; turn < 3000; turn++) {
        for (size_t i = 0; i < count; i++)
            order[i] = i;
        for (uint32_t swaps = 1 + next_random(&seed) % 4; swaps; swaps--) {
            size_t a = PLAN_FACTS + next_random(&seed) % (count - PLAN_FACTS);
            size_t b = PLAN_FACTS + next_random(&seed) % (count - PLAN_FACTS);
            size_t was = order[a];
            order[a] = order[b];
            order[b] = next_random(&seed) % 5 ? was : order[a];
        }
        journal *j = NULL;
        utr_error err = {0};
        assert_int_equal(journal_new(NULL, &j, &err), UTR_OK);
        for (size_t i = 0; i < count; i++)
            (void)journal_add(j, journal_get(one.j, order[i]));
        bool delivered = all_delivered(j);
        int code = exit_code_of(j);
        if (!delivered)
            assert_int_not_equal(code, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_lost_fact_leaves_a_run_proven_that_needs_it),
        cmocka_unit_test(test_no_lost_end_leaves_a_run_proven),
        cmocka_unit_test(test_no_damaged_word_crashes_the_judge_or_forges_a_proof),
        cmocka_unit_test(test_numbers_that_overflow_are_only_large),
        cmocka_unit_test(test_no_order_of_facts_proves_what_was_not_delivered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
