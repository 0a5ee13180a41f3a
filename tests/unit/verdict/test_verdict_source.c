/* What the sources show, and the tests that it concerns. */
#include "record.h"

#define FINDING(rule, file, line, more)                                                                      \
    "{'kind':'finding','category':'c','suite':'s','rule':'" rule "','file':'" file "','line':" #line         \
    ",'text':'  the line'" more "}\n"
#define SOURCE(test, facts)                                                                                  \
    "{'kind':'source','category':'c','suite':'s','file':'tests/t.py','test':'" test "'" facts "}\n"
#define OF(test)       ",'test':'" test "'"
#define ALLOWED(until) ",'owner':'me','expires':'" until "'"
#define A              "tests/t.py::A::test_a"
#define B              "tests/t.py::test_b"

static judged judge(const char *findings, const char *tests)
{
    return record_judge(PLAN, findings, BEGIN(2), tests, SUITE_END END, NULL);
}

static void test_what_was_switched_off_refuses_even_beside_proof(void **state)
{
    (void)state;
    static const char *const RULES[] = {"disabled-decorator", "commented-test", "uncollected-test",
                                        "swallowed"};
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        auto_free char *finding = utr_format(
            "{'kind':'finding','category':'c','suite':'s','rule':'%s','file':'tests/t.py','line':7,"
            "'text':'# @x','test':'A.test_a'}\n",
            RULES[i]);
        auto_judged judged one = judge(finding, HONEST(A) HONEST(B));
        record_expect_refused(&one, RULES[i]);
        const verdict_reason *reason = record_reason(&one, RULES[i]);
        assert_string_equal(reason->test, A);
        assert_string_equal(reason->file, "tests/t.py");
        assert_int_equal(reason->line, 7);
        assert_non_null(strstr(reason->message, "`# @x`"));
    }
}

static void test_doubts_warn_beside_proof_and_refuse_without(void **state)
{
    (void)state;
    static const char *const RULES[] = {"mock", "empty-test", "no-assert", "dynamic-import"};
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        auto_free char *finding = utr_format(
            "{'kind':'finding','category':'c','suite':'s','rule':'%s','file':'tests/t.py','line':7,"
            "'test':'test_b'}\n",
            RULES[i]);
        auto_judged judged proven = judge(finding, HONEST(A) HONEST(B));
        record_expect(&proven, "proven", 0);
        assert_int_equal(record_reason(&proven, RULES[i])->level, VERDICT_WARN);
        auto_judged judged other = judge(finding, IDLE(A) HONEST(B));
        assert_int_equal(record_reason(&other, RULES[i])->level, VERDICT_WARN);
        auto_judged judged idle = judge(finding, HONEST(A) IDLE(B));
        record_expect_refused(&idle, RULES[i]);
        assert_string_equal(record_reason(&idle, RULES[i])->test, B);
    }
}

static void test_a_mock_is_named_where_evidence_is_missing(void **state)
{
    (void)state;
    auto_judged judged own = judge(FINDING("mock", "tests/t.py", 3, OF("A")), IDLE(A) HONEST(B));
    assert_non_null(strstr(record_reason(&own, "no-evidence")->message, "(tests/t.py:3: `the line`)"));
    auto_judged judged module = judge(FINDING("mock", "tests/t.py", 3, ""), HONEST(A) IDLE(B));
    assert_non_null(strstr(record_reason(&module, "no-evidence")->message, "uses a mock"));
    auto_judged judged elsewhere = judge(FINDING("mock", "tests/u.py", 3, ""), HONEST(A) IDLE(B));
    assert_null(strstr(record_reason(&elsewhere, "no-evidence")->message, "uses a mock"));
    auto_judged judged conftest =
        judge(FINDING("mock", "tests/conftest.py", 3, OF("db")) SOURCE("test_b", ""), HONEST(A) IDLE(B));
    assert_non_null(strstr(record_reason(&conftest, "no-evidence")->message, "uses a mock"));
    auto_judged judged beside =
        judge(FINDING("mock", "more/conftest.py", 3, OF("db")) SOURCE("test_b", ""), HONEST(A) IDLE(B));
    assert_null(strstr(record_reason(&beside, "no-evidence")->message, "uses a mock"));
}

