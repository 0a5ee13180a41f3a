/* JUnit XML. What makes the exit code another than 0 is an error or a failure somewhere in it. */
#include "report/report.h"

#include "report/text.h"

#include "base/files.h"

#include <libxml/xmlwriter.h>
#include <string.h>
#include <time.h>

typedef UTR_VEC(const verdict_reason *) reason_list;

typedef enum { CASE_PASSED, CASE_SKIPPED, CASE_FAILURE, CASE_ERROR } case_result;

/* One <testcase>. */
typedef struct {
    char *name;
    const journal_fact *finish; /* NULL: a reason of a suite, a category or the run */
    case_result result;
    const char *type; /* the rule */
    char *message;    /* one line */
    char *text;
} test_case;

/* One <testsuite>. */
typedef struct {
    char *name;
    char timestamp[32];
    double seconds;
    UTR_VEC(test_case) cases;
    char *notes; /* warnings and waivers */
} test_suite;

typedef struct {
    const verdict *v;
    UTR_VEC(test_suite) suites;
} document;

static bool decides(const verdict_reason *reason)
{
    return !reason->waived && reason->level >= VERDICT_REFUSE;
}

/* Strings of a reason are the very strings of the facts that it is about, so that two tests of one name stay
 * two. */
static void reasons_of(const verdict *v, const char *suite, const char *test, reason_list *out)
{
    for (size_t i = 0; i < v->reasons.count; i++) {
        const verdict_reason *reason = &v->reasons.items[i];
        if (reason->suite == suite && reason->test == test)
            *utr_vec_push(out) = reason;
    }
}

/* Suites. */

/* When it began: the run's start and so many seconds, in UTC and without a zone, as JUnit's schema has it. */
static void timestamp_of(const verdict *v, double at, char out[32])
{
    struct tm when = {0};
    const char *started = v->run ? v->run->started : NULL;
    out[0] = '\0';
    if (!started || !strptime(started, "%Y-%m-%dT%H:%M:%S", &when))
        return;
    time_t moment = timegm(&when) + (time_t)at;
    if (gmtime_r(&moment, &when))
        (void)strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &when);
}

static test_suite *suite_add(document *doc, const char *name, const journal_fact *start, double seconds)
{
    test_suite *suite = utr_vec_push(&doc->suites);
    *suite = (test_suite){.name = utr_strdup(name), .seconds = seconds, .notes = utr_strdup("")};
    timestamp_of(doc->v, start ? start->at : 0, suite->timestamp);
    return suite;
}

static void note(test_suite *suite, const verdict_reason *reason)
{
    char *longer =
        utr_format("%s%s [%s] %s%s%s\n", suite->notes, reason->waived ? "waived" : "warning", reason->rule,
                   text_or(reason->test, ""), reason->test ? ": " : "", reason->message);
    free(suite->notes);
    suite->notes = longer;
}

static void case_add_reason(test_suite *suite, const verdict_reason *reason)
{
    if (!decides(reason)) {
        note(suite, reason);
        return;
    }
    *utr_vec_push(&suite->cases) = (test_case){
        .name =
            utr_format("[%s]%s%s", reason->rule, reason->service ? " " : "", text_or(reason->service, "")),
        .result = CASE_ERROR,
        .type = reason->rule,
        .message = text_first_line(reason->message),
        .text = utr_strdup(reason->message),
    };
}

/* Cases. */

static case_result result_of(const verdict_test *test, const verdict_reason *worst)
{
    if (worst)
        return worst->level == VERDICT_FAIL && strcmp(text_or(test->finish->state, ""), "failed") == 0
                   ? CASE_FAILURE
                   : CASE_ERROR;
    bool ran = strcmp(text_or(test->finish->state, ""), "passed") == 0 ||
               strcmp(text_or(test->finish->state, ""), "xpassed") == 0;
    return ran ? CASE_PASSED : CASE_SKIPPED;
}

static char *join_messages(const reason_list *reasons)
{
    auto_strs utr_strs messages = {0};
    for (size_t i = 0; i < reasons->count; i++) {
        if (decides(reasons->items[i]))
            utr_strs_give(&messages,
                          utr_format("[%s] %s", reasons->items[i]->rule, reasons->items[i]->message));
    }
    return utr_strs_join(&messages, "\n");
}

