#include "run/suite/select.h"

#include "base/text.h"
#include "run/environment.h"
#include "run/suite/suite.h"

#include <string.h>

enum { MOST_PRINTED = 4 << 20, MOST_NAME = 4096, MOST_TESTS = 10000 };

static utr_code name_check(const char *name, json_t *seen, utr_error *err)
{
    if (strlen(name) > MOST_NAME)
        return utr_fail(err, UTR_CONFIG, "it printed a name of %zu bytes; %d are allowed", strlen(name),
                        MOST_NAME);
    auto_json json_t *text = json_string(name);
    if (!text)
        return utr_fail(err, UTR_CONFIG, "it printed a name that is not UTF-8");
    if (json_object_get(seen, name))
        return utr_fail(err, UTR_CONFIG, "it printed '%.200s' twice; names are unique", name);
    (void)json_object_set(seen, name, text);
    if (json_object_size(seen) > MOST_TESTS)
        return utr_fail(err, UTR_CONFIG, "it printed more than %d names", MOST_TESTS);
    return UTR_OK;
}

utr_code run_select_read(const char *printed, const char *pattern, utr_strs *out, utr_error *err)
{
    auto_json json_t *seen = json_object();
    while (*printed) {
        size_t len = strcspn(printed, "\n");
        size_t end = len;
        while (end && printed[end - 1] == '\r')
            end--;
        auto_free char *name = utr_strndup(printed, end);
        printed += printed[len] ? len + 1 : len;
        if (!*name)
            continue;
        if (name_check(name, seen, err))
            return err->code;
        if (!pattern || utr_text_glob(pattern, name))
            utr_strs_add(out, name);
    }
    if (!json_object_size(seen))
        return utr_fail(err, UTR_CONFIG, "it printed no name of a test");
    return UTR_OK;
}

/* Text with each {test} replaced. */
static char *replace_test(const char *text, const char *test)
{
    utr_strs parts = {0};
    const char *found;
    while ((found = strstr(text, MANIFEST_TEST)) != NULL) {
        utr_strs_give(&parts, utr_strndup(text, (size_t)(found - text)));
        text = found + strlen(MANIFEST_TEST);
    }
    utr_strs_add(&parts, text);
    char *whole = utr_strs_join(&parts, test);
    utr_strs_dispose(&parts);
    return whole;
}

utr_strs run_select_argv(const utr_strs *select, const char *test)
{
    utr_strs argv = {0};
    for (size_t i = 0; i < select->count; i++)
        utr_strs_give(&argv, replace_test(select->items[i], test));
    return argv;
}

char *run_select_report(const char *report, const char *test)
{
    if (!report)
        return NULL;
    auto_free char *literal = utr_calloc(2 * strlen(test) + 1, 1);
    char *to = literal;
    for (; *test; test++) {
        if (strchr("*?[\\", *test))
            *to++ = '\\';
        *to++ = *test;
    }
    return replace_test(report, literal);
}

/* The longest first, those that are not known last; of the same length in the order of the list. */
static void sort_by_length(run_suite *suite, utr_strs *tests)
{
    auto_free double *seconds = utr_calloc(tests->count, sizeof *seconds);
    for (size_t i = 0; i < tests->count; i++) {
        double own = run_record_test_estimate(&suite->run->record, suite->category->manifest->name,
                                              suite->manifest->name, tests->items[i]);
        char *test = tests->items[i];
        size_t at = i;
        for (; at > 0 && seconds[at - 1] < own; at--) {
            seconds[at] = seconds[at - 1];
            tests->items[at] = tests->items[at - 1];
        }
        seconds[at] = own;
        tests->items[at] = test;
    }
}

static void on_printed(void *ctx, const char *data, size_t len)
{
    run_suite *suite = ctx;
    utr_error full = {0};
    if (utr_buf_add(&suite->select.printed, data, len, &full))
        loop_process_end(suite->select.listing,
                         true); /* what was printed fills the buffer: told at its end */
}

static utr_code judge(run_suite *suite, const loop_exit *how, utr_error *err)
{
    run_select *select = &suite->select;
    if (how->cancelled && !run_is_ending(suite->run))
        return utr_fail(err, UTR_CONFIG, "it printed more than %d bytes", MOST_PRINTED);
    if (how->timed_out)
        return utr_fail(err, UTR_TIMEOUT, "it did not end within %.1f s", how->seconds);
    if (how->signal)
        return utr_fail(err, UTR_SERVICE, "it was ended by signal %d", how->signal);
    if (how->exit_code)
        return utr_fail(err, UTR_SERVICE, "it exited with code %d", how->exit_code);
    if (strlen(utr_buf_text(&select->printed)) != select->printed.len)
        return utr_fail(err, UTR_CONFIG, "it printed a NUL byte");
    return run_select_read(utr_buf_text(&select->printed), suite->run->request->pattern, &select->tests, err);
}

static void on_list_exit(void *ctx, const loop_exit *how)
{
    run_suite *suite = ctx;
    utr_error err = {0};
    suite->select.listing = NULL;
    run_leave_slot(suite->run, &suite->select);
    if (judge(suite, how, &err)) {
        auto_free char *command = utr_strs_join(&suite->manifest->list, " ");
        (void)utr_wrap(&err, "list `%s` (%s)", command, suite->log.path);
    } else {
        sort_by_length(suite, &suite->select.tests);
        suite->select.known = true;
    }
    utr_buf_dispose(&suite->select.printed);
    run_suite_listed(suite, &err);
}

static void end_listing(void *ctx, bool now)
{
    run_select *select = ctx;
    loop_process_end(select->listing, now);
}

static const char *no_address(void *ctx, const char *service, int port)
{
    (void)ctx;
    (void)service;
    (void)port;
    return NULL;
}

utr_code run_select_list(run_suite *suite, utr_error *err)
{
    const manifest_category *category = suite->category->manifest;
    auto_strs utr_strs environment = run_environment_base(category, suite->manifest);
    if (run_environment_add(category, suite->manifest, no_address, NULL, &environment))
        return utr_fail(err, UTR_DEFECT, "a variable passed the manifest's check and cannot be expanded");
    loop_spawn options = {
        .argv = &suite->manifest->list,
        .environment = &environment,
        .directory = suite->manifest->directory,
        .error_fd = suite->log.fd,
        .timeout_ms = run_suite_left_ms(suite),
        .grace_ms = RUN_GRACE_MS,
        .on_output = on_printed,
        .on_exit = on_list_exit,
        .ctx = suite,
    };
    suite->select.asked = true;
    suite->select.printed = UTR_BUF_INIT(MOST_PRINTED);
    if (loop_process_spawn(suite->run->loop, &options, &suite->select.listing, err))
        return utr_wrap(err, "list");
    run_take_slot(suite->run, end_listing, &suite->select);
    return UTR_OK;
}

void run_select_dispose(run_select *select)
{
    utr_strs_dispose(&select->tests);
    utr_buf_dispose(&select->printed);
}
