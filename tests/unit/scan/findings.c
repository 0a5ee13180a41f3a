#include "findings.h"

#include "base/buf.h"

#include <string.h>

static void read_text(const char *path, const char *text, scan_file *out)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    assert_int_equal(scan_open(&(scan_options){.tests = true}, &scanner, &err), UTR_OK);
    scan_text(scanner, path, text, strlen(text), out);
}

void assert_findings_of(const char *kind, const char *path, const char *text, const char *rows)
{
    auto_scan_file scan_file file = {0};
    auto_buf utr_buf found = {0};
    read_text(path, text, &file);
    for (size_t i = 0; i < file.findings.count; i++) {
        const scan_finding *one = &file.findings.items[i];
        if (kind && strcmp(scan_kind_text(one->kind), kind) != 0)
            continue;
        utr_buf_print(&found, "%s %s %lld %s\n", scan_kind_text(one->kind), one->subkind,
                      (long long)one->line, one->symbol ? one->symbol : "-");
    }
    assert_string_equal(utr_buf_text(&found), rows);
}

void assert_findings(const char *path, const char *text, const char *rows)
{
    assert_findings_of(NULL, path, text, rows);
}

void assert_tests(const char *path, const char *text, const char *rows)
{
    auto_scan_file scan_file file = {0};
    auto_buf utr_buf found = {0};
    read_text(path, text, &file);
    for (size_t i = 0; i < file.tests.count; i++) {
        const scan_test *one = &file.tests.items[i];
        utr_buf_print(&found, "%s %lld-%lld %lld%s%s%s\n", one->symbol, (long long)one->line,
                      (long long)one->last, (long long)one->assertions, one->asserts ? " asserts" : "",
                      one->mocks ? " mocks" : "", one->swallows ? " swallows" : "");
    }
    assert_string_equal(utr_buf_text(&found), rows);
}
