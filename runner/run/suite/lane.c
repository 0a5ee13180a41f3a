#include "run/suite/lane.h"

#include "base/files.h"
#include "run/environment.h"
#include "run/suite/elsewhere.h"
#include "run/suite/external.h"
#include "run/suite/quiet.h"

#include <errno.h>
#include <string.h>

struct run_lane {
    run_suite *suite;
    run_seal *seal; /* NULL: none */
    suites_worker *handle;
    witness_worker *witness; /* NULL: without services */
    utr_strs addresses;      /* by index of the suite's targets: where this worker dials them */
    run_attention attention;
    quiet quiet;
    bool waits;              /* tells over the event socket, and waits for answers */
    bool whole;              /* its evidence is the suite's: tests open no scopes */
    bool began;              /* a test or a fixture did */
    bool runs;               /* a test does */
    run_elsewhere elsewhere; /* what it tried to reach */
    bool pending;            /* a test runs whose start is recorded with its result */
    utr_strs requires;       /* of that */
    utr_strs uses;
};

/* --- facts --- */

static void record_one(const run_lane *lane, const char *of, journal_evidence_state state,
                       const witness_evidence *e)
{
    journal_fact fact = {
        .kind = JOURNAL_EVIDENCE,
        .category = lane->suite->category->manifest->name,
        .suite = lane->suite->manifest->name,
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
    (void)journal_add(lane->suite->run->journal, &fact);
    utr_vec_dispose(&fact.statements);
}

/* @param of  a test, a fixture, or NULL */
static void record_evidence(const run_lane *lane, const char *of, journal_evidence_state state,
                            const witness_evidence_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        record_one(lane, of, state, &list->items[i]);
}

/* `@require_docker_services()` without names asks for every service of the category. */
static void add_required(const run_lane *lane, const utr_strs *requires, utr_strs *out)
{
    utr_strs_add_all(out, utr_strs_has(requires, "*") ? &lane->suite->services : requires);
}

static void record_start(const run_lane *lane, const char *test, const utr_strs *requires,
                         const utr_strs *uses)
{
    journal_fact fact = {
        .kind = JOURNAL_TEST_START,
        .category = lane->suite->category->manifest->name,
        .suite = lane->suite->manifest->name,
        .test = (char *)test,
        .uses = *uses,
    };
    add_required(lane, requires, &fact.names);
    (void)journal_add(lane->suite->run->journal, &fact);
    utr_strs_dispose(&fact.names);
}

/* --- what crossed the wire, and when --- */

/* What was seen outside of tests and fixtures since the last time. @return whether any of it was substantive
 */
static bool take_ambient(run_lane *lane, bool waits, journal_evidence_state state)
{
    bool heard = false;
    witness_evidence_list list = {0};
    witness_ambient_take(lane->witness, waits, &list);
    for (size_t i = 0; i < list.count; i++)
        heard = heard || list.items[i].substantive;
    record_evidence(lane, NULL, lane->began ? state : JOURNAL_OF_START, &list);
    witness_evidence_dispose(&list);
    return heard;
}

static bool has_scopes(const run_lane *lane)
{
    return lane->witness && !lane->whole;
}

static void begin_scope(run_lane *lane, bool waits)
{
    if (!has_scopes(lane))
        return;
    if (!lane->began)
        (void)take_ambient(lane, waits, JOURNAL_OF_START);
    lane->began = true;
    witness_scope_begin(lane->witness, waits);
}

/* @param out  what was seen in the scope, recorded already */
static void end_scope(run_lane *lane, bool waits, const char *of, journal_evidence_state state,
                      witness_evidence_list *out)
{
    if (!has_scopes(lane))
        return;
    witness_scope_end(lane->witness, waits, out);
    record_evidence(lane, of, state, out);
}

static void end_fixture_scope(run_lane *lane, bool waits, const char *of)
{
    witness_evidence_list list = {0};
    end_scope(lane, waits, of, JOURNAL_OF_FIXTURE, &list);
    witness_evidence_dispose(&list);
}

int64_t run_lane_quiet(run_lane *lane, bool done)
{
    if (!has_scopes(lane))
        return 0;
    bool heard = false;
    bool listened = lane->quiet.phase != QUIET_NOT;
    if (listened) {
        lane->began = true; /* the suite is collected: what is heard now is not its start any more */
        bool plainly = lane->quiet.phase == QUIET_LISTENS_AGAIN;
        heard = take_ambient(lane, true, plainly ? JOURNAL_OF_AMBIENT : JOURNAL_OF_BETWEEN);
    }
    quiet_moment moment = {.connected = lane->attention.called,
                           .done = done,
                           .last = run_suite_is_near_its_end(lane->suite),
                           .heard = heard};
    int64_t ms = quiet_next(&lane->quiet, moment);
    if (ms && !listened)
        (void)take_ambient(lane, true, JOURNAL_OF_BETWEEN);
    return ms;
}

/* --- tests --- */

/* A test may turn out to have been a fixture all along (parents of subtests): its start is told when that is
 * clear. */
static bool is_told_late(const run_lane *lane, const char *test)
{
    return !*test || strcmp(lane->suite->manifest->format, "node") == 0;
}

static void forget_test(run_lane *lane)
{
    lane->runs = lane->pending = false;
    utr_strs_dispose(&lane->requires);
    utr_strs_dispose(&lane->uses);
}

/* What an attempt exchanged that is made again counts for nothing. */
static void drop_attempt(run_lane *lane, bool waits)
{
    witness_evidence_list list = {0};
    if (has_scopes(lane))
        witness_scope_end(lane->witness, waits, &list);
    witness_evidence_dispose(&list);
}

void run_lane_start(run_lane *lane, const suites_start *start)
{
    if (start->again) {
        drop_attempt(lane, start->waits);
        begin_scope(lane, start->waits);
        return;
    }
    begin_scope(lane, start->waits);
    lane->runs = true;
    lane->pending = is_told_late(lane, start->test);
    if (!lane->pending) {
        record_start(lane, start->test, start->requires, start->uses);
        return;
    }
    utr_strs_add_all(&lane->requires, start->requires);
    utr_strs_add_all(&lane->uses, start->uses);
}

static bool is_failure(suites_status status)
{
    return status == SUITES_FAILED || status == SUITES_ERROR;
}

static char *text_or_null(const char *text)
{
    return text && *text ? (char *)text : NULL;
}

static void record_finish(const run_lane *lane, const suites_result *result)
{
    (void)journal_add(lane->suite->run->journal,
                      RUN_SUITE_FACT(lane->suite, JOURNAL_TEST_FINISH, .test = (char *)result->test,
                                     .state = (char *)suites_status_text(result->status),
                                     .seconds = result->seconds, .text = text_or_null(result->message),
                                     .file = text_or_null(result->file), .line = result->line));
}

void run_lane_finish(run_lane *lane, const suites_result *result)
{
    witness_evidence_list evidence = {0};
    if (lane->pending)
        record_start(lane, result->test, &lane->requires, &lane->uses);
    forget_test(lane);
    end_scope(lane, result->waits, result->test, JOURNAL_OF_TEST, &evidence);
    run_elsewhere_record(&lane->elsewhere, lane->suite, result->test);
    record_finish(lane, result);
    quiet_note(&lane->quiet, &evidence, result->seconds);
    witness_evidence_dispose(&evidence);
    if (is_failure(result->status))
        run_suite_note_failure(lane->suite);
}

bool run_lane_runs(const run_lane *lane)
{
    return lane->runs;
}

void run_lane_elsewhere(run_lane *lane, const char *where)
{
    run_elsewhere_add(&lane->elsewhere, where);
}

void run_lane_fixture(run_lane *lane, const suites_fixture_event *event)
{
    if (event->start) {
        begin_scope(lane, event->waits);
        return;
    }
    end_fixture_scope(lane, event->waits, event->id);
    if (event->was_test)
        forget_test(lane);
}

/* --- its life --- */

static void drain(void *ctx)
{
    suites_worker_drain(((run_lane *)ctx)->handle);
}

static void on_first_connection(void *ctx)
{
    run_attention_call(&((run_lane *)ctx)->attention);
}

static utr_code listen_all(run_lane *lane, utr_error *err)
{
    if (lane->seal)
        return run_seal_listen(lane->seal, lane->witness, &lane->addresses, err);
    const run_targets *targets = lane->suite->targets;
    for (size_t i = 0; i < targets->items.count; i++) {
        const run_target *target = &targets->items.items[i];
        int port = 0;
        if (witness_listen(lane->witness, target->target, target->preferred, &port, err))
            return utr_wrap(err, "listen for %s:%d", target->service, target->container_port);
        utr_strs_give(&lane->addresses, utr_format("127.0.0.1:%d", port));
    }
    return UTR_OK;
}

/* While no test runs, it is told at once: the next test has nothing to do with it. */
static void on_elsewhere(void *ctx, const char *where)
{
    run_lane *lane = ctx;
    run_lane_elsewhere(lane, where);
    if (!lane->runs)
        run_elsewhere_record(&lane->elsewhere, lane->suite, NULL);
}

static utr_code watch(run_lane *lane, suites_worker_setup *out, utr_error *err)
{
    witness *w = lane->suite->targets->witness;
    witness_worker_options options = {
        .before_attribution = drain, .on_first_connection = on_first_connection, .ctx = lane};
    if (!w)
        return UTR_OK;
    lane->witness = witness_worker_new(w, &options);
    if (listen_all(lane, err))
        return err->code;
    run_external_options external = {.category = lane->suite->category->manifest,
                                     .worker = lane->witness,
                                     .seal = lane->seal,
                                     .on_elsewhere = on_elsewhere,
                                     .ctx = lane};
    if (run_external_open(&external, &out->environment, err))
        return err->code;
    if (lane->whole)
        witness_scope_begin(lane->witness, false);
    return UTR_OK;
}

static const char *address_of(void *ctx, const char *service, int port)
{
    const run_lane *lane = ctx;
    size_t at = run_targets_find(lane->suite->targets, service, port);
    return at < lane->addresses.count ? lane->addresses.items[at] : NULL;
}

static utr_code set_up(run_lane *lane, suites_worker_setup *out, utr_error *err)
{
    const run_suite *suite = lane->suite;
    if (run_environment_add(suite->category->manifest, suite->manifest, address_of, lane, &out->environment))
        return utr_fail(err, UTR_DEFECT,
                        "a variable of suite '%s' passed the manifest's check and cannot be expanded",
                        suite->manifest->name);
    if (strcmp(suite->manifest->format, "node") == 0 || strcmp(suite->manifest->format, "go") == 0)
        utr_strs_give(&out->environment, utr_format("UTR_WORKERS=%lld", (long long)suite->manifest->workers));
    if (lane->waits && run_attention_open(&lane->attention, suite->run->record.dir, err))
        return err->code;
    out->attention = utr_strdup(lane->attention.path);
    out->alone = !lane->witness;
    return UTR_OK;
}

run_lane *run_lane_open(run_suite *suite, run_seal *seal, const suites_worker_info *info,
                        suites_worker_setup *out_setup, utr_error *err)
{
    run_lane *lane = UTR_NEW(run_lane);
    *lane = (run_lane){.suite = suite,
                       .seal = seal,
                       .handle = info->handle,
                       .waits = info->waits,
                       .whole = manifest_suite_is_whole(suite->manifest),
                       .attention = {.fd = -1}};
    suite->lanes++;
    if (watch(lane, out_setup, err) == UTR_OK && set_up(lane, out_setup, err) == UTR_OK)
        return lane;
    run_lane_close(lane);
    return NULL;
}

/* What belongs to no test: of a suite that waits for us, what came in the gaps between its tests; of another,
 * whose tests are told without a gap, what goes on by itself. */
static journal_evidence_state last_state(const run_lane *lane)
{
    if (lane->whole)
        return JOURNAL_OF_SUITE;
    if (!lane->began)
        return JOURNAL_OF_START;
    return lane->waits ? JOURNAL_OF_BETWEEN : JOURNAL_OF_AMBIENT;
}

static void end_watch(run_lane *lane)
{
    witness_evidence_list list = {0};
    if (lane->whole && witness_scope_depth(lane->witness)) {
        witness_scope_end(lane->witness, false, &list);
        record_evidence(lane, NULL, JOURNAL_OF_SUITE, &list);
        witness_evidence_dispose(&list);
    }
    while (witness_scope_depth(lane->witness))
        end_fixture_scope(lane, false, NULL);
    witness_worker_close(lane->witness, &list);
    record_evidence(lane, NULL, last_state(lane), &list);
    witness_evidence_dispose(&list);
}

void run_lane_close(run_lane *lane)
{
    if (lane->witness)
        end_watch(lane);
    lane->suite->lanes--;
    forget_test(lane);
    run_elsewhere_record(&lane->elsewhere, lane->suite, NULL);
    quiet_dispose(&lane->quiet);
    run_attention_close(&lane->attention);
    utr_strs_dispose(&lane->addresses);
    free(lane);
}
