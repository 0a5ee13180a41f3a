#include "suites/junit.h"

#include "base/buf.h"
#include "base/files.h"
#include "base/text.h"
#include "suites/names.h"

#include <errno.h>
#include <glob.h>
#include <libxml/xmlreader.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_BYTES = 64 << 20, MOST_CASES = 200000, MOST_TEXT = 64 * 1024, MOST_DEPTH = 64 };

/** What an element inside of a test case says of it. */
typedef struct {
    const char *name;
    suites_status status;
} outcome;

static const outcome OUTCOMES[] = {
    {"failure", SUITES_FAILED},      {"error", SUITES_ERROR},       {"skipped", SUITES_SKIPPED},
    {"rerunFailure", SUITES_FAILED}, {"rerunError", SUITES_FAILED}, {"flakyFailure", SUITES_PASSED},
    {"flakyError", SUITES_PASSED},
};

/** A report that is being read. */
typedef struct {
    const char *path;
    xmlTextReader *xml;
    json_t *times;
    suites_junit_case *on_case;
    void *ctx;
    size_t cases;
    bool is_junit;
    bool refused; /* a document type, or too deep */
    char *fault;  /* libxml2's first, owned */
    /* the test case that is being read */
    bool in_case, telling;
    char *name, *file;
    suites_status status;
    double seconds;
    int line;
    utr_buf text;
} report;

static void on_xml_error(void *ctx, xmlErrorPtr error)
{
    report *r = ctx;
    if (!r->fault && error->message)
        r->fault =
            utr_format("line %d: %.*s", error->line, (int)strcspn(error->message, "\n"), error->message);
}

/* An attribute, NULL where it is not given or empty; free() it. */
static char *attribute(const report *r, const char *name)
{
    xmlChar *value = xmlTextReaderGetAttribute(r->xml, (const xmlChar *)name);
    char *copy = value && *value ? utr_strdup((const char *)value) : NULL;
    xmlFree(value);
    return copy;
}

static void add_text(report *r, const char *text)
{
    utr_error err = {0};
    size_t room = r->text.limit - r->text.len;
    size_t len = strlen(text);
    if (utr_buf_add(&r->text, text, len < room ? len : room, &err))
        return; /* the beginning is enough */
}

/* --- test cases --- */

static void case_begin(report *r)
{
    auto_free char *class = attribute(r, "classname");
    auto_free char *name = attribute(r, "name");
    auto_free char *seconds = attribute(r, "time");
    auto_free char *line = attribute(r, "line");
    auto_free char *ran = attribute(r, "status");
    int64_t number = 0;
    const char *own = name ? name : "a test without a name";
    auto_free char *full = class ? utr_format("%s.%s", class, own) : utr_strdup(own);
    r->in_case = true;
    r->name = suites_name_unique(r->times, full);
    r->file = attribute(r, "file");
    r->line = line && utr_text_int(line, 1, INT32_MAX, &number) ? (int)number : 0;
    r->seconds = seconds ? strtod(seconds, NULL) : -1;
    r->status =
        ran && strcmp(ran, "notrun") == 0 ? SUITES_SKIPPED : SUITES_PASSED; /* GoogleTest's disabled ones */
    r->text = UTR_BUF_INIT(MOST_TEXT);
}

static void case_end(report *r)
{
    suites_result result = {.test = r->name,
                            .status = r->status,
                            .seconds = r->seconds >= 0 && r->seconds < 1e9 ? r->seconds : -1,
                            .message = r->text.len ? utr_buf_text(&r->text) : "",
                            .file = r->file ? r->file : "",
                            .line = r->line};
    r->on_case(r->ctx, &result);
    r->cases++;
    r->in_case = r->telling = false;
    free(r->name);
    free(r->file);
    r->name = r->file = NULL;
    utr_buf_dispose(&r->text);
}

/* failed and error stay what they are; the first of each says why */
static void outcome_begin(report *r, const outcome *said)
{
    auto_free char *message = attribute(r, "message");
    auto_free char *type = attribute(r, "type");
    bool xfail = said->status == SUITES_SKIPPED && type && strcmp(type, "pytest.xfail") == 0;
    bool decided = r->status == SUITES_FAILED || r->status == SUITES_ERROR;
    if (!decided)
        r->status = xfail ? SUITES_XFAILED : said->status;
    r->telling = true;
    if (r->text.len)
        add_text(r, "\n");
    if (message)
        add_text(r, message);
    if (message && !xmlTextReaderIsEmptyElement(r->xml))
        add_text(r, "\n");
}

static const outcome *outcome_find(const char *name)
{
    for (size_t i = 0; i < sizeof OUTCOMES / sizeof *OUTCOMES; i++) {
        if (strcmp(OUTCOMES[i].name, name) == 0)
            return &OUTCOMES[i];
    }
    return NULL;
}

/* --- nodes --- */

static void element_begin(report *r, const char *name)
{
    const outcome *said = r->in_case ? outcome_find(name) : NULL;
    bool empty = xmlTextReaderIsEmptyElement(r->xml) == 1;
    if (xmlTextReaderDepth(r->xml) == 0)
        r->is_junit = strcmp(name, "testsuites") == 0 || strcmp(name, "testsuite") == 0;
    if (said)
        outcome_begin(r, said);
    if (said && empty)
        r->telling = false;
    if (r->in_case || strcmp(name, "testcase") != 0)
        return;
    case_begin(r);
    if (empty)
        case_end(r);
}

static void element_end(report *r, const char *name)
{
    if (r->in_case && strcmp(name, "testcase") == 0)
        case_end(r);
    else if (outcome_find(name))
        r->telling = false;
}

