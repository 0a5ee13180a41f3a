/* Bring-up in bad weather on the real engine: each ends within its deadline and says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services_fixture.h"

#include "services/owner.h"
#include "services/thread.h"

#include "base/clock.h"
#include "base/files.h"

#include <string.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void assert_says(const char *text, const char *word)
{
    if (!strstr(text, word))
        fail_msg("\"%s\" does not say \"%s\"", text, word);
}

/* Brings the stack up, which must fail in time; the reason is err's. */
static void fails(stage *s, utr_code expected, int64_t within_ms, utr_error *err)
{
    int64_t began_ms = utr_clock_ms();
    utr_code code = stage_up(s, err);
    int64_t took_ms = utr_clock_ms() - began_ms;
    if (code != expected)
        fail_msg("expected %s, got %s: %s", utr_code_text(expected), utr_code_text(code), err->text);
    if (took_ms > within_ms)
        fail_msg("took %lld ms, more than %lld", (long long)took_ms, (long long)within_ms);
}

static void test_a_health_check_that_never_passes_ends_at_the_deadline(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  sick:\n"
                               "    image: utr-base:bookworm\n"
                               "    command: [sh, -c, 'echo I am up; sleep 600']\n"
                               "    healthcheck: {test: [CMD-SHELL, 'echo still warming >&2; exit 7']}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("sick"));
    s.wanted[0].readiness =
        (services_readiness){.timeout_ms = 1000, .retries = 1000, .delay_ms = 100, .start_ms = 2000};
    fails(&s, UTR_SERVICE, 2000 + 2500, &err);
    assert_says(err.text, "sick");
    assert_says(err.text, "not ready within 2.");
    assert_says(err.text, "exit code 7");
    assert_says(err.text, "still warming");
    assert_says(stage_told(&s, SERVICES_FAILED, "sick")->detail, "\nI am up");
    stage_close(&s);
}

static void test_retries_bound_the_failures_in_a_row(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  sick:\n"
                               "    image: utr-fixture-redis:7\n"
                               "    healthcheck: {test: [CMD, 'false']}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("sick"));
    s.wanted[0].readiness.delay_ms = 40;
    fails(&s, UTR_SERVICE, 10000, &err);
    assert_says(err.text, "3 failures in a row");
    stage_close(&s);
}

static void test_a_hanging_check_is_cut_off_at_its_timeout(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  stuck:\n"
                               "    image: utr-base:bookworm\n"
                               "    command: [sleep, '600']\n"
                               "    healthcheck: {test: [CMD, sleep, '600']}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("stuck"));
    s.wanted[0].readiness =
        (services_readiness){.timeout_ms = 300, .retries = 2, .delay_ms = 20, .start_ms = 20000};
    fails(&s, UTR_SERVICE, 8000, &err);
    assert_says(err.text, "no end within 300 ms");
    stage_close(&s);
}

static void test_a_port_that_never_accepts_is_named(void **state)
{
    (void)state;
    static const char TEXT[] =
        "services:\n"
        "  deaf: {image: 'utr-base:bookworm', command: [sleep, '600'], ports: ['7777']}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("deaf"));
    s.wanted[0].readiness.start_ms = 1500;
    fails(&s, UTR_SERVICE, 4000, &err);
    assert_says(err.text, "port 7777 at 1");
    assert_says(err.text, "Connection refused");
    stage_close(&s);
}

