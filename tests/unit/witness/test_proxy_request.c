#include "witness/wire/proxy_request.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/**
 * What a client says to the proxy, read in pieces: "(host:port)" for each head (or "(tunnel host:port)",
 * "(unknown)"), then what is passed on; "!" where it breaks.
 */
static utr_buf played(const char *bytes, size_t len, size_t piece)
{
    utr_buf told = UTR_BUF_INIT(1 << 20);
    utr_error err = {0};
    proxy_request_reader reader;
    uint8_t *head = utr_calloc(1, PROXY_HEAD_MOST_BYTES);
    proxy_request_reader_init(&reader);
    for (size_t at = 0; at < len;) {
        size_t room = len - at < piece ? len - at : piece;
        wire_view in = {(const uint8_t *)bytes + at, room};
        size_t body = proxy_request_body(&reader, in);
        if (body > 0) {
            assert_int_equal(utr_buf_add(&told, bytes + at, body, &err), UTR_OK);
            at += body;
            continue;
        }
        proxy_request request = {0};
        char where[AUTHORITY_TEXT_BYTES] = "unknown";
        wire_step step = proxy_request_next(&reader, &in, &request);
        at += room - in.len;
        if (step == WIRE_BROKEN) {
            utr_buf_puts(&told, "!");
            break;
        }
        if (step == WIRE_MORE)
            continue;
        if (request.known)
            authority_print(&request.to, where);
        utr_buf_print(&told, "(%s%s)", request.tunnel ? "tunnel " : "", where);
        if (request.tunnel || !request.known)
            break;
        size_t head_len = proxy_request_head(&reader, head);
        assert_int_equal(utr_buf_add(&told, head, head_len, &err), UTR_OK);
    }
    proxy_request_reader_dispose(&reader);
    free(head);
    return told;
}

static void gives(const char *bytes, const char *expected)
{
    size_t len = strlen(bytes);
    for (size_t piece = 1; piece <= len; piece++) {
        auto_buf utr_buf told = played(bytes, len, piece);
        assert_string_equal(utr_buf_text(&told), expected);
    }
}

static void test_a_request_in_absolute_form_goes_on_in_origin_form(void **state)
{
    (void)state;
    gives("GET http://Api.example/v1?q=1 HTTP/1.1\r\nHost: api.example\r\n\r\n",
          "(api.example:80)GET /v1?q=1 HTTP/1.1\r\nHost: api.example\r\n\r\n");
    gives("GET http://api.example:8080 HTTP/1.1\r\n\r\n", "(api.example:8080)GET / HTTP/1.1\r\n\r\n");
    gives("GET HTTP://me:secret@[::1]:81?a HTTP/1.1\r\n\r\n", "([::1]:81)GET /?a HTTP/1.1\r\n\r\n");
}

static void test_what_is_meant_for_the_proxy_does_not_go_on(void **state)
{
    (void)state;
    gives("GET http://a/ HTTP/1.1\r\nProxy-Connection: keep-alive\r\nHost: a\r\n"
          "proxy-authorization: Basic c2VjcmV0\r\nProxies: 1\r\n\r\n",
          "(a:80)GET / HTTP/1.1\r\nHost: a\r\nProxies: 1\r\n\r\n");
}

static void test_requests_follow_each_other_with_their_bodies(void **state)
{
    (void)state;
    gives("POST http://a/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /GET http://b/ HTTP/1.1\r\n\r\n"
          "\r\nPUT http://a/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\na\r\n\r\n0\r\nT: 1\r\n\r\nGET http://c/ HTTP/1.1\r\n\r\n",
          "(a:80)POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /(b:80)GET / HTTP/1.1\r\n\r\n"
          "(a:80)PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\na\r\n\r\n0\r\nT: 1\r\n\r\n(c:80)GET / HTTP/1.1\r\n\r\n");
}

static void test_after_an_upgrade_nothing_is_cut(void **state)
{
    (void)state;
    gives("GET http://a/ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\nGET http://b/ HTTP/1.1\r\n\r\n",
          "(a:80)GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\nGET http://b/ HTTP/1.1\r\n\r\n");
}

static void test_connect_names_whom_to_reach(void **state)
{
    (void)state;
    gives("CONNECT api.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", "(tunnel api.example:443)");
    gives("CONNECT [::1]:443 HTTP/1.0\r\n\r\n", "(tunnel [::1]:443)");
    gives("CONNECT api.example HTTP/1.1\r\n\r\n", "(tunnel unknown)");
}

static void test_other_targets_are_unknown(void **state)
{
    (void)state;
    gives("GET / HTTP/1.1\r\n\r\n", "(unknown)");
    gives("GET https://a/ HTTP/1.1\r\n\r\n", "(unknown)");
    gives("GET http:///x HTTP/1.1\r\n\r\n", "(unknown)");
    gives("GET http://a:0/x HTTP/1.1\r\n\r\n", "(unknown)");
    gives("\x16\x03\x01", "");
    gives("hello\r\n", "!");
}

static void test_a_head_has_its_limit(void **state)
{
    (void)state;
    auto_buf utr_buf bytes = UTR_BUF_INIT(1 << 20);
    utr_buf_puts(&bytes, "GET http://a/ HTTP/1.1\r\n");
    while (bytes.len < PROXY_HEAD_MOST_BYTES)
        utr_buf_puts(&bytes, "X-Filler: 0123456789\r\n");
    utr_buf_puts(&bytes, "\r\n");
    auto_buf utr_buf told = played(bytes.data, bytes.len, 4096);
    assert_string_equal(utr_buf_text(&told), "!");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_in_absolute_form_goes_on_in_origin_form),
        cmocka_unit_test(test_what_is_meant_for_the_proxy_does_not_go_on),
        cmocka_unit_test(test_requests_follow_each_other_with_their_bodies),
        cmocka_unit_test(test_after_an_upgrade_nothing_is_cut),
        cmocka_unit_test(test_connect_names_whom_to_reach),
        cmocka_unit_test(test_other_targets_are_unknown),
        cmocka_unit_test(test_a_head_has_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
