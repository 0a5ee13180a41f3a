#include "run/suite/part.h"

#include "base/files.h"
#include "run/environment.h"
#include "run/suite/elsewhere.h"
#include "run/suite/lane.h"

#include <unistd.h>

typedef struct {
    run_suite *suite;
    suites_process *process;
    run_seal *seal;            /* NULL: it runs open */
    UTR_VEC(run_lane *) lanes; /* of its workers */
    run_elsewhere elsewhere;   /* what it tried to reach while it was not clear for which test */
    char *heading;             /* of its block in the log; NULL: it writes the log itself */
    run_output block;
    loop_exit how;
} part;

/** What a worker is to suites/. */
typedef struct {
    part *part;
    run_lane *lane;
} part_worker;

static run_lane *lane_of(void *worker)
{
    return ((part_worker *)worker)->lane;
}

static void *on_worker(void *ctx, const suites_worker_info *info, suites_worker_setup *out, utr_error *err)
{
    part *p = ctx;
    run_lane *lane = run_lane_open(p->suite, p->seal, info, out, err);
    if (!lane)
        return NULL;
    if (p->seal) {
        out->before_exec = run_seal_enter;
        out->before_exec_ctx = p->seal;
    }
    part_worker *worker = UTR_NEW(part_worker);
    *worker = (part_worker){.part = p, .lane = lane};
    *utr_vec_push(&p->lanes) = lane;
    return worker;
}

static void on_worker_end(void *ctx)
{
    part_worker *worker = ctx;
    part *p = worker->part;
    size_t at = 0;
    while (p->lanes.items[at] != worker->lane)
        at++;
    p->lanes.items[at] = p->lanes.items[--p->lanes.count];
    run_lane_close(worker->lane);
    free(worker);
}

/* It is told of the process, not of the worker: clear is whose it was where one test runs alone. */
static void on_elsewhere(void *ctx, const char *where)
{
    part *p = ctx;
    run_lane *only = NULL;
    size_t running = 0;
    for (size_t i = 0; i < p->lanes.count; i++) {
        bool runs = run_lane_runs(p->lanes.items[i]);
        running += runs;
        only = runs ? p->lanes.items[i] : only;
    }
    if (running == 1)
        run_lane_elsewhere(only, where);
    else
        run_elsewhere_add(&p->elsewhere, where);
}

static void on_collected(void *ctx, size_t tests)
{
    run_suite_collected(((part *)ctx)->suite, tests);
}

static int64_t on_quiet(void *worker, bool done)
{
    return run_lane_quiet(lane_of(worker), done);
}

static void on_start(void *worker, const suites_start *start)
{
    run_lane_start(lane_of(worker), start);
}

static void on_finish(void *worker, const suites_result *result)
{
    run_lane_finish(lane_of(worker), result);
}

static void on_fixture(void *worker, const suites_fixture_event *event)
{
    run_lane_fixture(lane_of(worker), event);
}

static void on_fault(void *ctx, const char *what)
{
    run_suite_fault(((part *)ctx)->suite, what);
}

static void on_output(void *ctx, const char *data, size_t len)
{
    part *p = ctx;
    run_output_add(p->heading ? &p->block : &p->suite->log, data, len);
}

static void part_free(part *p)
{
    run_output_close(&p->block);
    utr_vec_dispose(&p->lanes);
    free(p->heading);
    free(p);
}

static void on_closed(void *ctx)
{
    part *p = ctx;
    run_suite *suite = p->suite;
    loop_exit how = p->how;
    run_leave_slot(suite->run, p);
    part_free(p);
    run_suite_ended(suite, &how);
}

static void on_process_exit(void *ctx, const loop_exit *how)
{
    part *p = ctx;
    p->how = *how;
    p->process = NULL;
    if (p->heading)
        run_output_merge(&p->suite->log, &p->block, p->heading);
    run_elsewhere_record(&p->elsewhere, p->suite, NULL);
    if (p->seal)
        run_seal_close(p->seal, on_closed, p);
    else
        on_closed(p);
}