/* Reasons are sorted, the worst first; a case carries one element, whose text lists all. */
static void case_add_test(document *doc, test_suite *suite, const verdict_suite *from,
                          const verdict_test *test)
{
    reason_list reasons = {0};
    reasons_of(doc->v, from->plan->suite, test->finish->test, &reasons);
    const verdict_reason *worst = reasons.count && decides(reasons.items[0]) ? reasons.items[0] : NULL;
    *utr_vec_push(&suite->cases) = (test_case){
        .name = utr_strdup(text_or(test->finish->test, "unnamed")),
        .finish = test->finish,
        .result = result_of(test, worst),
        .type = worst ? worst->rule : NULL,
        .message = text_first_line(worst ? worst->message : test->finish->text),
        .text = join_messages(&reasons),
    };
    for (size_t i = 0; i < reasons.count; i++) {
        if (!decides(reasons.items[i]))
            note(suite, reasons.items[i]);
    }
    utr_vec_dispose(&reasons);
}

static void add_suite(document *doc, const verdict_category *category, const verdict_suite *from)
{
    auto_free char *name = utr_format("%s/%s", category->plan->category, from->plan->suite);
    test_suite *suite = suite_add(doc, name, from->start, from->finish ? from->finish->seconds : 0);
    for (size_t i = 0; i < from->tests.count; i++)
        case_add_test(doc, suite, from, &from->tests.items[i]);
    reason_list wider = {0};
    reasons_of(doc->v, from->plan->suite, NULL, &wider);
    for (size_t i = 0; i < wider.count; i++)
        case_add_reason(suite, wider.items[i]);
    utr_vec_dispose(&wider);
}

/* Reasons of the category itself, or, where it is NULL, of the run. */
static void add_wider(document *doc, const char *category, const char *name)
{
    test_suite *suite = NULL;
    for (size_t i = 0; i < doc->v->reasons.count; i++) {
        const verdict_reason *reason = &doc->v->reasons.items[i];
        if (reason->suite || reason->category != category)
            continue;
        if (!suite)
            suite = suite_add(doc, name, NULL, 0);
        case_add_reason(suite, reason);
    }
}

static bool is_green(const document *doc)
{
    for (size_t i = 0; i < doc->suites.count; i++) {
        for (size_t k = 0; k < doc->suites.items[i].cases.count; k++) {
            if (doc->suites.items[i].cases.items[k].result >= CASE_FAILURE)
                return false;
        }
    }
    return true;
}

/* An interrupted run may have no reason of its own. */
static void add_verdict(document *doc)
{
    const char *word = verdict_outcome_text(doc->v->outcome);
    test_suite *suite = suite_add(doc, "unified_test_runner/verdict", NULL, 0);
    *utr_vec_push(&suite->cases) = (test_case){
        .name = utr_strdup("[verdict]"),
        .result = CASE_ERROR,
        .type = word,
        .message = utr_format("the run is %s, exit code %d", word, doc->v->exit_code),
        .text = utr_strdup(""),
    };
}

static void build(document *doc)
{
    for (size_t i = 0; i < doc->v->categories.count; i++) {
        const verdict_category *category = &doc->v->categories.items[i];
        for (size_t k = 0; k < category->suites.count; k++)
            add_suite(doc, category, &category->suites.items[k]);
        add_wider(doc, category->plan->category, category->plan->category);
    }
    add_wider(doc, NULL, "unified_test_runner");
    if (doc->v->exit_code && is_green(doc))
        add_verdict(doc);
}

static void dispose(document *doc)
{
    for (size_t i = 0; i < doc->suites.count; i++) {
        test_suite *suite = &doc->suites.items[i];
        for (size_t k = 0; k < suite->cases.count; k++) {
            free(suite->cases.items[k].name);
            free(suite->cases.items[k].message);
            free(suite->cases.items[k].text);
        }
        utr_vec_dispose(&suite->cases);
        free(suite->name);
        free(suite->notes);
    }
    utr_vec_dispose(&doc->suites);
}

/* Writing. The writer keeps its own state after a failure; the document's end tells. */

static void attribute(xmlTextWriterPtr xml, const char *name, const char *value)
{
    auto_free char *clean = text_for_xml(value);
    (void)xmlTextWriterWriteAttribute(xml, BAD_CAST name, BAD_CAST clean);
}

static void attribute_count(xmlTextWriterPtr xml, const char *name, size_t count)
{
    (void)xmlTextWriterWriteFormatAttribute(xml, BAD_CAST name, "%zu", count);
}

static void attribute_seconds(xmlTextWriterPtr xml, double seconds)
{
    (void)xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "time", "%.3f", seconds);
}

static void element_text(xmlTextWriterPtr xml, const char *text)
{
    auto_free char *clean = text_for_xml(text);
    (void)xmlTextWriterWriteString(xml, BAD_CAST clean);
}

typedef struct {
    size_t tests, by_result[CASE_ERROR + 1];
    double seconds;
} counts;

static void count(counts *sums, const test_suite *suite)
{
    sums->tests += suite->cases.count;
    sums->seconds += suite->seconds;
    for (size_t i = 0; i < suite->cases.count; i++)
        sums->by_result[suite->cases.items[i].result]++;
}

