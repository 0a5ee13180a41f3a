/* When a worker is listened to while no test runs. */
#include "run/suite/quiet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Evidence of one service with one statement, and a second one where there is a second text. */
static witness_evidence_list evidence_of(witness_statement *statements, size_t count)
{
    witness_evidence_list list = {0};
    witness_evidence *one = utr_vec_push(&list);
    one->service = "redis";
    for (size_t i = 0; i < count; i++)
        *utr_vec_push(&one->statements) = statements[i];
    return list;
}

static void dispose(witness_evidence_list *list)
{
    utr_vec_dispose(&list->items[0].statements);
    utr_vec_dispose(list);
}

/* A test of so many seconds that was paid by one statement of one connection. */
static void note(quiet *q, uint32_t connection, bool opened, const char *text, double seconds)
{
    witness_statement one = {
        .connection = connection, .opened = opened, .text = (char *)text, .count = 1, .substantive = 1};
    witness_evidence_list list = evidence_of(&one, 1);
    quiet_note(q, &list, seconds);
    dispose(&list);
}

/* The whole moment before a start, when nothing is heard: it is asked again after each time. */
static int64_t quiet_before(quiet *q, bool connected)
{
    int64_t whole = 0;
    int64_t ms;
    while ((ms = quiet_next(q, (quiet_moment){.connected = connected})) > 0)
        whole += ms;
    return whole;
}

static int64_t quiet_at_end(quiet *q)
{
    int64_t ms = quiet_next(q, (quiet_moment){.connected = true, .done = true});
    if (ms)
        assert_int_equal(quiet_next(q, (quiet_moment){.connected = true, .done = true}), 0);
    return ms;
}

static void note_nothing(quiet *q, double seconds)
{
    witness_evidence_list none = {0};
    quiet_note(q, &none, seconds);
}

static void test_a_suite_that_exchanges_nothing_never_waits(void **state)
{
    (void)state;
    quiet q = {0};
    for (int i = 0; i < 100; i++) {
        assert_int_equal(quiet_before(&q, false), 0);
        note_nothing(&q, 1);
    }
    assert_int_equal(quiet_at_end(&q), 0);
    quiet_dispose(&q);
}

static void test_connections_before_the_first_test_are_listened_to(void **state)
{
    (void)state;
    quiet q = {0};
    assert_int_equal(quiet_before(&q, true), 10);
    assert_int_equal(quiet_before(&q, true), 0);
    quiet_dispose(&q);
}

static void test_what_pays_for_a_second_test_is_listened_to_once(void **state)
{
    (void)state;
    quiet q = {0};
    (void)quiet_before(&q, false);
    note(&q, 1, false, "INCR ?", 0.1);
    assert_int_equal(quiet_before(&q, true), 0);
    note(&q, 1, false, "INCR ?", 0.1);
    assert_int_equal(quiet_before(&q, true), 200);
    assert_int_equal(quiet_before(&q, true), 0);
    for (int i = 0; i < 100; i++) {
        note(&q, 1, false, "INCR ?", 0.1);
        assert_int_equal(quiet_before(&q, true), 0);
    }
    assert_int_equal(quiet_at_end(&q), 0);
    quiet_dispose(&q);
}

static void test_before_the_last_test_what_paid_for_one_is_listened_to(void **state)
{
    (void)state;
    quiet q = {0};
    (void)quiet_before(&q, false);
    note(&q, 1, false, "INCR ?", 0.1);
    assert_int_equal(quiet_next(&q, (quiet_moment){.connected = true, .last = true}), 100);
    assert_int_equal(quiet_next(&q, (quiet_moment){.connected = true, .last = true}), 0);
    assert_int_equal(quiet_at_end(&q), 0);
    quiet_dispose(&q);
}

static void test_the_second_shortest_says_how_long(void **state)
{
    (void)state;
    quiet q = {0};
    note(&q, 1, false, "INCR ?", 0.5);
    note(&q, 1, false, "INCR ?", 0.01);
    assert_int_equal(quiet_before(&q, true), 1000);
    quiet_dispose(&q);
    note(&q, 1, false, "INCR ?", 0.5);
    note(&q, 1, false, "INCR ?", 0.01);
    note(&q, 1, false, "INCR ?", 0.2);
    assert_int_equal(quiet_before(&q, true), 400);
    quiet_dispose(&q);
}

