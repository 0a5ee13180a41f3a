#include "witness/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    char heard[64];
} receiver;

static char the_order[64];

static void hear(void *to, const uint8_t *data, size_t len)
{
    receiver *one = to;
    (void)strncat(one->heard, (const char *)data, len);
    (void)strncat(the_order, (const char *)data, len);
}

static bool put(outbox *o, receiver *to, outbox_side side, const char *text)
{
    return outbox_put(o, to, side, (const uint8_t *)text, strlen(text));
}

static int fresh(void **state)
{
    the_order[0] = '\0';
    *state = calloc(1, sizeof(outbox));
    return *state ? 0 : -1;
}

static int gone(void **state)
{
    free(*state);
    return 0;
}

static void test_services_come_first_and_each_hears_in_order(void **state)
{
    outbox *o = *state;
    receiver client = {0};
    receiver service = {0};
    receiver other = {0};
    assert_true(put(o, &client, OUTBOX_CLIENT, "a1 "));
    assert_true(put(o, &service, OUTBOX_SERVICE, "b1 "));
    assert_true(put(o, &client, OUTBOX_CLIENT, "a2 "));
    assert_true(put(o, &other, OUTBOX_SERVICE, "c1 "));
    assert_true(put(o, &service, OUTBOX_SERVICE, "b2 "));
    outbox_hand_out(o, hear);
    assert_string_equal(the_order, "b1 c1 b2 a1 a2 ");
    assert_string_equal(client.heard, "a1 a2 ");
    assert_string_equal(service.heard, "b1 b2 ");
    outbox_hand_out(o, hear);
    assert_string_equal(the_order, "b1 c1 b2 a1 a2 ");
}

static void test_one_receiver_is_served_ahead_of_the_rest_and_once(void **state)
{
    outbox *o = *state;
    receiver client = {0};
    receiver service = {0};
    assert_true(put(o, &service, OUTBOX_SERVICE, "b1 "));
    assert_true(put(o, &client, OUTBOX_CLIENT, "a1 "));
    outbox_hand_out_to(o, &client, hear);
    assert_string_equal(the_order, "a1 ");
    outbox_hand_out(o, hear);
    assert_string_equal(the_order, "a1 b1 ");
}

static void test_what_is_long_or_finds_no_room_is_not_kept(void **state)
{
    static const uint8_t LONG[OUTBOX_MESSAGE_BYTES + 1];
    outbox *o = *state;
    receiver client = {0};
    assert_false(outbox_put(o, &client, OUTBOX_CLIENT, LONG, sizeof LONG));
    for (size_t used = 0; used < OUTBOX_BYTES; used += OUTBOX_MESSAGE_BYTES)
        assert_true(outbox_put(o, &client, OUTBOX_CLIENT, LONG, OUTBOX_MESSAGE_BYTES));
    assert_false(outbox_put(o, &client, OUTBOX_CLIENT, LONG, 1));
    outbox_hand_out(o, hear);
    for (int i = 0; i < OUTBOX_MESSAGES; i++)
        assert_true(put(o, &client, OUTBOX_CLIENT, ""));
    assert_false(put(o, &client, OUTBOX_CLIENT, ""));
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test_setup_teardown(test_services_come_first_and_each_hears_in_order, fresh, gone),
        cmocka_unit_test_setup_teardown(test_one_receiver_is_served_ahead_of_the_rest_and_once, fresh, gone),
        cmocka_unit_test_setup_teardown(test_what_is_long_or_finds_no_room_is_not_kept, fresh, gone),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
