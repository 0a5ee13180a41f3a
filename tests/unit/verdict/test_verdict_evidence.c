/* What a test or a suite owes, and what pays it. */
#include "record.h"

static void test_a_test_without_an_exchange_is_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
    assert_string_equal(record_reason(&one, "no-evidence")->test, "b");
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_UNPROVEN);
    assert_int_equal(one.v->totals.unproven, 1);
    assert_int_equal(one.v->totals.proven, 1);
}

static void test_one_honest_test_hides_no_idle_ones(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(4) IDLE("b") HONEST("a") IDLE("c") IDLE("d") SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
    assert_int_equal(one.v->reasons.count, 3);
}

static void test_trivial_exchanges_are_weak(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") START("b") EVIDENCE("b", "pg", TRIVIAL)
                                              FINISH("b", "passed") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "weak-evidence");
    assert_null(record_reason(&one, "no-evidence"));
}

static void test_an_unexpected_pass_owes_as_much(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(2) HONEST("a") START("b") FINISH("b", "xpassed") SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
}

static void test_evidence_of_another_test_pays_nothing(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") START("b") EVIDENCE("a", "pg", REAL)
                                              FINISH("b", "passed") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "no-evidence");
}

static void test_evidence_of_a_fixture_pays_no_test(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(2) HONEST("a") OUTSIDE("pg", REAL) START("b") OUTSIDE("pg", REAL)
                         FINISH("b", "passed") OUTSIDE("pg", REAL) SUITE_END END,
                     NULL);
    record_expect_refused(&one, "no-evidence");
}

static void test_evidence_after_the_end_pays_nothing(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(2) HONEST("a") IDLE("b") EVIDENCE("b", "pg", REAL) SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
}

static void test_tests_that_run_at_once_keep_their_own_evidence(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) START("a") START("b") EVIDENCE("b", "pg", REAL)
                                              FINISH("a", "passed") FINISH("b", "passed") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "no-evidence");
    assert_int_equal(record_test(&one, "a")->state, VERDICT_TEST_UNPROVEN);
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_PROVEN);
}

static void test_a_result_told_twice_owes_twice(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(1) HONEST("a") FINISH("a", "passed") SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
}

static void test_by_default_only_the_categorys_services_pay(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") START("b") EVIDENCE("b", "stray", REAL)
                                              FINISH("b", "passed") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "no-evidence");
}

#define TWO PLAN "{'kind':'service','category':'c','service':'redis'}\n"

static void test_a_required_service_is_owed_besides_the_suites(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(TWO BEGIN(1) START_REQUIRING("a", "'redis'")
                                              EVIDENCE("a", "pg", REAL) FINISH("a", "passed") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "no-evidence");
    assert_string_equal(record_reason(&one, "no-evidence")->service, "redis");
}

static void test_a_star_requires_every_service(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(TWO BEGIN(1) START_REQUIRING("a", "'*'") EVIDENCE("a", "pg", REAL)
                                              FINISH("a", "passed") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "no-evidence");
    auto_judged judged both =
        record_judge(TWO BEGIN(1) START_REQUIRING("a", "'*'") EVIDENCE("a", "pg", REAL)
                         EVIDENCE("a", "redis", REAL) FINISH("a", "passed") SUITE_END END,
                     NULL);
    record_expect(&both, "proven", 0);
}

static void test_a_service_required_by_name_is_owed_without_real_services_too(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"'pg'", "'*'"};
    for (size_t i = 0; i < 2; i++) {
        auto_free char *start = utr_format(
            "{'kind':'test-start','category':'c','suite':'s','test':'a','names':[%s]}\n", NAMES[i]);
        auto_judged judged one =
            record_judge(RUN "{'kind':'category','category':'c','state':'none'}\n" SUITE BEGIN(1), start,
                         FINISH("a", "passed") SUITE_END END, NULL);
        record_expect_refused(&one, "no-evidence");
    }
}

static void test_each_measure_is_counted_by_itself(void **state)
{
    (void)state;
    static const char *const MEASURES[] = {"exchanges", "requests", "reads", "writes"};
    static const char *const PAYS[] = {"'exchanges':9,'substantive':2", "'exchanges':9,'substantive':2",
                                       "'exchanges':9,'substantive':9,'reads':2",
                                       "'exchanges':9,'substantive':9,'writes':2"};
    for (size_t i = 0; i < 4; i++) {
        for (int count = 2; count <= 3; count++) {
            auto_free char *owed =
                utr_format("{'kind':'owed','category':'c','suite':'s','service':'pg','state':"
                           "'test','measure':'%s','count':%d}\n",
                           MEASURES[i], count);
            auto_free char *paid =
                utr_format("{'kind':'evidence','category':'c','suite':'s','test':'a','state':"
                           "'test','service':'pg',%s}\n",
                           PAYS[i]);
            auto_judged judged one =
                record_judge(RUN CATEGORY SERVICES SUITE_OWING, owed, BEGIN(1) START("a"), paid,
                             FINISH("a", "passed") SUITE_END END, NULL);
            if (count == 2)
                record_expect(&one, "proven", 0);
            else
                record_expect_refused(&one, "weak-evidence");
        }
    }
}

static void test_a_measure_that_is_none_is_never_paid(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES SUITE_OWING OWED("test", "goodwill", 1)
                                              BEGIN(1) HONEST("a") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "weak-evidence");
}

static void test_evidence_that_contradicts_itself_does_not_pay(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(RUN CATEGORY SERVICES SUITE_OWING OWED("test", "exchanges", 5) BEGIN(1) START("a")
                         EVIDENCE("a", "pg", "'substantive':1") FINISH("a", "passed") SUITE_END END,
                     NULL);
    record_expect_refused(&one, "weak-evidence");
    auto_judged judged negative =
        record_judge(PLAN BEGIN(1) START("a") EVIDENCE("a", "pg", "'exchanges':-4,'substantive':-4")
                         FINISH("a", "passed") SUITE_END END,
                     NULL);
    record_expect_refused(&negative, "no-evidence");
}

