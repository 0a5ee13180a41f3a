#include "stage.h"

#include "base/memory.h"
#include "dialogue.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

int stage_listener(int *out_port)
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

int stage_dial(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void stage_open_with(stage *s, witness_protocol protocol, const witness_worker_options *options)
{
    utr_error err = {0};
    *s = (stage){.target = -1};
    assert_int_equal(uv_loop_init(&s->loop), 0);
    s->target = stage_listener(&s->target_port);
    assert_int_equal(witness_new(&s->loop, &s->witness, &err), UTR_OK);
    witness_target target = {
        .service = "redis-test", .host = "127.0.0.1", .port = s->target_port, .protocol = protocol};
    size_t index = witness_target_add(s->witness, &target);
    s->worker = witness_worker_new(s->witness, options);
    assert_int_equal(witness_listen(s->worker, index, 0, &s->port, &err), UTR_OK);
}

void stage_open(stage *s, witness_protocol protocol)
{
    stage_open_with(s, protocol, &(witness_worker_options){0});
}

static void on_closed(void *ctx)
{
    stage *s = ctx;
    s->closed = true;
}

void stage_close(stage *s)
{
    witness_close(s->witness, on_closed, s);
    assert_false(s->closed);
    assert_int_equal(uv_run(&s->loop, UV_RUN_DEFAULT), 0);
    assert_true(s->closed);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    if (s->target >= 0)
        (void)close(s->target);
}

void stage_turn(stage *s)
{
    witness_turn(s->witness, false);
}

void stage_turn_until(stage *s, int fd)
{
    for (int i = 0; i < 5000; i++) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        stage_turn(s);
        if (poll(&one, 1, 1) == 1)
            return;
    }
    fail_msg("nothing came within 5 s");
}

int stage_accept(stage *s)
{
    stage_turn_until(s, s->target);
    int fd = accept4(s->target, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

void stage_expect(stage *s, int fd, const char *text)
{
    char got[256];
    size_t len = 0;
    while (len < strlen(text)) {
        stage_turn_until(s, fd);
        ssize_t one = recv(fd, got + len, sizeof got - len, 0);
        assert_true(one > 0);
        len += (size_t)one;
    }
    assert_int_equal(len, strlen(text));
    assert_memory_equal(got, text, len);
}

void stage_expect_end(stage *s, int fd)
{
    char byte;
    stage_turn_until(s, fd);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

void stage_say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

void stage_scope_gives(stage *s, const char *expected)
{
    witness_evidence_list list = {0};
    witness_scope_end(s->worker, true, &list);
    auto_free char *text = list.count ? dialogue_text(&list.items[0]) : utr_strdup("nothing");
    assert_string_equal(text, expected);
    witness_evidence_dispose(&list);
}
