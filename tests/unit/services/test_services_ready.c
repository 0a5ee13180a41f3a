#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text.h"

#include "services/ready.h"

#include <string.h>

static void test_pauses_double_up_to_the_delay(void **state)
{
    (void)state;
    static const int64_t EXPECTED[] = {20, 40, 80, 160, 320, 500, 500};
    int64_t pause_ms = 0;
    for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) {
        pause_ms = services_ready_pause(pause_ms, 500);
        assert_int_equal(pause_ms, EXPECTED[i]);
    }
    assert_int_equal(services_ready_pause(0, 5), 5);
    assert_int_equal(services_ready_pause(0, 0), 1);
}

static void test_a_checks_test_becomes_an_argv(void **state)
{
    (void)state;
    static const struct {
        const char *words[4];
        const char *argv;
    } CASES[] = {
        {{"CMD", "redis-cli", "ping"}, "redis-cli ping"},
        {{"CMD-SHELL", "pg_isready || exit 1"}, "/bin/sh -c pg_isready || exit 1"},
        {{"NONE"}, ""},
        {{NULL}, ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_strs utr_strs test = {0};
        auto_strs utr_strs argv = {0};
        for (size_t k = 0; CASES[i].words[k]; k++)
            utr_strs_add(&test, CASES[i].words[k]);
        services_ready_argv(&test, &argv);
        auto_free char *joined = utr_strs_join(&argv, " ");
        assert_string_equal(joined, CASES[i].argv);
    }
}

static void test_why_a_container_ended_is_said_in_words(void **state)
{
    (void)state;
    char said[128];
    engine_container container = {.exit_code = 3};
    services_ready_say_end(&container, said, sizeof said);
    assert_string_equal(said, "exited with code 3");
    container.exit_code = 137;
    services_ready_say_end(&container, said, sizeof said);
    assert_string_equal(said, "was ended by signal 9, exit code 137");
    container.oom_killed = true;
    services_ready_say_end(&container, said, sizeof said);
    assert_string_equal(said, "was killed for want of memory (OOM), exit code 137");
    container.error = text("no such file");
    services_ready_say_end(&container, said, sizeof said);
    assert_non_null(strstr(said, "(no such file)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pauses_double_up_to_the_delay),
        cmocka_unit_test(test_a_checks_test_becomes_an_argv),
        cmocka_unit_test(test_why_a_container_ended_is_said_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
