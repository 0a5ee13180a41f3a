/* What of a test's evidence is its own: habits, fixtures, sources, suites as a whole, places elsewhere. */
#include "record.h"

#define STATEMENT(connection, opened, text, count)                                                           \
    "{'connection':" #connection ",'opened':" opened ",'text':'" text "','count':" #count                    \
    ",'substantive':" #count ",'reads':0,'writes':" #count "}"
#define SEEN(count, statements)                                                                              \
    "'exchanges':" #count ",'substantive':" #count ",'writes':" #count ",'statements':[" statements "]"
#define WHILE(state, numbers)                                                                                \
    "{'kind':'evidence','category':'c','suite':'s','state':'" state "','service':'pg'," numbers "}\n"
#define BEAT(connection, opened, count) STATEMENT(connection, opened, "INCR beat", count)
#define HELD(numbers)                   START("b") EVIDENCE("b", "pg", numbers) FINISH("b", "passed")
#define SOURCE(test, facts)                                                                                  \
    "{'kind':'source','category':'c','suite':'s','file':'t.py','test':'" test "'" facts "}\n"

static judged judge_beat(const char *quiet, const char *of_test)
{
    return record_judge(PLAN BEGIN(2) HONEST("a"), of_test, quiet, SUITE_END END, NULL);
}

static void test_what_goes_on_while_nothing_runs_proves_nothing(void **state)
{
    (void)state;
    auto_judged judged one =
        judge_beat(WHILE("ambient", SEEN(2, BEAT(7, "false", 2))), HELD(SEEN(5, BEAT(7, "false", 5))));
    record_expect_refused(&one, "no-evidence");
    const char *message = record_reason(&one, "no-evidence")->message;
    assert_non_null(strstr(message, "`INCR beat` (5 times, on connection 7)"));
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_UNPROVEN);
}

static void test_beside_a_habit_one_statement_of_its_own_proves_a_test(void **state)
{
    (void)state;
    auto_judged judged one =
        judge_beat(WHILE("ambient", SEEN(2, BEAT(7, "false", 2))),
                   HELD(SEEN(6, BEAT(7, "false", 5) "," STATEMENT(7, "false", "SET a", 1))));
    record_expect(&one, "proven", 0);
    assert_int_equal(record_test(&one, "b")->evidence.items[0].substantive, 1);
}

static void test_the_same_statement_on_another_connection_is_the_tests_own(void **state)
{
    (void)state;
    auto_judged judged pooled =
        judge_beat(WHILE("ambient", SEEN(2, BEAT(7, "true", 2))), HELD(SEEN(1, BEAT(8, "false", 1))));
    record_expect(&pooled, "proven", 0);
    auto_judged judged opened =
        judge_beat(WHILE("ambient", SEEN(2, BEAT(7, "false", 2))), HELD(SEEN(1, BEAT(8, "true", 1))));
    record_expect(&opened, "proven", 0);
}

static void test_a_helper_that_connects_anew_each_time_proves_nothing(void **state)
{
    (void)state;
    auto_judged judged one = judge_beat(WHILE("ambient", SEEN(1, BEAT(7, "true", 1))),
                                        HELD(SEEN(2, BEAT(8, "true", 1) "," BEAT(9, "true", 1))));
    record_expect_refused(&one, "no-evidence");
}

static void test_what_cannot_be_read_is_compared_by_its_connection_only(void **state)
{
    (void)state;
    auto_judged judged other = judge_beat(WHILE("ambient", SEEN(1, STATEMENT(7, "true", "", 1))),
                                          HELD(SEEN(1, STATEMENT(8, "true", "", 1))));
    record_expect(&other, "proven", 0);
    auto_judged judged same = judge_beat(WHILE("ambient", SEEN(1, STATEMENT(7, "true", "", 1))),
                                         HELD(SEEN(1, STATEMENT(7, "false", "", 1))));
    record_expect_refused(&same, "no-evidence");
}

