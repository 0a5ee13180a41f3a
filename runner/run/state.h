/** What the parts of a run share. Used inside the run only. */
#ifndef UTR_RUN_STATE_H
#define UTR_RUN_STATE_H

#include "run/record.h"
#include "run/run.h"

#include "base/cancel.h"
#include "loop/keeper.h"
#include "suites/suites.h"
#include "witness/witness.h"

/** Something that takes up a slot, and how it is ended: orderly, or at once. */
typedef struct {
    void (*end)(void *ctx, bool now);
    void *ctx;
} run_slot;

/** One run. Lives on the stack of run_execute(); everything but `cancel` is touched on the loop's thread
 * only. */
typedef struct run_state {
    const run_request *request;
    const run_plan *plan;
    uv_loop_t *loop;
    journal *journal;
    report_live *live;
    run_record record;
    engine *engine;          /* NULL until services are needed */
    utr_cancel cancel;       /* tripped by the first interruption and by what makes going on pointless */
    utr_cancel at_once;      /* tripped by the second interruption: not even removal is waited for */
    loop_keeper keeper;      /* ends the suites' processes should this one be killed */
    int signal;              /* that interrupted it; 0: none */
    int interruptions;       /* the second one is at once */
    bool seal_checked;       /* whether this machine can seal suites: */
    utr_error seal_error;    /* why not */
    bool blind_told;         /* that it cannot tell where they wanted to go */
    bool stop;               /* --fast-fail found a failure, or a service broke: no more suites */
    UTR_VEC(run_slot) slots; /* what runs of suites now, at most request->workers */
} run_state;

/** A fact about a category. */
#define RUN_FACT(kind_, category_, ...)                                                                      \
    (&(journal_fact){.kind = (kind_), .category = (category_), __VA_ARGS__})

/** What SIGTERM is given before SIGKILL. */
enum { RUN_GRACE_MS = 5000 };

/** Whether anything says that no further step should start. */
static inline bool run_is_ending(const run_state *run)
{
    return run->signal || run->stop;
}

/** Do work on the thread pool while the loop goes on; returns when it is done. */
void run_on_thread(run_state *run, void (*work)(void *ctx), void *ctx);

/** Turn the loop until *done. */
void run_until(run_state *run, const bool *done);

/** Whether one more process of a suite may start. */
bool run_has_slot(const run_state *run);

/** Take up a slot, which must be free, until run_leave_slot() with the same ctx. */
void run_take_slot(run_state *run, void (*end)(void *ctx, bool now), void *ctx);
void run_leave_slot(run_state *run, const void *ctx);

/** End what runs: orderly, or at once. */
void run_end_suites(run_state *run, bool now);

/* The stages, each told in its file. */
void run_category_execute(run_state *run, const run_category *category, size_t index);
UTR_MUST_CHECK utr_code run_prepare(run_state *run, const run_category *category, int64_t deadline_ms,
                                    utr_error *err);

/** A category's services while its suites run. */
typedef struct bring_up bring_up;
UTR_MUST_CHECK utr_code run_bring_up(run_state *run, const run_category *category, size_t index,
                                     bring_up **out, utr_error *err);
/** Stop watching, remove the services (unless they are kept), and free. NULL is fine. */
void run_take_down(run_state *run, bring_up *up);
services *run_bring_up_services(const bring_up *up);
/** "172.18.0.2:5432", where the witness dials; NULL: no port. The caller frees it. */
char *run_first_address(const services_running *running);

/** Run all suites of a category; up is NULL where no services are up. */
void run_suites(run_state *run, const run_category *category, const bring_up *up, int64_t deadline_ms);

/** Ask each service who it is, over connections of our own, while the suites go on; answers are recorded as
 * they come. */
typedef struct identifying identifying;
identifying *run_identify(run_state *run, const run_category *category, const bring_up *up);
/** Wait for the answers that are still out, and free. */
void run_identify_end(identifying *all);

/** Read what the sources of a category's suites show, on a thread, while the run goes on. @return NULL on
 * failure: UTR_SYS */
typedef struct reading reading;
reading *run_sources_read(run_state *run, const run_category *category, int64_t deadline_ms, utr_error *err);
/** Wait for it, up to the deadline or until the run is ending, record what was found, and free. */
void run_sources_end(reading *r);

/** Ask git, on a thread, which commit runs and whether the work tree differs from it; its answer is recorded
 * when it comes. */
typedef struct commit_reading commit_reading;
commit_reading *run_commit_read(run_state *run);
/** Wait for it, and free. */
void run_commit_end(commit_reading *c);

/** The plan as facts, before anything starts. */
void run_facts_write(run_state *run);

#endif