static void test_a_longer_test_needs_nothing_more(void **state)
{
    (void)state;
    quiet q = {0};
    for (int i = 0; i < 3; i++)
        note(&q, 1, false, "INCR ?", 0.1);
    assert_int_equal(quiet_before(&q, true), 200);
    note(&q, 1, false, "INCR ?", 5);
    assert_int_equal(quiet_before(&q, true), 0);
    assert_int_equal(quiet_at_end(&q), 0);
    quiet_dispose(&q);
}

/* What was heard while one statement was in doubt was heard of all. */
static void test_listening_for_one_is_listening_for_all_that_are_known(void **state)
{
    (void)state;
    quiet q = {0};
    for (int i = 0; i < 2; i++)
        note(&q, 1, false, "GET ?", 0.1);
    for (int i = 0; i < 3; i++)
        note(&q, 1, false, "INCR ?", 0.1);
    assert_int_equal(quiet_before(&q, true), 200);
    note(&q, 1, false, "GET ?", 0.1);
    assert_int_equal(quiet_before(&q, true), 0);
    quiet_dispose(&q);
}

static void test_one_statement_beyond_doubt_is_enough(void **state)
{
    (void)state;
    quiet q = {0};
    for (int i = 0; i < 3; i++)
        note(&q, 1, false, "INCR ?", 0.1);
    assert_int_equal(quiet_before(&q, true), 200);
    witness_statement two[] = {{.connection = 1, .text = (char *)"INCR ?", .count = 1, .substantive = 1},
                               {.connection = 1, .text = (char *)"GET ?", .count = 1, .substantive = 1}};
    witness_evidence_list list = evidence_of(two, 2);
    for (int i = 0; i < 10; i++) {
        quiet_note(&q, &list, 0.1);
        assert_int_equal(quiet_before(&q, true), 0);
    }
    assert_int_equal(quiet_at_end(&q), 0);
    dispose(&list);
    quiet_dispose(&q);
}

static void test_a_tiny_test_is_listened_to_for_long_enough_to_hear(void **state)
{
    (void)state;
    quiet q = {0};
    for (int i = 0; i < 3; i++)
        note(&q, 1, false, "INCR ?", 0.0001);
    assert_int_equal(quiet_before(&q, true), 10);
    quiet_dispose(&q);
}

static void test_connections_that_tests_open_are_as_one(void **state)
{
    (void)state;
    quiet q = {0};
    for (uint32_t i = 1; i <= 3; i++)
        note(&q, i, true, "INSERT INTO t VALUES (?)", 0.1);
    assert_int_equal(quiet_before(&q, true), 200);
    for (uint32_t i = 1; i <= 3; i++)
        note(&q, i, false, "INSERT INTO t VALUES (?)", 0.1);
    assert_int_equal(quiet_before(&q, true), 0); /* three connections: each paid for one test */
    quiet_dispose(&q);
}

static void test_a_statement_of_two_connections_pays_for_a_test_once(void **state)
{
    (void)state;
    quiet q = {0};
    witness_statement two[] = {
        {.connection = 1, .opened = true, .text = (char *)"GET ?", .count = 1, .substantive = 1},
        {.connection = 2, .opened = true, .text = (char *)"GET ?", .count = 1, .substantive = 1}};
    witness_evidence_list list = evidence_of(two, 2);
    quiet_note(&q, &list, 0.1);
    assert_int_equal(quiet_before(&q, true), 10); /* only because it is the first question */
    dispose(&list);
    quiet_dispose(&q);
}

static void test_one_statement_of_its_own_is_enough_for_a_test(void **state)
{
    (void)state;
    quiet q = {0};
    (void)quiet_before(&q, false);
    for (int i = 0; i < 10; i++) {
        auto_free char *own = utr_format("SELECT %c", 'a' + i);
        witness_statement two[] = {
            {.connection = 1, .text = (char *)"INCR ?", .count = 1, .substantive = 1},
            {.connection = 1, .text = own, .count = 1, .substantive = 1},
        };
        witness_evidence_list list = evidence_of(two, 2);
        quiet_note(&q, &list, 0.01);
        dispose(&list);
        assert_int_equal(quiet_before(&q, true), 0);
    }
    quiet_dispose(&q);
}