static void test_the_name_of_a_server_under_tls_is_no_statement(void **state)
{
    (void)state;
    auto_judged judged one =
        judge_beat(WHILE("ambient", "'opaque':true," SEEN(1, STATEMENT(7, "true", "db.local", 1))),
                   HELD("'opaque':true," SEEN(1, STATEMENT(8, "true", "db.local", 1))));
    record_expect(&one, "proven", 0);
}

static void test_what_found_no_place_of_its_own_is_no_habit(void **state)
{
    (void)state;
    auto_judged judged one = judge_beat(WHILE("ambient", SEEN(9, STATEMENT(0, "false", "", 9))),
                                        HELD(SEEN(1, STATEMENT(0, "false", "", 1))));
    record_expect(&one, "proven", 0);
}

static void test_between_tests_and_at_the_start_nothing_is_a_habit(void **state)
{
    (void)state;
    auto_judged judged between =
        judge_beat(WHILE("between", SEEN(2, BEAT(7, "false", 2))), HELD(SEEN(5, BEAT(7, "false", 5))));
    record_expect(&between, "proven", 0);
    auto_judged judged start =
        judge_beat(WHILE("start", SEEN(2, BEAT(7, "false", 2))), HELD(SEEN(5, BEAT(7, "false", 5))));
    record_expect(&start, "proven", 0);
}

static void test_a_habit_towards_another_service_is_none_towards_this(void **state)
{
    (void)state;
    auto_judged judged one =
        judge_beat("{'kind':'evidence','category':'c','suite':'s','state':'ambient','service':'other',"
                   "" SEEN(2, BEAT(7, "false", 2)) "}\n",
                   HELD(SEEN(5, BEAT(7, "false", 5))));
    record_expect(&one, "proven", 0);
}

static void test_ambient_work_pays_no_debt_of_the_suite_and_uses_no_service(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(RUN CATEGORY SERVICES SUITE_OWING OWED("suite", "exchanges", 1) BEGIN(1) IDLE("a"),
                     WHILE("ambient", SEEN(2, STATEMENT(0, "false", "", 2))), SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
    assert_non_null(record_reason(&one, "service-unused"));
}

#define USING(test)                                                                                          \
    "{'kind':'test-start','category':'c','suite':'s','test':'" test "','uses':['module fixture table']}\n"
#define FIXTURE                                                                                              \
    "{'kind':'evidence','category':'c','suite':'s','state':'fixture','test':'module fixture table',"         \
    "'service':'pg'," REAL "}\n"
#define INHERITING                                                                                           \
    "{'kind':'suite','category':'c','suite':'s','format':'pytest','tells_tests':true,'default_evidence':"    \
    "true,'inherit':true}\n"

static void test_what_a_fixture_did_does_not_prove_the_tests_that_use_it(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(PLAN BEGIN(2) HONEST("a") USING("b") FIXTURE FINISH("b", "passed") SUITE_END END, NULL);
    record_expect_refused(&one, "no-evidence");
    const char *message = record_reason(&one, "no-evidence")->message;
    assert_non_null(strstr(message, "module fixture table"));
    assert_non_null(strstr(message, "inherit: true"));
}

static void test_where_the_suite_inherits_a_fixture_proves_its_users_only(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES INHERITING BEGIN(2) USING("b")
                                              FIXTURE FINISH("b", "passed") IDLE("c") SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "no-evidence");
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_PROVEN);
    assert_int_equal(record_test(&one, "c")->state, VERDICT_TEST_UNPROVEN);
    assert_null(record_reason(&one, "service-unused"));
}

static void test_an_inherited_habit_proves_nothing(void **state)
{
    (void)state;
    auto_judged judged one =
        record_judge(RUN CATEGORY SERVICES INHERITING BEGIN(2) HONEST("a")
                         USING("b") "{'kind':'evidence','category':'c','suite':'s','state':'fixture','test':'"
                                    "module fixture table',"
                                    "'service':'pg'," SEEN(2, BEAT(7, "false", 2)) "}\n" FINISH("b", "passed")
                                        WHILE("ambient", SEEN(2, BEAT(7, "false", 2))) SUITE_END END,
                     NULL);
    record_expect_refused(&one, "no-evidence");
}

