/* Launches a suite with a recorder and runs the loop to its end. */
#ifndef TEST_SUITES_LAUNCHER_H
#define TEST_SUITES_LAUNCHER_H

#include "recorder.h"

#include "base/clock.h"
#include "base/files.h"

#include <dirent.h>

typedef struct {
    const char *format;
    const char *directory; /* NULL: "/" */
    const char *pattern;
    const char *report;
    const char *test;
    int64_t timeout_ms;
    size_t parts;            /* processes that share the suite's tests; 0: one, which runs all */
    const char *const *argv; /* ends with NULL */
} launch;

/* Whether a folder holds nothing. */
static inline bool folder_is_empty(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    int count = 0;
    while (readdir(folder))
        count++;
    (void)closedir(folder);
    return count == 2;
}

static inline void launcher_run_in(const launch *what, const char *run_dir, recorder *r)
{
    uv_loop_t loop;
    utr_error err = {0};
    auto_strs utr_strs argv = {0};
    auto_strs utr_strs environment = {0};
    auto_strs utr_strs services = {0};
    for (const char *const *word = what->argv; *word; word++)
        utr_strs_add(&argv, *word);
    utr_strs_add(&environment, "PATH=/usr/bin:/bin");
    utr_strs_add(&environment, "SUITE_ADDRESS=127.0.0.9:5432");
    utr_strs_add(&environment, "UTR_EVENTS=/an/outer/runner");
    utr_strs_add(&services, "db");
    utr_strs_add(&services, "cache");
    suites_options options = {.name = "suite",
                              .format = what->format,
                              .argv = &argv,
                              .environment = &environment,
                              .directory = what->directory ? what->directory : "/",
                              .run_dir = run_dir,
                              .pattern = what->pattern,
                              .report = what->report,
                              .test = what->test,
                              .service_names = &services,
                              .timeout_ms = what->timeout_ms ? what->timeout_ms : 60000,
                              .grace_ms = 200,
                              .listener = &RECORDER,
                              .collection = what->parts ? suites_collection_new() : NULL,
                              .parts = what->parts > 0,
                              .ctx = r};
    assert_int_equal(uv_loop_init(&loop), 0);
    for (size_t i = 0; i < (what->parts ? what->parts : 1); i++) {
        if (suites_launch(&loop, &options, &r->process, &err))
            utr_buf_print(&r->told, "REFUSED %s\n", err.text);
        else
            r->processes++;
    }
    assert_int_equal(r->exits, 0);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(r->exits, r->processes);
    suites_collection_free(options.collection);
}

static inline void launcher_run(const launch *what, recorder *r)
{
    char run_dir[] = "/tmp/utr-launch-XXXXXX";
    assert_non_null(mkdtemp(run_dir));
    launcher_run_in(what, run_dir, r);
    assert_true(folder_is_empty(run_dir));
    assert_int_equal(rmdir(run_dir), 0);
}

#endif
