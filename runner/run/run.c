#include "run/state.h"

#include "base/clock.h"
#include "base/files.h"
#include "isolation/isolation.h"
#include "loop/keeper.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A terminal looks alive at ten frames a second. */
static const uint64_t TICK_MS = 100;
/* What is in the middle of something when it is told to end at once gets this long. */
static const uint64_t AT_ONCE_MS = 1000;

/* The handles that live as long as the run. */
typedef struct {
    run_state *run;
    uv_signal_t signals[3];
    uv_timer_t tick;
    uv_timer_t at_once; /* runs from the second interruption on */
    size_t open;
    bool closed;
} run_handles;

/* An engine that hangs holds threads that nobody can wait for: the process ends without them, and the reaper
 * removes what they made. */
static void on_at_once(uv_timer_t *timer)
{
    run_state *run = ((run_handles *)timer->data)->run;
    run_end_suites(run, true);
    (void)loop_kill_descendants();
    report_live_free(run->live);
    _exit(128 + SIGINT);
}

static void on_signal(uv_signal_t *handle, int signal)
{
    run_state *run = ((run_handles *)handle->data)->run;
    run->interruptions++;
    if (!run->signal) {
        run->signal = signal;
        (void)journal_add(run->journal, &(journal_fact){.kind = JOURNAL_INTERRUPTED, .signal = signal});
    }
    utr_cancel_trip(&run->cancel);
    run_end_suites(run, run->interruptions > 1);
    if (run->interruptions < 2)
        return;
    utr_cancel_trip(&run->at_once);
    uv_timer_t *timer = &((run_handles *)handle->data)->at_once;
    if (!uv_is_active((uv_handle_t *)timer))
        (void)uv_timer_start(timer, on_at_once, AT_ONCE_MS, 0);
}

static void on_tick(uv_timer_t *tick)
{
    report_live_tick(((run_handles *)tick->data)->run->live);
}

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};

static void handles_open(run_handles *handles)
{
    uv_loop_t *loop = handles->run->loop;
    for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++) {
        (void)uv_signal_init(loop, &handles->signals[i]);
        handles->signals[i].data = handles;
        (void)uv_signal_start(&handles->signals[i], on_signal, SIGNALS[i]);
    }
    (void)uv_timer_init(loop, &handles->tick);
    handles->tick.data = handles;
    (void)uv_timer_start(&handles->tick, on_tick, TICK_MS, TICK_MS);
    (void)uv_timer_init(loop, &handles->at_once);
    handles->at_once.data = handles;
    handles->open = sizeof SIGNALS / sizeof *SIGNALS + 2;
}

static void on_handle_closed(uv_handle_t *handle)
{
    run_handles *handles = handle->data;
    handles->closed = --handles->open == 0;
}

/* A closed handle gives its signal the default action back, which would end us with another exit code than
 * the one that was said. */
static void handles_close(run_handles *handles)
{
    for (size_t i = 0; i < sizeof handles->signals / sizeof *handles->signals; i++) {
        uv_close((uv_handle_t *)&handles->signals[i], on_handle_closed);
        (void)signal(SIGNALS[i], SIG_IGN);
    }
    uv_close((uv_handle_t *)&handles->tick, on_handle_closed);
    uv_close((uv_handle_t *)&handles->at_once, on_handle_closed);
    run_until(handles->run, &handles->closed);
}

static void on_fact(void *ctx, const journal_fact *fact)
{
    report_live_fact(((run_state *)ctx)->live, fact);
}

/* Every category gets its turn, so that each says in the record why it did not run. */
static void execute_categories(run_state *run)
{
    for (size_t i = 0; i < run->plan->categories.count; i++)
        run_category_execute(run, &run->plan->categories.items[i], i);
}

static void execute(run_state *run)
{
    int64_t began = utr_clock_ms();
    report_live_plan(run->live, run->journal);
    journal_watch(run->journal, on_fact, run);
    commit_reading *commit = run_commit_read(run);
    execute_categories(run);
    run_commit_end(commit);
    (void)journal_add(run->journal, &(journal_fact){.kind = JOURNAL_FINISH,
                                                    .seconds = (double)(utr_clock_ms() - began) / 1000.0});
}

/** A report in the run's record and, where it was asked for, elsewhere. */
typedef struct {
    utr_code (*write)(const verdict *v, const char *path, utr_error *err);
    const verdict *v;
    const char *path;
    const char *asked_for; /* or NULL */
    utr_error err;
} report_writing;

static void write_report(void *ctx)
{
    report_writing *w = ctx;
    if (w->write(w->v, w->path, &w->err) == UTR_OK && w->asked_for)
        (void)w->write(w->v, w->asked_for, &w->err); /* its code is in err */
}

/* Either takes as long as a hundred tests, so one is written on a thread meanwhile. The loop does not turn:
 * the verdict stands, and nothing is added to the journal that it points into. */
