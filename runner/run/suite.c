/* Suites under the witness: what a test says of itself and what crossed the wire meet here, and become facts.
 */
#include "run/environment.h"
#include "run/state.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/** A port that a suite can dial, and what it stands for. */
typedef struct {
    const char *service;
    int container_port;
    int preferred; /* the port that compose publishes; 0: none */
    size_t target;
} listened;

typedef UTR_VEC(listened) listened_list;

typedef struct {
    run_state *run;
    const run_category *category;
    const manifest_suite *suite;
    const listened_list *ports;
    int *listening; /* by index of ports: where this suite dials it */
    witness_worker *worker;
    suites_worker *handle;
    suites_process *process;
    witness *witness;
    char *log_path;
    int log_fd;
    size_t slot;
    bool waits; /* tells over the event socket */
    bool began; /* a test, or a fixture */
    bool failed;
    bool nameless; /* a test runs whose name comes with its result (TAP) */
} suite_run;

static const char *address_of(void *ctx, const char *service, int port)
{
    static char address[64]; /* borrowed until the next call, as manifest_lookup says */
    suite_run *s = ctx;
    for (size_t i = 0; s->ports && i < s->ports->count; i++) {
        if (strcmp(s->ports->items[i].service, service) == 0 && s->ports->items[i].container_port == port) {
            (void)snprintf(address, sizeof address, "127.0.0.1:%d", s->listening[i]);
            return address;
        }
    }
    return NULL;
}

static char *category_name(const suite_run *s)
{
    return s->category->manifest->name;
}

static void record_one(suite_run *s, const char *of, journal_evidence_state state, const witness_evidence *e)
{
    journal_fact fact = {
        .kind = JOURNAL_EVIDENCE,
        .category = category_name(s),
        .suite = s->suite->name,
        .test = (char *)of,
        .service = (char *)e->service,
        .state = (char *)journal_evidence_state_text(state),
        .connections = (int64_t)e->connections,
        .inherited_connections = (int64_t)e->inherited_connections,
        .exchanges = (int64_t)e->exchanges,
        .substantive = (int64_t)e->substantive,
        .reads = (int64_t)e->reads,
        .writes = (int64_t)e->writes,
        .errors = (int64_t)e->errors,
        .bytes_sent = (int64_t)e->bytes_sent,
        .bytes_received = (int64_t)e->bytes_received,
        .opaque = e->opaque,
        .lost = e->lost,
        .refused = e->refused,
    };
    for (size_t i = 0; i < e->statements.count; i++) {
        const witness_statement *one = &e->statements.items[i];
        *utr_vec_push(&fact.statements) = (journal_statement){
            .connection = one->connection,
            .opened = one->opened,
            .text = one->text,
            .count = (int64_t)one->count,
            .substantive = (int64_t)one->substantive,
            .reads = (int64_t)one->reads,
            .writes = (int64_t)one->writes,
        };
    }
    (void)journal_add(s->run->journal, &fact);
    utr_vec_dispose(&fact.statements);
}

/* Disposes of the list. @param of  a test, a fixture, or NULL */
static void record_evidence(suite_run *s, const char *of, journal_evidence_state state,
                            witness_evidence_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        record_one(s, of, state, &list->items[i]);
    witness_evidence_dispose(list);
}

static void begin_scope(suite_run *s, bool waits)
{
    if (!s->worker)
        return;
    if (!s->began) {
        witness_evidence_list list = {0};
        witness_ambient_take(s->worker, waits, &list);
        record_evidence(s, NULL, JOURNAL_OF_START, &list);
    }
    s->began = true;
    witness_scope_begin(s->worker, waits);
}

static void end_scope(suite_run *s, bool waits, const char *of, journal_evidence_state state)
{
    if (!s->worker)
        return;
    witness_evidence_list list = {0};
    witness_scope_end(s->worker, waits, &list);
    record_evidence(s, of, state, &list);
}

