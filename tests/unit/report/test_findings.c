/* Findings in each format: what people see, and what programs can read. */
#include "golden.h"

#include "base/json.h"
#include "report/findings/findings.h"

static const findings_rule RULES[] = {
    {"disabled-decorator", "a decorator that became a comment", "switch it back on", VERDICT_REFUSE},
    {"skip", "a test that is skipped", "make what it needs available", VERDICT_REFUSE},
    {"mock", "a mock or fake", "let the test use the real service", VERDICT_WARN},
};

static const findings_item ITEMS[] = {
    {.file = "tests/test_a.py",
     .line = 4,
     .column = 3,
     .length = 6,
     .text = "# @needs()  # later",
     .rule = "disabled-decorator",
     .subkind = "needs",
     .symbol = "TestA.test_one",
     .category = "one",
     .suite = "orders",
     .level = VERDICT_REFUSE,
     .blame = {"3f2a91c07d1de2a3", "Ada", "2026-03-01", "ci: make it green"}},
    {.file = "tests/test_a.py",
     .line = 12,
     .column = 8, /* in bytes: behind the ä */
     .length = 14,
     .text = "\t# ä  @needs(100%,b)",
     .rule = "disabled-decorator",
     .subkind = "needs",
     .level = VERDICT_REFUSE},
    {.file = "tests/test_a.py",
     .line = 30,
     .column = 1,
     .length = 4,
     .text = "skip",
     .rule = "skip",
     .subkind = "call/pytest.skip/uncond",
     .symbol = "test_two",
     .level = VERDICT_REFUSE,
     .excuse = {FINDINGS_WAIVED, "no licence yet", "maria", "2026-12-31", false, "categories/one.yaml", 12}},
    {.file = "tests/test b.py",
     .line = 1,
     .column = 1,
     .length = 4,
     .text = "skip",
     .rule = "skip",
     .subkind = "",
     .level = VERDICT_REFUSE,
     .excuse = {FINDINGS_ALLOWED, "a, b", "max", "2026-01-31", true, NULL, 0}},
    {.file = "tests/test b.py",
     .line = 2,
     .column = 500, /* the text is cut before it */
     .length = 9,
     .text = "import \033[31mmoto",
     .rule = "mock",
     .subkind = "import/moto",
     .level = VERDICT_WARN},
    {.file = "tests/test b.py",
     .line = 2,
     .column = 500,
     .length = 9,
     .text = "import \033[31mmoto",
     .rule = "mock",
     .subkind = "import/moto",
     .level = VERDICT_WARN},
};

static void fill(findings_report *report)
{
    *report = (findings_report){.root = "./sub", .read = 12, .cached = 3, .bytes = 4096, .exit_code = 3};
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++)
        *utr_vec_push(&report->rules) = RULES[i];
    for (size_t i = 0; i < sizeof ITEMS / sizeof *ITEMS; i++)
        *utr_vec_push(&report->items) = ITEMS[i];
    *utr_vec_push(&report->files) =
        (findings_file){"tests/test_c.py", "syntax errors", "line 3: no 'def' is closed"};
    *utr_vec_push(&report->files) = (findings_file){"tests/test_d.py", "unreadable", "Permission denied"};
    utr_strs_add(&report->faults, "tests/test_a.py:7: no owner; write: reason, owner, until YYYY-MM-DD");
}

static printed *print(findings_format format)
{
    auto_findings findings_report report;
    fill(&report);
    printed *p = printed_new();
    findings_print(p->out, format, &report);
    return p;
}

static void test_text_shows_each_line_with_a_mark_and_what_to_do(void **state)
{
    (void)state;
    auto_printed printed *p = print(FINDINGS_TEXT);
    assert_golden(p, "findings.txt");
}

static void test_text_of_nothing_is_one_line(void **state)
{
    (void)state;
    auto_findings findings_report report = {.root = ".", .read = 1};
    auto_printed printed *p = printed_new();
    findings_print(p->out, FINDINGS_TEXT, &report);
    assert_string_equal(printed_text(p),
                        "none refused, 0 warnings, 0 excused; 1 file read, 0 of them from the cache\n");
}

