/* What `explain` says of a recorded run. */
#include "golden.h"

#include "base/json.h"

static size_t explain(printed *p, const judged *one, const char *test, bool json)
{
    return report_explain(p->out, one->v, &(report_question){.test = test, .json = json});
}

static void test_a_proven_test_takes_one_line_unless_it_is_asked_for(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END END, NULL);
    auto_printed printed *all = printed_new();
    assert_int_equal(explain(all, &one, NULL, false), 1);
    assert_has(printed_text(all), "proven    s::a  pg ");
    assert_has_not(printed_text(all), "owes");
    auto_printed printed *asked = printed_new();
    assert_int_equal(explain(asked, &one, "s::a", false), 1);
    assert_has(printed_text(asked), "owes");
    assert_has(printed_text(asked), "substantive");
}

static void test_an_idle_test_is_told_what_it_owes_and_where_it_fell_short(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    auto_printed printed *p = printed_new();
    assert_int_equal(explain(p, &one, NULL, false), 2);
    assert_has(printed_text(p), "unproven  s::b");
    assert_has(printed_text(p), "exchanged nothing");
    assert_has(printed_text(p), "no-evidence");
    assert_has(printed_text(p), "passed without exchanging anything");
}

static void test_a_part_or_a_glob_picks_tests(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("login") IDLE("logout") SUITE_END END, NULL);
    auto_printed printed *p = printed_new();
    assert_int_equal(explain(p, &one, "logo", false), 1);
    assert_int_equal(explain(p, &one, "log*", false), 2);
    assert_int_equal(explain(p, &one, "s::login", false), 1);
    assert_int_equal(explain(p, &one, "nothing", false), 0);
}

static void test_as_json_each_test_carries_its_reasons(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(PLAN BEGIN(2) HONEST("a") IDLE("b") SUITE_END END, NULL);
    auto_printed printed *p = printed_new();
    assert_int_equal(explain(p, &one, "b", true), 1);
    auto_json json_t *list = json_loads(printed_text(p), 0, NULL);
    assert_int_equal(json_array_size(list), 1);
    json_t *test = json_array_get(list, 0);
    assert_string_equal(utr_json_str(test, "suite", ""), "s");
    assert_string_equal(utr_json_str(test, "verdict", ""), "unproven");
    json_t *reason = json_array_get(json_object_get(test, "reasons"), 0);
    assert_string_equal(utr_json_str(reason, "rule", ""), "no-evidence");
}

static void test_nothing_from_a_test_moves_the_cursor(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_printed printed *p = printed_new();
    assert_true(explain(p, &one, NULL, false) > 0);
    assert_has_not(printed_text(p), "\033");
}

#define BEAT(count)                                                                                          \
    "'exchanges':" #count ",'substantive':" #count                                                           \
    ",'statements':[{'connection':7,'opened':false,'text':'INCR beat','count':" #count                       \
    ",'substantive':" #count ",'reads':0,'writes':" #count "}]"

static void test_what_goes_on_by_itself_is_shown_apart(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) START("b") EVIDENCE("b", "pg", BEAT(5))
            FINISH("b", "passed") "{'kind':'evidence','category':'c','suite':'s','state':'ambient','service':"
                                  "'pg'," BEAT(2) "}\n"
                                                  "{'kind':'elsewhere','category':'c','suite':'s','address':'"
                                                  "10.1.2.3:6379','count':1}\n" SUITE_END END,
        NULL);
    auto_printed printed *p = printed_new();
    (void)explain(p, &one, NULL, false);
    assert_has(printed_text(p), "5 INCR beat  (goes on by itself on connection 7: proves nothing)");
    assert_has(printed_text(p), "0 substantive are left without what goes on by itself");
    assert_has(printed_text(p), "by itself, while nothing was to run, pg: 2 exchanges");
    assert_has(printed_text(p), "tried to reach 10.1.2.3:6379");
}

static void test_what_a_fixture_did_is_told_with_its_name(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(
            1) "{'kind':'test-start','category':'c','suite':'s','test':'b','uses':['module fixture table']}\n"
               "{'kind':'evidence','category':'c','suite':'s','state':'fixture','test':'module fixture "
               "table',"
               "'service':'pg'," REAL "}\n" FINISH(
                   "b",
                   "passed") "{'kind':'source','category':'c','suite':'s','file':'t.py','test':'b','mocks':"
                             "true,'asserts':true}\n" SUITE_END END,
        NULL);
    auto_printed printed *p = printed_new();
    (void)explain(p, &one, NULL, false);
    assert_has(printed_text(p), "counts only where its suite says `inherit: true`");
    assert_has(printed_text(p), "module fixture table, pg: 3 exchanges, 2 of them substantive");
    assert_has(printed_text(p), "its source asserts, uses a mock, swallows no failure");
}

static void test_evidence_of_a_suite_as_a_whole_is_said_to_be_that(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        RUN CATEGORY SERVICES
        "{'kind':'suite','category':'c','suite':'s','format':'junit','default_evidence':true,'whole':true}"
        "\n" BEGIN(1) FINISH(
            "a",
            "passed") "{'kind':'evidence','category':'c','suite':'s','state':'suite','service':'pg'," REAL
                      "}\n" SUITE_END END,
        NULL);
    auto_printed printed *p = printed_new();
    (void)explain(p, &one, "a", false);
    assert_has(printed_text(p), "proven    s::a");
    assert_has(printed_text(p), "evidence is of its suite as a whole");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_proven_test_takes_one_line_unless_it_is_asked_for),
        cmocka_unit_test(test_an_idle_test_is_told_what_it_owes_and_where_it_fell_short),
        cmocka_unit_test(test_what_goes_on_by_itself_is_shown_apart),
        cmocka_unit_test(test_what_a_fixture_did_is_told_with_its_name),
        cmocka_unit_test(test_evidence_of_a_suite_as_a_whole_is_said_to_be_that),
        cmocka_unit_test(test_a_part_or_a_glob_picks_tests),
        cmocka_unit_test(test_as_json_each_test_carries_its_reasons),
        cmocka_unit_test(test_nothing_from_a_test_moves_the_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
