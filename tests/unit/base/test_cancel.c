#include "base/cancel.h"

#include "base/clock.h"
#include "cmocka_all.h"

#include <pthread.h>

static void test_cancel_stays_tripped(void **state)
{
    (void)state;
    utr_cancel cancel;
    utr_error err = {0};
    assert_int_equal(utr_cancel_init(&cancel, &err), UTR_OK);
    assert_false(utr_cancel_is_tripped(&cancel));
    utr_cancel_trip(&cancel);
    utr_cancel_trip(&cancel);
    assert_true(utr_cancel_is_tripped(&cancel));
    assert_true(utr_cancel_is_tripped(&cancel));
    assert_true(utr_cancel_sleep(&cancel, 60000));
    utr_cancel_dispose(&cancel);
    assert_int_equal(cancel.fd, -1);
}

static void *trip_later(void *ctx)
{
    (void)utr_cancel_sleep(NULL, 30);
    utr_cancel_trip(ctx);
    return NULL;
}

static void assert_wakes_from(int64_t ms)
{
    utr_cancel cancel;
    utr_error err = {0};
    assert_int_equal(utr_cancel_init(&cancel, &err), UTR_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, trip_later, &cancel), 0);
    int64_t start = utr_clock_ms();
    assert_true(utr_cancel_sleep(&cancel, ms));
    int64_t slept = utr_clock_ms() - start;
    assert_true(slept >= 10 && slept < 10000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    utr_cancel_dispose(&cancel);
}

static void test_cancel_wakes_a_sleeper_on_another_thread(void **state)
{
    (void)state;
    assert_wakes_from(60000);
}

/* poll() counts in an int: 2^32 + 1 ms would be 1. */
static void test_cancel_sleeps_longer_than_an_int_counts(void **state)
{
    (void)state;
    assert_wakes_from(((int64_t)1 << 32) + 1);
    assert_wakes_from(INT64_MAX);
}

static void test_cancel_none_only_sleeps(void **state)
{
    (void)state;
    int64_t start = utr_clock_ms();
    assert_false(utr_cancel_sleep(NULL, 20));
    assert_true(utr_clock_ms() - start >= 19);
    assert_false(utr_cancel_sleep(NULL, -5));
    assert_false(utr_cancel_is_tripped(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancel_stays_tripped),
        cmocka_unit_test(test_cancel_wakes_a_sleeper_on_another_thread),
        cmocka_unit_test(test_cancel_sleeps_longer_than_an_int_counts),
        cmocka_unit_test(test_cancel_none_only_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
