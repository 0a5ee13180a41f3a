#include "witness/wire/authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/** As it is read and printed again; "no" where it is refused. */
static void reads_as(const char *text, uint16_t default_port, const char *expected)
{
    authority one = {.port = 1};
    char got[AUTHORITY_TEXT_BYTES] = "no";
    if (authority_read(text, strlen(text), default_port, &one))
        authority_print(&one, got);
    assert_string_equal(got, expected);
}

static void test_hosts_and_ports_are_read_as_one_text(void **state)
{
    (void)state;
    reads_as("api.example.com:443", 0, "api.example.com:443");
    reads_as("API.Example.COM.:443", 0, "api.example.com:443");
    reads_as("10.1.2.3:1", 0, "10.1.2.3:1");
    reads_as("example.com", 80, "example.com:80");
    reads_as("example.com:8080", 80, "example.com:8080");
    reads_as("[::1]:443", 0, "[::1]:443");
    reads_as("[0:0:0:0:0:0:0:1]", 80, "[::1]:80");
    reads_as("[2001:DB8::A]:65535", 0, "[2001:db8::a]:65535");
}

static void test_what_is_no_authority_is_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",        "a",         "a:",    ":1",          "a:0",           "a:65536",
        "a:x",     "a:1x",      "a b:1", "a/b:1",       "::1:80",        "[::1]",
        "[::1:80", "[::1]x:80", "[a]:1", "[1.2.3.4]:1", "a:99999999999", "\xC3\xA4:1",
        "[]:1",    "a..:1",     ".:1x"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        reads_as(WRONG[i], 0, "no");
}

static void test_a_host_has_its_limit(void **state)
{
    (void)state;
    authority one;
    char text[AUTHORITY_HOST_BYTES + 8];
    memset(text, 'a', sizeof text);
    assert_true(authority_make(text, AUTHORITY_HOST_BYTES - 1, 80, &one));
    assert_false(authority_make(text, AUTHORITY_HOST_BYTES, 80, &one));
    assert_false(authority_make("a\0b", 3, 80, &one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_and_ports_are_read_as_one_text),
        cmocka_unit_test(test_what_is_no_authority_is_refused),
        cmocka_unit_test(test_a_host_has_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
