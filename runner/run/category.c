/* One category through its stages, in a straight line. */
#include "run/state.h"

#include "base/clock.h"

#include <string.h>

/* An engine that does not answer at all is told within a second (design, section 4). */
static const int64_t ENGINE_MS = 1000;

static void engine_work(void *ctx)
{
    run_state *run = ((void **)ctx)[0];
    utr_error *err = ((void **)ctx)[1];
    if (engine_open(NULL, engine_within(ENGINE_MS, &run->cancel), &run->engine, err))
        return; /* the caller looks at err */
}

static utr_code open_engine(run_state *run, utr_error *err)
{
    if (run->engine)
        return UTR_OK;
    run_on_thread(run, engine_work, (void *[]){run, err});
    if (err->code)
        return err->code;
    engine_facts facts;
    engine_get_facts(run->engine, &facts);
    auto_free char *text =
        utr_format("Docker Engine %s (API %s) at %s", facts.version, facts.api_version, facts.host);
    (void)journal_add(run->journal, &(journal_fact){.kind = JOURNAL_ENGINE, .text = text});
    return UTR_OK;
}

/* Why the category cannot start, or NULL. */
static const char *obstacle(const run_state *run, const run_category *category)
{
    const manifest_category *manifest = category->manifest;
    if (run->signal)
        return "the run was interrupted";
    if (run->stop)
        return "the run was stopped by an earlier failure";
    if (manifest->real_services == MANIFEST_REQUIRED && !run->request->real_services)
        return "it requires real services; run it with --real-services";
    return NULL;
}

/* A category whose foundations were not proven would prove nothing. */
static bool rests_on_sand(const run_state *run, const run_category *category)
{
    if (!category->manifest->depends_on.count)
        return false;
    auto_verdict verdict *v = verdict_judge(run->journal);
    for (size_t i = 0; i < v->categories.count; i++) {
        for (size_t k = 0; k < category->manifest->depends_on.count; k++) {
            const char *need = category->manifest->depends_on.items[k].category;
            if (strcmp(v->categories.items[i].plan->category, need) == 0 &&
                v->categories.items[i].outcome != VERDICT_PROVEN)
                return true;
        }
    }
    return false;
}

static utr_code execute_with_services(run_state *run, const run_category *category, size_t index,
                                      int64_t deadline_ms, utr_error *err)
{
    bring_up *up = NULL;
    if (run_bring_up(run, category, index, &up, err))
        return err->code;
    identifying *asked = run_identify(run, category, up);
    run_suites(run, category, up, deadline_ms);
    run_identify_end(asked);
    run_take_down(run, up);
    return UTR_OK;
}

static utr_code execute(run_state *run, const run_category *category, size_t index, utr_error *err)
{
    int64_t deadline_ms = utr_clock_ms() + category->manifest->timeout_ms;
    bool with_services = category->stack && run->request->real_services;
    if (with_services &&
        open_engine(run, err)) /* first: nobody waits for a build to hear that there is no engine */
        return err->code;
    if (run_prepare(run, category, deadline_ms, err))
        return err->code;
    if (run->signal)
        return UTR_OK;
    reading *sources = run_sources_read(run, category, deadline_ms, err);
    if (!sources)
        return err->code;
    utr_code code = UTR_OK;
    if (with_services)
        code = execute_with_services(run, category, index, deadline_ms, err);
    else
        run_suites(run, category, NULL, deadline_ms);
    run_sources_end(sources);
    return code;
}

/* Whether the record says already which service did not come up. */
static bool is_told(const run_state *run, const run_category *category)
{
    for (size_t i = 0; i < journal_count(run->journal); i++) {
        const journal_fact *fact = journal_get(run->journal, i);
        if (fact->kind == JOURNAL_SERVICE_STATE && strcmp(fact->category, category->manifest->name) == 0 &&
            strcmp(fact->state, services_state_text(SERVICES_FAILED)) == 0)
            return true;
    }
    return false;
}

void run_category_execute(run_state *run, const run_category *category, size_t index)
{
    utr_error err = {0};
    const char *why = obstacle(run, category);
    if (!why && rests_on_sand(run, category))
        why = "a category that it depends on was not proven";
    if (!why && execute(run, category, index, &err)) {
        if (!run->signal && !is_told(run, category))
            (void)journal_add(run->journal,
                              RUN_FACT(JOURNAL_BROKEN, category->manifest->name, .text = err.text));
        why = err.text;
    }
    if (why)
        (void)journal_add(run->journal,
                          RUN_FACT(JOURNAL_SKIPPED_CATEGORY, category->manifest->name, .text = (char *)why));
}