static void test_a_container_that_exits_at_once_is_told_at_once(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  brief: {image: 'utr-base:bookworm', command: [sh, -c, 'echo no licence; "
                               "exit 3'], ports: ['7777']}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("brief"));
    fails(&s, UTR_SERVICE, 5000, &err);
    assert_says(err.text, "exited with code 3 before it was ready");
    assert_says(stage_told(&s, SERVICES_FAILED, "brief")->detail, "no licence");
    stage_close(&s);
}

static void test_a_server_that_exits_with_zero_is_not_ready(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  brief: {image: 'utr-base:bookworm', command: ['true'], ports: ['7777']}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("brief"));
    fails(&s, UTR_SERVICE, 5000, &err);
    assert_says(err.text, "exited with code 0 before it was ready");
    stage_close(&s);
}

static void test_an_oom_kill_is_called_by_its_name(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  hungry:\n"
                               "    image: utr-base:bookworm\n"
                               "    command: [tail, /dev/zero]\n"
                               "    ports: ['7777']\n"
                               "    deploy: {resources: {limits: {memory: 32M}}}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("hungry"));
    fails(&s, UTR_SERVICE, 10000, &err);
    assert_says(err.text, "OOM");
    assert_says(err.text, "137");
    stage_close(&s);
}

static void test_a_failing_migration_stops_what_waits_for_it(void **state)
{
    (void)state;
    static const char TEXT[] =
        "services:\n"
        "  migrate: {image: 'utr-base:bookworm', command: [sh, -c, 'echo bad column; exit 4']}\n"
        "  app:\n"
        "    image: utr-base:bookworm\n"
        "    command: [sleep, '600']\n"
        "    depends_on: {migrate: {condition: service_completed_successfully}}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("app"));
    fails(&s, UTR_SERVICE, 8000, &err);
    assert_says(err.text, "service 'migrate': exited with code 4");
    assert_says(stage_told(&s, SERVICES_FAILED, "migrate")->detail, "bad column");
    assert_null(stage_told(&s, SERVICES_STARTED, "app"));
    stage_close(&s);
}

static void test_a_missing_image_that_cannot_be_pulled_starts_nothing(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  ghost: {image: 'utr-svc-no-such-image:1'}\n"
                               "  redis: {image: 'utr-fixture-redis:7'}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("ghost", "redis"));
    int64_t began_ms = utr_clock_ms();
    assert_int_not_equal(stage_up(&s, &err), UTR_OK);
    assert_true(utr_clock_ms() - began_ms < 30000);
    assert_says(err.text, "pull 'utr-svc-no-such-image:1'");
    assert_non_null(stage_told(&s, SERVICES_FAILED, "ghost"));
    assert_null(stage_told(&s, SERVICES_STARTED, "redis"));
    stage_close(&s);
}

static void test_never_pulling_says_so(void **state)
{
    (void)state;
    static const char TEXT[] = "services: {ghost: {image: 'utr-svc-no-such-image:1'}}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("ghost"));
    s.options.pull = SERVICES_PULL_NEVER;
    fails(&s, UTR_NOT_FOUND, 5000, &err);
    assert_says(err.text, "pull policy");
    assert_null(stage_told(&s, SERVICES_PULLING, "ghost"));
    stage_close(&s);
}

static void test_a_build_that_fails_shows_its_last_words(void **state)
{
    (void)state;
    stage empty;
    stage_open(&empty, "services: {none: {image: none}}\n", (const char *const[]){NULL});
    auto_free char *dockerfile = utr_path_join(empty.folder, "Dockerfile");
    static const char LINES[] = "FROM utr-base:bookworm\nRUN echo compiler missing && exit 9\n";
    utr_error err = {0};
    assert_int_equal(utr_file_write(dockerfile, LINES, strlen(LINES), &err), UTR_OK);
    auto_free char *text = utr_format("services: {one: {build: '%s'}}\n", empty.folder);
    stage s;
    stage_open(&s, text, NAMES("one"));
    assert_int_not_equal(stage_up(&s, &err), UTR_OK);
    assert_says(err.text, "build");
    assert_says(err.text, "returned a non-zero code: 9");
    stage_close(&s);
    stage_close(&empty);
}

static void test_a_command_that_is_not_there_is_the_engines_word(void **state)
{
    (void)state;
    static const char TEXT[] = "services: {odd: {image: 'utr-base:bookworm', command: [no-such-program]}}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("odd"));
    assert_int_not_equal(stage_up(&s, &err), UTR_OK);
    assert_says(err.text, "service 'odd'");
    assert_says(err.text, "no-such-program");
    stage_close(&s);
}

static void test_what_is_not_critical_may_be_absent(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  extra: {image: 'utr-base:bookworm', command: ['false'], ports: ['7777']}\n"
                               "  redis: {image: 'utr-fixture-redis:7'}\n";
    stage s;
    utr_error err = {0};
    stage_open(&s, TEXT, NAMES("extra", "redis"));
    s.wanted[0].critical = false;
    if (stage_up(&s, &err))
        fail_msg("%s", err.text);
    assert_non_null(stage_told(&s, SERVICES_FAILED, "extra"));
    assert_null(services_find(s.services, "extra"));
    assert_non_null(services_find(s.services, "redis"));
    stage_close(&s);
}

typedef struct {
    utr_cancel cancel;
    int64_t after_ms;
} stopper;

static void *stop_later(void *arg)
{
    stopper *t = arg;
    (void)utr_cancel_sleep(NULL, t->after_ms);
    utr_cancel_trip(&t->cancel);
    return NULL;
}

static void test_a_cancel_ends_the_wait_soon_and_leaves_nothing(void **state)
{
    (void)state;
    static const char TEXT[] =
        "services:\n"
        "  deaf: {image: 'utr-base:bookworm', command: [sleep, '600'], ports: ['7777']}\n"
        "  after: {image: 'utr-base:bookworm', depends_on: {deaf: {condition: service_healthy}}}\n";
    /* Before, while and after containers are made. */
    static const int64_t MOMENTS[] = {0, 30, 150, 1200};
    for (size_t i = 0; i < sizeof MOMENTS / sizeof *MOMENTS; i++) {
        stage s;
        utr_error err = {0};
        stopper t = {.after_ms = MOMENTS[i]};
        stage_open(&s, TEXT, NAMES("after"));
        assert_int_equal(utr_cancel_init(&t.cancel, &err), UTR_OK);
        assert_int_equal(services_new(&s.options, &s.services, &err), UTR_OK);
        pthread_t thread;
        assert_int_equal(services_thread_start(&thread, stop_later, &t, &err), UTR_OK);
        int64_t began_ms = utr_clock_ms();
        assert_int_equal(services_up(s.services, &t.cancel, &err), UTR_CANCELLED);
        assert_true(utr_clock_ms() - began_ms < MOMENTS[i] + 5000);
        (void)pthread_join(thread, NULL);
        assert_null(stage_told(&s, SERVICES_FAILED, "deaf"));
        stage_close(&s);
        utr_cancel_dispose(&t.cancel);
    }
}

int main(int argc, char **argv)
{
    int mode = special_modes(argc, argv);
    if (mode >= 0)
        return mode;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_health_check_that_never_passes_ends_at_the_deadline),
        cmocka_unit_test(test_retries_bound_the_failures_in_a_row),
        cmocka_unit_test(test_a_hanging_check_is_cut_off_at_its_timeout),
        cmocka_unit_test(test_a_port_that_never_accepts_is_named),
        cmocka_unit_test(test_a_container_that_exits_at_once_is_told_at_once),
        cmocka_unit_test(test_a_server_that_exits_with_zero_is_not_ready),
        cmocka_unit_test(test_an_oom_kill_is_called_by_its_name),
        cmocka_unit_test(test_a_failing_migration_stops_what_waits_for_it),
        cmocka_unit_test(test_a_missing_image_that_cannot_be_pulled_starts_nothing),
        cmocka_unit_test(test_never_pulling_says_so),
        cmocka_unit_test(test_a_build_that_fails_shows_its_last_words),
        cmocka_unit_test(test_a_command_that_is_not_there_is_the_engines_word),
        cmocka_unit_test(test_what_is_not_critical_may_be_absent),
        cmocka_unit_test(test_a_cancel_ends_the_wait_soon_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