static judged judge_trivial(const char *plan, const char *source)
{
    return record_judge(plan,
                        BEGIN(2) HONEST("a") START("b") EVIDENCE("b", "pg", TRIVIAL) FINISH("b", "passed"),
                        source, SUITE_END END, NULL);
}

static void test_weak_evidence_only_warns_where_the_source_is_honest(void **state)
{
    (void)state;
    auto_judged judged one = judge_trivial(PLAN, SOURCE("b", ",'asserts':true"));
    record_expect(&one, "proven", 0);
    assert_int_equal(record_reason(&one, "weak-evidence")->level, VERDICT_WARN);
    assert_int_equal(record_test(&one, "b")->state, VERDICT_TEST_UNPROVEN);
}

static void test_weak_evidence_refuses_where_the_source_is_not(void **state)
{
    (void)state;
    static const char *const SOURCES[] = {
        SOURCE("b", ",'asserts':true,'mocks':true"),
        SOURCE("b", ",'asserts':true,'swallows':true"),
        SOURCE("b", ""),
        SOURCE("a", ",'asserts':true"),
        "",
    };
    for (size_t i = 0; i < sizeof SOURCES / sizeof *SOURCES; i++) {
        auto_judged judged one = judge_trivial(PLAN, SOURCES[i]);
        record_expect_refused(&one, "weak-evidence");
    }
}

static void test_an_honest_source_does_not_soften_what_the_manifest_says(void **state)
{
    (void)state;
    auto_judged judged asked =
        judge_trivial(PLAN RULE("weak-evidence", "refuse"), SOURCE("b", ",'asserts':true"));
    record_expect_refused(&asked, "weak-evidence");
    auto_judged judged writes = judge_trivial(RUN CATEGORY SERVICES SUITE_OWING OWED("test", "writes", 1),
                                              SOURCE("b", ",'asserts':true"));
    record_expect_refused(&writes, "weak-evidence");
}

static void test_a_habit_beside_trivial_requests_is_not_softened(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(2) HONEST("a") START("b")
            EVIDENCE("b", "pg", "'exchanges':3,'substantive':2,'statements':[" BEAT(7, "false", 2) "]")
                FINISH("b", "passed") SOURCE("b", ",'asserts':true")
                    WHILE("ambient", SEEN(2, BEAT(7, "false", 2))) SUITE_END END,
        NULL);
    record_expect_refused(&one, "weak-evidence");
}

#define WHOLE                                                                                                \
    "{'kind':'suite','category':'c','suite':'s','format':'junit','default_evidence':true,'whole':true}\n"
#define AS_A_WHOLE(count)                                                                                    \
    "{'kind':'evidence','category':'c','suite':'s','state':'suite','service':'pg','exchanges':" #count       \
    ",'substantive':" #count "}\n"

static void test_a_suite_as_a_whole_pays_for_its_tests(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES WHOLE BEGIN(2) FINISH("a", "passed")
                                              FINISH("b", "passed") AS_A_WHOLE(2) SUITE_END END,
                                          NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(one.v->totals.proven, 2);
}

static void test_fewer_exchanges_than_tests_prove_no_suite(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES WHOLE BEGIN(2) FINISH("a", "passed")
                                              FINISH("b", "passed") AS_A_WHOLE(1) SUITE_END END,
                                          NULL);
    record_expect_refused(&one, "no-evidence");
    auto_judged judged waived =
        record_judge(RUN CATEGORY SERVICES WAIVER("no-evidence", "b", "2099-01-01") WHOLE BEGIN(2)
                         FINISH("a", "passed") FINISH("b", "passed") AS_A_WHOLE(1) SUITE_END END,
                     NULL);
    record_expect(&waived, "proven", 0);
}

