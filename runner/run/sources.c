/* What the sources of a category's suites show, read on a thread while services come up and suites run; what
 * was found becomes facts on the loop. */
#include "run/state.h"

#include "base/clock.h"
#include "base/files.h"
#include "scan/scan.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

/* More findings than anybody reads; the rest are counted. Of each kind, so that many of one that is harmless
 * hide none of one that is not. */
enum { MOST_FINDINGS = 1000 };

/* How often a wait for the scan looks whether it still should. */
enum { LOOK_MS = 50 };

typedef struct {
    const manifest_suite *suite;
    utr_strs paths;
    scan_result result;
    utr_faults faults;
    utr_error err; /* why they could not be read */
} suite_sources;

struct reading {
    run_state *run;
    const run_category *category;
    UTR_VEC(suite_sources) suites;
    char *cache;
    utr_cancel cancel; /* tripped where nobody waits for it any more */
    int64_t deadline_ms;
    uv_work_t work;
    uv_timer_t timer;
    bool done, timer_closed;
};

/* --- which files --- */

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* "tests/test_a.py::test_b" and "./..." name what lies in front. The caller frees it. */
static char *path_in(const char *directory, const char *argument)
{
    const char *end = strstr(argument, "::");
    const char *dots = strstr(argument, "/...");
    end = end ? end : dots ? dots : argument + strlen(argument);
    auto_free char *path = utr_strndup(argument, (size_t)(end - argument));
    return utr_path_join(directory, path);
}

/* A suite that names no sources shows those that its command names. */
static void add_arguments(const manifest_suite *suite, utr_strs *out)
{
    const utr_strs *command = suite->run.count ? &suite->run : &suite->list;
    for (size_t i = 1; i < command->count; i++) {
        auto_free char *path = path_in(suite->directory, command->items[i]);
        bool is_source = is_folder(path) || (scan_has_language(path) && utr_path_exists(path));
        if (command->items[i][0] != '-' && is_source)
            utr_strs_add(out, path);
    }
}

/* Sources of languages that are not read are left out: docs/scan.md lists the others. */
static void add_sources(const manifest_suite *suite, utr_strs *out)
{
    for (size_t i = 0; i < suite->sources.count; i++)
        if (is_folder(suite->sources.items[i]) || scan_has_language(suite->sources.items[i]))
            utr_strs_add(out, suite->sources.items[i]);
    if (!suite->sources.count)
        add_arguments(suite, out);
}

/* --- on the thread --- */

static void read_suite(scan *scanner, suite_sources *one)
{
    if (one->paths.count && scan_run(scanner, &one->paths, &one->result, &one->faults, &one->err))
        return; /* told by record() */
}

static void read_work(uv_work_t *work)
{
    reading *r = work->data;
    const scan_options options = {
        .root = r->run->request->root,
        .mocks = &r->category->manifest->mocks,
        .cache = r->cache,
        .tests = true,
        .cancel = &r->cancel,
    };
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    utr_code code = scan_open(&options, &scanner, &err);
    for (size_t i = 0; i < r->suites.count; i++) {
        if (code)
            r->suites.items[i].err = err;
        else
            read_suite(scanner, &r->suites.items[i]);
    }
}

static void read_after(uv_work_t *work, int status)
{
    reading *r = work->data;
    (void)status; /* never cancelled */
    r->done = true;
}

/* --- on the loop --- */

#define SOURCE_FACT(reading_, one_, kind_, ...)                                                              \
    RUN_FACT(kind_, (reading_)->category->manifest->name, .suite = (one_)->suite->name, __VA_ARGS__)

static void record_finding(const reading *r, const suite_sources *one, const scan_file *file,
                           const scan_finding *finding)
{
    const scan_allow *allow = finding->allow;
    (void)journal_add(r->run->journal,
                      SOURCE_FACT(r, one, JOURNAL_FINDING, .rule = (char *)scan_kind_text(finding->kind),
                                  .state = finding->subkind, .file = file->path, .line = finding->line,
                                  .test = finding->symbol, .text = finding->text,
                                  .owner = allow ? allow->owner : NULL,
                                  .expires = allow ? allow->until : NULL));
}

/* @param counts  how many there were of each kind */
static void record_findings(const reading *r, const suite_sources *one, const scan_file *file, size_t *counts)
{
    for (size_t i = 0; i < file->findings.count; i++) {
        const scan_finding *finding = &file->findings.items[i];
        if (counts[finding->kind]++ < MOST_FINDINGS)
            record_finding(r, one, file, finding);
    }
}

/* What can fail a test matters where it exchanged too little, and so where there is somebody to exchange it
 * with. */
static bool tells_of_tests(const reading *r)
{
    return r->category->stack && r->run->request->real_services;
}

