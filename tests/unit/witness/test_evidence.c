/* Statements by connection and fingerprint, more of them than there is room for. */
#include "witness/evidence.h"
#include "witness/wire/wire.h"

#include "base/text.h"

#include "../base/cmocka_all.h"

typedef struct {
    evidence all;
    fingerprint_cache prints;
    utr_strs services;
    uint16_t hint;
    uint32_t scope;
} desk;

static desk desk_new(void)
{
    desk d = {0};
    evidence_init(&d.all);
    utr_strs_add(&d.services, "pg");
    return d;
}

static void begin(desk *d)
{
    evidence_begin(&d->all);
    d->scope = evidence_innermost(&d->all)->id;
}

static void count_text(desk *d, uint32_t connection, const char *text, uint32_t flags)
{
    fingerprint *print = fingerprint_intern(&d->prints, text, strlen(text));
    evidence_request request = {.print = print, .flags = flags, .scope = d->scope, .connection = connection};
    evidence_exchange(evidence_of(&d->all, d->scope, 0), &request, &d->hint);
    fingerprint_drop(print);
}

static witness_evidence_list end(desk *d)
{
    witness_evidence_list list = {0};
    evidence_end(&d->all, &d->services, &list);
    return list;
}

static void desk_free(desk *d)
{
    evidence_dispose(&d->all);
    fingerprint_cache_dispose(&d->prints);
    utr_strs_dispose(&d->services);
}

static void count_many(desk *d, const char *format, uint32_t count, uint32_t flags)
{
    for (uint32_t i = 0; i < count; i++) {
        auto_free char *text = utr_format(format, i);
        count_text(d, 1 + i % 3, text, flags);
    }
}

static size_t count_like(const witness_evidence *seen, const char *start)
{
    size_t count = 0;
    for (size_t i = 0; i < seen->statements.count; i++)
        count += utr_text_starts(seen->statements.items[i].text, start);
    return count;
}

static void test_the_same_words_on_two_connections_are_two_statements(void **state)
{
    (void)state;
    desk d = desk_new();
    begin(&d);
    for (uint32_t i = 0; i < 10; i++)
        count_text(&d, 1 + i % 2, "GET a", WIRE_READ);
    count_text(&d, 1, "PING", WIRE_TRIVIAL);
    witness_evidence_list list = end(&d);
    const witness_evidence *seen = &list.items[0];
    assert_int_equal(seen->statements.count, 3);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(seen->statements.items[i].connection, i + 1);
        assert_int_equal(seen->statements.items[i].reads, 5);
    }
    assert_int_equal(seen->statements.items[2].substantive, 0);
    witness_evidence_dispose(&list);
    desk_free(&d);
}

static void test_substantive_statements_take_the_places_of_trivial_ones(void **state)
{
    (void)state;
    desk d = desk_new();
    begin(&d);
    count_many(&d, "SHOW %u", 100, WIRE_TRIVIAL);
    count_many(&d, "INSERT %u", WITNESS_STATEMENTS, WIRE_WRITE);
    count_many(&d, "SET %u", 100, WIRE_TRIVIAL);
    witness_evidence_list list = end(&d);
    const witness_evidence *seen = &list.items[0];
    assert_int_equal(count_like(seen, "INSERT"), WITNESS_STATEMENTS);
    assert_int_equal(seen->statements.count, WITNESS_STATEMENTS + 1);
    assert_int_equal(seen->statements.items[0].connection, 0);
    assert_int_equal(seen->statements.items[0].count, 200);
    assert_int_equal(seen->statements.items[0].substantive, 0);
    witness_evidence_dispose(&list);
    desk_free(&d);
}

static void test_what_is_counted_adds_up_whatever_found_a_place(void **state)
{
    (void)state;
    desk d = desk_new();
    begin(&d);
    for (int turn = 0; turn < 3; turn++) {
        count_many(&d, "SHOW %u", 50, WIRE_TRIVIAL);
        count_many(&d, "SELECT %u", 150, WIRE_READ);
        count_many(&d, "UPDATE %u", 70, WIRE_WRITE | WIRE_ERROR);
    }
    witness_evidence_list list = end(&d);
    const witness_evidence *seen = &list.items[0];
    witness_statement sum = {0};
    for (size_t i = 0; i < seen->statements.count; i++) {
        sum.count += seen->statements.items[i].count;
        sum.substantive += seen->statements.items[i].substantive;
        sum.reads += seen->statements.items[i].reads;
        sum.writes += seen->statements.items[i].writes;
    }
    assert_int_equal(sum.count, seen->exchanges);
    assert_int_equal(sum.substantive, seen->substantive);
    assert_int_equal(sum.reads, seen->reads);
    assert_int_equal(sum.writes, seen->writes);
    witness_evidence_dispose(&list);
    desk_free(&d);
}

static void test_outside_every_scope_more_is_told_apart(void **state)
{
    (void)state;
    desk d = desk_new();
    d.scope = evidence_innermost(&d.all)->id;
    count_many(&d, "SELECT %u", 300, WIRE_READ);
    witness_evidence_list list = {0};
    evidence_take_ambient(&d.all, &d.services, &list);
    assert_int_equal(list.items[0].statements.count, WITNESS_AMBIENT_STATEMENTS + 1);
    assert_int_equal(list.items[0].statements.items[0].count, 300 - WITNESS_AMBIENT_STATEMENTS);
    witness_evidence_dispose(&list);
    desk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_words_on_two_connections_are_two_statements),
        cmocka_unit_test(test_substantive_statements_take_the_places_of_trivial_ones),
        cmocka_unit_test(test_what_is_counted_adds_up_whatever_found_a_place),
        cmocka_unit_test(test_outside_every_scope_more_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
