#include "recorder.h"

#include "base/files.h"
#include "base/json.h"
#include "suites/junit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A folder with reports, and what they told. */
typedef struct {
    char folder[64];
    utr_buf told;
} desk;

static int desk_open(void **state)
{
    desk *d = UTR_NEW(desk);
    (void)snprintf(d->folder, sizeof d->folder, "/tmp/utr-junit-XXXXXX");
    assert_non_null(mkdtemp(d->folder));
    *state = d;
    return 0;
}

static int desk_close(void **state)
{
    desk *d = *state;
    auto_free char *command = utr_format("rm -rf %s", d->folder);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a folder of our own
    utr_buf_dispose(&d->told);
    free(d);
    return 0;
}

static void put(const desk *d, const char *name, const char *text)
{
    auto_free char *path = utr_path_join(d->folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void on_case(void *ctx, const suites_result *result)
{
    desk *d = ctx;
    utr_buf_print(&d->told, "%s %s", suites_status_text(result->status), result->test);
    if (result->seconds >= 0)
        utr_buf_print(&d->told, " %.3f", result->seconds);
    if (*result->message)
        utr_buf_print(&d->told, " | %s", result->message);
    if (*result->file)
        utr_buf_print(&d->told, " | %s:%d", result->file, result->line);
    utr_buf_puts(&d->told, "\n");
}

static utr_code read_text(desk *d, const char *text, utr_error *err)
{
    put(d, "r.xml", text);
    auto_free char *path = utr_path_join(d->folder, "r.xml");
    auto_json json_t *times = json_object();
    utr_buf_reset(&d->told);
    return suites_junit_read(path, times, on_case, d, err);
}

static void test_every_outcome_is_told(void **state)
{
    utr_error err = {0};
    desk *d = *state;
    assert_int_equal(
        read_text(d,
                  "<?xml version='1.0'?>\n<testsuites><testsuite name='s' tests='9'>\n"
                  "<testcase classname='a.B' name='ok' time='0.25' file='b.py' line='7'/>\n"
                  "<testcase classname='a.B' name='bad'><failure message='1 != 2' type='X'>at b.py\n"
                  "line 9</failure><system-out>noise</system-out></testcase>\n"
                  "<testcase name='boom'><error><![CDATA[<trace>]]></error></testcase>\n"
                  "<testcase classname='a.B' name='later'><skipped message='no redis'/></testcase>\n"
                  "<testcase classname='a.B' name='known'><skipped type='pytest.xfail' "
                  "message='bug 3'/></testcase>\n"
                  "<testcase classname='a.B' name='flaky'><flakyFailure message='once'/></testcase>\n"
                  "<testcase classname='a.B' name='never'><failure message='1st'/><rerunFailure "
                  "message='2nd'/></testcase>\n"
                  "<testcase classname='G' name='DISABLED_x' status='notrun'/>\n"
                  "<testcase classname='a.B' name='ok' time='1e400'/>\n"
                  "</testsuite></testsuites>\n",
                  &err),
        UTR_OK);
    assert_string_equal(utr_buf_text(&d->told),
                        "passed a.B.ok 0.250 | b.py:7\nfailed a.B.bad | 1 != 2\nat b.py\nline 9\n"
                        "error boom | <trace>\nskipped a.B.later | no redis\nxfailed a.B.known | bug 3\n"
                        "passed a.B.flaky | once\nfailed a.B.never | 1st\n2nd\nskipped G.DISABLED_x\n"
                        "passed a.B.ok#2\n");
}

static void test_what_is_no_report_is_refused(void **state)
{
    static const char *const WRONG[][2] = {
        {"", "r.xml: line 1: "},
        {"<testsuite><testcase name='a'>", "r.xml: line 1: "},
        {"<html/>", "its root is neither testsuites nor testsuite"},
        {"<!DOCTYPE a [<!ENTITY x 'y'>]><testsuite><testcase name='&x;'/></testsuite>", "a document type"},
        {"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><testsuite/>", "a document type"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        utr_error err = {0};
        assert_int_equal(read_text(*state, WRONG[i][0], &err), UTR_CONFLICT);
        assert_non_null(strstr(err.text, WRONG[i][1]));
    }
}

static void test_reports_of_an_earlier_run_tell_nothing(void **state)
{
    utr_error err = {0};
    desk *d = *state;
    put(d, "old.xml", "<testsuite><testcase name='old'/></testsuite>");
    suites_junit *junit = suites_junit_mark(d->folder, "*.xml");
    assert_int_equal(suites_junit_collect(junit, on_case, d, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "only reports of an earlier run"));
    put(d, "new.xml", "<testsuite><testcase name='new'/></testsuite>");
    err = (utr_error){0};
    assert_int_equal(suites_junit_collect(junit, on_case, d, &err), UTR_OK);
    assert_string_equal(utr_buf_text(&d->told), "passed new\n");
    put(d, "old.xml", "<testsuite><testcase name='anew'/></testsuite>");
    utr_buf_reset(&d->told);
    assert_int_equal(suites_junit_collect(junit, on_case, d, &err), UTR_OK);
    assert_string_equal(utr_buf_text(&d->told), "passed new\npassed anew\n");
    suites_junit_free(junit);
}

static void test_no_report_and_no_test_case_are_faults(void **state)
{
    utr_error err = {0};
    desk *d = *state;
    suites_junit *junit = suites_junit_mark(d->folder, "*.xml");
    assert_int_equal(suites_junit_collect(junit, on_case, d, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no report was written"));
    put(d, "empty.xml", "<testsuites tests='4'/>");
    err = (utr_error){0};
    assert_int_equal(suites_junit_collect(junit, on_case, d, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no test case in it"));
    suites_junit_free(junit);
}

#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, desk_open, desk_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_every_outcome_is_told),
        DESK_TEST(test_what_is_no_report_is_refused),
        DESK_TEST(test_reports_of_an_earlier_run_tell_nothing),
        DESK_TEST(test_no_report_and_no_test_case_are_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
