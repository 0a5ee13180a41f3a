#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/reserve.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int bind_to(int port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failure = bind(fd, (struct sockaddr *)&here, sizeof here) ? errno : 0;
    (void)close(fd);
    return failure;
}

static void test_reserved_ports_are_nobody_elses_until_released(void **state)
{
    (void)state;
    utr_error err = {0};
    services_reserve reserve = {0};
    assert_int_equal(services_reserve_take(2, &reserve, &err), UTR_OK);
    assert_int_equal(reserve.ports.count, 2);
    assert_int_not_equal(reserve.ports.items[0], reserve.ports.items[1]);
    assert_int_equal(bind_to(reserve.ports.items[0]), EADDRINUSE);
    assert_int_equal(bind_to(reserve.ports.items[1]), EADDRINUSE);
    services_reserve_release(&reserve);
    assert_int_equal(reserve.ports.count, 2);
    assert_int_equal(bind_to(reserve.ports.items[0]), 0);
    services_reserve_dispose(&reserve);
}

static void test_no_ports_are_reserved_for_a_service_without(void **state)
{
    (void)state;
    utr_error err = {0};
    services_reserve reserve = {0};
    assert_int_equal(services_reserve_take(0, &reserve, &err), UTR_OK);
    assert_int_equal(reserve.ports.count, 0);
    services_reserve_dispose(&reserve);
}

static void test_what_was_taken_is_let_go_where_one_fails(void **state)
{
    (void)state;
    utr_error err = {0};
    services_reserve reserve = {0};
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(0);
    (void)close(next);
    struct rlimit tight = {(rlim_t)next + 1, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    assert_int_equal(services_reserve_take(2, &reserve, &err), UTR_SYS);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(err.sys, EMFILE);
    assert_int_equal(reserve.ports.count, 0);
    int again = dup(0);
    assert_int_equal(again, next);
    (void)close(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserved_ports_are_nobody_elses_until_released),
        cmocka_unit_test(test_no_ports_are_reserved_for_a_service_without),
        cmocka_unit_test(test_what_was_taken_is_let_go_where_one_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