static void put_counts(xmlTextWriterPtr xml, const counts *sums)
{
    attribute_count(xml, "tests", sums->tests);
    attribute_count(xml, "failures", sums->by_result[CASE_FAILURE]);
    attribute_count(xml, "errors", sums->by_result[CASE_ERROR]);
    attribute_count(xml, "skipped", sums->by_result[CASE_SKIPPED]);
    attribute_seconds(xml, sums->seconds);
}

static void put_result(xmlTextWriterPtr xml, const test_case *one)
{
    static const char *const ELEMENTS[] = {
        [CASE_PASSED] = NULL, [CASE_SKIPPED] = "skipped", [CASE_FAILURE] = "failure", [CASE_ERROR] = "error"};
    if (!ELEMENTS[one->result])
        return;
    (void)xmlTextWriterStartElement(xml, BAD_CAST ELEMENTS[one->result]);
    if (one->type)
        attribute(xml, "type", one->type);
    attribute(xml, "message", one->message);
    element_text(xml, one->text);
    (void)xmlTextWriterEndElement(xml);
}

static void put_case(xmlTextWriterPtr xml, const test_suite *suite, const test_case *one)
{
    (void)xmlTextWriterStartElement(xml, BAD_CAST "testcase");
    attribute(xml, "classname", suite->name);
    attribute(xml, "name", one->name);
    attribute_seconds(xml, one->finish ? one->finish->seconds : 0);
    if (one->finish && one->finish->file && *one->finish->file)
        attribute(xml, "file", one->finish->file);
    if (one->finish && one->finish->line > 0)
        attribute_count(xml, "line", (size_t)one->finish->line);
    put_result(xml, one);
    (void)xmlTextWriterEndElement(xml);
}

static void put_property(xmlTextWriterPtr xml, const char *name, const char *value)
{
    (void)xmlTextWriterStartElement(xml, BAD_CAST "property");
    attribute(xml, "name", name);
    attribute(xml, "value", value);
    (void)xmlTextWriterEndElement(xml);
}

static void put_properties(xmlTextWriterPtr xml, const verdict *v)
{
    auto_free char *code = utr_format("%d", v->exit_code);
    (void)xmlTextWriterStartElement(xml, BAD_CAST "properties");
    put_property(xml, "verdict", verdict_outcome_text(v->outcome));
    put_property(xml, "exit_code", code);
    if (v->run && v->run->pattern)
        put_property(xml, "selection", v->run->pattern);
    (void)xmlTextWriterEndElement(xml);
}

static void put_suite(xmlTextWriterPtr xml, const verdict *v, const test_suite *suite)
{
    counts sums = {0};
    count(&sums, suite);
    (void)xmlTextWriterStartElement(xml, BAD_CAST "testsuite");
    attribute(xml, "name", suite->name);
    put_counts(xml, &sums);
    if (*suite->timestamp)
        attribute(xml, "timestamp", suite->timestamp);
    put_properties(xml, v);
    for (size_t i = 0; i < suite->cases.count; i++)
        put_case(xml, suite, &suite->cases.items[i]);
    if (*suite->notes) {
        (void)xmlTextWriterStartElement(xml, BAD_CAST "system-out");
        element_text(xml, suite->notes);
        (void)xmlTextWriterEndElement(xml);
    }
    (void)xmlTextWriterEndElement(xml);
}

static bool put_document(xmlTextWriterPtr xml, const document *doc)
{
    counts sums = {0};
    for (size_t i = 0; i < doc->suites.count; i++)
        count(&sums, &doc->suites.items[i]);
    (void)xmlTextWriterSetIndent(xml, 1);
    (void)xmlTextWriterStartDocument(xml, NULL, "UTF-8", NULL);
    (void)xmlTextWriterStartElement(xml, BAD_CAST "testsuites");
    attribute(xml, "name", "unified_test_runner");
    put_counts(xml, &sums);
    for (size_t i = 0; i < doc->suites.count; i++)
        put_suite(xml, doc->v, &doc->suites.items[i]);
    return xmlTextWriterEndDocument(xml) >= 0;
}

utr_code report_junit(const verdict *v, const char *path, utr_error *err)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    document doc = {.v = v};
    build(&doc);
    bool written = xml && put_document(xml, &doc);
    dispose(&doc);
    xmlFreeTextWriter(xml);
    utr_code code = UTR_OK;
    if (!written)
        code = utr_fail(err, UTR_DEFECT, "the JUnit report cannot be written as XML");
    else if (utr_file_write(path, xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer), err))
        code = utr_wrap(err, "write the JUnit report");
    xmlBufferFree(buffer);
    return code;
}