static void test_the_manifest_sets_the_level_and_waives(void **state)
{
    (void)state;
#define DECORATOR FINDING("disabled-decorator", "tests/t.py", 7, OF("A.test_a"))
    auto_judged judged off = judge(RULE("disabled-decorator", "off") DECORATOR, HONEST(A) HONEST(B));
    record_expect(&off, "proven", 0);
    assert_null(record_reason(&off, "disabled-decorator"));
    auto_judged judged waived =
        judge(WAIVER("disabled-decorator", "*::A::test_a", "2099-01-01") DECORATOR, HONEST(A) HONEST(B));
    record_expect(&waived, "proven", 0);
    assert_true(record_reason(&waived, "disabled-decorator")->waived);
    auto_judged judged gone = judge(WAIVER("commented-test", "tests/t.py::test_old", "2099-01-01")
                                        FINDING("commented-test", "tests/t.py", 9, OF("test_old")),
                                    HONEST(A) HONEST(B));
    record_expect(&gone, "proven", 0);
    auto_judged judged stern =
        judge(RULE("mock", "refuse") FINDING("mock", "tests/t.py", 7, OF("A.test_a")), HONEST(A) HONEST(B));
    record_expect_refused(&stern, "mock");
#undef DECORATOR
}

static void test_an_excuse_in_the_source_holds_until_its_day(void **state)
{
    (void)state;
    auto_judged judged held =
        judge(FINDING("swallowed", "tests/t.py", 7, ALLOWED("2026-03-01")), HONEST(A) HONEST(B));
    record_expect(&held, "proven", 0);
    assert_true(record_reason(&held, "swallowed")->waived);
    auto_judged judged over =
        judge(FINDING("mock", "tests/t.py", 7, ALLOWED("2026-02-28")), HONEST(A) HONEST(B));
    record_expect_refused(&over, "waiver-expired");
}

static void test_an_excused_skip_holds_for_the_test_that_it_skipped(void **state)
{
    (void)state;
    static const char SKIPPED[] = START(B) FINISH(B, "skipped");
    static const char XFAILED[] = START(B) FINISH(B, "xfailed");
    auto_free char *skips = utr_format("%s%s", HONEST(A), SKIPPED);
    auto_judged judged held =
        judge(FINDING("skip", "tests/t.py", 7, OF("test_b") ALLOWED("2026-03-01")), skips);
    record_expect(&held, "proven", 0);
    assert_true(record_reason(&held, "skipped")->waived);
    assert_int_equal(record_reason(&held, "skipped")->line, 7);
    auto_judged judged over =
        judge(FINDING("skip", "tests/t.py", 7, OF("test_b") ALLOWED("2026-02-28")), skips);
    record_expect_refused(&over, "skipped");
    auto_judged judged one_of_two = judge(FINDING("skip", "tests/t.py", 7, OF("test_b") ALLOWED("2026-03-01"))
                                              FINDING("skip", "tests/t.py", 8, OF("test_b")),
                                          skips);
    record_expect_refused(&one_of_two, "skipped");
    auto_judged judged of_another =
        judge(FINDING("skip", "tests/t.py", 7, OF("A.test_a") ALLOWED("2026-03-01")), skips);
    record_expect_refused(&of_another, "skipped");
    auto_free char *xfails = utr_format("%s%s", HONEST(A), XFAILED);
    auto_judged judged expected =
        judge(FINDING("xfail", "tests/t.py", 7, OF("test_b") ALLOWED("2026-03-01")), xfails);
    record_expect(&expected, "proven", 0);
}