static const suites_listener LISTENER = {
    .on_worker = on_worker,
    .on_worker_end = on_worker_end,
    .on_collected = on_collected,
    .on_quiet = on_quiet,
    .on_start = on_start,
    .on_finish = on_finish,
    .on_fixture = on_fixture,
    .on_fault = on_fault,
    .on_output = on_output,
    .on_exit = on_process_exit,
};

static void end_part(void *ctx, bool now)
{
    part *p = ctx;
    if (p->process)
        suites_end(p->process, now);
}

/* Where several write at once, each has a file of its own until it ends. */
static utr_code open_block(part *p, const char *test, utr_error *err)
{
    run_suite *suite = p->suite;
    p->block.fd = -1;
    if (!test && manifest_suite_processes(suite->manifest) == 1)
        return UTR_OK;
    p->heading = test ? utr_strdup(test) : utr_format("process %zu", suite->started + 1);
    auto_free char *path = utr_format("%s.%zu", suite->log.path, suite->started + 1);
    return run_output_open(&p->block, path, err);
}

static void tell_blind(run_state *run, const char *category, const char *why)
{
    if (!why || run->blind_told)
        return;
    run->blind_told = true;
    auto_free char *text =
        utr_format("what sealed tests try to reach elsewhere cannot be told on this machine: %s", why);
    (void)journal_add(run->journal,
                      RUN_FACT(JOURNAL_NOTE, (char *)category, .state = "isolation", .text = text));
}

static utr_code open_seal(part *p, utr_error *err)
{
    run_suite *suite = p->suite;
    if (!suite->targets->sealed)
        return UTR_OK;
    run_seal_options options = {.targets = suite->targets, .on_elsewhere = on_elsewhere, .ctx = p};
    if (run_seal_open(suite->run->loop, &options, &p->seal, err))
        return err->code;
    tell_blind(suite->run, suite->category->manifest->name, run_seal_blind(p->seal));
    return UTR_OK;
}

static utr_code launch(part *p, const char *test, utr_error *err)
{
    run_suite *suite = p->suite;
    const manifest_suite *manifest = suite->manifest;
    auto_strs utr_strs environment = run_environment_base(suite->category->manifest, manifest);
    auto_strs utr_strs selected = {0};
    if (test)
        selected = run_select_argv(&manifest->select, test);
    auto_free char *report = test ? run_select_report(manifest->report, test) : utr_strdup(manifest->report);
    suites_options options = {
        .name = manifest->name,
        .format = manifest->format,
        .argv = test ? &selected : &manifest->run,
        .environment = &environment,
        .directory = manifest->directory,
        .run_dir = suite->run->record.dir,
        .pattern = suite->run->request->pattern,
        .collection = suite->collection,
        .parts = !test && manifest_suite_processes(manifest) > 1,
        .test = test,
        .terminal = isatty(STDOUT_FILENO),
        .report = report,
        .service_names = &suite->services,
        .timeout_ms = run_suite_left_ms(suite),
        .grace_ms = RUN_GRACE_MS,
        .listener = &LISTENER,
        .ctx = p,
    };
    return suites_launch(suite->run->loop, &options, &p->process, err);
}

static void on_refused(void *ctx)
{
    part_free(ctx);
}

utr_code run_part_start(run_suite *suite, const char *test, utr_error *err)
{
    part *p = UTR_NEW(part);
    p->suite = suite;
    if (open_block(p, test, err) || open_seal(p, err) || launch(p, test, err)) {
        if (p->block.path)
            run_output_merge(&suite->log, &p->block, p->heading);
        if (p->seal)
            run_seal_close(p->seal, on_refused, p);
        else
            part_free(p);
        return err->code;
    }
    run_take_slot(suite->run, end_part, p);
    return UTR_OK;
}
