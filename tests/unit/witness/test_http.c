#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define GIVES(expected, ...) dialogue_gives(WITNESS_HTTP, (const line[]){__VA_ARGS__, {0}}, expected)
#define C(text)              SAYS('C', text)
#define S(text)              SAYS('S', text)

#define EMPTY_200 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void test_requests_on_one_connection_pair_in_order(void **state)
{
    (void)state;
    GIVES("4E 4S 3R 1W 1X [GET /users/{id} x2] [HEAD /users x1] [POST /login x1]",
          C("GET /users/42?token=secret HTTP/1.1\r\nHost: a\r\n\r\nHEAD /users HTTP/1.1\r\n\r\n"
            "POST /login HTTP/1.1\r\ncontent-length:5\r\n\r\nGET /GET "
            "/users/f81d4fae-7dec-11d0-a765-00a0c91e6bf6 HTTP/1.1\r\n\r\n"),
          S("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
            "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
            "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: "
            "x\r\n\r\n"
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"));
}

static void test_health_checks_are_trivial(void **state)
{
    (void)state;
    GIVES(
        "5E 1S 0R 1W 1X [GET /_health/live x1] [GET /health x1] [GET /ready/ x1] [OPTIONS * x1] [POST "
        "/health x1]",
        C("GET /health HTTP/1.1\r\n\r\nGET /ready/?full=1 HTTP/1.1\r\n\r\nGET /_health/live HTTP/1.1\r\n\r\n"
          "OPTIONS * HTTP/1.1\r\n\r\nPOST /health HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
        S(EMPTY_200 "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n" EMPTY_200 EMPTY_200 EMPTY_200));
}

static void test_a_health_check_in_disguise_is_trivial(void **state)
{
    (void)state;
    GIVES("6E 0S 0R 0W 0X [GET //health x1] [GET /Health x1] [GET /actuator/health/readiness x1] [GET "
          "/api/v1/health/ x1] [GET /health x1] [HEAD /healthz x1]",
          C("GET //health HTTP/1.1\r\n\r\nGET /Health?x=1 HTTP/1.1\r\n\r\n"
            "GET http://auth:8000/health HTTP/1.1\r\n\r\nGET /api/v1/health/ HTTP/1.1\r\n\r\n"
            "GET /actuator/health/readiness HTTP/1.1\r\n\r\nHEAD /healthz#x HTTP/1.1\r\n\r\n"),
          S(EMPTY_200 EMPTY_200 EMPTY_200 EMPTY_200 EMPTY_200 EMPTY_200));
}

static void test_what_only_sounds_like_a_health_check_is_substantive(void **state)
{
    (void)state;
    GIVES("5E 5S 5R 0W 0X [GET / x1] [GET /apihealth x1] [GET /health-food x1] [GET /users x1] [GET "
          "/users/{id}/health x1]",
          C("GET / HTTP/1.1\r\n\r\nGET /users/42/health HTTP/1.1\r\n\r\nGET /health-food HTTP/1.1\r\n\r\n"
            "GET /apihealth HTTP/1.1\r\n\r\nGET http://health/users HTTP/1.1\r\n\r\n"),
          S(EMPTY_200 EMPTY_200 EMPTY_200 EMPTY_200 EMPTY_200));
}

static void test_interim_answers_are_not_the_answer(void **state)
{
    (void)state;
    GIVES("1E 1S 0R 1W 0X [PUT /a x1]",
          C("PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"),
          S("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"),
          C("5\r\nhello\r\n0\r\n\r\n"), S("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"));
}

static void test_a_body_that_is_refused_may_never_come(void **state)
{
    (void)state;
    const line lines[] = {C("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"),
                          S("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"),
                          C("GET /b HTTP/1.1\r\n\r\n"),
                          S(EMPTY_200),
                          {0}};
    dialogue_as_said(WITNESS_HTTP, lines, "2E 2S 1R 1W 1X [GET /b x1] [POST /a x1]");
}

static void test_an_answer_without_a_length_lasts_to_the_end(void **state)
{
    (void)state;
    GIVES("1E 1S 1R 0W 0X [GET /stream x1]", C("GET /stream HTTP/1.0\r\n\r\n"),
          S("HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 500 is only text\r\n\r\n"));
}

static void test_an_unasked_answer_is_nobodys(void **state)
{
    (void)state;
    GIVES("0E 0S 0R 0W 0X", C("GET /slow"), S("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"));
}

static void test_websocket_frames_count_in_turns(void **state)
{
    (void)state;
    GIVES("5E 4S 2R 0W 0X [GET /ws/{id} x5]",
          C("GET /ws/17 HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
          S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            "\x81\x05greet"),
          C("\x81\x82\x01\x02\x03\x04hi\x82\xfe\x00\x7e\x01\x02\x03\x04"
            "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
            "6789012345"
            "67890123456789012345"),
          S("\x81\x7e\x00\x03yes"), C("\x89\x80\x01\x02\x03\x04"), S("\x8a\x00"));
}

static void test_other_upgrades_tunnels_and_http2_are_opaque(void **state)
{
    (void)state;
    GIVES("2E 2S 1R 0W 0X opaque [ x1] [GET /x x1]", C("GET /x HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"),
          S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), C("?"), S("!"));
    GIVES("1E 1S 1R 0W 0X opaque [CONNECT * x1]", C("CONNECT a:443 HTTP/1.1\r\n\r\n"),
          S("HTTP/1.1 200 OK\r\n\r\n"), C("?"));
    const line http2[] = {C("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), S("\0\0\0\4\0\0\0\0\0"), {0}};
    dialogue_as_said(WITNESS_HTTP, http2, "1E 1S 0R 0W 0X opaque [ x1]");
}

static void test_what_http_never_says_is_lost(void **state)
{
    (void)state;
    GIVES("0E 0S 0R 0W 0X lost", C("hello there\r\n"), S("HTTP/1.1 400 Bad Request\r\n\r\n"));
    GIVES("0E 0S 0R 0W 0X lost", C("GET / HTTP/1.1\r\n\r\n"), S("+OK\r\n"));
    GIVES("0E 0S 0R 0W 0X lost", C("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), S(EMPTY_200));
    GIVES("1E 1S 1R 0W 0X lost [GET / x1]", C("GET / HTTP/1.1\r\n\r\n"),
          S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"));
}

static void test_the_first_bytes_tell_the_protocol(void **state)
{
    (void)state;
    dialogue_gives(WITNESS_AUTO, (const line[]){C("GET /a HTTP/1.1\r\n\r\n"), S(EMPTY_200), {0}},
                   "1E 1S 1R 0W 0X [GET /a x1]");
    dialogue_gives(WITNESS_AUTO, (const line[]){C("*1\r\n$4\r\nPING\r\n"), S("+PONG\r\n"), {0}},
                   "1E 0S 0R 0W 0X [PING x1]");
    dialogue_gives(WITNESS_AUTO, (const line[]){C("\0\0\0\x08\x04\xd2\x16\x2f"), S("N"), {0}},
                   "1E 0S 0R 0W 0X [SSLRequest x1]");
    dialogue_gives(WITNESS_AUTO,
                   (const line[]){S("\x4a\0\0\0\x0a"
                                    "8.0"),
                                  C("login"),
                                  S("ok"),
                                  {0}},
                   "1E 1S 0R 0W 0X opaque [ x1]");
}

/* Records of TLS: type, version, length, body. */
#define HELLO_13                                                                                             \
    "\x16\x03\x03\x00\x3a\x02\x00\x00\x36\x03\x03"                                                           \
    "01234567890123456789012345678901"                                                                       \
    "\x00\x13\x01\x00\x00\x0e"                                                                               \
    "\x00\x33\x00\x04"                                                                                       \
    "abcd"                                                                                                   \
    "\x00\x2b\x00\x02\x03\x04"
#define HELLO_12                                                                                             \
    "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03"                                                           \
    "01234567890123456789012345678901"                                                                       \
    "\x00\xc0\x2f\x00"
#define CLIENT_HELLO "\x16\x03\x01\x00\x02\x01\x00"
#define CIPHER_SPEC  "\x14\x03\x03\x00\x01\x01"
#define APPLICATION  "\x17\x03\x03\x00\x03xyz"
#define FINISHED_12  "\x16\x03\x03\x00\x03xyz"

static void test_a_tls_handshake_alone_proves_nothing(void **state)
{
    (void)state;
    const line modern[] = {C(CLIENT_HELLO),
                           S(HELLO_13 CIPHER_SPEC APPLICATION APPLICATION),
                           C(CIPHER_SPEC APPLICATION),
                           S(APPLICATION),
                           {0}};
    dialogue_gives(WITNESS_OPAQUE, modern, "0E 0S 0R 0W 0X opaque");
    const line older[] = {
        C(CLIENT_HELLO), S(HELLO_12), C(CIPHER_SPEC FINISHED_12), S(CIPHER_SPEC FINISHED_12), {0}};
    dialogue_gives(WITNESS_OPAQUE, older, "0E 0S 0R 0W 0X opaque");
}

static void test_tls_data_both_ways_is_an_exchange(void **state)
{
    (void)state;
    const line modern[] = {C(CLIENT_HELLO),
                           S(HELLO_13 CIPHER_SPEC APPLICATION),
                           C(CIPHER_SPEC APPLICATION APPLICATION),
                           S(APPLICATION),
                           {0}};
    dialogue_gives(WITNESS_OPAQUE, modern, "1E 1S 0R 0W 0X opaque [ x1]");
    const line older[] = {C(CLIENT_HELLO),
                          S(HELLO_12),
                          C(CIPHER_SPEC FINISHED_12),
                          S(CIPHER_SPEC FINISHED_12),
                          C(APPLICATION),
                          S(APPLICATION APPLICATION),
                          {0}};
    dialogue_gives(WITNESS_OPAQUE, older, "1E 1S 0R 0W 0X opaque [ x1]");
}

static void test_plain_bytes_count_once_both_have_spoken(void **state)
{
    (void)state;
    const line lines[] = {S("hello"), C("a"), S("b"), S("c"), C("d"), {0}};
    dialogue_as_said(WITNESS_OPAQUE, lines, "1E 1S 0R 0W 0X opaque [ x1]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_on_one_connection_pair_in_order),
        cmocka_unit_test(test_health_checks_are_trivial),
        cmocka_unit_test(test_a_health_check_in_disguise_is_trivial),
        cmocka_unit_test(test_what_only_sounds_like_a_health_check_is_substantive),
        cmocka_unit_test(test_interim_answers_are_not_the_answer),
        cmocka_unit_test(test_a_body_that_is_refused_may_never_come),
        cmocka_unit_test(test_an_answer_without_a_length_lasts_to_the_end),
        cmocka_unit_test(test_an_unasked_answer_is_nobodys),
        cmocka_unit_test(test_websocket_frames_count_in_turns),
        cmocka_unit_test(test_other_upgrades_tunnels_and_http2_are_opaque),
        cmocka_unit_test(test_what_http_never_says_is_lost),
        cmocka_unit_test(test_the_first_bytes_tell_the_protocol),
        cmocka_unit_test(test_a_tls_handshake_alone_proves_nothing),
        cmocka_unit_test(test_tls_data_both_ways_is_an_exchange),
        cmocka_unit_test(test_plain_bytes_count_once_both_have_spoken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