static void test_text_counts_sources_without_tests_apart(void **state)
{
    (void)state;
    auto_findings findings_report report = {.root = ".", .read = 2, .others = 30};
    auto_printed printed *p = printed_new();
    findings_print(p->out, FINDINGS_TEXT, &report);
    assert_string_equal(printed_text(p),
                        "none refused, 0 warnings, 0 excused; 2 files read, 0 of them from the "
                        "cache, 30 other sources searched for imports\n");
}

static void test_tsv_has_five_columns_and_a_dash_for_nothing(void **state)
{
    (void)state;
    auto_printed printed *p = print(FINDINGS_TSV);
    assert_string_equal(printed_text(p), "disabled-decorator\tneeds\ttests/test_a.py\t4\tTestA.test_one\n"
                                         "disabled-decorator\tneeds\ttests/test_a.py\t12\t-\n"
                                         "skip\tcall/pytest.skip/uncond\ttests/test_a.py\t30\ttest_two\n"
                                         "skip\t-\ttests/test b.py\t1\t-\n"
                                         "mock\timport/moto\ttests/test b.py\t2\t-\n"
                                         "mock\timport/moto\ttests/test b.py\t2\t-\n");
}

static void test_tsv_has_no_row_that_a_name_broke_up(void **state)
{
    (void)state;
    auto_findings findings_report report = {.root = "."};
    *utr_vec_push(&report.rules) = RULES[2];
    findings_item item = ITEMS[4];
    item.file = "tests/a\tb\nc.py";
    *utr_vec_push(&report.items) = item;
    auto_printed printed *p = printed_new();
    findings_print(p->out, FINDINGS_TSV, &report);
    assert_string_equal(printed_text(p), "mock\timport/moto\ttests/a b c.py\t2\t-\n");
}

static void test_github_annotates_what_nothing_excuses(void **state)
{
    (void)state;
    auto_printed printed *p = print(FINDINGS_GITHUB);
    const char *text = printed_text(p);
    assert_has(text, "::error file=sub/tests/test_a.py,line=4,col=3,endColumn=9,"
                     "title=disabled-decorator/needs::a decorator that became a comment: needs "
                     "(TestA.test_one); switch it back on\n");
    assert_has(text, "line=12,col=7,endColumn=21,");
    assert_has(text, "::warning file=sub/tests/test b.py,line=2,");
    assert_has(text, "its excuse has expired: allowed until 2026-01-31 (max): a, b\n");
    assert_has_not(text, "line=30");
    assert_has_not(text, "\033");
}

static void test_github_escapes_what_would_end_a_value(void **state)
{
    (void)state;
    auto_findings findings_report report = {.root = "."};
    *utr_vec_push(&report.rules) = RULES[2];
    findings_item item = ITEMS[4];
    item.file = "a,b:c%.py";
    item.subkind = "x,y:z%\n::error::";
    *utr_vec_push(&report.items) = item;
    auto_printed printed *p = printed_new();
    findings_print(p->out, FINDINGS_GITHUB, &report);
    assert_has(printed_text(p), "file=a%2Cb%3Ac%25.py,");
    assert_has(printed_text(p), "title=mock/x%2Cy%3Az%25 %3A%3Aerror%3A%3A::a mock or fake: x,y:z%25 ");
    assert_int_equal(strchr(printed_text(p), '\n') - printed_text(p), (long)p->len - 1);
}

static void expect_schema(const char *schema, const char *text)
{
    char path[] = "/tmp/utr-findings-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (long)strlen(text));
    (void)close(fd);
    auto_free char *command =
        utr_format("/usr/bin/python3 -c 'import json,jsonschema,sys; s=json.load(open(sys.argv[1])); "
                   "jsonschema.Draft202012Validator.check_schema(s); "
                   "jsonschema.Draft202012Validator(s).validate(json.load(open(sys.argv[2])))' %s %s",
                   schema, path);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): the test's own words */
    (void)unlink(path);
}

static json_t *at(json_t *object, const char *key, size_t index)
{
    return json_array_get(json_object_get(object, key), index);
}