static utr_code write_reports(const run_state *run, const verdict *v, utr_error *err)
{
    auto_free char *json = run_record_path(&run->record, "report.json");
    auto_free char *junit = run_record_path(&run->record, "junit.xml");
    report_writing first = {
        .write = report_junit, .v = v, .path = junit, .asked_for = run->request->junit_path};
    report_writing second = {
        .write = report_json, .v = v, .path = json, .asked_for = run->request->json_path};
    uv_thread_t thread;
    if (journal_write_status(run->journal, err))
        return err->code;
    bool at_once = uv_thread_create(&thread, write_report, &first) == 0;
    if (!at_once)
        write_report(&first);
    write_report(&second);
    if (at_once)
        (void)uv_thread_join(&thread);
    if (first.err.code || second.err.code)
        *err = first.err.code ? first.err : second.err;
    return err->code;
}

/* A pattern that fits no test is a mistake in the command line, not a verdict on the tests. */
static bool picked_nothing(const run_state *run, const verdict *v)
{
    return run->request->pattern && !v->totals.tests && v->outcome == VERDICT_REFUSED &&
           run->request->real_services;
}

static utr_code conclude(run_state *run, FILE *out, int *out_exit_code, utr_error *err)
{
    auto_verdict verdict *v = verdict_judge(run->journal);
    if (picked_nothing(run, v))
        return utr_fail(err, UTR_NOT_FOUND,
                        "--pattern '%s' fits no test; try '*' around it, or `list` for the suites",
                        run->request->pattern);
    if (run->request->mode != REPORT_JSON)
        report_summary(out, v, run->record.dir);
    *out_exit_code = v->exit_code;
    return write_reports(run, v, err);
}

static utr_code execute_on_loop(run_state *run, FILE *out, int *out_exit_code, utr_error *err)
{
    uv_loop_t loop;
    int status = uv_loop_init(&loop);
    if (status < 0)
        return utr_fail_sys(err, -status, "make the loop");
    run->loop = &loop;
    run_handles handles = {.run = run};
    handles_open(&handles);
    execute(run);
    (void)loop_kill_descendants();
    report_live_free(run->live);
    run->live = NULL;
    utr_code code = conclude(run, out, out_exit_code, err);
    handles_close(&handles); /* an interruption that comes late costs no report */
    while (uv_loop_close(&loop) == UV_EBUSY)
        (void)uv_run(&loop, UV_RUN_DEFAULT);
    return code;
}

/* A report that could not be written would be found out after the run; so it is looked at before. */
static utr_code check_place(const char *option, const char *path, utr_error *err)
{
    auto_free char *dir = path ? utr_path_dir(path) : NULL;
    if (!dir || access(dir, W_OK | X_OK) == 0)
        return UTR_OK;
    return utr_fail(err, UTR_CONFIG, "%s %s: cannot write into %s: %s", option, path, dir, strerror(errno));
}

/* What was asked for by word is done or refused; a manifest's wish gives way to what the machine can. */
static utr_code check_isolation(run_state *run, utr_error *err)
{
    if (run->request->isolation != RUN_SEALED)
        return UTR_OK;
    run->seal_checked = true;
    if (isolation_check(&run->seal_error))
        return utr_fail(err, UTR_CONFIG, "--isolation sealed: %s", run->seal_error.text);
    return UTR_OK;
}

static utr_code open_state(run_state *run, utr_error *err)
{
    if (check_isolation(run, err) || check_place("--json", run->request->json_path, err) ||
        check_place("--junit", run->request->junit_path, err) ||
        run_record_open(run->request->root, run->request->run_dir, &run->record, err) ||
        utr_cancel_init(&run->cancel, err) || utr_cancel_init(&run->at_once, err) ||
        loop_keeper_start(&run->keeper, err))
        return err->code;
    auto_free char *path = run_record_path(&run->record, "journal.jsonl");
    if (journal_new(path, &run->journal, err))
        return err->code;
    run_facts_write(run);
    return loop_adopt_orphans(err);
}

/* Each connection that a suite opens takes two descriptors here; the usual soft limit of 1024 is for programs
 * that select(). */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

utr_code run_execute(const run_request *request, const run_plan *plan, FILE *out, int *out_exit_code,
                     utr_error *err)
{
    run_state run = {.request = request, .plan = plan, .cancel = {.fd = -1}, .at_once = {.fd = -1}};
    /* Whoever reads our output may leave before the end (`| head`): the run goes on, and so does its record.
     */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)mallopt(M_ARENA_MAX, 1); /* what a thread gave back serves the next one */
    raise_descriptor_limit();
    run.live = report_live_new(out, request->mode);
    utr_code code = open_state(&run, err);
    if (!code)
        code = execute_on_loop(&run, out, out_exit_code, err);
    loop_keeper_end(&run.keeper);
    report_live_free(run.live);
    engine_free(run.engine);
    journal_free(run.journal);
    utr_cancel_dispose(&run.cancel);
    utr_cancel_dispose(&run.at_once);
    run_record_dispose(&run.record);
    utr_vec_dispose(&run.slots);
    return code;
}
