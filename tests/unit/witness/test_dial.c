#include "stage.h"

#include "witness/dial.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    uv_loop_t loop;
    hub hub;
    hub_share share;
    dial dial;
    int calls, fd, problem;
} scene;

static void on_done(void *ctx, int fd, int problem)
{
    scene *s = ctx;
    s->calls++;
    s->fd = fd;
    s->problem = problem;
}

static void scene_open(scene *s, const char *host, int port)
{
    utr_error err = {0};
    authority to;
    *s = (scene){.fd = -1, .dial = {.on_done = on_done}};
    s->dial.ctx = s;
    assert_int_equal(uv_loop_init(&s->loop), 0);
    assert_int_equal(hub_init(&s->hub, &s->loop, &err), UTR_OK);
    s->share = hub_share_of(&s->hub, s);
    assert_true(authority_make(host, strlen(host), (uint16_t)port, &to));
    dial_open(&s->dial, &s->loop, &s->share, &to);
    assert_int_equal(s->calls, 0);
}

static void scene_close(scene *s)
{
    assert_int_equal(uv_run(&s->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    hub_dispose(&s->hub);
    if (s->fd >= 0)
        (void)close(s->fd);
}

static void nothing(void *owner)
{
    (void)owner;
}

static void scene_turn(scene *s)
{
    (void)uv_run(&s->loop, UV_RUN_NOWAIT);
    hub_wait(&s->hub, 5);
    (void)hub_serve(&s->hub, nothing);
}

static void scene_finish(scene *s)
{
    for (int i = 0; i < 1000 && s->calls == 0; i++)
        scene_turn(s);
    assert_int_equal(s->calls, 1);
}

/** Until a socket is under way. */
static void scene_connect(scene *s)
{
    for (int i = 0; i < 1000 && s->dial.fd < 0; i++)
        scene_turn(s);
    assert_true(s->dial.fd >= 0);
}

static void test_a_host_that_listens_is_reached(void **state)
{
    (void)state;
    scene s;
    int port = 0;
    int listener = stage_listener(&port);
    scene_open(&s, "localhost", port);
    scene_finish(&s);
    assert_true(s.fd >= 0);
    assert_int_equal(s.problem, 0);
    int peer = accept(listener, NULL, NULL);
    assert_true(peer >= 0);
    (void)close(peer);
    (void)close(listener);
    scene_close(&s);
}

static void test_a_host_that_refuses_is_told_as_that(void **state)
{
    (void)state;
    scene s;
    int port = 0;
    (void)close(stage_listener(&port));
    scene_open(&s, "localhost", port);
    scene_finish(&s);
    assert_int_equal(s.fd, -1);
    assert_int_equal(s.problem, UV_ECONNREFUSED);
    scene_close(&s);
}

static void test_a_name_that_cannot_be_one_fails_at_the_next_tick(void **state)
{
    (void)state;
    scene s;
    char host[AUTHORITY_HOST_BYTES];
    memset(host, 'a', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    scene_open(&s, host, 80);
    for (int i = 0; i < 1000 && s.calls == 0; i++) {
        scene_turn(&s);
        dial_tick(&s.dial, utr_clock_ms());
    }
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.fd, -1);
    assert_true(s.problem < 0);
    scene_close(&s);
}

/** A listener whose queue is full: who connects waits. */
static int full_listener(int *out_port, int *out_client)
{
    int fd = stage_listener(out_port);
    assert_int_equal(listen(fd, 0), 0);
    *out_client = stage_dial(*out_port);
    return fd;
}

static void test_who_does_not_answer_is_given_up_at_the_deadline(void **state)
{
    (void)state;
    scene s;
    int port = 0;
    int client = -1;
    int listener = full_listener(&port, &client);
    scene_open(&s, "127.0.0.1", port);
    scene_connect(&s);
    dial_tick(&s.dial, utr_clock_ms() + DIAL_MOST_MS - 1000);
    assert_int_equal(s.calls, 0);
    dial_tick(&s.dial, utr_clock_ms() + DIAL_MOST_MS);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.fd, -1);
    assert_int_equal(s.problem, UV_ETIMEDOUT);
    (void)close(client);
    (void)close(listener);
    scene_close(&s);
}

static void test_an_address_that_does_not_answer_leaves_time_for_the_next(void **state)
{
    (void)state;
    scene s;
    int full_port = 0;
    int client = -1;
    int full = full_listener(&full_port, &client);
    scene_open(&s, "127.0.0.1", full_port);
    scene_connect(&s);
    /* another address behind the first: the resolver gives only one for a literal */
    struct addrinfo second = *s.dial.addresses;
    struct sockaddr_in where;
    int port = 0;
    int listener = stage_listener(&port);
    memcpy(&where, second.ai_addr, sizeof where);
    where.sin_port = htons((uint16_t)port);
    second.ai_addr = (struct sockaddr *)&where;
    s.dial.next = &second;
    s.dial.address_deadline_ms = utr_clock_ms() + DIAL_MOST_MS_AN_ADDRESS;
    dial_tick(&s.dial, utr_clock_ms());
    assert_ptr_equal(s.dial.next, &second);
    dial_tick(&s.dial, utr_clock_ms() + DIAL_MOST_MS_AN_ADDRESS);
    scene_finish(&s);
    assert_true(s.fd >= 0);
    assert_int_equal(s.problem, 0);
    (void)close(listener);
    (void)close(client);
    (void)close(full);
    scene_close(&s);
}

static void test_who_gives_up_is_not_called_and_the_loop_ends(void **state)
{
    (void)state;
    scene s;
    scene_open(&s, "localhost", 1);
    dial_close(&s.dial);
    scene_close(&s);
    assert_int_equal(s.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_that_listens_is_reached),
        cmocka_unit_test(test_a_host_that_refuses_is_told_as_that),
        cmocka_unit_test(test_a_name_that_cannot_be_one_fails_at_the_next_tick),
        cmocka_unit_test(test_who_does_not_answer_is_given_up_at_the_deadline),
        cmocka_unit_test(test_an_address_that_does_not_answer_leaves_time_for_the_next),
        cmocka_unit_test(test_who_gives_up_is_not_called_and_the_loop_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
