#include "cli/stacks.h"

#include "base/cancel.h"
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const int64_t ENGINE_MS = 1000;
static const int64_t ANSWER_MS = 10000;
static const int64_t REMOVE_MS = 60000;

/* Tripped by Ctrl-C; a signal handler reaches only what is global. */
static utr_cancel interrupted = {.fd = -1};

utr_code stacks_open(const cli_options *options, stacks *out, utr_faults *faults, utr_error *err)
{
    auto_faults utr_faults warnings = {0};
    out->root = realpath(options->request.root, NULL);
    if (!out->root)
        return utr_fail_sys(err, errno, "open --root %s", options->request.root);
    if (run_plan_new(&options->request, &out->plan, faults, &warnings, err))
        return err->code;
    cli_warn(&warnings);
    return engine_open(NULL, engine_within(ENGINE_MS, NULL), &out->engine, err);
}

void stacks_dispose(stacks *s)
{
    engine_free(s->engine);
    run_plan_free(s->plan);
    free(s->root);
    utr_close_fd(&s->lock_fd);
}

utr_code stacks_lock(stacks *s, utr_error *err)
{
    s->lock_fd = open(s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->lock_fd < 0)
        return utr_fail_sys(err, errno, "open %s", s->root);
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return UTR_OK;
    return utr_fail(err, UTR_CONFLICT,
                    "another `services up` or `services down` is at work in %s; try again when it has ended",
                    s->root);
}

char *stacks_project(const stacks *s, size_t index)
{
    return run_project_name(s->root, s->plan->categories.items[index].manifest->name, NULL);
}

/* On any thread; a line at a time is whole, as stdio locks its streams. */
static void print_event(void *ctx, const services_event *event)
{
    (void)ctx;
    (void)printf("%7.2f s  %-24s %s%s%s\n", event->seconds, event->service, services_state_text(event->state),
                 event->detail && *event->detail ? ": " : "", event->detail ? event->detail : "");
    (void)fflush(stdout);
}

static bool is_named(const cli_options *options, const char *service)
{
    for (size_t i = 1; i < options->arguments.count; i++) {
        if (strcmp(options->arguments.items[i], service) == 0)
            return true;
    }
    return options->arguments.count == 1;
}

static bool is_running(const services_status_list *rows, const char *service)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->items[i].service, service) == 0 && strcmp(rows->items[i].state, "running") == 0)
            return true;
    }
    return false;
}

static size_t count_running(const services_status_list *rows, const run_wanted *wanted)
{
    size_t running = 0;
    for (size_t i = 0; i < wanted->count; i++)
        running += is_running(rows, wanted->items[i].name);
    return running;
}

static void on_interrupt(int signal)
{
    (void)signal;
    utr_cancel_trip(&interrupted);
}

static utr_code catch_interrupts(utr_error *err)
{
    if (interrupted.fd < 0 && utr_cancel_init(&interrupted, err))
        return err->code;
    struct sigaction action = {.sa_handler = on_interrupt};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* `| head` must not leave a stack half up */
    return UTR_OK;
}

/* What did not come up whole is taken down again: a stack that stays half up helps nobody. */
static utr_code bring_up(const stacks *s, const services_options *options, utr_error *err)
{
    services *up = NULL;
    if (catch_interrupts(err) || services_new(options, &up, err))
        return err->code;
    utr_code code = services_up(up, &interrupted, err);
    services_free(up);
    if (!code)
        return UTR_OK;
    size_t removed = 0;
    utr_error ignored = {0};
    if (services_remove_project(s->engine, options->project, engine_within(REMOVE_MS, NULL), &removed,
                                &ignored))
        (void)utr_wrap(err, "and it could not be removed again (%s)", ignored.text);
    return code;
}

static utr_code up_wanted(const cli_options *options, const stacks *s, size_t index, const run_wanted *wanted,
                          utr_error *err)
{
    const run_category *category = &s->plan->categories.items[index];
    auto_free char *project = stacks_project(s, index);
    auto_free char *session = utr_format("kept-%s-%ld", project, (long)getpid());
    services_options new_options = {
        .engine = s->engine,
        .stack = category->stack,
        .project = project,
        .session = session,
        .wanted = wanted->items,
        .wanted_count = wanted->count,
        .pull = options->request.pull,
        .keep = true,
        .on_event = print_event,
    };
    services_status_list rows = {0};
    if (services_status(s->engine, project, engine_within(ANSWER_MS, NULL), &rows, err))
        return err->code;
    utr_code code = UTR_OK;
    if (count_running(&rows, wanted) == wanted->count)
        (void)printf("%s: %zu services are up already; `services status` shows them\n",
                     category->manifest->name, wanted->count);
    else if (rows.count)
        code = utr_fail(err, UTR_CONFLICT, "%s is partly up; run `services down --category %s` first",
                        category->manifest->name, category->manifest->name);
    else
        code = bring_up(s, &new_options, err);
    services_status_dispose(&rows);
    return code;
}

/* All of a category's services, or those that were named. */
static utr_code up_one(const cli_options *options, const stacks *s, size_t index, utr_error *err)
{
    run_wanted all = run_plan_wanted(&s->plan->categories.items[index], options->request.environment);
    run_wanted named = {0};
    for (size_t i = 0; i < all.count; i++) {
        if (is_named(options, all.items[i].name))
            *utr_vec_push(&named) = all.items[i];
    }
    utr_code code = up_wanted(options, s, index, &named, err);
    utr_vec_dispose(&named);
    run_wanted_dispose(&all);
    return code;
}

static bool is_known(const stacks *s, const char *service)
{
    for (size_t i = 0; i < s->plan->categories.count; i++) {
        if (manifest_service_find(s->plan->categories.items[i].manifest, service))
            return true;
    }
    return false;
}

utr_code stacks_up(const cli_options *options, const stacks *s, utr_error *err)
{
    for (size_t i = 1; i < options->arguments.count; i++) {
        if (!is_known(s, options->arguments.items[i]))
            return utr_fail(err, UTR_USAGE, "no chosen category names a service '%s'; see `list`",
                            options->arguments.items[i]);
    }
    for (size_t i = 0; i < s->plan->categories.count; i++) {
        if (s->plan->categories.items[i].stack && up_one(options, s, i, err))
            return err->code;
    }
    return UTR_OK;
}
