/* Brings a stack up once and prints how many milliseconds that took, from services_new() to the last ready
 * service; for `run`, which compares it with doing the same by hand. */
#include "services/services.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void tell(void *ctx, const services_event *event)
{
    (void)ctx;
    if (getenv("UTR_BENCH_STEPS"))
        (void)fprintf(stderr, "%7.1f ms  %-20s %s %.60s\n", event->seconds * 1000, event->service,
                      services_state_text(event->state), event->detail);
}

static utr_code load(const char *path, compose_stack **out, utr_error *err)
{
    auto_strs utr_strs files = {0};
    auto_faults utr_faults faults = {0};
    auto_faults utr_faults warnings = {0};
    compose_options options = {0};
    utr_strs_add(&files, path);
    return compose_load(&files, &options, out, &faults, &warnings, err);
}

static utr_code bench(const services_options *options, utr_error *err)
{
    services *s = NULL;
    int64_t began_us = utr_clock_us();
    utr_code code = services_new(options, &s, err);
    if (!code)
        code = services_up(s, NULL, err);
    int64_t took_us = utr_clock_us() - began_us;
    utr_error ignored = {0};
    utr_code down = s ? services_down(s, engine_within(30000, NULL), &ignored) : UTR_OK;
    services_free(s);
    if (!code && down) {
        *err = ignored;
        code = down;
    }
    if (!code)
        (void)printf("%.1f\n", (double)took_us / 1000.0);
    return code;
}

static utr_code run(const char *path, const char *service, utr_error *err)
{
    auto_compose compose_stack *stack = NULL;
    engine *e = NULL;
    utr_code code = load(path, &stack, err);
    if (!code)
        code = engine_open(NULL, engine_within(5000, NULL), &e, err);
    if (code)
        return code;
    auto_free char *name = utr_format("utr-bench-%d", (int)getpid());
    services_wanted wanted = {
        .name = service,
        .critical = true,
        .readiness = {.timeout_ms = 5000, .retries = 3, .delay_ms = 500, .start_ms = 60000}};
    services_options options = {.engine = e,
                                .stack = stack,
                                .project = name,
                                .session = name,
                                .wanted = &wanted,
                                .wanted_count = 1,
                                .on_event = tell};
    code = bench(&options, err);
    engine_free(e);
    return code;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "--reaper"))
        return services_reaper_main(argc, argv);
    if (argc != 3) {
        (void)fputs("usage: bench_ready COMPOSE_FILE SERVICE\n", stderr);
        return 2;
    }
    utr_error err = {0};
    if (run(argv[1], argv[2], &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
