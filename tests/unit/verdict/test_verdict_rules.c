/* One test or more a rule: each fails when its rule is taken out of the table. */
#include "record.h"

static void test_an_honest_run_is_proven(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") HONEST("b") SUITE_END END, NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(one.v->reasons.count, 0);
    assert_int_equal(one.v->totals.proven, 2);
    assert_int_equal(one.v->totals.passed, 2);
}

static void test_a_failed_test_fails_the_run(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(1) START("a") EVIDENCE("a", "pg", REAL)
                                              FINISH("a", "failed") SUITE_EXIT("'exit_code':1") END,
                                          NULL);
    record_expect(&one, "failed", 1);
    assert_non_null(record_reason(&one, "test-failed"));
    assert_null(record_reason(&one, "suite-crashed"));
    assert_int_equal(one.v->totals.failed, 1);
}

static void test_a_status_that_is_none_counts_as_failed(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) START("a") EVIDENCE("a", "pg", REAL) FINISH("a", "splendid") SUITE_END END, NULL);
    record_expect(&one, "failed", 1);
    assert_int_equal(record_test(&one, "a")->state, VERDICT_TEST_FAILED);
}

static void test_an_exit_code_that_no_test_explains_fails_the_run(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(1) HONEST("a") SUITE_EXIT("'exit_code':2") END, NULL);
    record_expect(&one, "failed", 1);
    assert_non_null(record_reason(&one, "suite-crashed"));
}

static void test_a_suite_ended_by_a_signal_fails_the_run(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(1) HONEST("a") SUITE_EXIT("'signal':11") END, NULL);
    record_expect(&one, "failed", 1);
    assert_non_null(record_reason(&one, "suite-crashed"));
}

static void test_a_suite_that_exits_in_the_middle_of_a_test_fails_the_run(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(0) START("b") HONEST("a") START("c") SUITE_END END, NULL);
    record_expect(&one, "failed", 1);
    assert_non_null(strstr(record_reason(&one, "suite-crashed")->message, "2 of its tests"));
    assert_int_equal(one.v->totals.tests, 1);
}

static void test_a_suite_past_its_deadline_fails_the_run(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(1) HONEST("a") SUITE_EXIT("'timed_out':true,'signal':9") END, NULL);
    record_expect(&one, "failed", 1);
    assert_non_null(record_reason(&one, "suite-timeout"));
    assert_null(record_reason(&one, "suite-crashed"));
}

#define OTHER_SUITE      "{'kind':'suite','category':'c','suite':'t','format':'pytest','tells_tests':true}\n"
#define OTHER_EXIT(code) "{'kind':'suite-finish','category':'c','suite':'t','exit_code':" #code "}\n"

static void test_a_suite_without_tests_is_refused(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN OTHER_SUITE BEGIN(1) HONEST("a") SUITE_END OTHER_EXIT(5) END, NULL);
    record_expect_refused(&one, "no-tests");
    assert_string_equal(record_reason(&one, "no-tests")->suite, "t");
    assert_null(record_reason(&one, "suite-crashed"));
}

static void test_a_suite_that_never_ended_is_refused_at_any_level(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN OTHER_SUITE RULE("no-tests", "off") BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect_refused(&one, "no-tests");
}

static void test_a_category_without_suites_is_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) HONEST("a") SUITE_END "{'kind':'category','category':'d','state':'none'}\n" END, NULL);
    record_expect_refused(&one, "no-tests");
    assert_string_equal(record_reason(&one, "no-tests")->category, "d");
}

static void test_a_run_of_which_nothing_passed_is_refused_at_any_level(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(RUN "{'kind':'category','category':'c','state':'none'}\n" SUITE RULE("skipped", "off")
                         RULE("all-skipped", "warn") BEGIN(1) START("a") FINISH("a", "skipped") SUITE_END END,
                     NULL);
    record_expect_refused(&one, "no-tests");
}

static void test_a_selection_that_picks_nothing_is_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        "{'kind':'run','started':'2026-03-01T10:00:00.000Z','real_services':true,'pattern':'zzz'}\n" CATEGORY
            SERVICES SUITE BEGIN(0) SUITE_EXIT("'exit_code':5") END,
        NULL);
    record_expect_refused(&one, "no-tests");
}