static void test_trivial_statements_are_nothing_to_doubt(void **state)
{
    (void)state;
    quiet q = {0};
    (void)quiet_before(&q, false);
    witness_statement ping = {.connection = 1, .text = (char *)"PING", .count = 5};
    witness_evidence_list list = evidence_of(&ping, 1);
    for (int i = 0; i < 10; i++)
        quiet_note(&q, &list, 1);
    dispose(&list);
    assert_int_equal(quiet_before(&q, true), 0);
    assert_int_equal(quiet_at_end(&q), 0);
    quiet_dispose(&q);
}

static void test_what_was_paid_once_is_listened_to_at_the_end(void **state)
{
    (void)state;
    quiet q = {0};
    note(&q, 1, false, "INCR ?", 0.2);
    assert_int_equal(quiet_at_end(&q), 200);
    assert_int_equal(quiet_at_end(&q), 0);
    quiet_dispose(&q);
}

static void test_the_end_waits_half_a_second_at_most(void **state)
{
    (void)state;
    quiet q = {0};
    note(&q, 1, false, "INCR ?", 100);
    assert_int_equal(quiet_at_end(&q), 500);
    quiet_dispose(&q);
}

/* Long tests: what is heard adds up, within a small part of the time that they take themselves. */
static void test_long_tests_are_listened_to_within_a_budget(void **state)
{
    (void)state;
    quiet q = {0};
    int64_t heard_ms = 0;
    for (int i = 0; i < 1000; i++) {
        note(&q, 1, false, "INCR ?", 10);
        int64_t ms = quiet_before(&q, true);
        assert_true(ms <= 2000);
        heard_ms += ms;
        assert_true((double)heard_ms <= 2000 + 0.05 * 10000 * (i + 1));
    }
    assert_int_equal(heard_ms, 20000); /* twice the test */
    quiet_dispose(&q);
}

static void test_what_is_heard_is_let_settle_and_listened_to_again(void **state)
{
    (void)state;
    quiet q = {0};
    for (int i = 0; i < 3; i++)
        note(&q, 1, false, "INCR ?", 0.1);
    assert_int_equal(quiet_next(&q, (quiet_moment){0}), 200);
    assert_int_equal(q.phase, QUIET_LISTENS);
    assert_int_equal(quiet_next(&q, (quiet_moment){.heard = true}), 50);
    assert_int_equal(q.phase, QUIET_SETTLES);
    assert_int_equal(quiet_next(&q, (quiet_moment){.heard = true}), 400);
    assert_int_equal(q.phase, QUIET_LISTENS_AGAIN);
    assert_int_equal(quiet_next(&q, (quiet_moment){.heard = true}), 0);
    assert_int_equal(q.phase, QUIET_NOT);
    quiet_dispose(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_suite_that_exchanges_nothing_never_waits),
        cmocka_unit_test(test_connections_before_the_first_test_are_listened_to),
        cmocka_unit_test(test_what_pays_for_a_second_test_is_listened_to_once),
        cmocka_unit_test(test_before_the_last_test_what_paid_for_one_is_listened_to),
        cmocka_unit_test(test_the_second_shortest_says_how_long),
        cmocka_unit_test(test_a_longer_test_needs_nothing_more),
        cmocka_unit_test(test_listening_for_one_is_listening_for_all_that_are_known),
        cmocka_unit_test(test_one_statement_beyond_doubt_is_enough),
        cmocka_unit_test(test_a_tiny_test_is_listened_to_for_long_enough_to_hear),
        cmocka_unit_test(test_connections_that_tests_open_are_as_one),
        cmocka_unit_test(test_a_statement_of_two_connections_pays_for_a_test_once),
        cmocka_unit_test(test_one_statement_of_its_own_is_enough_for_a_test),
        cmocka_unit_test(test_trivial_statements_are_nothing_to_doubt),
        cmocka_unit_test(test_what_was_paid_once_is_listened_to_at_the_end),
        cmocka_unit_test(test_the_end_waits_half_a_second_at_most),
        cmocka_unit_test(test_what_is_heard_is_let_settle_and_listened_to_again),
        cmocka_unit_test(test_long_tests_are_listened_to_within_a_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
