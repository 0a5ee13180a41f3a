#include "base/clock.h"

#include "base/cancel.h"
#include "cmocka_all.h"

#include <time.h>

static void test_clock_goes_forward_at_its_pace(void **state)
{
    (void)state;
    int64_t start_ms = utr_clock_ms();
    int64_t start_us = utr_clock_us();
    (void)utr_cancel_sleep(NULL, 20);
    int64_t us = utr_clock_us() - start_us;
    assert_true(us >= 19000 && us < 10000000);
    assert_true(utr_clock_ms() - start_ms >= 19);
}

static void test_clock_writes_the_time_of_day_as_rfc_3339(void **state)
{
    (void)state;
    char text[32];
    time_t before = time(NULL);
    utr_clock_rfc3339(text);
    assert_int_equal(strlen(text), strlen("2026-01-31T12:00:00.000Z"));
    assert_int_equal(text[19], '.');
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    assert_non_null(rest);
    assert_string_equal(rest + 4, "Z");
    time_t written = timegm(&parts);
    assert_true(written >= before - 1 && written <= before + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_goes_forward_at_its_pace),
        cmocka_unit_test(test_clock_writes_the_time_of_day_as_rfc_3339),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