static void test_fewer_tests_than_the_minimum_are_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        RUN "{'kind':'category','category':'c','state':'required','count':3}\n" SERVICES SUITE BEGIN(2)
            HONEST("a") HONEST("b") SUITE_END END,
        NULL);
    record_expect_refused(&one, "too-few-tests");
}

static void test_skipped_tests_do_not_count_towards_the_minimum(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        RUN "{'kind':'category','category':'c','state':'required','count':2}\n" SERVICES SUITE RULE(
            "skipped", "off") BEGIN(2) HONEST("a") START("b") FINISH("b", "skipped") SUITE_END END,
        NULL);
    record_expect_refused(&one, "too-few-tests");
}

static void test_fewer_results_than_were_collected_are_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") SUITE_END END, NULL);
    record_expect_refused(&one, "too-few-tests");
}

static void test_a_suite_that_skipped_everything_is_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN OTHER_SUITE RULE("skipped", "off") BEGIN(1) HONEST("a") SUITE_END
        "{'kind':'test-finish','category':'c','suite':'t','test':'x','state':'skipped'}\n" OTHER_EXIT(0) END,
        NULL);
    record_expect_refused(&one, "all-skipped");
}

static void test_a_skipped_test_is_refused_with_its_reason(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(2) HONEST("a") START("b") "{'kind':'test-finish','category':'c','suite':'s','test':'b','"
                                             "state':'skipped','text':'no REDIS_URL'}\n" SUITE_END END,
        NULL);
    record_expect_refused(&one, "skipped");
    assert_non_null(strstr(record_reason(&one, "skipped")->message, "no REDIS_URL"));
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_SKIPPED);
}

static void test_an_expected_failure_is_refused(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(2) HONEST("a") START("b") FINISH("b", "xfailed") SUITE_END END, NULL);
    record_expect_refused(&one, "xfailed");
}

static void test_a_critical_service_that_no_test_uses_is_refused(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN "{'kind':'service','category':'c','service':'redis','critical':true}\n" BEGIN(1)
                         HONEST("a") SUITE_END END,
                     NULL);
    record_expect_refused(&one, "service-unused");
    assert_string_equal(record_reason(&one, "service-unused")->service, "redis");
}

static void test_a_service_that_may_be_absent_may_be_unused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN "{'kind':'service','category':'c','service':'redis'}\n" BEGIN(1) HONEST("a") SUITE_END END,
        NULL);
    record_expect(&one, "proven", 0);
}

static void test_real_services_that_nobody_used_are_refused_at_any_level(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES SUITE_OWING RULE("service-unused", "off")
                                              BEGIN(1) IDLE("a") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "service-unused");
}

static void test_an_adapter_fault_is_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) HONEST("a") "{'kind':'adapter-fault','category':'c','suite':'s'}\n" SUITE_END END,
        NULL);
    record_expect_refused(&one, "adapter-fault");
}

static void test_a_category_that_needs_real_services_is_refused_without_them(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge("{'kind':'run','started':'2026-03-01T10:00:00.000Z'}\n" CATEGORY SERVICES SUITE BEGIN(1)
                         HONEST("a") SUITE_END END,
                     NULL);
    record_expect_refused(&one, "real-services-required");
}

#define DEPENDENT                                                                                            \
    "{'kind':'category','category':'d','state':'none','names':['c']}\n"                                      \
    "{'kind':'suite','category':'d','suite':'u','format':'exit'}\n"                                          \
    "{'kind':'test-finish','category':'d','suite':'u','test':'u','state':'passed'}\n"                        \
    "{'kind':'suite-finish','category':'d','suite':'u'}\n"

static void test_a_category_is_refused_when_what_it_depends_on_was_not_proven(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") IDLE("b") SUITE_END DEPENDENT END, NULL);
    record_expect_refused(&one, "category-not-proven");
    assert_string_equal(record_reason(&one, "category-not-proven")->category, "d");
    auto_judged judged fine = record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END DEPENDENT END, NULL);
    record_expect(&fine, "proven", 0);
}

