/* Levels, waivers, selections, and which outcome wins. */
#include "record.h"

static void test_a_rule_at_warn_warns_and_claims_no_proof(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN RULE("no-evidence", "warn") BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(record_reason(&one, "no-evidence")->level, VERDICT_WARN);
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_UNPROVEN);
    assert_int_equal(one.v->totals.unproven, 1);
}

static void test_a_rule_that_is_off_is_silent_and_claims_no_proof(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN RULE("no-evidence", "off") BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(one.v->reasons.count, 0);
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_UNPROVEN);
    assert_int_equal(one.v->totals.proven, 1);
}

static void test_a_rule_set_to_refuse_refuses(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN RULE("skipped", "off") RULE("skipped", "refuse") BEGIN(2)
                                              HONEST("a") START("b") FINISH("b", "skipped") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "skipped");
}

static void test_rules_of_another_category_do_not_apply(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(2) HONEST("a") IDLE("b") SUITE_END
                     "{'kind':'category','category':'d','state':'none'}\n"
                     "{'kind':'rule','category':'d','rule':'no-evidence','level':'off'}\n" END,
                     NULL);
    assert_non_null(record_reason(&one, "no-evidence"));
    record_expect(&one, "refused", 3);
}

static void test_what_is_not_adjustable_cannot_be_switched_off(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN RULE("test-failed", "off") WAIVER("test-failed", "*", "2030-01-01") BEGIN(1)
                         START("a") FINISH("a", "failed") SUITE_END END,
                     NULL);
    record_expect(&one, "failed", 1);
    assert_false(record_reason(&one, "test-failed")->waived);
}

static void test_every_adjustable_rule_can_be_switched_off_and_no_other(void **state)
{
    (void)state;
    for (const verdict_rule *rule = verdict_rules(); rule->name; rule++) {
        bool fails = rule->level > VERDICT_REFUSE;
        assert_false(fails && rule->adjustable);
    }
}

static void test_a_waiver_excuses_its_test_and_is_listed(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN WAIVER("no-evidence", "*pure*", "2026-12-31") BEGIN(2)
                                              HONEST("a") IDLE("test_pure_x") SUITE_END END,
                                          NULL);
    record_expect(&one, "proven", 0);
    assert_true(record_reason(&one, "no-evidence")->waived);
    assert_int_equal(record_test(&one, "test_pure_x")->state, VERDICT_TEST_WAIVED);
    assert_int_equal(one.v->totals.proven, 1);
}

static void test_a_waiver_excuses_no_other_test_rule_or_suite(void **state)
{
    (void)state;
    auto_judged judged test = record_judge(
        PLAN WAIVER("no-evidence", "x", "2026-12-31") BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    record_expect_refused(&test, "no-evidence");
    auto_judged judged rule = record_judge(
        PLAN WAIVER("skipped", "b", "2026-12-31") BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    record_expect_refused(&rule, "no-evidence");
    auto_judged judged suite =
        record_judge(PLAN "{'kind':'waiver','category':'c','suite':'other','rule':'no-evidence','expires':'"
                          "2026-12-31'}\n" BEGIN(2) HONEST("a") IDLE("b") SUITE_END END,
                     NULL);
    record_expect_refused(&suite, "no-evidence");
}

static void test_an_expired_waiver_excuses_nothing(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN WAIVER("no-evidence", "b", "2026-02-28") BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
    assert_non_null(record_reason(&one, "waiver-expired"));
}

static void test_a_waiver_of_everything_covers_the_suite_and_the_category(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN "{'kind':'service','category':'c','service':'redis','critical':true}\n" WAIVER(
                         "service-unused", "*", "2026-12-31") BEGIN(1) HONEST("a") SUITE_END END,
                     NULL);
    record_expect(&one, "proven", 0);
    assert_true(record_reason(&one, "service-unused")->waived);
}

static void test_waivers_of_everything_do_not_make_nothing_a_proof(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN WAIVER("no-evidence", "*", "2026-12-31") WAIVER("service-unused", "*", "2026-12-31")
                         BEGIN(2) IDLE("a") IDLE("b") SUITE_END END,
                     NULL);
    record_expect_refused(&one, "service-unused");
}

static void test_a_waived_skip_is_waived(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN WAIVER("skipped", "b", "2026-12-31") BEGIN(2) HONEST("a")
                                              START("b") FINISH("b", "skipped") SUITE_END END,
                                          NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_WAIVED);
}

#define SELECTION                                                                                            \
    "{'kind':'run','started':'2026-03-01T10:00:00.000Z','real_services':true,'pattern':'*a*'}\n"             \
    "{'kind':'category','category':'c','state':'required','count':40}\n" SERVICES                            \
    "{'kind':'service','category':'c','service':'redis','critical':true}\n" SUITE_OWING

