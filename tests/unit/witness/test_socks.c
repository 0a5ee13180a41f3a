#include "witness/wire/socks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) ((const uint8_t *)(text)), sizeof(text) - 1

/** Byte by byte; the last one completes it, and none beyond it is taken. */
static socks_request request_of(const uint8_t *bytes, size_t len)
{
    socks_reader reader = {0};
    socks_request request = {0};
    for (size_t i = 0; i + 1 < len; i++) {
        wire_view one = {bytes + i, 1};
        assert_int_equal(socks_request_next(&reader, &one, &request), WIRE_MORE);
        assert_int_equal(one.len, 0);
    }
    uint8_t last[] = {bytes[len - 1], 'x'};
    wire_view in = {last, 2};
    assert_int_equal(socks_request_next(&reader, &in, &request), WIRE_FRAME);
    assert_int_equal(in.len, 1);
    return request;
}

static void asks_for(const uint8_t *bytes, size_t len, const char *expected)
{
    char text[AUTHORITY_TEXT_BYTES];
    socks_request request = request_of(bytes, len);
    assert_int_equal(request.fault, SOCKS_GRANTED);
    authority_print(&request.to, text);
    assert_string_equal(text, expected);
}

static void test_a_request_names_a_host_or_an_address(void **state)
{
    (void)state;
    asks_for(BYTES("\5\1\0\3\013Example.com\1\273"), "example.com:443");
    asks_for(BYTES("\5\1\0\1\12\1\2\3\0\120"), "10.1.2.3:80");
    asks_for(BYTES("\5\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\37\220"), "[::1]:8080");
    asks_for(BYTES("\5\1\0\3\0031.2\0\1"), "1.2:1");
}

static void test_what_it_cannot_do_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(request_of(BYTES("\5\2\0\1\12\1\2\3\0\120")).fault, SOCKS_NO_SUCH_COMMAND);
    assert_int_equal(request_of(BYTES("\5\3\0\3\1a\0\120")).fault, SOCKS_NO_SUCH_COMMAND);
    assert_int_equal(request_of(BYTES("\5\1\0\2\1")).fault, SOCKS_NO_SUCH_ADDRESS);
    assert_int_equal(request_of(BYTES("\5\1\0\3\3a\0b\0\120")).fault, SOCKS_NO_SUCH_ADDRESS);
    assert_int_equal(request_of(BYTES("\5\1\0\3\0\0\120")).fault, SOCKS_NO_SUCH_ADDRESS);
    assert_int_equal(request_of(BYTES("\5\1\0\3\1a\0\0")).fault, SOCKS_NO_SUCH_ADDRESS);
}

static void test_only_a_client_that_needs_no_password_is_greeted(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        wire_step step;
        uint8_t method;
    } CASES[] = {
        {"\5\1\0", 3, WIRE_FRAME, SOCKS_NO_AUTHENTICATION},
        {"\5\3\2\1\0", 5, WIRE_FRAME, SOCKS_NO_AUTHENTICATION},
        {"\5\1\2", 3, WIRE_FRAME, SOCKS_NO_METHOD},
        {"\5\0", 2, WIRE_FRAME, SOCKS_NO_METHOD},
        {"\5\2\2", 3, WIRE_MORE, 7},
        {"\4\1\0", 3, WIRE_BROKEN, 7},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        socks_reader reader = {0};
        uint8_t method = 7;
        wire_view in = {(const uint8_t *)CASES[i].bytes, CASES[i].len};
        assert_int_equal(socks_greeting_next(&reader, &in, &method), CASES[i].step);
        assert_int_equal(method, CASES[i].method);
    }
}

static void test_a_version_that_is_not_five_is_broken(void **state)
{
    (void)state;
    socks_reader reader = {0};
    socks_request request;
    wire_view in = {BYTES("\4\1\0\1\12\1\2\3\0\120")};
    assert_int_equal(socks_request_next(&reader, &in, &request), WIRE_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_names_a_host_or_an_address),
        cmocka_unit_test(test_what_it_cannot_do_is_told_apart),
        cmocka_unit_test(test_only_a_client_that_needs_no_password_is_greeted),
        cmocka_unit_test(test_a_version_that_is_not_five_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
