#include "run/suite/suite.h"

#include "run/suite/part.h"

#include "base/clock.h"

static double seconds_of(void *ctx, const char *test)
{
    run_suite *suite = ctx;
    return run_record_test_estimate(&suite->run->record, suite->category->manifest->name,
                                    suite->manifest->name, test);
}

run_suite *run_suite_new(run_state *run, const run_category *category, const manifest_suite *manifest,
                         const run_targets *targets, int64_t deadline_ms)
{
    run_suite *suite = UTR_NEW(run_suite);
    *suite = (run_suite){.run = run,
                         .category = category,
                         .manifest = manifest,
                         .targets = targets,
                         .deadline_ms = deadline_ms,
                         .collected = -1,
                         .log = {.fd = -1}};
    suite->collection = suites_collection_new();
    suites_collection_set_times(suite->collection, seconds_of, suite);
    suite->estimate = run_record_estimate(&run->record, category->manifest->name, manifest->name);
    for (size_t i = 0; i < category->manifest->services.count; i++)
        utr_strs_add(&suite->services, category->manifest->services.items[i].name);
    return suite;
}

void run_suite_free(run_suite *suite)
{
    suites_collection_free(suite->collection);
    run_select_dispose(&suite->select);
    run_output_close(&suite->log);
    utr_strs_dispose(&suite->services);
    free(suite);
}

static bool is_selected(const run_suite *suite)
{
    return suite->manifest->select.count > 0;
}

bool run_suite_wants(const run_suite *suite)
{
    if (suite->over || suite->hopeless || run_is_ending(suite->run))
        return false;
    size_t most = (size_t)manifest_suite_processes(suite->manifest);
    if (!is_selected(suite)) /* one that comes when all is done would find nothing */
        return suite->started < most &&
               !(suite->collected >= 0 && !suites_collection_left(suite->collection));
    if (!suite->select.asked)
        return true;
    return suite->select.known && suite->select.next < suite->select.tests.count && suite->running < most;
}

/* How it all went; of a suite whose tests have a process each, these have said it already. */
static void record_finish(run_suite *suite)
{
    run_state *run = suite->run;
    const loop_exit *how = &suite->how;
    const journal_fact *fact =
        journal_add(run->journal, RUN_SUITE_FACT(suite, JOURNAL_SUITE_FINISH, .exit_code = how->exit_code,
                                                 .signal = how->signal,
                                                 .seconds = (double)(utr_clock_us() - suite->began_us) / 1e6,
                                                 .timed_out = how->timed_out, .count = (int64_t)how->leaked));
    if (suite->failed)
        report_live_output(run->live, fact, suite->log.path);
}

/* A suite that cannot go on has failed as a suite; the others do. */
static void give_up(run_suite *suite, const utr_error *err)
{
    suite->hopeless = true;
    (void)journal_add(suite->run->journal, RUN_SUITE_FACT(suite, JOURNAL_BROKEN, .text = (char *)err->text));
}

static void settle(run_suite *suite)
{
    if (suite->over || suite->running || suite->select.listing || run_suite_wants(suite))
        return;
    suite->over = true;
    if (suite->started)
        record_finish(suite);
    run_output_close(&suite->log);
}

static utr_code begin(run_suite *suite, utr_error *err)
{
    auto_free char *path =
        run_record_log(&suite->run->record, suite->category->manifest->name, suite->manifest->name);
    suite->began_us = utr_clock_us();
    (void)journal_add(
        suite->run->journal,
        RUN_SUITE_FACT(suite, JOURNAL_SUITE_START, .state = suite->targets->sealed ? "sealed" : "open"));
    return run_output_open(&suite->log, path, err);
}

static utr_code start_next(run_suite *suite, utr_error *err)
{
    run_select *select = &suite->select;
    if (is_selected(suite) && !select->asked)
        return run_select_list(suite, err);
    const char *test = is_selected(suite) ? select->tests.items[select->next++] : NULL;
    if (run_part_start(suite, test, err))
        return err->code;
    suite->started++;
    suite->running++;
    return UTR_OK;
}

void run_suite_start_one(run_suite *suite)
{
    utr_error err = {0};
    if ((!suite->began_us && begin(suite, &err)) || start_next(suite, &err))
        give_up(suite, &err);
    settle(suite);
}

void run_suite_listed(run_suite *suite, const utr_error *err)
{
    if (err->code && !run_is_ending(suite->run))
        give_up(suite, err);
    if (!err->code)
        run_suite_collected(suite, suite->select.tests.count);
    settle(suite);
}

void run_suite_collected(run_suite *suite, size_t tests)
{
    if (suite->collected == (int64_t)tests)
        return;
    suite->collected = (int64_t)tests;
    (void)journal_add(suite->run->journal,
                      RUN_SUITE_FACT(suite, JOURNAL_COLLECTED, .count = suite->collected));
}

void run_suite_fault(run_suite *suite, const char *what)
{
    (void)journal_add(suite->run->journal,
                      RUN_SUITE_FACT(suite, JOURNAL_ADAPTER_FAULT, .text = (char *)what));
}

void run_suite_note_failure(run_suite *suite)
{
    suite->failed = true;
    if (!suite->run->request->fast_fail || suite->run->stop)
        return;
    suite->run->stop = true;
    run_end_suites(suite->run, false);
}

void run_suite_ended(run_suite *suite, const loop_exit *how)
{
    bool first = !suite->how.exit_code && !suite->how.signal;
    suite->running--;
    suite->how.leaked += how->leaked;
    if (!is_selected(suite)) {
        suite->how.timed_out |= how->timed_out;
        suite->how.exit_code = first ? how->exit_code : suite->how.exit_code;
        suite->how.signal = first ? how->signal : suite->how.signal;
        if (how->exit_code || how->signal || how->timed_out)
            run_suite_note_failure(suite);
    }
    settle(suite);
}

int64_t run_suite_left_ms(const run_suite *suite)
{
    int64_t now_ms = utr_clock_ms();
    int64_t began_ms = is_selected(suite) ? now_ms : suite->began_us / 1000;
    int64_t until_ms = began_ms + suite->manifest->timeout_ms;
    int64_t left_ms = (until_ms < suite->deadline_ms ? until_ms : suite->deadline_ms) - now_ms;
    return left_ms > 1 ? left_ms : 1;
}

bool run_suite_is_near_its_end(const run_suite *suite)
{
    size_t left = suites_collection_left(suite->collection);
    return left > 0 && left <= suite->lanes;
}
