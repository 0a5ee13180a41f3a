/* Runs the system's pytest over a project of projects/. */
#ifndef TEST_SUITES_PYTEST_RUN_H
#define TEST_SUITES_PYTEST_RUN_H

#include "launcher.h"

static inline void run_pytest_parts(const char *project, const char *pattern, const char *const *more,
                                    size_t parts, recorder *r)
{
    auto_free char *directory = utr_format("%s/%s", PROJECTS, project);
    const char *argv[16] = {"/usr/bin/python3", "-m", "pytest", "-p", "no:cacheprovider"};
    for (size_t i = 0; more && more[i]; i++)
        argv[5 + i] = more[i];
    launcher_run(
        &(launch){
            .format = "pytest", .directory = directory, .pattern = pattern, .argv = argv, .parts = parts},
        r);
}

static inline void run_pytest(const char *project, const char *pattern, const char *option, recorder *r)
{
    run_pytest_parts(project, pattern, (const char *const[]){option, NULL}, 0, r);
}

static inline void assert_told(const recorder *r, const char *part)
{
    if (!strstr(utr_buf_text(&r->told), part))
        fail_msg("not told: %s\namong:\n%s\noutput:\n%s", part, utr_buf_text(&r->told),
                 utr_buf_text(&r->output));
}

static inline void assert_not_told(const recorder *r, const char *part)
{
    if (strstr(utr_buf_text(&r->told), part))
        fail_msg("told: %s\namong:\n%s", part, utr_buf_text(&r->told));
}

/* Each, until NULL. */
static inline void assert_all_told(const recorder *r, const char *const *parts)
{
    for (; *parts; parts++)
        assert_told(r, *parts);
}

/* How often it was told. */
static inline size_t count_told(const recorder *r, const char *part)
{
    size_t count = 0;
    for (const char *at = utr_buf_text(&r->told); (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

#endif