static void on_collected(void *ctx, size_t tests)
{
    suite_run *s = ctx;
    (void)journal_add(s->run->journal, RUN_FACT(JOURNAL_COLLECTED, category_name(s), .suite = s->suite->name,
                                                .count = (int64_t)tests));
}

/* `@require_docker_services()` without names asks for every service of the category. */
static utr_strs required(const suite_run *s, const utr_strs *requires)
{
    utr_strs names = {0};
    if (!utr_strs_has(requires, "*")) {
        utr_strs_add_all(&names, requires);
        return names;
    }
    for (size_t i = 0; i < s->category->manifest->services.count; i++)
        utr_strs_add(&names, s->category->manifest->services.items[i].name);
    return names;
}

static void record_start(suite_run *s, const char *test, const utr_strs *requires)
{
    journal_fact fact = {
        .kind = JOURNAL_TEST_START,
        .category = category_name(s),
        .suite = s->suite->name,
        .test = (char *)test,
        .names = required(s, requires),
    };
    (void)journal_add(s->run->journal, &fact);
    utr_strs_dispose(&fact.names);
}

static int64_t on_quiet(void *worker, bool done)
{
    (void)worker;
    (void)done;
    return 0;
}

static void on_start(void *worker, const suites_start *start)
{
    suite_run *s = worker;
    begin_scope(s, start->waits);
    s->nameless = !*start->test;
    if (!s->nameless)
        record_start(s, start->test, start->requires);
}

static bool is_failure(suites_status status)
{
    return status == SUITES_FAILED || status == SUITES_ERROR;
}

static char *text_or_null(const char *text)
{
    return text && *text ? (char *)text : NULL;
}

static bool on_finish(void *worker, const suites_result *result)
{
    static const utr_strs NONE = {0};
    suite_run *s = worker;
    if (s->nameless)
        record_start(s, result->test, &NONE);
    s->nameless = false;
    end_scope(s, result->waits, result->test, JOURNAL_OF_TEST);
    (void)journal_add(s->run->journal,
                      RUN_FACT(JOURNAL_TEST_FINISH, category_name(s), .suite = s->suite->name,
                               .test = (char *)result->test,
                               .state = (char *)suites_status_text(result->status),
                               .seconds = result->seconds, .text = text_or_null(result->message),
                               .file = text_or_null(result->file), .line = result->line));
    s->failed |= is_failure(result->status);
    if (is_failure(result->status) && s->run->request->fast_fail && !s->run->stop) {
        s->run->stop = true;
        run_end_suites(s->run, false);
    }
    return false;
}

static void on_source(void *worker, const suites_source *source)
{
    (void)worker;
    (void)source;
}

static void on_fixture(void *worker, const suites_fixture_event *event)
{
    suite_run *s = worker;
    if (event->start)
        begin_scope(s, event->waits);
    else
        end_scope(s, event->waits, event->id, JOURNAL_OF_FIXTURE);
}

static void on_fault(void *ctx, const char *what)
{
    suite_run *s = ctx;
    (void)journal_add(s->run->journal, RUN_FACT(JOURNAL_ADAPTER_FAULT, category_name(s),
                                                .suite = s->suite->name, .text = (char *)what));
}

static void on_output(void *ctx, const char *data, size_t len)
{
    suite_run *s = ctx;
    while (s->log_fd >= 0 && len) {
        ssize_t put = write(s->log_fd, data, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) { /* a full disk is not the suite's fault; what is lost is said where the log is shown */
            (void)close(s->log_fd);
            s->log_fd = -1;
            return;
        }
        data += put;
        len -= (size_t)put;
    }
}

static void drain_output(void *ctx)
{
    suite_run *s = ctx;
    suites_worker_drain(s->handle);
}

