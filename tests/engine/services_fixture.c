#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services_fixture.h"

#include "services/owner.h"

#include "base/clock.h"
#include "base/files.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

engine *open_engine(void)
{
    engine *e = NULL;
    utr_error err = {0};
    if (engine_open(NULL, engine_within(5000, NULL), &e, &err))
        fail_msg("these tests need a Docker engine: %s", err.text);
    return e;
}

static void record(void *ctx, const services_event *event)
{
    stage *s = ctx;
    (void)pthread_mutex_lock(&s->lock);
    *utr_vec_push(&s->events) =
        (told){event->state, utr_strdup(event->service), utr_strdup(event->detail), utr_clock_ms()};
    (void)pthread_mutex_unlock(&s->lock);
}

static compose_stack *load(const char *folder, const char *text)
{
    auto_free char *path = utr_path_join(folder, "compose.yaml");
    utr_error err = {0};
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
    auto_strs utr_strs files = {0};
    utr_strs_add(&files, path);
    compose_options options = {0};
    auto_faults utr_faults faults = {0};
    auto_faults utr_faults warnings = {0};
    compose_stack *stack = NULL;
    if (compose_load(&files, &options, &stack, &faults, &warnings, &err))
        fail_msg("%s; %s", err.text, faults.texts.count ? faults.texts.items[0] : "no fault told");
    return stack;
}

void stage_open(stage *s, const char *compose_text, const char *const *names)
{
    static atomic_int number;
    char folder[] = "/tmp/utr-services-XXXXXX";
    assert_non_null(mkdtemp(folder));
    *s = (stage){.folder = utr_strdup(folder), .engine = open_engine()};
    s->project = utr_format("utr-svc-%d-%d", (int)getpid(), atomic_fetch_add(&number, 1));
    s->stack = load(folder, compose_text);
    (void)pthread_mutex_init(&s->lock, NULL);
    size_t count = 0;
    for (; names[count]; count++) {
        s->wanted[count] = (services_wanted){
            .name = names[count],
            .critical = true,
            .readiness = {.timeout_ms = 5000, .retries = 3, .delay_ms = 500, .start_ms = 20000}};
    }
    s->options = (services_options){.engine = s->engine,
                                    .stack = s->stack,
                                    .project = s->project,
                                    .session = s->project,
                                    .wanted = s->wanted,
                                    .wanted_count = count,
                                    .log_dir = s->folder,
                                    .on_event = record,
                                    .ctx = s};
}

utr_code stage_up(stage *s, utr_error *err)
{
    utr_code code = services_new(&s->options, &s->services, err);
    return code ? code : services_up(s->services, NULL, err);
}

char *stage_log(const stage *s, const char *service)
{
    auto_free char *path = utr_format("%s/%s.log", s->folder, service);
    for (int64_t end = utr_clock_ms() + 5000; utr_clock_ms() < end; (void)utr_cancel_sleep(NULL, 20)) {
        utr_error err = {0};
        utr_buf text = UTR_BUF_INIT(1 << 20);
        if (utr_file_read(path, &text, &err) == UTR_OK && text.len)
            return utr_buf_take(&text);
        utr_buf_dispose(&text);
    }
    return utr_strdup("");
}

size_t count_labelled(engine *e, const char *label, const char *value)
{
    auto_strs utr_strs labels = {0};
    utr_strs_give(&labels, value ? utr_format("%s=%s", label, value) : utr_strdup(label));
    size_t count = 0;
    for (int kind = ENGINE_CONTAINERS; kind <= ENGINE_VOLUMES; kind++) {
        engine_list list = {0};
        utr_error err = {0};
        if (engine_list_labelled(e, (engine_kind)kind, &labels, engine_within(10000, NULL), &list, &err))
            fail_msg("%s", err.text);
        count += list.count;
        engine_list_dispose(&list);
    }
    return count;
}

void stage_close(stage *s)
{
    utr_error err = {0};
    if (s->services && services_down(s->services, engine_within(30000, NULL), &err))
        fail_msg("%s", err.text);
    services_free(s->services);
    if (!s->options.keep)
        assert_int_equal(count_labelled(s->engine, SERVICES_LABEL_SESSION, s->project), 0);
    engine_free(s->engine);
    compose_free(s->stack);
    for (size_t i = 0; i < s->events.count; i++) {
        free(s->events.items[i].service);
        free(s->events.items[i].detail);
    }
    utr_vec_dispose(&s->events);
    (void)pthread_mutex_destroy(&s->lock);
    auto_free char *command = utr_format("rm -rf %s", s->folder);
    assert_int_equal(system(command), 0);
    free(s->folder);
    free(s->project);
}

/* Events own their strings until the stage closes, so what is found stays readable. */
const told *stage_told(stage *s, services_state state, const char *service)
{
    static _Thread_local told found;
    bool has = false;
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->events.count && !has; i++) {
        has = s->events.items[i].state == state && !strcmp(s->events.items[i].service, service);
        if (has)
            found = s->events.items[i];
    }
    (void)pthread_mutex_unlock(&s->lock);
    return has ? &found : NULL;
}

const told *stage_await(stage *s, services_state state, const char *service, int64_t ms)
{
    int64_t end_ms = utr_clock_ms() + ms;
    const told *found = stage_told(s, state, service);
    while (!found && utr_clock_ms() < end_ms) {
        (void)utr_cancel_sleep(NULL, 2);
        found = stage_told(s, state, service);
    }
    return found;
}

/* Brings a stack up, says so, and waits to be killed. */
static int be_victim(const char *session)
{
    static const char TEXT[] = "services:\n"
                               "  redis:\n"
                               "    image: utr-fixture-redis:7\n"
                               "    volumes: [kept:/data]\n"
                               "volumes:\n"
                               "  kept:\n";
    static const char *const NAMES[] = {"redis", NULL};
    stage s;
    stage_open(&s, TEXT, NAMES);
    s.options.session = session;
    s.options.project = session;
    s.options.log_dir = NULL;
    auto_free char *remove = utr_format("rm -rf %s", s.folder); /* nobody does it after the kill */
    if (system(remove))
        return 1;
    utr_error err = {0};
    if (stage_up(&s, &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    (void)write(STDOUT_FILENO, "up\n", 3);
    (void)pause();
    return 0;
}

int special_modes(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "--reaper"))
        return services_reaper_main(argc, argv);
    if (argc == 3 && !strcmp(argv[1], "--victim"))
        return be_victim(argv[2]);
    return -1;
}