static void node_take(report *r)
{
    const char *name = (const char *)xmlTextReaderConstName(r->xml);
    const char *value = (const char *)xmlTextReaderConstValue(r->xml);
    int type = xmlTextReaderNodeType(r->xml);
    if (type == XML_READER_TYPE_DOCUMENT_TYPE || xmlTextReaderDepth(r->xml) > MOST_DEPTH ||
        r->cases == MOST_CASES)
        r->refused = true;
    else if (type == XML_READER_TYPE_ELEMENT)
        element_begin(r, name);
    else if (type == XML_READER_TYPE_END_ELEMENT)
        element_end(r, name);
    else if (r->telling && value && (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA))
        add_text(r, value);
}

static utr_code report_judge(const report *r, int read, utr_error *err)
{
    if (r->refused)
        return utr_fail(err, UTR_CONFLICT,
                        "%s: a document type, more than %d levels or more than %d test cases", r->path,
                        MOST_DEPTH, MOST_CASES);
    if (read < 0)
        return utr_fail(err, UTR_CONFLICT, "%s: %s", r->path, r->fault ? r->fault : "no XML");
    if (!r->is_junit)
        return utr_fail(err, UTR_CONFLICT,
                        "%s: no JUnit report: its root is neither testsuites nor testsuite", r->path);
    return UTR_OK;
}

static utr_code report_read(report *r, utr_error *err)
{
    static const int OPTIONS = XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_COMPACT;
    struct stat about;
    if (stat(r->path, &about))
        return utr_fail_sys(err, errno, "%s", r->path);
    if (about.st_size > MOST_BYTES)
        return utr_fail(err, UTR_TOO_LARGE, "%s: over %d MiB", r->path, MOST_BYTES >> 20);
    r->xml = xmlReaderForFile(r->path, NULL, OPTIONS);
    if (!r->xml)
        return utr_fail(err, UTR_SYS, "%s cannot be read", r->path);
    xmlTextReaderSetStructuredErrorHandler(r->xml, on_xml_error, r);
    int read = 1;
    while (!r->refused && (read = xmlTextReaderRead(r->xml)) == 1)
        node_take(r);
    utr_code code = report_judge(r, read, err);
    if (r->in_case) {
        free(r->name);
        free(r->file);
        utr_buf_dispose(&r->text);
    }
    xmlFreeTextReader(r->xml);
    free(r->fault);
    return code;
}

utr_code suites_junit_read(const char *path, json_t *times, suites_junit_case *on_case, void *ctx,
                           utr_error *err)
{
    report r = {.path = path, .times = times, .on_case = on_case, .ctx = ctx};
    return report_read(&r, err);
}

/* --- which reports are new --- */

/** A report as it lay there. */
typedef struct {
    char *path;
    struct stat about;
} seen;

struct suites_junit {
    char *pattern;
    UTR_VEC(seen) before;
};

suites_junit *suites_junit_mark(const char *directory, const char *pattern)
{
    suites_junit *junit = UTR_NEW(suites_junit);
    glob_t found = {0};
    junit->pattern = utr_path_join(directory, pattern);
    if (glob(junit->pattern, GLOB_NOSORT, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            seen one = {.path = found.gl_pathv[i]};
            if (stat(one.path, &one.about))
                continue;
            one.path = utr_strdup(one.path);
            *utr_vec_push(&junit->before) = one;
        }
    }
    globfree(&found);
    return junit;
}

void suites_junit_free(suites_junit *junit)
{
    if (!junit)
        return;
    for (size_t i = 0; i < junit->before.count; i++)
        free(junit->before.items[i].path);
    utr_vec_dispose(&junit->before);
    free(junit->pattern);
    free(junit);
}

/* Whether a report was written since the mark. */
static bool is_fresh(const suites_junit *junit, const char *path)
{
    struct stat now;
    if (stat(path, &now) || !S_ISREG(now.st_mode))
        return false;
    for (size_t i = 0; i < junit->before.count; i++) {
        const struct stat *then = &junit->before.items[i].about;
        if (strcmp(junit->before.items[i].path, path) == 0)
            return then->st_ino != now.st_ino || then->st_size != now.st_size ||
                   then->st_mtim.tv_sec != now.st_mtim.tv_sec || then->st_mtim.tv_nsec != now.st_mtim.tv_nsec;
    }
    return true;
}

/** Test cases on their way to a listener. */
typedef struct {
    suites_junit_case *on_case;
    void *ctx;
    size_t count;
} counted;

static void on_counted(void *ctx, const suites_result *result)
{
    counted *all = ctx;
    all->count++;
    all->on_case(all->ctx, result);
}

utr_code suites_junit_collect(suites_junit *junit, suites_junit_case *on_case, void *ctx, utr_error *err)
{
    glob_t found = {0};
    counted all = {.on_case = on_case, .ctx = ctx};
    json_t *times = json_object();
    size_t fresh = 0;
    size_t stale = 0;
    utr_code code = UTR_OK;
    (void)glob(junit->pattern, 0, NULL, &found);
    for (size_t i = 0; !code && i < found.gl_pathc; i++) {
        bool is_new = is_fresh(junit, found.gl_pathv[i]);
        fresh += is_new;
        stale += !is_new;
        if (is_new)
            code = suites_junit_read(found.gl_pathv[i], times, on_counted, &all, err);
    }
    if (!code && !fresh)
        code = utr_fail(err, UTR_NOT_FOUND,
                        stale ? "%s: only reports of an earlier run" : "%s: no report was written",
                        junit->pattern);
    else if (!code && !all.count)
        code = utr_fail(err, UTR_NOT_FOUND, "%s: no test case in it", junit->pattern);
    globfree(&found);
    json_decref(times);
    return code;
}