static void record_tests(const reading *r, const suite_sources *one, const scan_file *file)
{
    for (size_t i = 0; i < file->tests.count && tells_of_tests(r); i++) {
        const scan_test *test = &file->tests.items[i];
        (void)journal_add(r->run->journal,
                          SOURCE_FACT(r, one, JOURNAL_SOURCE, .test = test->symbol, .file = file->path,
                                      .line = test->line, .mocks = test->mocks, .swallows = test->swallows,
                                      .asserts = test->asserts));
    }
}

static void note(const reading *r, const suite_sources *one, const char *text)
{
    (void)journal_add(r->run->journal, SOURCE_FACT(r, one, JOURNAL_NOTE, .text = (char *)text));
}

static void record_file(const reading *r, const suite_sources *one, const scan_file *file, size_t *counts)
{
    record_findings(r, one, file, counts);
    record_tests(r, one, file);
    auto_free char *state = file->state != SCAN_READ ? utr_format("%s: %s: %s", file->path,
                                                                  scan_state_text(file->state), file->why)
                                                     : NULL;
    if (state)
        note(r, one, state);
    for (size_t i = 0; i < file->faults.count; i++)
        note(r, one, file->faults.items[i]);
}

/* Sources that could not be read show nothing: what they switched off would go unseen. */
static void record_failure(const reading *r, suite_sources *one)
{
    auto_free char *text = utr_format("its sources could not be read: %s", one->err.text);
    (void)journal_add(r->run->journal, SOURCE_FACT(r, one, JOURNAL_ADAPTER_FAULT, .text = text));
}

static void note_more(const reading *r, const suite_sources *one, const size_t *counts)
{
    for (scan_kind kind = 0; kind < SCAN_KIND_COUNT; kind++) {
        auto_free char *text =
            utr_format("%zu findings in its sources are %s; the first %d are told, `scan` tells all",
                       counts[kind], scan_kind_text(kind), MOST_FINDINGS);
        if (counts[kind] > MOST_FINDINGS)
            note(r, one, text);
    }
}

static void record(const reading *r, suite_sources *one)
{
    size_t counts[SCAN_KIND_COUNT] = {0};
    for (size_t i = 0; i < one->result.files.count; i++)
        record_file(r, one, &one->result.files.items[i], counts);
    for (size_t i = 0; i < one->faults.texts.count; i++)
        note(r, one, one->faults.texts.items[i]);
    note_more(r, one, counts);
    if (one->err.code && !run_is_ending(r->run))
        record_failure(r, one);
}

reading *run_sources_read(run_state *run, const run_category *category, int64_t deadline_ms, utr_error *err)
{
    reading *r = UTR_NEW(reading);
    *r = (reading){.run = run, .category = category, .deadline_ms = deadline_ms, .work = {.data = r}};
    if (utr_cancel_init(&r->cancel, err)) {
        free(r);
        return NULL;
    }
    utr_error no_cache = {0}; /* without one each scan reads everything */
    if (run_folder_make(run->request->root, &no_cache) == UTR_OK)
        r->cache = utr_format("%s/.utr/scan.db", run->request->root);
    for (size_t i = 0; i < category->manifest->suites.count; i++) {
        suite_sources *one = utr_vec_push(&r->suites);
        one->suite = &category->manifest->suites.items[i];
        add_sources(one->suite, &one->paths);
    }
    if (uv_queue_work(run->loop, &r->work, read_work, read_after)) {
        read_work(&r->work); /* only without threads at all */
        r->done = true;
    }
    return r;
}

static void on_look(uv_timer_t *timer)
{
    reading *r = timer->data;
    if (run_is_ending(r->run) || utr_clock_ms() > r->deadline_ms)
        utr_cancel_trip(&r->cancel);
}

static void on_timer_closed(uv_handle_t *handle)
{
    reading *r = handle->data;
    r->timer_closed = true;
}

static void wait_for(reading *r)
{
    int status = uv_timer_init(r->run->loop, &r->timer);
    r->timer.data = r;
    status = status ? status : uv_timer_start(&r->timer, on_look, 0, LOOK_MS);
    assert(status == 0); /* neither allocates */
    run_until(r->run, &r->done);
    uv_close((uv_handle_t *)&r->timer, on_timer_closed);
    run_until(r->run, &r->timer_closed);
}

void run_sources_end(reading *r)
{
    wait_for(r);
    for (size_t i = 0; i < r->suites.count; i++) {
        suite_sources *one = &r->suites.items[i];
        record(r, one);
        scan_result_dispose(&one->result);
        utr_faults_dispose(&one->faults);
        utr_strs_dispose(&one->paths);
    }
    utr_vec_dispose(&r->suites);
    utr_cancel_dispose(&r->cancel);
    free(r->cache);
    free(r);
}
