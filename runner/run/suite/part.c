#include "run/suite/part.h"

#include "base/files.h"
#include "run/environment.h"
#include "run/suite/lane.h"

typedef struct {
    run_suite *suite;
    suites_process *process;
    char *heading; /* of its block in the log; NULL: it writes the log itself */
    run_output block;
} part;

static void *on_worker(void *ctx, const suites_worker_info *info, suites_worker_setup *out, utr_error *err)
{
    return run_lane_open(((part *)ctx)->suite, info, out, err);
}

static void on_worker_end(void *worker)
{
    run_lane_close(worker);
}

static void on_collected(void *ctx, size_t tests)
{
    run_suite_collected(((part *)ctx)->suite, tests);
}

static int64_t on_quiet(void *worker, bool done)
{
    return run_lane_quiet(worker, done);
}

static void on_start(void *worker, const suites_start *start)
{
    run_lane_start(worker, start);
}

static bool on_finish(void *worker, const suites_result *result)
{
    return run_lane_finish(worker, result);
}

static void on_source(void *worker, const suites_source *source)
{
    run_lane_source(worker, source);
}

static void on_fixture(void *worker, const suites_fixture_event *event)
{
    run_lane_fixture(worker, event);
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
    free(p->heading);
    free(p);
}

static void on_process_exit(void *ctx, const loop_exit *how)
{
    part *p = ctx;
    run_suite *suite = p->suite;
    if (p->heading)
        run_output_merge(&suite->log, &p->block, p->heading);
    run_leave_slot(suite->run, p);
    part_free(p);
    run_suite_ended(suite, how);
}

static const suites_listener LISTENER = {
    .on_worker = on_worker,
    .on_worker_end = on_worker_end,
    .on_collected = on_collected,
    .on_quiet = on_quiet,
    .on_start = on_start,
    .on_finish = on_finish,
    .on_source = on_source,
    .on_fixture = on_fixture,
    .on_fault = on_fault,
    .on_output = on_output,
    .on_exit = on_process_exit,
};

static void end_part(void *ctx, bool now)
{
    suites_end(((part *)ctx)->process, now);
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

static utr_code launch(part *p, const char *test, utr_error *err)
{
    run_suite *suite = p->suite;
    const manifest_suite *manifest = suite->manifest;
    auto_strs utr_strs environment = run_environment_base(suite->category->manifest, manifest);
    auto_strs utr_strs selected = {0};
    if (test)
        selected = run_select_argv(&manifest->select, test);
    suites_options options = {
        .name = test ? test : manifest->name,
        .format = manifest->format,
        .argv = test ? &selected : &manifest->run,
        .environment = &environment,
        .directory = manifest->directory,
        .run_dir = suite->run->record.dir,
        .pattern = suite->run->request->pattern,
        .service_names = &suite->services,
        .timeout_ms = run_suite_left_ms(suite),
        .grace_ms = RUN_GRACE_MS,
        .listener = &LISTENER,
        .ctx = p,
    };
    return suites_launch(suite->run->loop, &options, &p->process, err);
}

utr_code run_part_start(run_suite *suite, const char *test, utr_error *err)
{
    part *p = UTR_NEW(part);
    p->suite = suite;
    if (open_block(p, test, err) || launch(p, test, err)) {
        part_free(p);
        return err->code;
    }
    run_take_slot(suite->run, end_part, p);
    return UTR_OK;
}
