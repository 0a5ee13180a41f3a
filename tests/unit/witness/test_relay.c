#include "stage.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define GET "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"

static void test_bytes_pass_both_ways_and_are_counted(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    witness_scope_begin(s.worker, true);
    int client = stage_dial(s.port);
    stage_say(client, GET);
    int service = stage_accept(&s);
    stage_expect(&s, service, GET);
    stage_say(service, "$1\r\n1\r\n");
    stage_expect(&s, client, "$1\r\n1\r\n");
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, true, &list);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].service, "redis-test");
    assert_int_equal(list.items[0].connections, 1);
    assert_int_equal(list.items[0].inherited_connections, 0);
    assert_int_equal(list.items[0].bytes_sent, strlen(GET));
    assert_int_equal(list.items[0].bytes_received, 7);
    assert_int_equal(list.items[0].reads, 1);
    witness_evidence_dispose(&list);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_the_end_of_one_direction_leaves_the_other_open(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_OPAQUE);
    int client = stage_dial(s.port);
    stage_say(client, "last words");
    assert_int_equal(shutdown(client, SHUT_WR), 0);
    int service = stage_accept(&s);
    stage_expect(&s, service, "last words");
    stage_expect_end(&s, service);
    stage_say(service, "still here");
    stage_expect(&s, client, "still here");
    (void)close(service);
    stage_expect_end(&s, client);
    (void)close(client);
    stage_close(&s);
}

static void test_a_reset_is_passed_on_as_a_reset(void **state)
{
    (void)state;
    stage s;
    char byte;
    stage_open(&s, WITNESS_OPAQUE);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    stage_turn(&s);
    assert_int_equal(
        setsockopt(service, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)), 0);
    (void)close(service);
    stage_turn_until(&s, client);
    assert_int_equal(recv(client, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    (void)close(client);
    stage_close(&s);
}

static void test_last_words_before_a_reset_still_arrive(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_OPAQUE);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    stage_say(client, "unread");
    stage_turn_until(&s, service);
    stage_say(service, "too large");
    (void)close(service); /* with bytes unread: the kernel resets */
    stage_say(client, "more");
    stage_expect(&s, client, "too large");
    (void)close(client);
    stage_close(&s);
}