static void test_a_category_is_refused_when_what_it_depends_on_did_not_run_before_it(void **state)
{
    (void)state;
    auto_judged judged missing = record_judge(RUN DEPENDENT END, NULL);
    record_expect_refused(&missing, "category-not-proven");
    auto_judged judged later =
        record_judge(RUN DEPENDENT CATEGORY SERVICES SUITE BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect_refused(&later, "category-not-proven");
}

static void test_a_category_that_was_not_run_is_refused_at_any_level(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END
                     "{'kind':'category','category':'d','state':'none','names':['x']}\n"
                     "{'kind':'rule','category':'d','rule':'category-not-proven','level':"
                     "'warn'}\n"
                     "{'kind':'category-not-run','category':'d','text':'fast-fail'}\n" END,
                     NULL);
    record_expect(&one, "refused", 3);
    assert_non_null(strstr(one.v->reasons.items[0].message, "fast-fail"));
}

static void test_an_expired_waiver_is_refused_even_where_nothing_needs_it(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN WAIVER("skipped", "a", "2026-02-28") BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect_refused(&one, "waiver-expired");
    auto_judged judged last_day =
        record_judge(PLAN WAIVER("skipped", "a", "2026-03-01") BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect(&last_day, "proven", 0);
}

static void test_a_waiver_that_never_ends_is_refused(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN WAIVER("skipped", "a", "whenever") BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect_refused(&one, "waiver-expired");
}

static void test_a_service_that_dies_breaks_the_run(void **state)
{
    (void)state;
    static const char *const STATES[] = {"failed", "exited", "oom-killed", "unhealthy"};
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++) {
        auto_free char *fact =
            utr_format("{'kind':'service-state','category':'c','service':'pg','state':'%s'}\n", STATES[i]);
        auto_judged judged one = record_judge(PLAN BEGIN(1) HONEST("a"), fact, SUITE_END END, NULL);
        record_expect(&one, "broken", 4);
        assert_non_null(record_reason(&one, "service-broken"));
    }
}

static void test_a_category_that_the_engine_kept_from_running_gives_one_reason(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN "{'kind':'broken','category':'c','text':'no engine'}\n"
                          "{'kind':'category-not-run','category':'c','text':'no engine'}\n" END,
                     NULL);
    record_expect(&one, "broken", 4);
    assert_non_null(record_reason(&one, "engine-broken"));
    assert_null(record_reason(&one, "category-not-proven"));
}

static void test_a_service_that_restarts_breaks_the_run(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) HONEST(
            "a") "{'kind':'service-state','category':'c','service':'pg','state':'restarted'}\n" SUITE_END END,
        NULL);
    record_expect(&one, "broken", 4);
    assert_non_null(record_reason(&one, "service-restarted"));
}

static void test_a_dependency_that_dies_breaks_the_run(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) HONEST(
            "a") "{'kind':'service-state','category':'c','service':'deep','state':'exited'}\n" SUITE_END END,
        NULL);
    record_expect(&one, "broken", 4);
}

static void test_a_service_that_may_be_absent_may_die_where_nobody_owes_it(void **state)
{
    (void)state;
    static const char *const DEAD =
        "{'kind':'service','category':'c','service':'x'}\n"
        "{'kind':'service-state','category':'c','service':'x','state':'exited'}\n";
    auto_judged judged one = record_judge(PLAN, DEAD, BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect(&one, "proven", 0);
    auto_judged judged owed = record_judge(PLAN, DEAD,
                                           "{'kind':'owed','category':'c','suite':'s','service':'x','state':'"
                                           "suite','measure':'reads','count':1}\n",
                                           BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect(&owed, "broken", 4);
}

static void test_what_broke_before_the_suites_breaks_the_run(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) HONEST("a") SUITE_END "{'kind':'broken','text':'the engine went away'}\n" END, NULL);
    record_expect(&one, "broken", 4);
    assert_non_null(record_reason(&one, "engine-broken"));
}

static void test_a_record_that_is_cut_off_is_refused(void **state)
{
    (void)state;
    auto_judged judged no_end = record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END, NULL);
    record_expect_refused(&no_end, "bad-record");
    auto_judged judged no_begin = record_judge(
        "{'kind':'category','category':'c','state':'none'}\n" SUITE BEGIN(1) HONEST("a") SUITE_END END, NULL);
    record_expect_refused(&no_begin, "bad-record");
}

