#include "root.h"

static void test_suite_reads_every_key(void **state)
{
    auto_manifest manifest_category *c =
        root_load(*state, ROOT_HEAD "timeout: 5m\n"
                                    "suites:\n"
                                    "  - name: a\n"
                                    "    run: [python3, -m, pytest, 5]\n"
                                    "    format: pytest\n"
                                    "    timeout: 2s\n"
                                    "    sources: [tests]\n"
                                    "    directory: tests\n"
                                    "    environment: {A: 1}\n"
                                    "    evidence:\n"
                                    "      db: {scope: suite, writes: 3}\n"
                                    "      cache:\n"
                                    "    workers: 4\n"
                                    "    inherit: true\n"
                                    "  - {name: b, run: [x], format: tap}\n");
    const manifest_suite *suite = &c->suites.items[0];
    auto_free char *tests = utr_format("%s/tests", (const char *)*state);
    assert_string_equal(suite->name, "a");
    assert_int_equal(suite->place.line, 6);
    assert_int_equal(suite->run.count, 4);
    assert_string_equal(suite->run.items[3], "5");
    assert_null(suite->run.items[4]);
    assert_string_equal(suite->format, "pytest");
    assert_int_equal(suite->timeout_ms, 2000);
    assert_string_equal(suite->sources.items[0], tests);
    assert_string_equal(suite->directory, tests);
    assert_string_equal(suite->environment.items[0].value, "1");
    assert_false(suite->evidence_default);
    assert_int_equal(suite->evidence.count, 2);
    assert_int_equal(suite->evidence.items[0].scope, MANIFEST_WHOLE_SUITE);
    assert_int_equal(suite->evidence.items[0].writes, 3);
    assert_int_equal(suite->evidence.items[0].exchanges, 0);
    assert_int_equal(suite->evidence.items[1].scope, MANIFEST_EACH_TEST);
    assert_int_equal(suite->evidence.items[1].exchanges, 1);
    assert_int_equal(suite->workers, 4);
    assert_true(suite->inherit);
    assert_int_equal(c->suites.items[1].timeout_ms, 300000);
    assert_int_equal(c->suites.items[1].workers, 1);
    assert_false(c->suites.items[1].inherit);
    assert_null(c->suites.items[1].report);
}

static void test_suite_is_run_as_one_or_test_by_test(void **state)
{
    auto_manifest manifest_category *c =
        root_load(*state, ROOT_HEAD "suites:\n"
                                    "  - name: a\n"
                                    "    list: [./checks, --list]\n"
                                    "    select: [./checks, '--only={test}']\n"
                                    "    format: exit\n"
                                    "    workers: 64\n");
    const manifest_suite *suite = &c->suites.items[0];
    assert_int_equal(suite->run.count, 0);
    assert_int_equal(suite->list.count, 2);
    assert_string_equal(suite->select.items[1], "--only={test}");
    assert_int_equal(suite->workers, 64);
}