static void suite_run_free(suite_run *s)
{
    if (s->worker) {
        witness_evidence_list ambient = {0};
        witness_worker_close(s->worker, &ambient);
        record_evidence(s, NULL, s->waits ? JOURNAL_OF_BETWEEN : JOURNAL_OF_AMBIENT, &ambient);
    }
    utr_close_fd(&s->log_fd);
    free(s->listening);
    free(s->log_path);
    free(s);
}

static void on_exit_of_suite(void *ctx, const loop_exit *how)
{
    suite_run *s = ctx;
    run_state *run = s->run;
    s->process = NULL;
    run->running[s->slot] = NULL;
    const journal_fact *fact = journal_add(
        run->journal, RUN_FACT(JOURNAL_SUITE_FINISH, category_name(s), .suite = s->suite->name,
                               .exit_code = how->exit_code, .signal = how->signal, .seconds = how->seconds,
                               .timed_out = how->timed_out, .count = (int64_t)how->leaked));
    if (s->failed || how->exit_code || how->signal || how->timed_out)
        report_live_output(run->live, fact, s->log_path);
    if (run->request->fast_fail && (s->failed || how->exit_code))
        run->stop = true;
    suite_run_free(s);
}

static utr_code listen_all(suite_run *s, bool waits, utr_error *err)
{
    if (!s->witness)
        return UTR_OK;
    s->waits = waits;
    witness_worker_options options = {.name = s->suite->name, .before_attribution = drain_output, .ctx = s};
    if (witness_worker_new(s->witness, &options, &s->worker, err))
        return err->code;
    s->listening = utr_calloc(s->ports->count, sizeof *s->listening);
    for (size_t i = 0; i < s->ports->count; i++) {
        const listened *port = &s->ports->items[i];
        if (witness_listen(s->worker, port->target, port->preferred, &s->listening[i], err))
            return utr_wrap(err, "listen for %s:%d", port->service, port->container_port);
    }
    return UTR_OK;
}

static void *on_worker(void *ctx, const suites_worker_info *info, suites_worker_setup *out, utr_error *err)
{
    suite_run *s = ctx;
    s->handle = info->handle;
    if (listen_all(s, info->waits, err))
        return NULL;
    if (run_environment_make(s->category->manifest, s->suite, address_of, s, &out->environment)) {
        (void)utr_fail(err, UTR_DEFECT,
                       "a variable of suite '%s' passed the manifest's check and cannot be expanded",
                       s->suite->name);
        return NULL;
    }
    return s;
}

static void on_worker_end(void *worker)
{
    suite_run *s = worker;
    while (s->worker && witness_scope_depth(s->worker))
        end_scope(s, false, NULL, JOURNAL_OF_FIXTURE);
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
    .on_exit = on_exit_of_suite,
};

static utr_code launch(suite_run *s, int64_t deadline_ms, utr_error *err)
{
    run_state *run = s->run;
    s->log_fd = open(s->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s->log_fd < 0)
        return utr_fail_sys(err, errno, "create %s", s->log_path);
    static const utr_strs ALL_FROM_ON_WORKER = {0};
    auto_strs utr_strs names = {0};
    for (size_t i = 0; i < s->category->manifest->services.count; i++)
        utr_strs_add(&names, s->category->manifest->services.items[i].name);
    if (!s->suite->run.count)
        return utr_fail(err, UTR_CONFIG, "this build cannot run tests one by one");
    int64_t left_ms = deadline_ms - utr_clock_ms();
    suites_options options = {
        .name = s->suite->name,
        .format = s->suite->format,
        .argv = &s->suite->run,
        .environment = &ALL_FROM_ON_WORKER,
        .directory = s->suite->directory,
        .run_dir = run->record.dir,
        .pattern = run->request->pattern,
        .service_names = &names,
        .timeout_ms = s->suite->timeout_ms < left_ms ? s->suite->timeout_ms
                      : left_ms > 1                  ? left_ms
                                                     : 1,
        .grace_ms = RUN_GRACE_MS,
        .listener = &LISTENER,
        .ctx = s,
    };
    (void)journal_add(run->journal, RUN_FACT(JOURNAL_SUITE_START, category_name(s), .suite = s->suite->name));
    if (suites_launch(run->loop, &options, &s->process, err))
        return err->code;
    run->running[s->slot] = s->process;
    return UTR_OK;
}