static void test_facts_of_what_was_not_planned_are_refused(void **state)
{
    (void)state;
    auto_judged judged suite =
        record_judge(PLAN BEGIN(1) HONEST("a") "{'kind':'test-finish','category':'c','suite':'ghost','test':'"
                                               "x','state':'failed'}\n" SUITE_END END,
                     NULL);
    record_expect_refused(&suite, "bad-record");
    auto_judged judged category = record_judge(
        PLAN BEGIN(1) HONEST("a") SUITE_END "{'kind':'suite','category':'ghost','suite':'s'}\n" END, NULL);
    record_expect_refused(&category, "bad-record");
}

static void test_a_debt_that_does_not_say_to_whom_is_refused(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN
        "{'kind':'owed','category':'c','suite':'s','state':'test','measure':'reads','count':1}\n" BEGIN(1)
            HONEST("a") SUITE_END END,
        NULL);
    record_expect_refused(&one, "bad-record");
}

static void test_every_rule_is_listed_once_with_a_line(void **state)
{
    (void)state;
    for (const verdict_rule *rule = verdict_rules(); rule->name; rule++) {
        assert_true(rule->says && *rule->says);
        for (const verdict_rule *other = rule + 1; other->name; other++)
            assert_string_not_equal(rule->name, other->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_honest_run_is_proven),
        cmocka_unit_test(test_a_failed_test_fails_the_run),
        cmocka_unit_test(test_a_status_that_is_none_counts_as_failed),
        cmocka_unit_test(test_an_exit_code_that_no_test_explains_fails_the_run),
        cmocka_unit_test(test_a_suite_ended_by_a_signal_fails_the_run),
        cmocka_unit_test(test_a_suite_that_exits_in_the_middle_of_a_test_fails_the_run),
        cmocka_unit_test(test_a_suite_past_its_deadline_fails_the_run),
        cmocka_unit_test(test_a_suite_without_tests_is_refused),
        cmocka_unit_test(test_a_suite_that_never_ended_is_refused_at_any_level),
        cmocka_unit_test(test_a_category_without_suites_is_refused),
        cmocka_unit_test(test_a_run_of_which_nothing_passed_is_refused_at_any_level),
        cmocka_unit_test(test_a_selection_that_picks_nothing_is_refused),
        cmocka_unit_test(test_fewer_tests_than_the_minimum_are_refused),
        cmocka_unit_test(test_skipped_tests_do_not_count_towards_the_minimum),
        cmocka_unit_test(test_fewer_results_than_were_collected_are_refused),
        cmocka_unit_test(test_a_suite_that_skipped_everything_is_refused),
        cmocka_unit_test(test_a_skipped_test_is_refused_with_its_reason),
        cmocka_unit_test(test_an_expected_failure_is_refused),
        cmocka_unit_test(test_a_critical_service_that_no_test_uses_is_refused),
        cmocka_unit_test(test_a_service_that_may_be_absent_may_be_unused),
        cmocka_unit_test(test_real_services_that_nobody_used_are_refused_at_any_level),
        cmocka_unit_test(test_an_adapter_fault_is_refused),
        cmocka_unit_test(test_a_category_that_needs_real_services_is_refused_without_them),
        cmocka_unit_test(test_a_category_is_refused_when_what_it_depends_on_was_not_proven),
        cmocka_unit_test(test_a_category_is_refused_when_what_it_depends_on_did_not_run_before_it),
        cmocka_unit_test(test_a_category_that_was_not_run_is_refused_at_any_level),
        cmocka_unit_test(test_an_expired_waiver_is_refused_even_where_nothing_needs_it),
        cmocka_unit_test(test_a_waiver_that_never_ends_is_refused),
        cmocka_unit_test(test_a_service_that_dies_breaks_the_run),
        cmocka_unit_test(test_a_category_that_the_engine_kept_from_running_gives_one_reason),
        cmocka_unit_test(test_a_service_that_restarts_breaks_the_run),
        cmocka_unit_test(test_a_dependency_that_dies_breaks_the_run),
        cmocka_unit_test(test_a_service_that_may_be_absent_may_die_where_nobody_owes_it),
        cmocka_unit_test(test_what_broke_before_the_suites_breaks_the_run),
        cmocka_unit_test(test_a_record_that_is_cut_off_is_refused),
        cmocka_unit_test(test_facts_of_what_was_not_planned_are_refused),
        cmocka_unit_test(test_a_debt_that_does_not_say_to_whom_is_refused),
        cmocka_unit_test(test_every_rule_is_listed_once_with_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
