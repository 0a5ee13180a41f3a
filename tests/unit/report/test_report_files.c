/* The files that programs read: JSON against its schema, JUnit read back. */
#include "golden.h"

#include "base/json.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>

static char *temporary(void)
{
    char *path = utr_strdup("/tmp/utr-report-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    return path;
}

static void expect_schema(const char *path)
{
    auto_free char *command =
        utr_format("/usr/bin/python3 -c 'import json,jsonschema,sys; s=json.load(open(sys.argv[1])); "
                   "jsonschema.Draft202012Validator.check_schema(s); "
                   "jsonschema.Draft202012Validator(s).validate(json.load(open(sys.argv[2])))' "
                   "../../../docs/report.schema.json %s",
                   path);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): the test's own words */
}

static json_t *write_json(const judged *one)
{
    auto_free char *path = temporary();
    utr_error err = {0};
    assert_int_equal(report_json(one->v, path, &err), UTR_OK);
    expect_schema(path);
    json_t *report = json_load_file(path, 0, NULL);
    assert_non_null(report);
    (void)unlink(path);
    return report;
}

static void test_a_refused_run_as_json_fits_the_schema(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_json json_t *report = write_json(&one);
    assert_string_equal(utr_json_str(report, "verdict", ""), "failed");
    assert_int_equal(utr_json_int(report, "exit_code", 0), 1);
    assert_int_equal(json_array_size(json_object_get(report, "reasons")), one.v->reasons.count);
    const json_t *run = json_object_get(report, "run");
    assert_string_equal(utr_json_str(run, "commit", ""), "0123456789abcdef0123456789abcdef01234567");
    assert_true(json_is_true(json_object_get(run, "dirty")));
    const json_t *totals = json_object_get(report, "totals");
    assert_int_equal(utr_json_int(totals, "tests", 0), 32);
    assert_int_equal(utr_json_int(totals, "unproven", 0), 27);
    const json_t *suite = json_array_get(json_object_get(report, "suites"), 0);
    const json_t *test = json_array_get(json_object_get(suite, "tests"), 0);
    const json_t *evidence = json_object_get(json_object_get(test, "evidence"), "postgres-test");
    assert_int_equal(utr_json_int(evidence, "substantive", 0), 3);
    const json_t *statement = json_array_get(json_object_get(evidence, "statements"), 0);
    assert_string_equal(utr_json_str(statement, "text", ""), "SELECT ?");
    assert_int_equal(utr_json_int(statement, "count", 0), 3);
    assert_true(json_is_array(json_object_get(report, "findings")));
}

static void test_every_outcome_as_json_fits_the_schema(void **state)
{
    (void)state;
    static const char *const ENDS[] = {
        "",
        "{'kind':'broken','text':'gone'}\n",
        "{'kind':'interrupted','signal':2}\n",
        "{'kind':'defect'}\n",
        "{'kind':'category-not-run','category':'c','text':'why'}\n",
        "{'kind':'suite-finish','category':'c','suite':'s','timed_out':true,'signal':9}\n",
    };
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        auto_judged judged one = record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END, ENDS[i], END, NULL);
        auto_json json_t *report = write_json(&one);
        assert_int_equal(utr_json_int(report, "exit_code", -1), one.v->exit_code);
    }
    auto_judged judged empty = record_judge_text("");
    auto_json json_t *nothing = write_json(&empty);
    assert_string_equal(utr_json_str(nothing, "verdict", ""), "refused");
}

/* JUnit. */

static xmlDocPtr write_junit(const judged *one)
{
    auto_free char *path = temporary();
    utr_error err = {0};
    assert_int_equal(report_junit(one->v, path, &err), UTR_OK);
    xmlDocPtr doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
    assert_non_null(doc);
    (void)unlink(path);
    return doc;
}

static double evaluate(xmlDocPtr doc, const char *expression)
{
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST expression, context);
    assert_non_null(found);
    double number = xmlXPathCastToNumber(found);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return number;
}

/* Attributes say what the elements say, in each suite and in all. */
static void expect_right_counts(xmlDocPtr doc)
{
    static const char *const SUMS[][2] = {
        {"tests", "testcase"}, {"failures", "failure"}, {"errors", "error"}, {"skipped", "skipped"}};
    for (size_t i = 0; i < sizeof SUMS / sizeof *SUMS; i++) {
        auto_free char *wrong = utr_format("count(//testsuite[@%s != count(.//%s)])", SUMS[i][0], SUMS[i][1]);
        auto_free char *total = utr_format("/testsuites/@%s - count(//%s)", SUMS[i][0], SUMS[i][1]);
        assert_true(evaluate(doc, wrong) == 0);
        assert_true(evaluate(doc, total) == 0);
    }
    assert_true(evaluate(doc, "count(//testcase[count(failure|error|skipped) > 1])") == 0);
    assert_true(evaluate(doc, "count(//testsuite[not(properties/property[@name='verdict'])])") == 0);
}

