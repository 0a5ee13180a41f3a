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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_proven_test_takes_one_line_unless_it_is_asked_for),
        cmocka_unit_test(test_an_idle_test_is_told_what_it_owes_and_where_it_fell_short),
        cmocka_unit_test(test_a_part_or_a_glob_picks_tests),
        cmocka_unit_test(test_as_json_each_test_carries_its_reasons),
        cmocka_unit_test(test_nothing_from_a_test_moves_the_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