static void test_a_selection_is_not_asked_for_what_the_rest_owes(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        SELECTION OWED("test", "exchanges", 1) OWED(
            "suite", "writes",
            9) "{'kind':'suite','category':'c','suite':'t','format':'pytest','tells_tests':true}\n" BEGIN(1)
            HONEST("a") SUITE_END "{'kind':'suite-finish','category':'c','suite':'t','exit_code':5}\n" END,
        NULL);
    record_expect(&one, "proven", 0);
}

static void test_a_selected_test_owes_its_proof(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        SELECTION OWED("test", "exchanges", 1) BEGIN(2) HONEST("a") IDLE("ab") SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
}

static void test_a_selection_that_used_no_real_service_is_refused(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(SELECTION OWED("suite", "exchanges", 1) BEGIN(1) IDLE("a") SUITE_END END, NULL);
    record_expect_refused(&one, "service-unused");
}

static void test_the_worst_outcome_wins_and_all_reasons_are_listed(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(3) HONEST("a") IDLE("b") START("c") FINISH("c", "failed") SUITE_END END, NULL);
    record_expect(&one, "failed", 1);
    assert_string_equal(one.v->reasons.items[0].rule, "test-failed");
    assert_non_null(record_reason(&one, "no-evidence"));
    auto_judged judged broken = record_judge(PLAN BEGIN(1) START("c") FINISH("c", "failed") SUITE_END
                                             "{'kind':'broken','text':'gone'}\n" END,
                                             NULL);
    record_expect(&broken, "broken", 4);
    assert_non_null(record_reason(&broken, "test-failed"));
}

static void test_an_interrupted_run_is_interrupted(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") "{'kind':'interrupted','signal':2}\n"
                                                                    "{'kind':'broken','text':'x'}\n" END,
                                          NULL);
    record_expect(&one, "interrupted", 130);
    auto_judged judged done =
        record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END "{'kind':'interrupted','signal':2}\n" END, NULL);
    record_expect(&done, "interrupted", 130);
}

static void test_a_defect_beats_everything(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END
                     "{'kind':'defect','text':'x'}\n{'kind':'interrupted','signal':2}\n" END,
                     NULL);
    record_expect(&one, "defect", 5);
}

static void test_an_empty_journal_is_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_text("");
    record_expect_refused(&one, "no-tests");
    auto_judged judged ends = record_judge(RUN END, NULL);
    record_expect_refused(&ends, "no-tests");
}

static void test_the_same_journal_gives_the_same_verdict(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("interleaved.jsonl");
    verdict *again = verdict_judge(one.j);
    assert_int_equal(again->exit_code, one.v->exit_code);
    assert_int_equal(again->reasons.count, one.v->reasons.count);
    for (size_t i = 0; i < again->reasons.count; i++)
        assert_string_equal(again->reasons.items[i].message, one.v->reasons.items[i].message);
    verdict_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_rule_at_warn_warns_and_claims_no_proof),
        cmocka_unit_test(test_a_rule_that_is_off_is_silent_and_claims_no_proof),
        cmocka_unit_test(test_a_rule_set_to_refuse_refuses),
        cmocka_unit_test(test_rules_of_another_category_do_not_apply),
        cmocka_unit_test(test_what_is_not_adjustable_cannot_be_switched_off),
        cmocka_unit_test(test_every_adjustable_rule_can_be_switched_off_and_no_other),
        cmocka_unit_test(test_a_waiver_excuses_its_test_and_is_listed),
        cmocka_unit_test(test_a_waiver_excuses_no_other_test_rule_or_suite),
        cmocka_unit_test(test_an_expired_waiver_excuses_nothing),
        cmocka_unit_test(test_a_waiver_of_everything_covers_the_suite_and_the_category),
        cmocka_unit_test(test_waivers_of_everything_do_not_make_nothing_a_proof),
        cmocka_unit_test(test_a_waived_skip_is_waived),
        cmocka_unit_test(test_a_selection_is_not_asked_for_what_the_rest_owes),
        cmocka_unit_test(test_a_selected_test_owes_its_proof),
        cmocka_unit_test(test_a_selection_that_used_no_real_service_is_refused),
        cmocka_unit_test(test_the_worst_outcome_wins_and_all_reasons_are_listed),
        cmocka_unit_test(test_an_interrupted_run_is_interrupted),
        cmocka_unit_test(test_a_defect_beats_everything),
        cmocka_unit_test(test_an_empty_journal_is_refused),
        cmocka_unit_test(test_the_same_journal_gives_the_same_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