static void test_what_was_tried_elsewhere_is_a_warning(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(
        PLAN BEGIN(1) START("a") EVIDENCE(
            "a", "pg",
            REAL) "{'kind':'elsewhere','category':'c','suite':'s','test':'a','address':'10.1.2.3:6379','"
                  "count':2}\n" FINISH("a", "passed") "{'kind':'elsewhere','category':'c','suite':'s','"
                                                      "address':'example.com:443','count':1}\n" SUITE_END END,
        NULL);
    record_expect(&one, "proven", 0);
    assert_int_equal(one.v->reasons.count, 2);
    const verdict_reason *reason = record_reason(&one, "elsewhere");
    assert_int_equal(reason->level, VERDICT_WARN);
    assert_string_equal(reason->test, "a");
    assert_non_null(strstr(reason->message, "10.1.2.3:6379"));
}

#define EXTERNAL "{'kind':'external','category':'c','service':'api.example.com:443'}\n"

static void test_a_declared_external_pays_where_it_is_named_only(void **state)
{
    (void)state;
    auto_judged judged unnamed =
        record_judge(PLAN EXTERNAL BEGIN(2) HONEST("a") START("b") EVIDENCE("b", "api.example.com:443", REAL)
                         FINISH("b", "passed") SUITE_END END,
                     NULL);
    record_expect_refused(&unnamed, "no-evidence");
    assert_non_null(strstr(record_reason(&unnamed, "no-evidence")->message, "only with api.example.com:443"));
    auto_judged judged named = record_judge(
        RUN CATEGORY SERVICES EXTERNAL SUITE_OWING
        "{'kind':'owed','category':'c','suite':'s','service':'api.example.com:443','state':'test','measure':"
        "'exchanges','count':1}\n" BEGIN(1) START("b") EVIDENCE("b", "api.example.com:443", REAL)
            EVIDENCE("b", "pg", REAL) FINISH("b", "passed") SUITE_END END,
        NULL);
    record_expect(&named, "proven", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_on_while_nothing_runs_proves_nothing),
        cmocka_unit_test(test_beside_a_habit_one_statement_of_its_own_proves_a_test),
        cmocka_unit_test(test_the_same_statement_on_another_connection_is_the_tests_own),
        cmocka_unit_test(test_a_helper_that_connects_anew_each_time_proves_nothing),
        cmocka_unit_test(test_what_cannot_be_read_is_compared_by_its_connection_only),
        cmocka_unit_test(test_the_name_of_a_server_under_tls_is_no_statement),
        cmocka_unit_test(test_what_found_no_place_of_its_own_is_no_habit),
        cmocka_unit_test(test_between_tests_and_at_the_start_nothing_is_a_habit),
        cmocka_unit_test(test_a_habit_towards_another_service_is_none_towards_this),
        cmocka_unit_test(test_ambient_work_pays_no_debt_of_the_suite_and_uses_no_service),
        cmocka_unit_test(test_what_a_fixture_did_does_not_prove_the_tests_that_use_it),
        cmocka_unit_test(test_where_the_suite_inherits_a_fixture_proves_its_users_only),
        cmocka_unit_test(test_an_inherited_habit_proves_nothing),
        cmocka_unit_test(test_weak_evidence_only_warns_where_the_source_is_honest),
        cmocka_unit_test(test_weak_evidence_refuses_where_the_source_is_not),
        cmocka_unit_test(test_an_honest_source_does_not_soften_what_the_manifest_says),
        cmocka_unit_test(test_a_habit_beside_trivial_requests_is_not_softened),
        cmocka_unit_test(test_a_suite_as_a_whole_pays_for_its_tests),
        cmocka_unit_test(test_fewer_exchanges_than_tests_prove_no_suite),
        cmocka_unit_test(test_what_was_tried_elsewhere_is_a_warning),
        cmocka_unit_test(test_a_declared_external_pays_where_it_is_named_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