static void test_json_fits_its_schema(void **state)
{
    (void)state;
    auto_printed printed *p = print(FINDINGS_JSON);
    expect_schema("../../../docs/scan.schema.json", printed_text(p));
    auto_json json_t *report = json_loads(printed_text(p), 0, NULL);
    assert_int_equal(utr_json_int(json_object_get(report, "totals"), "refused", -1), 3);
    assert_int_equal(utr_json_int(json_object_get(report, "totals"), "warned", -1), 2);
    assert_int_equal(utr_json_int(json_object_get(report, "totals"), "excused", -1), 1);
    assert_int_equal(utr_json_int(at(report, "findings", 1), "column", 0), 7);
    assert_false(utr_json_bool(at(report, "findings", 2), "refused", 1));
    assert_true(utr_json_bool(at(report, "findings", 3), "refused", 0));
    assert_string_equal(utr_json_str(at(report, "files", 1), "why", ""), "Permission denied");
    const json_t *blame = json_object_get(at(report, "findings", 0), "blame");
    assert_string_equal(utr_json_str(blame, "author", ""), "Ada");
}

static json_t *sarif_run(json_t *log)
{
    return json_array_get(json_object_get(log, "runs"), 0);
}

static const char *fingerprint(json_t *run, size_t result)
{
    const json_t *all = json_object_get(at(run, "results", result), "partialFingerprints");
    return utr_json_str(all, "finding/v1", "");
}

static void test_sarif_is_what_its_readers_rely_on(void **state)
{
    (void)state;
    auto_printed printed *p = print(FINDINGS_SARIF);
    expect_schema("sarif.schema.json", printed_text(p));
    auto_json json_t *log = json_loads(printed_text(p), 0, NULL);
    json_t *run = sarif_run(log);
    assert_int_equal(json_array_size(json_object_get(run, "results")), 6);
    assert_string_equal(utr_json_str(at(run, "results", 0), "ruleId", ""), "disabled-decorator");
    assert_int_equal(utr_json_int(at(run, "results", 2), "ruleIndex", -1), 1);
    assert_int_equal(json_array_size(json_object_get(at(run, "results", 3), "suppressions")), 0);
    const json_t *excuse = at(at(run, "results", 2), "suppressions", 0);
    assert_string_equal(utr_json_str(excuse, "kind", ""), "external");
    const json_t *notices = json_object_get(at(run, "invocations", 0), "toolExecutionNotifications");
    assert_int_equal(json_array_size(notices), 3);
    assert_has(printed_text(p), "\"tests/test%20b.py\"");
}

static void test_sarif_tells_what_is_alike_apart(void **state)
{
    (void)state;
    auto_printed printed *p = print(FINDINGS_SARIF);
    auto_json json_t *log = json_loads(printed_text(p), 0, NULL);
    json_t *run = sarif_run(log);
    assert_string_not_equal(fingerprint(run, 4), fingerprint(run, 5));
    assert_memory_equal(fingerprint(run, 4), fingerprint(run, 5), 16);
    assert_true(memcmp(fingerprint(run, 0), fingerprint(run, 1), 16) != 0);
}

static void test_formats_of_programs_say_the_rest_elsewhere(void **state)
{
    (void)state;
    auto_findings findings_report report;
    fill(&report);
    auto_printed printed *p = printed_new();
    findings_print_faults(p->out, FINDINGS_TEXT, &report);
    findings_print_faults(p->out, FINDINGS_JSON, &report);
    assert_string_equal(printed_text(p), "");
    findings_print_faults(p->out, FINDINGS_TSV, &report);
    assert_string_equal(printed_text(p), "tests/test_c.py: syntax errors: line 3: no 'def' is closed\n"
                                         "tests/test_d.py: unreadable: Permission denied\n"
                                         "tests/test_a.py:7: no owner; write: reason, owner, until "
                                         "YYYY-MM-DD\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_shows_each_line_with_a_mark_and_what_to_do),
        cmocka_unit_test(test_text_of_nothing_is_one_line),
        cmocka_unit_test(test_text_counts_sources_without_tests_apart),
        cmocka_unit_test(test_tsv_has_five_columns_and_a_dash_for_nothing),
        cmocka_unit_test(test_tsv_has_no_row_that_a_name_broke_up),
        cmocka_unit_test(test_github_annotates_what_nothing_excuses),
        cmocka_unit_test(test_github_escapes_what_would_end_a_value),
        cmocka_unit_test(test_json_fits_its_schema),
        cmocka_unit_test(test_sarif_is_what_its_readers_rely_on),
        cmocka_unit_test(test_sarif_tells_what_is_alike_apart),
        cmocka_unit_test(test_formats_of_programs_say_the_rest_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
