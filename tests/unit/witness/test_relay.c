#include "witness/witness.h"

#include "base/memory.h"
#include "dialogue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A witness in front of a target that the test plays itself, all on one loop that the test turns. */
typedef struct {
    uv_loop_t loop;
    witness *witness;
    witness_worker *worker;
    int target; /* listens */
    int target_port, port;
    bool closed;
} stage;

static int listener_new(int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 4096), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

static int dial(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void stage_open_with(stage *s, witness_protocol protocol, void (*before)(void *), void *ctx)
{
    utr_error err = {0};
    *s = (stage){.target = -1};
    assert_int_equal(uv_loop_init(&s->loop), 0);
    s->target = listener_new(&s->target_port);
    assert_int_equal(witness_new(&s->loop, &s->witness, &err), UTR_OK);
    witness_target target = {
        .service = "redis-test", .host = "127.0.0.1", .port = s->target_port, .protocol = protocol};
    size_t index = witness_target_add(s->witness, &target);
    assert_int_equal(witness_worker_new(s->witness, "w1", before, ctx, &s->worker, &err), UTR_OK);
    assert_int_equal(witness_listen(s->worker, index, 0, &s->port, &err), UTR_OK);
}

static void stage_open(stage *s, witness_protocol protocol)
{
    stage_open_with(s, protocol, NULL, NULL);
}

static void on_closed(void *ctx)
{
    stage *s = ctx;
    s->closed = true;
}

/** The loop must close clean: nothing of the witness may be left on it. */
static void stage_close(stage *s)
{
    witness_close(s->witness, on_closed, s);
    assert_false(s->closed);
    assert_int_equal(uv_run(&s->loop, UV_RUN_DEFAULT), 0);
    assert_true(s->closed);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    if (s->target >= 0)
        (void)close(s->target);
}

static void turn(stage *s)
{
    (void)uv_run(&s->loop, UV_RUN_NOWAIT);
}

/** Turn the loop until fd has something (or its end); fails after 5 s. */
static void turn_until_readable(stage *s, int fd)
{
    for (int i = 0; i < 5000; i++) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        turn(s);
        if (poll(&one, 1, 1) == 1)
            return;
    }
    fail_msg("nothing came within 5 s");
}