static void test_a_suite_owes_as_a_whole_fixtures_included(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(RUN CATEGORY SERVICES SUITE_OWING OWED("suite", "exchanges", 4) BEGIN(2) HONEST("a")
                         OUTSIDE("pg", "'exchanges':2,'substantive':2") IDLE("b") SUITE_END END,
                     NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(record_test(&one, "a")->state, VERDICT_TEST_PROVEN);
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_EXEMPT);
    auto_judged judged less = record_judge(RUN CATEGORY SERVICES SUITE_OWING OWED("suite", "exchanges", 4)
                                               BEGIN(2) HONEST("a") IDLE("b") SUITE_END END,
                                           NULL);
    record_expect_refused(&less, "no-evidence");
    assert_null(record_reason(&less, "no-evidence")->test);
    assert_int_equal(record_test(&less, "a")->state, VERDICT_TEST_UNPROVEN);
}

static void test_a_service_paid_by_a_suite_as_a_whole_was_used(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES SUITE_OWING OWED("suite", "exchanges", 2)
                                              BEGIN(1) IDLE("a") OUTSIDE("pg", REAL) SUITE_END END,
                                          NULL);
    record_expect(&one, "proven", 0);
}

static void test_a_format_that_tells_no_tests_is_proven_by_its_suite(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        RUN CATEGORY SERVICES
        "{'kind':'suite','category':'c','suite':'s','format':'exit'}\n" OWED("suite", "exchanges", 1) BEGIN(0)
            IDLE("s") OUTSIDE("pg", REAL) SUITE_END END,
        NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(record_test(&one, "s")->state, VERDICT_TEST_PROVEN);
}

static void test_a_suite_that_owes_nothing_is_exempt_beside_one_that_proves(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN "{'kind':'suite','category':'c','suite':'pure','format':'pytest','tells_tests':true}\n" BEGIN(1)
            HONEST("a") SUITE_END
        "{'kind':'test-finish','category':'c','suite':'pure','test':'p','state':'passed'}\n"
        "{'kind':'suite-finish','category':'c','suite':'pure'}\n" END,
        NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(record_test(&one, "p")->state, VERDICT_TEST_EXEMPT);
    assert_int_equal(one.v->totals.proven, 1);
}

static void test_without_real_services_nothing_is_owed_by_default(void **state)
{
    (void)state;
    auto_judged judged one = record_judge("{'kind':'run','started':'2026-03-01T10:00:00.000Z'}\n"
                                          "{'kind':'category','category':'c','state':'none'}\n" SUITE BEGIN(1)
                                              IDLE("a") SUITE_END END,
                                          NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(record_test(&one, "a")->state, VERDICT_TEST_EXEMPT);
    assert_int_equal(one.v->totals.proven, 0);
}

static void test_preferred_real_services_leave_the_debt(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge("{'kind':'run','started':'2026-03-01T10:00:00.000Z'}\n"
                     "{'kind':'category','category':'c','state':'preferred'}\n" SERVICES SUITE BEGIN(1)
                         IDLE("a") SUITE_END END,
                     NULL);
    record_expect_refused(&one, "no-evidence");
    assert_null(record_reason(&one, "real-services-required"));
}

static void test_suites_that_run_at_once_keep_their_own_evidence(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("interleaved.jsonl");
    record_expect_refused(&one, "no-evidence");
    assert_int_equal(one.v->reasons.count, 1);
    assert_string_equal(one.v->reasons.items[0].suite, "sessions");
    assert_string_equal(one.v->reasons.items[0].test, "test_idle");
    assert_int_equal(one.v->totals.proven, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_test_without_an_exchange_is_refused),
        cmocka_unit_test(test_one_honest_test_hides_no_idle_ones),
        cmocka_unit_test(test_trivial_exchanges_are_weak),
        cmocka_unit_test(test_an_unexpected_pass_owes_as_much),
        cmocka_unit_test(test_evidence_of_another_test_pays_nothing),
        cmocka_unit_test(test_evidence_of_a_fixture_pays_no_test),
        cmocka_unit_test(test_evidence_after_the_end_pays_nothing),
        cmocka_unit_test(test_tests_that_run_at_once_keep_their_own_evidence),
        cmocka_unit_test(test_a_result_told_twice_owes_twice),
        cmocka_unit_test(test_by_default_only_the_categorys_services_pay),
        cmocka_unit_test(test_a_required_service_is_owed_besides_the_suites),
        cmocka_unit_test(test_a_star_requires_every_service),
        cmocka_unit_test(test_a_service_required_by_name_is_owed_without_real_services_too),
        cmocka_unit_test(test_each_measure_is_counted_by_itself),
        cmocka_unit_test(test_a_measure_that_is_none_is_never_paid),
        cmocka_unit_test(test_evidence_that_contradicts_itself_does_not_pay),
        cmocka_unit_test(test_a_suite_owes_as_a_whole_fixtures_included),
        cmocka_unit_test(test_a_service_paid_by_a_suite_as_a_whole_was_used),
        cmocka_unit_test(test_a_format_that_tells_no_tests_is_proven_by_its_suite),
        cmocka_unit_test(test_a_suite_that_owes_nothing_is_exempt_beside_one_that_proves),
        cmocka_unit_test(test_without_real_services_nothing_is_owed_by_default),
        cmocka_unit_test(test_preferred_real_services_leave_the_debt),
        cmocka_unit_test(test_suites_that_run_at_once_keep_their_own_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
