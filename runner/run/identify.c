/* Who answers: each service is asked for the identity that its own data carries, over a connection of ours
 * that is no evidence. */
#include "run/state.h"

#include "base/clock.h"

#include <string.h>

/* Asking is a courtesy to the record; a service that does not answer in this time keeps its container id
 * alone. */
static const int64_t ASK_MS = 3000;

/* How a kind of service is asked, inside its own container, with the client that its image brings. */
typedef struct {
    int port;
    const char *script;
    const char *prefix; /* in front of the answer's value */
} question;

static const question QUESTIONS[] = {
    {5432,
     "psql -h 127.0.0.1 -U \"${POSTGRES_USER:-postgres}\" -d \"${POSTGRES_DB:-${POSTGRES_USER:-postgres}}\" "
     "-tAc "
     "'SELECT system_identifier FROM pg_control_system()'",
     "system_identifier "},
    {6379, "redis-cli INFO server | sed -n 's/^run_id://p'", "run_id "},
};

/* One service being asked, on a thread. */
typedef struct {
    uv_work_t work;
    identifying *all;
    const services_running *running;
    const question *asked;
    char *answer;
} asking;

struct identifying {
    run_state *run;
    const run_category *category;
    asking *items;
    size_t pending;
    bool done;
};

static void ask_work(uv_work_t *work)
{
    asking *a = work->data;
    auto_strs utr_strs argv = {0};
    utr_strs_add(&argv, "sh");
    utr_strs_add(&argv, "-c");
    utr_strs_give(&argv,
                  utr_format("PGPASSWORD=\"$POSTGRES_PASSWORD\" PGCONNECT_TIMEOUT=2; export PGPASSWORD "
                             "PGCONNECT_TIMEOUT; %s",
                             a->asked->script));
    engine_exec_result result = {0};
    utr_error err = {0};
    engine_bound bound = engine_within(ASK_MS, &a->all->run->cancel);
    if (engine_exec(a->all->run->engine, a->running->container_id, &argv, bound, &result, &err))
        return; /* no answer: the identity stays unknown */
    const char *text = utr_buf_text(&result.output);
    size_t len = strcspn(text, "\r\n");
    if (!result.exit_code && len && len < 128)
        a->answer = utr_format("%s%.*s", a->asked->prefix, (int)len, text);
    utr_buf_dispose(&result.output);
}

static void record(const asking *a)
{
    const services_running *running = a->running;
    auto_free char *address = run_first_address(running);
    (void)journal_add(a->all->run->journal,
                      RUN_FACT(JOURNAL_IDENTITY, a->all->category->manifest->name,
                               .service = (char *)running->name, .image = (char *)running->image,
                               .image_id = (char *)running->image_id,
                               .container_id = (char *)running->container_id, .address = address,
                               .identity = a->answer, .seconds = running->ready_seconds));
}

static void on_answer(uv_work_t *work, int status)
{
    asking *a = work->data;
    (void)status; /* never cancelled */
    if (a->answer)
        record(a);
    free(a->answer);
    a->all->done = --a->all->pending == 0;
}

static const question *question_for(const services_running *running)
{
    for (size_t i = 0; i < running->address_count; i++) {
        for (size_t k = 0; k < sizeof QUESTIONS / sizeof *QUESTIONS; k++) {
            if (QUESTIONS[k].port == running->addresses[i].container_port)
                return &QUESTIONS[k];
        }
    }
    return NULL;
}

static void ask(identifying *all, const services_running *running)
{
    const question *asked = running ? question_for(running) : NULL;
    if (!asked)
        return;
    asking *a = &all->items[all->pending];
    *a = (asking){.all = all, .running = running, .asked = asked};
    a->work.data = a;
    if (uv_queue_work(all->run->loop, &a->work, ask_work, on_answer) == 0)
        all->pending++;
}

identifying *run_identify(run_state *run, const run_category *category, const bring_up *up)
{
    identifying *all = UTR_NEW(identifying);
    *all = (identifying){.run = run, .category = category};
    all->items = utr_calloc(category->manifest->services.count, sizeof *all->items);
    for (size_t i = 0; i < category->manifest->services.count; i++)
        ask(all, services_find(run_bring_up_services(up), category->manifest->services.items[i].name));
    all->done = all->pending == 0;
    return all;
}

void run_identify_end(identifying *all)
{
    run_until(all->run, &all->done);
    free(all->items);
    free(all);
}