static void test_a_target_that_refuses_is_evidence_and_resets_the_client(void **state)
{
    (void)state;
    stage s;
    char byte;
    stage_open(&s, WITNESS_REDIS);
    (void)close(s.target);
    s.target = -1;
    witness_scope_begin(s.worker, true);
    int client = stage_dial(s.port);
    stage_turn_until(&s, client);
    assert_int_equal(recv(client, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, true, &list);
    assert_int_equal(list.count, 1);
    assert_true(list.items[0].refused);
    assert_int_equal(list.items[0].connections, 1);
    witness_evidence_dispose(&list);
    (void)close(client);
    stage_close(&s);
}

/* A service cuts one client for another and tells that one: whoever hears of it finds the first one cut. */
static void test_an_end_is_passed_on_before_the_answer_that_tells_of_it(void **state)
{
    (void)state;
    stage s;
    struct epoll_event first = {0}, cut = {.events = EPOLLIN, .data.u32 = 1}, told = {.events = EPOLLIN};
    stage_open(&s, WITNESS_OPAQUE);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    int killer = stage_dial(s.port);
    int service_of_killer = stage_accept(&s);
    stage_say(killer, "kill");
    stage_expect(&s, service_of_killer, "kill");
    int heard = epoll_create1(EPOLL_CLOEXEC);
    assert_int_equal(epoll_ctl(heard, EPOLL_CTL_ADD, client, &cut), 0);
    assert_int_equal(epoll_ctl(heard, EPOLL_CTL_ADD, killer, &told), 0);
    stage_say(service_of_killer, "done");
    (void)close(service);
    stage_turn_until(&s, killer);
    assert_int_equal(epoll_wait(heard, &first, 1, 0), 1);
    assert_int_equal(first.data.u32, 1);
    stage_expect_end(&s, client);
    stage_expect(&s, killer, "done");
    (void)close(heard);
    (void)close(client);
    (void)close(killer);
    (void)close(service_of_killer);
    stage_close(&s);
}

/* One side sends `total` bytes of a pattern, the other takes them slowly or fast. */
static uint8_t pattern(size_t at)
{
    return (uint8_t)(at * 31 + (at >> 12));
}

static size_t send_some(int fd, size_t at, size_t total)
{
    uint8_t chunk[32768];
    size_t len = total - at < sizeof chunk ? total - at : sizeof chunk;
    for (size_t i = 0; i < len; i++)
        chunk[i] = pattern(at + i);
    ssize_t sent = send(fd, chunk, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent > 0 ? (size_t)sent : 0;
}

static size_t take_some(int fd, size_t at, size_t most)
{
    static uint8_t chunk[1 << 18];
    ssize_t len = recv(fd, chunk, most < sizeof chunk ? most : sizeof chunk, MSG_DONTWAIT);
    for (ssize_t i = 0; i < len; i++)
        assert_int_equal(chunk[i], pattern(at + (size_t)i));
    return len > 0 ? (size_t)len : 0;
}

static void move(stage *s, int from, int to, size_t total, size_t most)
{
    size_t sent = 0;
    size_t taken = 0;
    while (taken < total) {
        for (size_t one = 1; one > 0 && sent < total; sent += one)
            one = send_some(from, sent, total);
        stage_turn(s);
        taken += take_some(to, taken, most);
    }
}

static void test_a_hundred_megabytes_arrive_as_they_were(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_OPAQUE);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    move(&s, client, service, (size_t)100 << 20, (size_t)1 << 18);
    move(&s, service, client, (size_t)10 << 20, (size_t)1 << 18);
    (void)close(client);
    stage_expect_end(&s, service);
    (void)close(service);
    stage_close(&s);
}

static void test_a_slow_consumer_stops_the_sender_and_loses_nothing(void **state)
{
    (void)state;
    stage s;
    size_t total = (size_t)24 << 20;
    size_t sent = 0;
    size_t taken = 0;
    stage_open(&s, WITNESS_OPAQUE);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    for (int idle = 0; idle < 50;) { /* nobody takes anything: the sender must come to a halt */
        size_t one = send_some(client, sent, total);
        sent += one;
        idle = one ? 0 : idle + 1;
        stage_turn(&s);
    }
    assert_true(sent < total);
    while (taken < total) {
        sent += sent < total ? send_some(client, sent, total) : 0;
        stage_turn(&s);
        taken += take_some(service, taken, 50000);
    }
    stage_say(service, "done");
    stage_expect(&s, client, "done");
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_an_end_behind_queued_bytes_waits_for_them(void **state)
{
    (void)state;
    stage s;
    size_t sent = 0;
    size_t taken = 0;
    stage_open(&s, WITNESS_OPAQUE);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    for (int idle = 0; idle < 50; stage_turn(&s)) {
        size_t one = send_some(service, sent, (size_t)24 << 20);
        sent += one;
        idle = one ? 0 : idle + 1;
    }
    (void)close(service);
    for (int i = 0; i < 1000000 && taken < sent; i++) {
        stage_turn(&s);
        taken += take_some(client, taken, (size_t)1 << 18);
    }
    assert_int_equal(taken, sent);
    stage_expect_end(&s, client);
    (void)close(client);
    stage_close(&s);
}

enum { MANY = 2000 };

static void test_thousands_of_connections_are_served(void **state)
{
    (void)state;
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_cur < 4 * MANY + 100) {
        files.rlim_cur = files.rlim_max < 4 * MANY + 100 ? files.rlim_max : 4 * MANY + 100;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    }
    stage s;
    static int clients[MANY];
    static int services[MANY];
    stage_open(&s, WITNESS_REDIS);
    witness_scope_begin(s.worker, true);
    for (size_t i = 0; i < MANY; i++) {
        clients[i] = stage_dial(s.port);
        services[i] = stage_accept(&s);
    }
    for (size_t i = 0; i < MANY; i++)
        stage_say(clients[i], GET);
    for (size_t i = 0; i < MANY; i++)
        stage_expect(&s, services[i], GET);
    for (size_t i = 0; i < MANY; i++)
        stage_say(services[i], "$-1\r\n");
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, true, &list);
    assert_int_equal(list.items[0].substantive, MANY);
    assert_int_equal(list.items[0].statements.count, WITNESS_STATEMENTS + 1); /* and the rest in one */
    assert_int_equal(list.items[0].statements.items[0].count, MANY - WITNESS_STATEMENTS);
    witness_evidence_dispose(&list);
    for (size_t i = 0; i < MANY; i++) {
        (void)close(clients[i]);
        (void)close(services[i]);
    }
    stage_close(&s);
}

