/* Any bytes as a source: the first says of which language, or that it is a Python file without tests; the
 * others are its text. What is found lies in the text, in order, and reads as UTF-8. */
#include "fuzz_target.h"

#include "base/json.h"
#include "base/memory.h"
#include "scan/scan_internal.h"
#include "scan/settings.h"

#include <assert.h>
#include <string.h>

static const char *const PATHS[] = {
    "tests/test_a.py", "a.test.js", "a.test.ts", "a.test.tsx", "a_test.go", "test_a.c", "conftest.py", NULL,
};

/* As scan_run() reads what holds no tests. */
static void read_other(scan *scanner, const char *text, size_t len, scan_file *out)
{
    static const char PATH[] = "module.py";
    const scan_means means = {&SCAN_PYTHON, scan_settings_for(scanner->settings, PATH), true};
    const content_state state = content_copy(&scanner->desk.content, text, len);
    out->path = utr_strdup(PATH);
    out->state = state.state;
    out->why = state.why;
    if (state.state == SCAN_READ && SCAN_PYTHON.matters((tree_text){text, len}))
        scan_read(scanner, &scanner->desk, &means, out);
    content_reset(&scanner->desk.content);
}

static void check_text(const char *text)
{
    json_t *value = text ? json_string(text) : json_null();
    assert(value); /* it is UTF-8 */
    json_decref(value);
}

static void check_finding(const scan_finding *one, int64_t lines)
{
    assert(one->kind < SCAN_KIND_COUNT && one->subkind && one->text);
    assert(one->line >= 1 && one->line <= lines && one->column >= 1 && one->length >= 1);
    check_text(one->subkind);
    check_text(one->symbol);
    check_text(one->text);
    if (one->allow)
        assert(*one->allow->reason && *one->allow->owner && strlen(one->allow->until) == 10);
}

static void check(const scan_file *file, int64_t lines)
{
    assert((file->state == SCAN_READ) == !file->why);
    for (size_t i = 0; i < file->findings.count; i++) {
        check_finding(&file->findings.items[i], lines);
        assert(!i || file->findings.items[i].line >= file->findings.items[i - 1].line);
    }
    for (size_t i = 0; i < file->tests.count; i++) {
        const scan_test *one = &file->tests.items[i];
        assert(one->symbol && one->line >= 1 && one->last >= one->line && one->last <= lines);
        check_text(one->symbol);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static scan *scanner; /* as many texts as there are go through one */
    utr_error err = {0};
    auto_scan_file scan_file file = {0};
    int64_t lines = 1;
    if (!size || (!scanner && scan_open(&(scan_options){.root = "/", .tests = true}, &scanner, &err)))
        return 0;
    for (size_t i = 1; i < size; i++)
        lines += data[i] == '\n';
    const char *path = PATHS[*data % (sizeof PATHS / sizeof *PATHS)];
    if (path)
        scan_text(scanner, path, (const char *)data + 1, size - 1, &file);
    else
        read_other(scanner, (const char *)data + 1, size - 1, &file);
    check(&file, lines);
    return 0;
}