static void test_suite_refuses_a_way_that_cannot_be_gone(void **state)
{
    static const struct {
        const char *suite, *wanted;
    } CASES[] = {
        {"list: [x]\n    format: exit", ":6:11: 'list' without 'select'; they come together"},
        {"select: [x, '{test}']\n    format: exit", ":6:13: 'select' without 'list'; they come together"},
        {"list: [x]\n    select: [x, test]\n    format: exit",
         ":7:13: no argument in 'select' holds {test}, the test's name"},
        {"list: [x]\n    select: ['{test}']\n    format: exit", "no argument in 'select' holds {test}"},
        {"list: [x]\n    select: [x, '{test}']\n    format: tap",
         ":6:11: 'list' and 'select' with format 'tap'; they are for junit and exit"},
        {"run: [x]\n    list: [x]\n    select: [x, '{test}']\n    format: exit",
         ":6:10: 'run' beside 'list' and 'select'"},
        {"list: []\n    select: [x, '{test}']\n    format: exit", ":6:11: 'list' names no program"},
        {"run: [x]\n    format: exit\n    report: r.xml",
         ":8:13: 'report' with format 'exit'; it is for junit"},
        {"run: [x]\n    format: exit\n    workers: 2",
         ":8:14: 'workers' has no effect with format 'exit' without 'list' and 'select'"},
        {"run: [x]\n    format: cmocka\n    workers: 2", "'workers' has no effect with format 'cmocka'"},
        {"run: [x]\n    format: junit", ":5:5: the suite has no 'report'"},
        {"run: [x]\n    format: junit\n    report: 'r-{test}.xml'",
         ":8:13: 'report' holds {test} without 'select'"},
        {"list: [x]\n    select: [x, '{test}']\n    format: junit\n    workers: 2\n    report: r.xml",
         ":10:13: 'report' is the same for tests that run at once; put {test} into it"},
        {"run: [x]\n    format: junit\n    report: r.xml\n    workers: 2",
         "'workers' has no effect with format 'junit' without 'list' and 'select'"},
        {"run: [x]\n    format: pytest\n    workers: 65", ":8:14: 'workers' is 65; it takes at most 64"},
        {"run: [x]\n    format: pytest\n    workers: 0", "'workers' is '0'; it takes a whole number from 1"},
        {"run: [x]\n    format: pytest\n    inherit: maybe", "'inherit' is 'maybe'; it takes true or false"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *text = utr_format(ROOT_HEAD "suites:\n  - name: s\n    %s\n", CASES[i].suite);
        root_refuse(*state, text, CASES[i].wanted);
    }
}

static void test_suite_refuses_what_is_wrong(void **state)
{
    static const struct {
        const char *suites, *wanted;
    } CASES[] = {
        {"[{run: [x], format: tap}]", "the suite has no 'name'"},
        {"[{name: s, format: tap}]", "the suite has no 'run'"},
        {"[{name: s, run: [x]}]", "the suite has no 'format'"},
        {"[{name: a/b, run: [x], format: tap}]", "'name' is 'a/b'; it takes a name"},
        {"[{name: s, run: x y, format: tap}]", "'run' is 'x y'; it takes a list: the program"},
        {"[{name: s, run: [x], format: rspec}]", "unknown format 'rspec'; known: pytest, node, cmocka, "},
        {"[{name: s, run: [x], format: pytets}]", "unknown format 'pytets'; did you mean 'pytest'?"},
        {"[{name: s, run: [x], format: tap, worker: 2}]", "unknown key 'worker'; did you mean 'workers'?"},
        {"[{name: s, run: [x], format: tap, sources: [nowhere]}]", "nothing is at 'nowhere'"},
        {"[{name: s, run: [x], format: tap, sources: ['']}]", "no path in 'sources'"},
        {"[{name: s, run: [x], format: tap, directory: nowhere}]", "nothing is at 'nowhere'"},
        {"[{name: s, run: [x], format: tap, evidence: {dbb: }}]",
         "unknown service 'dbb'; did you mean 'db'?"},
        {"[{name: s, run: [x], format: tap, evidence: {}}]", "'evidence' names no service"},
        {"[{name: s, run: [x], format: tap, evidence: {db: {exchanges: 0}}}]", "a whole number from 1"},
        {"[{name: s, run: [x], format: tap, evidence: {db: {scope: all}}}]", "unknown scope 'all'"},
        {"[{name: s, run: [x], format: tap, evidence: {db: {read: 1}}}]", "did you mean 'reads'?"},
        {"[{name: s, run: [x], format: tap}, {name: s, run: [y], format: tap}]",
         ":4:44: suite 's' stands at line 4 already"},
        {"[x]", "a scalar where a suite is due"},
        {"{a: b}", "'suites' is a mapping; it takes a list of suites"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *text = utr_format(ROOT_HEAD "suites: %s\n", CASES[i].suites);
        root_refuse(*state, text, CASES[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suite_reads_every_key),
        cmocka_unit_test(test_suite_is_run_as_one_or_test_by_test),
        cmocka_unit_test(test_suite_refuses_a_way_that_cannot_be_gone),
        cmocka_unit_test(test_suite_refuses_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