/* A test whose name says no file, and a function of the same name that imports late in a file. */
static void assert_weighs(const char *file, bool weighs)
{
    auto_free char *facts = utr_format(
        "{'kind':'suite','category':'c','suite':'s','format':'tap','tells_tests':true,'default_evidence':"
        "true}\n"
        "{'kind':'source','category':'c','suite':'s','file':'tests/t.py','test':'close','asserts':true}\n"
        "{'kind':'finding','category':'c','suite':'s','rule':'dynamic-import','file':'%s','line':7,"
        "'test':'close'}\n" BEGIN(1) IDLE("close"),
        file);
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES, facts, SUITE_END END, NULL);
    assert_int_equal(record_reason(&one, "dynamic-import")->level, weighs ? VERDICT_REFUSE : VERDICT_WARN);
}

static void test_an_import_in_a_file_without_tests_weighs_on_none(void **state)
{
    (void)state;
    assert_weighs("tests/t.py", true);
    assert_weighs("src/help.py", false);
}

static void assert_found(const char *format, const char *id, const char *file, const char *symbol, bool found)
{
    auto_free char *facts = utr_format(
        "{'kind':'suite','category':'c','suite':'s','format':'%s','tells_tests':true,'default_evidence':true}"
        "\n"
        "{'kind':'source','category':'c','suite':'s','file':'%s','test':'%s','asserts':true}\n" BEGIN(
            1) "{'kind':'test-start','category':'c','suite':'s','test':'%s'}\n"
               "{'kind':'test-finish','category':'c','suite':'s','test':'%s','state':'passed'}\n",
        format, file, symbol, id, id);
    auto_judged judged one = record_judge(RUN CATEGORY SERVICES, facts, SUITE_END END, NULL);
    assert_int_equal(record_test(&one, id)->source != NULL, found);
}

static void test_each_adapters_names_lead_to_the_source(void **state)
{
    (void)state;
    assert_found("pytest", "tests/t.py::A::test_a[x::y.z-1]", "tests/t.py", "A.test_a", true);
    assert_found("pytest", "tests/t.py::test_a", "app/tests/t.py", "test_a", true);
    assert_found("pytest", "app/tests/t.py::test_a", "tests/t.py", "test_a", true);
    assert_found("pytest", "tests/t.py::test_a", "tests/at.py", "test_a", false);
    assert_found("pytest", "tests/at.py::test_a", "t.py", "test_a", false);
    assert_found("pytest", "tests/t.py::TestB::test_a", "tests/t.py", "Base.test_a", true);
    assert_found("pytest", "tests/t.py::TestB::test_a", "tests/t.py", "Base.test_aa", false);
    assert_found("pytest", "tests/t.py::TestB::test_a", "tests/u.py", "Base.test_a", false);
    assert_found("pytest", "tests/t.py::test_ab", "tests/t.py", "test_a", false);
    assert_found("node", "tests/a.test.js > cart > adds 3 of ${2}", "tests/a.test.js", "cart > adds %i of %s",
                 true);
    assert_found("node", "[web] tests/a.test.js > cart > adds", "tests/a.test.js", "cart > adds", true);
    assert_found("node", "tests/a.test.js > cart > adds it", "tests/a.test.js", "cart > adds", false);
    assert_found("node", "a.test.js > is 4", "a.test.js", "is ${x + 1}", true);
    assert_found("go", "example.com/Test.d/carts.TestA/sub.x", "carts_test.go", "TestA", true);
    assert_found("cmocka", "carts.test_a", "test_carts.c", "test_a", true);
    assert_found("cmocka", "test_a", "test_carts.c", "test_b", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_switched_off_refuses_even_beside_proof),
        cmocka_unit_test(test_doubts_warn_beside_proof_and_refuse_without),
        cmocka_unit_test(test_a_mock_is_named_where_evidence_is_missing),
        cmocka_unit_test(test_the_manifest_sets_the_level_and_waives),
        cmocka_unit_test(test_an_excuse_in_the_source_holds_until_its_day),
        cmocka_unit_test(test_an_excused_skip_holds_for_the_test_that_it_skipped),
        cmocka_unit_test(test_an_import_in_a_file_without_tests_weighs_on_none),
        cmocka_unit_test(test_each_adapters_names_lead_to_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
