/* Real runs of Node's test runners over fixtures/node/outcomes. */
#ifndef TEST_SUITES_NODE_H
#define TEST_SUITES_NODE_H

#include "launcher.h"

/* argv: after "node" */
static inline void run_node(const char *project, const char *pattern, const char *const *arguments,
                            recorder *r)
{
    enum { MOST = 12 };
    auto_free char *directory = utr_format("%s/%s", OUTCOMES, project);
    const char *argv[MOST + 2] = {"/usr/bin/env", "node"};
    for (size_t i = 0; arguments[i]; i++) {
        assert_true(i + 3 < sizeof argv / sizeof *argv);
        argv[i + 2] = arguments[i];
    }
    launcher_run(&(launch){.format = "node", .directory = directory, .pattern = pattern, .argv = argv}, r);
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

/* parts: ends with NULL */
static inline void assert_told_all(const recorder *r, const char *const *parts)
{
    for (; *parts; parts++)
        assert_told(r, *parts);
    assert_not_told(r, "FAULT");
}

static inline size_t count_of(const recorder *r, const char *part)
{
    size_t count = 0;
    for (const char *at = utr_buf_text(&r->told); (at = strstr(at, part)); at++)
        count++;
    return count;
}

#endif
