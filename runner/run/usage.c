/* What the services took: one look at each before they are removed. */
#include "run/state.h"

/* A service that died has nothing to tell, and nobody waits for it. */
static const int64_t LOOK_MS = 2000;

typedef struct {
    run_state *run;
    const services_running *running;
    engine_stats stats;
    bool known;
} look;

static void look_work(void *ctx)
{
    look *l = ctx;
    utr_error ignored = {0};
    engine_bound bound = engine_within(LOOK_MS, &l->run->cancel);
    l->known = !engine_container_stats(l->run->engine, l->running->container_id, bound, &l->stats, &ignored);
}

void run_usage(run_state *run, const run_category *category, const bring_up *up)
{
    for (size_t i = 0; i < category->manifest->services.count && !run_is_ending(run); i++) {
        char *name = category->manifest->services.items[i].name;
        look l = {.run = run, .running = services_find(run_bring_up_services(up), name)};
        if (!l.running || l.running->one_shot)
            continue;
        run_on_thread(run, look_work, &l);
        if (l.known)
            (void)journal_add(run->journal, RUN_FACT(JOURNAL_USAGE, category->manifest->name, .service = name,
                                                     .count = l.stats.memory_bytes,
                                                     .seconds = (double)l.stats.cpu_ns / 1e9));
    }
}