static int accept_from(stage *s)
{
    turn_until_readable(s, s->target);
    int fd = accept4(s->target, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void expect_bytes(stage *s, int fd, const char *text)
{
    char got[256];
    size_t len = 0;
    while (len < strlen(text)) {
        turn_until_readable(s, fd);
        ssize_t one = recv(fd, got + len, sizeof got - len, 0);
        assert_true(one > 0);
        len += (size_t)one;
    }
    assert_int_equal(len, strlen(text));
    assert_memory_equal(got, text, len);
}

static void expect_end(stage *s, int fd)
{
    char byte;
    turn_until_readable(s, fd);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/** End the innermost scope and compare. */
static void scope_gives(stage *s, const char *expected)
{
    witness_evidence_list list = {0};
    witness_scope_end(s->worker, &list);
    auto_free char *text = list.count ? dialogue_text(&list.items[0]) : utr_strdup("nothing");
    assert_string_equal(text, expected);
    witness_evidence_dispose(&list);
}

#define GET      "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
#define SET      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
#define GET_SEEN "1E 1S 1R 0W 0X [GET a x1]"
#define SET_SEEN "1E 1S 0R 1W 0X [SET a x1]"

static void test_bytes_pass_both_ways_and_are_counted(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    witness_scope_begin(s.worker);
    int client = dial(s.port);
    say(client, GET);
    int service = accept_from(&s);
    expect_bytes(&s, service, GET);
    say(service, "$1\r\n1\r\n");
    expect_bytes(&s, client, "$1\r\n1\r\n");
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, &list);
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

static void test_what_was_sent_before_a_scope_ends_belongs_to_it(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    int client = dial(s.port);
    int service = accept_from(&s);
    turn(&s);
    witness_scope_begin(s.worker);
    say(client, GET);
    say(service, "$-1\r\n"); /* both wait in the kernel, the loop has not turned */
    scope_gives(&s, GET_SEEN);
    witness_scope_begin(s.worker);
    scope_gives(&s, "nothing");
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_a_connection_used_in_a_narrower_scope_is_inherited_there_once(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    int client = dial(s.port);
    int service = accept_from(&s);
    witness_scope_begin(s.worker);
    for (int i = 0; i < 3; i++) {
        say(client, GET);
        expect_bytes(&s, service, GET);
        witness_scope_begin(s.worker);
        assert_int_equal(witness_scope_depth(s.worker), 2);
        say(client, GET);
        expect_bytes(&s, service, GET);
        witness_evidence_list list = {0};
        witness_scope_end(s.worker, &list);
        assert_int_equal(list.items[0].inherited_connections, 1);
        witness_evidence_dispose(&list);
    }
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, &list);
    assert_int_equal(list.items[0].inherited_connections, 1);
    assert_int_equal(list.items[0].connections, 0);
    witness_evidence_dispose(&list);
    witness_worker_close(s.worker, &list);
    assert_int_equal(list.items[0].connections, 1);
    witness_evidence_dispose(&list);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

/* A format without an event socket: what was printed is read before bytes are attributed. */
typedef struct {
    stage *stage;
    bool printed;
    char *first;
} printer;

static void read_output(void *ctx)
{
    printer *p = ctx;
    if (!p->printed)
        return;
    p->printed = false;
    witness_evidence_list list = {0};
    witness_scope_end(p->stage->worker, &list);
    p->first = list.count ? dialogue_text(&list.items[0]) : utr_strdup("nothing");
    witness_evidence_dispose(&list);
    witness_scope_begin(p->stage->worker);
}

static void test_output_printed_before_the_bytes_is_read_before_they_count(void **state)
{
    (void)state;
    stage s;
    printer p = {.stage = &s};
    stage_open_with(&s, WITNESS_REDIS, read_output, &p);
    int client = dial(s.port);
    int service = accept_from(&s);
    witness_scope_begin(s.worker);
    say(client, GET);
    expect_bytes(&s, service, GET);
    say(service, "$-1\r\n");
    expect_bytes(&s, client, "$-1\r\n");
    p.printed = true; /* "ok 1", then the next test asks */
    say(client, SET);
    expect_bytes(&s, service, SET);
    say(service, "+OK\r\n");
    expect_bytes(&s, client, "+OK\r\n");
    assert_string_equal(p.first, GET_SEEN);
    free(p.first);
    scope_gives(&s, SET_SEEN);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_the_end_of_one_direction_leaves_the_other_open(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_OPAQUE);
    int client = dial(s.port);
    say(client, "last words");
    assert_int_equal(shutdown(client, SHUT_WR), 0);
    int service = accept_from(&s);
    expect_bytes(&s, service, "last words");
    expect_end(&s, service);
    say(service, "still here");
    expect_bytes(&s, client, "still here");
    (void)close(service);
    expect_end(&s, client);
    (void)close(client);
    stage_close(&s);
}

static void test_a_reset_is_passed_on_as_a_reset(void **state)
{
    (void)state;
    stage s;
    char byte;
    stage_open(&s, WITNESS_OPAQUE);
    int client = dial(s.port);
    int service = accept_from(&s);
    turn(&s);
    assert_int_equal(
        setsockopt(service, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)), 0);
    (void)close(service);
    turn_until_readable(&s, client);
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
    int client = dial(s.port);
    int service = accept_from(&s);
    say(client, "unread");
    turn_until_readable(&s, service);
    say(service, "too large");
    (void)close(service); /* with bytes unread: the kernel resets */
    say(client, "more");
    expect_bytes(&s, client, "too large");
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
    witness_scope_begin(s.worker);
    int client = dial(s.port);
    turn_until_readable(&s, client);
    assert_int_equal(recv(client, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, &list);
    assert_int_equal(list.count, 1);
    assert_true(list.items[0].refused);
    assert_int_equal(list.items[0].connections, 1);
    witness_evidence_dispose(&list);
    (void)close(client);
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
        turn(s);
        taken += take_some(to, taken, most);
    }
}

static void test_a_hundred_megabytes_arrive_as_they_were(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_OPAQUE);
    int client = dial(s.port);
    int service = accept_from(&s);
    move(&s, client, service, (size_t)100 << 20, (size_t)1 << 18);
    move(&s, service, client, (size_t)10 << 20, (size_t)1 << 18);
    (void)close(client);
    expect_end(&s, service);
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
    int client = dial(s.port);
    int service = accept_from(&s);
    for (int idle = 0; idle < 50;) { /* nobody takes anything: the sender must come to a halt */
        size_t one = send_some(client, sent, total);
        sent += one;
        idle = one ? 0 : idle + 1;
        turn(&s);
    }
    assert_true(sent < total);
    while (taken < total) {
        sent += sent < total ? send_some(client, sent, total) : 0;
        turn(&s);
        taken += take_some(service, taken, 50000);
    }
    say(service, "done");
    expect_bytes(&s, client, "done");
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
    int client = dial(s.port);
    int service = accept_from(&s);
    for (int idle = 0; idle < 50; turn(&s)) {
        size_t one = send_some(service, sent, (size_t)24 << 20);
        sent += one;
        idle = one ? 0 : idle + 1;
    }
    (void)close(service);
    for (int i = 0; i < 1000000 && taken < sent; i++) {
        turn(&s);
        taken += take_some(client, taken, (size_t)1 << 18);
    }
    assert_int_equal(taken, sent);
    expect_end(&s, client);
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
    witness_scope_begin(s.worker);
    for (size_t i = 0; i < MANY; i++) {
        clients[i] = dial(s.port);
        services[i] = accept_from(&s);
    }
    for (size_t i = 0; i < MANY; i++)
        say(clients[i], GET);
    for (size_t i = 0; i < MANY; i++)
        expect_bytes(&s, services[i], GET);
    for (size_t i = 0; i < MANY; i++)
        say(services[i], "$-1\r\n");
    scope_gives(&s, "2000E 2000S 2000R 0W 0X [GET a x2000]");
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
    witness_scope_begin(s.worker);
    int client = dial(s.port);
    int spare = dup(client);
    (void)close(spare);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = (rlim_t)spare, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct pollfd one = {.fd = client, .events = POLLIN};
    for (int i = 0; i < 100 && poll(&one, 1, 1) == 0; i++)
        turn(&s);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(one.revents & POLLIN);
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, &list);
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
    (void)close(listener_new(&free_port));
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
    int client = dial(s.port);
    int service = accept_from(&s);
    int waiting = dial(s.port); /* not accepted yet */
    say(client, GET);
    witness_scope_begin(s.worker);
    stage_close(&s);
    char byte;
    assert_true(recv(client, &byte, 1, 0) <= 0);
    assert_true(recv(waiting, &byte, 1, 0) <= 0);
    (void)close(client);
    (void)close(waiting);
    (void)close(service);
}

static void test_workers_do_not_mix(void **state)
{
    (void)state;
    stage s;
    utr_error err = {0};
    witness_worker *other = NULL;
    int other_port = 0;
    stage_open(&s, WITNESS_REDIS);
    assert_int_equal(witness_worker_new(s.witness, "w2", NULL, NULL, &other, &err), UTR_OK);
    assert_int_equal(witness_listen(other, 0, 0, &other_port, &err), UTR_OK);
    witness_scope_begin(s.worker);
    witness_scope_begin(other);
    int client = dial(other_port);
    int service = accept_from(&s);
    say(client, GET);
    expect_bytes(&s, service, GET);
    scope_gives(&s, "nothing");
    witness_evidence_list list = {0};
    witness_scope_end(other, &list);
    assert_int_equal(list.count, 1);
    witness_evidence_dispose(&list);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_pass_both_ways_and_are_counted),
        cmocka_unit_test(test_what_was_sent_before_a_scope_ends_belongs_to_it),
        cmocka_unit_test(test_a_connection_used_in_a_narrower_scope_is_inherited_there_once),
        cmocka_unit_test(test_output_printed_before_the_bytes_is_read_before_they_count),
        cmocka_unit_test(test_the_end_of_one_direction_leaves_the_other_open),
        cmocka_unit_test(test_a_reset_is_passed_on_as_a_reset),
        cmocka_unit_test(test_last_words_before_a_reset_still_arrive),
        cmocka_unit_test(test_a_target_that_refuses_is_evidence_and_resets_the_client),
        cmocka_unit_test(test_a_hundred_megabytes_arrive_as_they_were),
        cmocka_unit_test(test_a_slow_consumer_stops_the_sender_and_loses_nothing),
        cmocka_unit_test(test_an_end_behind_queued_bytes_waits_for_them),
        cmocka_unit_test(test_thousands_of_connections_are_served),
        cmocka_unit_test(test_without_descriptors_clients_are_refused_not_left_waiting),
        cmocka_unit_test(test_a_preferred_port_is_taken_where_it_is_free),
        cmocka_unit_test(test_closing_cuts_what_is_open_and_the_loop_ends),
        cmocka_unit_test(test_workers_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
