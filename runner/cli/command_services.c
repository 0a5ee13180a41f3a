/* services up|down|status|logs: the services alone, for development. */
#include "cli/command.h"

#include "base/json.h"
#include "cli/stacks.h"

#include <string.h>

/* What an engine is given to answer; what it streams (logs --follow) is bounded by the user. */
static const int64_t ANSWER_MS = 10000;
static const int64_t REMOVE_MS = 60000;
static const int64_t FOLLOW_MS = (int64_t)365 * 24 * 3600 * 1000;

static bool is_asked(const cli_options *options, const char *service)
{
    if (options->arguments.count == 1)
        return true;
    for (size_t i = 1; i < options->arguments.count; i++) {
        if (strcmp(options->arguments.items[i], service) == 0)
            return true;
    }
    return false;
}

static utr_code down(const cli_options *options, const stacks *s, utr_error *err)
{
    if (options->arguments.count > 1)
        return utr_fail(err, UTR_USAGE,
                        "services down takes whole categories, not '%s'; choose with --category",
                        options->arguments.items[1]);
    for (size_t i = 0; i < s->plan->categories.count; i++) {
        size_t removed = 0;
        auto_free char *project = stacks_project(s, i);
        if (services_remove_project(s->engine, project, engine_within(REMOVE_MS, NULL), &removed, err))
            return err->code;
        (void)printf("%s: %zu containers, networks and volumes removed\n",
                     s->plan->categories.items[i].manifest->name, removed);
    }
    return UTR_OK;
}

static char *address_text(const services_status_row *row)
{
    utr_strs addresses = {0};
    for (size_t i = 0; i < row->addresses.count; i++) {
        const services_address *address = &row->addresses.items[i];
        utr_strs_give(&addresses, utr_format("%s:%d", address->host, address->port));
    }
    char *text = utr_strs_join(&addresses, " ");
    utr_strs_dispose(&addresses);
    return text;
}

static void print_row(const char *category, const services_status_row *row)
{
    auto_free char *addresses = address_text(row);
    /* Until Docker's interval has passed its own check says "starting", long after ours has passed. */
    const char *health = strcmp(row->health, "starting") == 0 ? "" : row->health;
    (void)printf("%-24s %-24s %-10s %-10s %.12s  %s\n", category, row->service, row->state, health,
                 row->container_id, addresses);
}

static json_t *row_json(const char *category, const services_status_row *row)
{
    json_t *addresses = json_array();
    for (size_t i = 0; i < row->addresses.count; i++) {
        const services_address *address = &row->addresses.items[i];
        (void)json_array_append_new(addresses,
                                    json_pack("{s:i, s:s, s:i}", "container_port", address->container_port,
                                              "host", address->host, "port", address->port));
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "category", category, "service", row->service,
                     "state", row->state, "health", row->health, "container_id", row->container_id, "project",
                     row->project, "addresses", addresses);
}

/* Every row of every stack, as a line or into list. */
static utr_code status(const cli_options *options, const stacks *s, utr_error *err)
{
    auto_json json_t *list = json_array();
    for (size_t i = 0; i < s->plan->categories.count; i++) {
        services_status_list rows = {0};
        auto_free char *project = stacks_project(s, i);
        const char *category = s->plan->categories.items[i].manifest->name;
        if (services_status(s->engine, project, engine_within(ANSWER_MS, NULL), &rows, err))
            return err->code;
        for (size_t k = 0; k < rows.count; k++) {
            if (options->json)
                (void)json_array_append_new(list, row_json(category, &rows.items[k]));
            else if (is_asked(options, rows.items[k].service))
                print_row(category, &rows.items[k]);
        }
        if (!options->json && !rows.count)
            (void)printf("%-24s nothing is up; `services up --category %s` brings it up\n", category,
                         category);
        services_status_dispose(&rows);
    }
    if (options->json)
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
    return UTR_OK;
}

static void print_log(void *ctx, bool is_stderr, const char *data, size_t len)
{
    (void)ctx, (void)is_stderr;
    (void)fwrite(data, 1, len, stdout);
    (void)fflush(stdout);
}

static utr_code logs_of(const cli_options *options, const stacks *s, const services_status_list *rows,
                        utr_error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (!is_asked(options, rows->items[i].service))
            continue;
        (void)printf("== %s\n", rows->items[i].service);
        engine_logs read = {.tail = options->tail, .follow = options->follow, .output = print_log};
        engine_bound bound = engine_within(options->follow ? FOLLOW_MS : ANSWER_MS, NULL);
        if (engine_container_logs(s->engine, rows->items[i].container_id, &read, bound, err))
            return err->code;
    }
    return UTR_OK;
}

static utr_code logs(const cli_options *options, const stacks *s, utr_error *err)
{
    if (options->follow && options->arguments.count != 2)
        return utr_fail(err, UTR_USAGE, "logs --follow wants one service: services logs --follow SERVICE");
    for (size_t i = 0; i < s->plan->categories.count; i++) {
        services_status_list rows = {0};
        auto_free char *project = stacks_project(s, i);
        if (services_status(s->engine, project, engine_within(ANSWER_MS, NULL), &rows, err))
            return err->code;
        utr_code code = logs_of(options, s, &rows, err);
        services_status_dispose(&rows);
        if (code)
            return code;
    }
    return UTR_OK;
}

typedef struct {
    const char *name;
    bool changes; /* what is up */
    utr_code (*run)(const cli_options *options, const stacks *s, utr_error *err);
} action;

static const action ACTIONS[] = {
    {"up", true, stacks_up}, {"down", true, down}, {"status", false, status}, {"logs", false, logs}};

static const action *find_action(const cli_options *options)
{
    for (size_t i = 0; options->arguments.count && i < sizeof ACTIONS / sizeof *ACTIONS; i++) {
        if (strcmp(ACTIONS[i].name, options->arguments.items[0]) == 0)
            return &ACTIONS[i];
    }
    return NULL;
}

static bool is_in_a_stack(const stacks *s, const char *service)
{
    for (size_t i = 0; i < s->plan->categories.count; i++) {
        const compose_stack *stack = s->plan->categories.items[i].stack;
        if (stack && compose_find(stack, service))
            return true;
    }
    return false;
}

static utr_code check_names(const cli_options *options, const stacks *s, utr_error *err)
{
    for (size_t i = 1; i < options->arguments.count; i++) {
        if (!is_in_a_stack(s, options->arguments.items[i]))
            return utr_fail(err, UTR_USAGE, "no chosen category has a service '%s'; see `list`",
                            options->arguments.items[i]);
    }
    return UTR_OK;
}

int command_services(const cli_options *options)
{
    utr_error err = {0};
    auto_faults utr_faults faults = {0};
    const action *what = find_action(options);
    if (!what) {
        (void)utr_fail(&err, UTR_USAGE, "say what to do: services up, down, status or logs");
        return cli_fail(&err, NULL);
    }
    auto_stacks stacks s = {.lock_fd = -1};
    if (stacks_open(options, &s, &faults, &err) || check_names(options, &s, &err) ||
        (what->changes && stacks_lock(&s, &err)) || what->run(options, &s, &err))
        return cli_fail(&err, &faults);
    return CLI_OK;
}