static void test_without_descriptors_clients_are_refused_not_left_waiting(void **state)
{
    (void)state;
    stage s;
    struct rlimit before;
    stage_open(&s, WITNESS_REDIS);
    witness_scope_begin(s.worker, true);
    int client = stage_dial(s.port);
    int spare = dup(client);
    (void)close(spare);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = (rlim_t)spare, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct pollfd one = {.fd = client, .events = POLLIN};
    for (int i = 0; i < 100 && poll(&one, 1, 1) == 0; i++)
        stage_turn(&s);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(one.revents & POLLIN);
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, true, &list);
    assert_true(list.count == 1 && list.items[0].refused);
    witness_evidence_dispose(&list);
    (void)close(client);
    stage_close(&s);
}

static void test_a_preferred_port_is_taken_where_it_is_free(void **state)
{
    (void)state;
    stage s;
    utr_error err = {0};
    int free_port = 0;
    int port = 0;
    stage_open(&s, WITNESS_REDIS);
    (void)close(stage_listener(&free_port));
    assert_int_equal(witness_listen(s.worker, 0, free_port, &port, &err), UTR_OK);
    assert_int_equal(port, free_port);
    assert_int_equal(witness_listen(s.worker, 0, s.target_port, &port, &err), UTR_OK);
    assert_int_not_equal(port, s.target_port);
    stage_close(&s);
}

static void test_closing_cuts_what_is_open_and_the_loop_ends(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    int waiting = stage_dial(s.port); /* not accepted yet */
    stage_say(client, GET);
    witness_scope_begin(s.worker, true);
    stage_close(&s);
    char byte;
    assert_true(recv(client, &byte, 1, 0) <= 0);
    assert_true(recv(waiting, &byte, 1, 0) <= 0);
    (void)close(client);
    (void)close(waiting);
    (void)close(service);
}

static void test_a_child_that_holds_copies_of_closed_sockets_does_no_harm(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            (void)pause();
    }
    (void)shutdown(client, SHUT_WR);
    stage_expect_end(&s, service);
    (void)shutdown(service, SHUT_WR);
    stage_expect_end(&s, client);
    for (int i = 0; i < 20; i++) /* the relay is gone; its sockets are not */
        stage_turn(&s);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_pass_both_ways_and_are_counted),
        cmocka_unit_test(test_the_end_of_one_direction_leaves_the_other_open),
        cmocka_unit_test(test_a_reset_is_passed_on_as_a_reset),
        cmocka_unit_test(test_last_words_before_a_reset_still_arrive),
        cmocka_unit_test(test_an_end_is_passed_on_before_the_answer_that_tells_of_it),
        cmocka_unit_test(test_a_target_that_refuses_is_evidence_and_resets_the_client),
        cmocka_unit_test(test_a_hundred_megabytes_arrive_as_they_were),
        cmocka_unit_test(test_a_slow_consumer_stops_the_sender_and_loses_nothing),
        cmocka_unit_test(test_an_end_behind_queued_bytes_waits_for_them),
        cmocka_unit_test(test_thousands_of_connections_are_served),
        cmocka_unit_test(test_without_descriptors_clients_are_refused_not_left_waiting),
        cmocka_unit_test(test_a_preferred_port_is_taken_where_it_is_free),
        cmocka_unit_test(test_closing_cuts_what_is_open_and_the_loop_ends),
        cmocka_unit_test(test_a_child_that_holds_copies_of_closed_sockets_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
