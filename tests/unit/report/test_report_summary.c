#include "golden.h"

#include "report/parts.h"

static void test_the_plan_says_what_runs_and_what_it_owes(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_printed printed *p = printed_new();
    parts_plan(p->out, false, one.j);
    assert_golden(p, "plan.txt");
}

static void test_a_proven_run_says_against_what(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("../verdict/proven.jsonl");
    auto_printed printed *p = printed_new();
    report_summary(p->out, one.v, ".utr/runs/20260301-100000-1");
    assert_golden(p, "proven.txt");
}

static void test_a_refused_run_says_why_and_what_to_do(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_printed printed *p = printed_new();
    report_summary(p->out, one.v, ".utr/runs/20260301-100000-2");
    assert_golden(p, "refused.txt");
}

static void test_nothing_from_a_test_moves_the_cursor(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_printed printed *p = printed_new();
    report_summary(p->out, one.v, NULL);
    assert_has_not(printed_text(p), "\033");
    assert_has_not(printed_text(p), "owned");
    for (const char *line = printed_text(p); line; line = strchr(line, '\n')) {
        line += strspn(line, " \n");
        assert_true(strncmp(line, "::", 2) != 0);
    }
    assert_has_not(printed_text(p), "##[");
}

static void test_long_lists_are_bounded(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_printed printed *p = printed_new();
    report_summary(p->out, one.v, NULL);
    assert_has(printed_text(p), "25 tests passed without touching postgres-test");
    assert_has(printed_text(p), "test_idle_19");
    assert_has_not(printed_text(p), "test_idle_20");
    assert_has(printed_text(p), "and 5 more; see report.json");
}

static void test_a_selection_is_never_called_a_proof_of_the_category(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        "{'kind':'run','started':'2026-03-01T10:00:00.000Z','real_services':true,'pattern':'*a*'}\n" CATEGORY
            SERVICES SUITE BEGIN(1) HONEST("a") SUITE_END END,
        NULL);
    auto_printed printed *p = printed_new();
    report_summary(p->out, one.v, NULL);
    assert_has(printed_text(p),
               "PROVEN  1 of 1 selected tests proved themselves against pg in 2.0 s; a selection "
               "('*a*'), not a proof of the category");
    parts_plan(p->out, false, one.j);
    assert_has(printed_text(p), "SELECTION  only tests that match '*a*'");
}

static void test_what_proved_nothing_does_not_say_that_it_did(void **state)
{
    (void)state;
    auto_judged judged one = record_judge("{'kind':'run','started':'2026-03-01T10:00:00.000Z'}\n"
                                          "{'kind':'category','category':'c','state':'none'}\n" SUITE BEGIN(1)
                                              IDLE("a") SUITE_END END,
                                          NULL);
    auto_printed printed *p = printed_new();
    report_summary(p->out, one.v, NULL);
    assert_has(printed_text(p), "1 test passed in 2.0 s; none owed a service proof");
    assert_has_not(printed_text(p), "proved themselves");
}

static void test_each_outcome_ends_with_its_word(void **state)
{
    (void)state;
    static const struct {
        const char *fact, *word;
    } ENDS[] = {
        {"", "PROVEN  "},
        {"{'kind':'broken','text':'the engine went away'}\n", "BROKEN  "},
        {"{'kind':'interrupted','signal':2}\n", "INTERRUPTED  "},
        {"{'kind':'defect','text':'x'}\n", "DEFECT  "},
        {"{'kind':'test-finish','category':'c','suite':'s','test':'z','state':'failed'}\n", "FAILED  "},
        {"{'kind':'test-finish','category':'c','suite':'s','test':'z','state':'skipped'}\n", "REFUSED  "},
    };
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        auto_judged judged one = record_judge(PLAN BEGIN(1) HONEST("a"), ENDS[i].fact, SUITE_END END, NULL);
        auto_printed printed *p = printed_new();
        report_summary(p->out, one.v, NULL);
        const char *last = printed_text(p) + strlen(printed_text(p)) - 1;
        while (last > p->text && last[-1] != '\n')
            last--;
        assert_memory_equal(last, ENDS[i].word, strlen(ENDS[i].word));
    }
}

static void test_an_empty_run_can_be_reported(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_text("");
    auto_printed printed *p = printed_new();
    report_summary(p->out, one.v, NULL);
    parts_plan(p->out, false, one.j);
    assert_has(printed_text(p), "REFUSED  3 reasons");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_plan_says_what_runs_and_what_it_owes),
        cmocka_unit_test(test_a_proven_run_says_against_what),
        cmocka_unit_test(test_a_refused_run_says_why_and_what_to_do),
        cmocka_unit_test(test_nothing_from_a_test_moves_the_cursor),
        cmocka_unit_test(test_long_lists_are_bounded),
        cmocka_unit_test(test_a_selection_is_never_called_a_proof_of_the_category),
        cmocka_unit_test(test_what_proved_nothing_does_not_say_that_it_did),
        cmocka_unit_test(test_each_outcome_ends_with_its_word),
        cmocka_unit_test(test_an_empty_run_can_be_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