/* A suite that cannot be started has failed as a suite; the others go on. */
static void start_suite(suite_run *s, int64_t deadline_ms)
{
    utr_error err = {0};
    if (launch(s, deadline_ms, &err) == UTR_OK)
        return;
    (void)journal_add(s->run->journal,
                      RUN_FACT(JOURNAL_BROKEN, category_name(s), .suite = s->suite->name, .text = err.text));
    suite_run_free(s);
}

/* The suites whose tests cannot be picked one by one are picked by their name. */
static bool is_picked(const run_state *run, const manifest_suite *suite)
{
    if (!run->request->pattern || suites_format_selects(suite->format))
        return true;
    return utr_text_glob(run->request->pattern, suite->name);
}

static void run_all(run_state *run, const run_category *category, witness *w, const listened_list *ports,
                    int64_t deadline_ms)
{
    size_t next = 0;
    while (run_any_suite(run) || (next < category->manifest->suites.count && !run_is_ending(run))) {
        size_t slot = run_free_slot(run);
        bool more = next < category->manifest->suites.count && !run_is_ending(run);
        if (!more || slot == (size_t)run->request->workers) {
            (void)uv_run(run->loop, UV_RUN_ONCE);
            continue;
        }
        const manifest_suite *suite = &category->manifest->suites.items[next++];
        if (!is_picked(run, suite))
            continue;
        suite_run *s = UTR_NEW(suite_run);
        *s = (suite_run){.run = run,
                         .category = category,
                         .suite = suite,
                         .ports = ports,
                         .witness = w,
                         .log_fd = -1,
                         .slot = slot};
        s->log_path = run_record_log(&run->record, category->manifest->name, suite->name);
        start_suite(s, deadline_ms);
    }
}

static int published_port(const compose_service *service, int container_port)
{
    for (size_t i = 0; service && i < service->ports.count; i++) {
        if (service->ports.items[i].container_port == container_port && !service->ports.items[i].udp)
            return service->ports.items[i].host_port;
    }
    return 0;
}

static void add_targets(const run_category *category, const services_running *running, witness *w,
                        listened_list *ports)
{
    for (size_t i = 0; running && i < running->address_count; i++) {
        const services_address *address = &running->addresses[i];
        witness_target target = {running->name, address->host, address->port, address->container_port,
                                 WITNESS_AUTO};
        *utr_vec_push(ports) = (listened){
            .service = running->name,
            .container_port = address->container_port,
            .preferred =
                published_port(compose_find(category->stack, running->name), address->container_port),
            .target = witness_target_add(w, &target),
        };
    }
}

static void on_witness_closed(void *ctx)
{
    *(bool *)ctx = true;
}

void run_suites(run_state *run, const run_category *category, const bring_up *up, int64_t deadline_ms)
{
    listened_list ports = {0};
    if (!up) {
        run_all(run, category, NULL, &ports, deadline_ms);
        return;
    }
    witness *w = NULL;
    utr_error err = {0};
    if (witness_new(run->loop, &w, &err)) {
        (void)journal_add(run->journal, RUN_FACT(JOURNAL_BROKEN, category->manifest->name, .text = err.text));
        return;
    }
    for (size_t i = 0; i < category->manifest->services.count; i++) {
        const char *name = category->manifest->services.items[i].name;
        add_targets(category, services_find(run_bring_up_services(up), name), w, &ports);
    }
    run_all(run, category, w, &ports, deadline_ms);
    bool closed = false;
    witness_close(w, on_witness_closed, &closed);
    run_until(run, &closed);
    utr_vec_dispose(&ports);
}