static void test_a_refused_run_as_junit_counts_right(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    xmlDocPtr doc = write_junit(&one);
    expect_right_counts(doc);
    assert_true(evaluate(doc, "count(//error[@type='no-evidence'])") == 26);
    assert_true(evaluate(doc, "count(//failure[@type='test-failed'])") == 1);
    assert_true(evaluate(doc, "count(//error[@type='skipped'])") == 1);
    assert_true(evaluate(doc, "count(//testcase[@name='[adapter-fault]']/error)") == 1);
    assert_true(evaluate(doc, "count(//testcase[@name='[no-evidence] redis-test']/error)") == 1);
    assert_true(evaluate(doc, "count(//testcase[@name='test_pure_sum'][error or failure])") == 0);
    assert_true(evaluate(doc, "count(//testsuite[@timestamp='2026-03-01T10:00:01'])") == 1);
    assert_true(evaluate(doc, "count(//system-out[contains(., 'waived [no-evidence] test_pure_sum')])") == 1);
    assert_true(evaluate(doc, "count(//property[@name='verdict'][@value='failed'])") == 3);
    xmlFreeDoc(doc);
}

static void test_no_reader_of_junit_sees_green_where_the_run_is_not_proven(void **state)
{
    (void)state;
    static const char *const FACTS[] = {
        "{'kind':'broken','text':'gone'}\n",
        "{'kind':'interrupted','signal':2}\n",
        "{'kind':'defect'}\n",
        "{'kind':'category-not-run','category':'c','text':'why'}\n",
        "{'kind':'adapter-fault','category':'c','suite':'s','text':'x'}\n",
        "{'kind':'service-state','category':'c','service':'pg','state':'exited','text':'code 1'}\n",
        "{'kind':'service','category':'c','service':'unused','critical':true}\n",
        "{'kind':'test-finish','category':'c','suite':'s','test':'z','state':'skipped'}\n",
        "{'kind':'test-finish','category':'c','suite':'s','test':'a','state':'error'}\n",
        "{'kind':'suite-finish','category':'c','suite':'s','exit_code':3}\n",
        "{'kind':'category','category':'d','state':'none'}\n",
    };
    for (size_t i = 0; i < sizeof FACTS / sizeof *FACTS; i++) {
        auto_judged judged one = record_judge(PLAN BEGIN(1) HONEST("a") SUITE_END, FACTS[i], END, NULL);
        assert_int_not_equal(one.v->exit_code, 0);
        xmlDocPtr doc = write_junit(&one);
        expect_right_counts(doc);
        assert_true(evaluate(doc, "/testsuites/@errors + /testsuites/@failures") > 0);
        xmlFreeDoc(doc);
    }
    auto_judged judged empty = record_judge_text("");
    xmlDocPtr doc = write_junit(&empty);
    expect_right_counts(doc);
    assert_true(evaluate(doc, "/testsuites/@errors + 0") > 0);
    xmlFreeDoc(doc);
}

static void test_a_proven_run_as_junit_is_green(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("../verdict/proven.jsonl");
    xmlDocPtr doc = write_junit(&one);
    expect_right_counts(doc);
    assert_true(evaluate(doc, "/testsuites/@tests + 0") == 4);
    assert_true(evaluate(doc, "count(//error|//failure|//skipped)") == 0);
    xmlFreeDoc(doc);
}

static void test_a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN, NULL);
    utr_error err = {0};
    assert_int_equal(report_json(one.v, "/nonexistent/r.json", &err), UTR_SYS);
    utr_error_reset(&err);
    assert_int_equal(report_junit(one.v, "/nonexistent/j.xml", &err), UTR_SYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refused_run_as_json_fits_the_schema),
        cmocka_unit_test(test_every_outcome_as_json_fits_the_schema),
        cmocka_unit_test(test_a_refused_run_as_junit_counts_right),
        cmocka_unit_test(test_no_reader_of_junit_sees_green_where_the_run_is_not_proven),
        cmocka_unit_test(test_a_proven_run_as_junit_is_green),
        cmocka_unit_test(test_a_folder_that_is_not_there_is_an_error),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    xmlCleanupParser();
    return failed;
}
