#include "isolation/names.h"

#include "../loop/cmocka_all.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>

static const isolation_host HOSTS[] = {{"postgres-test", "127.0.0.2"}, {NULL, "127.0.0.1"}};

/* A question as a resolver asks it. @return its length */
static size_t query_make(const char *name, ns_type type, uint8_t out[512])
{
    static const uint8_t HEADER_OF_ONE[] = {0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    memcpy(out, HEADER_OF_ONE, sizeof HEADER_OF_ONE);
    size_t len = sizeof HEADER_OF_ONE;
    for (const char *at = name; *at;) {
        size_t label = strcspn(at, ".");
        out[len++] = (uint8_t)label;
        memcpy(out + len, at, label);
        len += label;
        at += label + (at[label] == '.');
    }
    out[len] = 0;
    ns_put16(type, out + len + 1);
    ns_put16(ns_c_in, out + len + 3);
    return len + 5;
}

/** What a resolver makes of an answer. */
typedef struct {
    int code;
    int answers;
    char address[INET_ADDRSTRLEN]; /* of the first */
    char name[NS_MAXDNAME];
} heard;

static heard ask(isolation_names *names, const char *name, ns_type type)
{
    uint8_t query[512];
    uint8_t answer[512];
    size_t len = isolation_names_answer(names, query, query_make(name, type, query), answer);
    ns_msg message;
    ns_rr record;
    assert_int_equal(ns_initparse(answer, (int)len, &message), 0);
    assert_int_equal(ns_msg_id(message), 0xabcd);
    assert_int_equal(ns_msg_getflag(message, ns_f_qr), 1);
    assert_int_equal(ns_msg_getflag(message, ns_f_ra), 1);
    heard out = {.code = ns_msg_getflag(message, ns_f_rcode), .answers = ns_msg_count(message, ns_s_an)};
    if (out.answers) {
        assert_int_equal(ns_parserr(&message, ns_s_an, 0, &record), 0);
        assert_int_equal(ns_rr_type(record), ns_t_a);
        (void)inet_ntop(AF_INET, ns_rr_rdata(record), out.address, sizeof out.address);
        (void)snprintf(out.name, sizeof out.name, "%s", ns_rr_name(record));
    }
    return out;
}

static const char *tell(const isolation_names *names, const char *address, int port)
{
    static char where[1100];
    struct sockaddr_storage place = {0};
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)&place;
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&place;
    if (inet_pton(AF_INET, address, &ipv4->sin_addr) == 1) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons((uint16_t)port);
    } else {
        assert_int_equal(inet_pton(AF_INET6, address, &ipv6->sin6_addr), 1);
        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = htons((uint16_t)port);
    }
    return isolation_names_tell(names, &place, where, sizeof where) ? where : NULL;
}

static void test_services_and_localhost_are_known(void **state)
{
    (void)state;
    isolation_names *names = isolation_names_new(HOSTS, 2);
    assert_string_equal(ask(names, "postgres-test", ns_t_a).address, "127.0.0.2");
    assert_string_equal(ask(names, "POSTGRES-TEST", ns_t_a).address, "127.0.0.2");
    assert_string_equal(ask(names, "localhost", ns_t_a).address, "127.0.0.1");
    assert_string_equal(ask(names, "app.localhost", ns_t_a).address, "127.0.0.1");
    assert_string_equal(ask(names, "postgres-test", ns_t_a).name, "postgres-test");
    isolation_names_free(names);
}

static void test_an_unknown_name_keeps_the_address_that_it_was_given(void **state)
{
    (void)state;
    isolation_names *names = isolation_names_new(HOSTS, 2);
    assert_string_equal(ask(names, "api.example.com", ns_t_a).address, "192.0.2.1");
    assert_string_equal(ask(names, "other.example.com", ns_t_a).address, "192.0.2.2");
    assert_string_equal(ask(names, "API.Example.COM", ns_t_a).address, "192.0.2.1");
    assert_string_equal(tell(names, "192.0.2.1", 443), "api.example.com:443");
    assert_string_equal(tell(names, "::ffff:192.0.2.2", 80), "other.example.com:80");
    assert_string_equal(tell(names, "192.0.2.3", 80), "192.0.2.3:80");
    isolation_names_free(names);
}

static void test_what_is_not_an_ipv4_address_is_not_answered_with_one(void **state)
{
    (void)state;
    static const ns_type OTHERS[] = {ns_t_aaaa, ns_t_mx, ns_t_srv, ns_t_txt};
    isolation_names *names = isolation_names_new(HOSTS, 2);
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        heard answer = ask(names, "api.example.com", OTHERS[i]);
        assert_int_equal(answer.code, ns_r_noerror);
        assert_int_equal(answer.answers, 0);
    }
    assert_int_equal(ask(names, "1.2.0.192.in-addr.arpa", ns_t_ptr).code, ns_r_nxdomain);
    isolation_names_free(names);
}

static void test_names_that_cannot_be_are_not(void **state)
{
    (void)state;
    isolation_names *names = isolation_names_new(HOSTS, 2);
    assert_int_equal(ask(names, "nowhere.invalid", ns_t_a).code, ns_r_nxdomain);
    assert_int_equal(ask(names, "Nowhere.INVALID", ns_t_a).code, ns_r_nxdomain);
    assert_int_equal(ask(names, "invalid", ns_t_a).code, ns_r_nxdomain);
    assert_int_equal(ask(names, "notinvalid", ns_t_a).code, ns_r_noerror);
    isolation_names_free(names);
}

static void test_past_762_names_the_oldest_gives_its_address_away(void **state)
{
    (void)state;
    isolation_names *names = isolation_names_new(HOSTS, 2);
    for (int i = 0; i < 762; i++) {
        auto_free char *name = utr_format("host-%d", i);
        heard answer = ask(names, name, ns_t_a);
        auto_free char *told = utr_format("%s:1", name);
        assert_string_equal(tell(names, answer.address, 1), told);
    }
    assert_string_equal(ask(names, "host-761", ns_t_a).address, "203.0.113.254");
    assert_string_equal(ask(names, "host-254", ns_t_a).address, "198.51.100.1");
    assert_string_equal(ask(names, "one-more", ns_t_a).address, "192.0.2.1");
    assert_string_equal(tell(names, "192.0.2.1", 1), "one-more:1");
    assert_string_equal(ask(names, "host-0", ns_t_a).address, "192.0.2.2");
    isolation_names_free(names);
}

static void test_only_what_leaves_is_told(void **state)
{
    (void)state;
    isolation_names *names = isolation_names_new(HOSTS, 2);
    static const char *const INSIDE[] = {"127.0.0.1", "127.255.0.9", "0.0.0.0",
                                         "::1",       "::",          "::ffff:127.0.0.1"};
    for (size_t i = 0; i < sizeof INSIDE / sizeof *INSIDE; i++)
        assert_null(tell(names, INSIDE[i], 80));
    assert_string_equal(tell(names, "128.0.0.1", 80), "128.0.0.1:80");
    assert_string_equal(tell(names, "224.0.0.251", 5353), "224.0.0.251:5353");
    assert_string_equal(tell(names, "2001:db8::1", 6379), "[2001:db8::1]:6379");
    struct sockaddr_storage unix_socket = {.ss_family = AF_UNIX};
    char where[64];
    assert_false(isolation_names_tell(names, &unix_socket, where, sizeof where));
    isolation_names_free(names);
}

/* Cut anywhere, and with any one byte turned round: an answer or none, never a read or write too far. */
static void test_a_broken_query_does_no_harm(void **state)
{
    (void)state;
    isolation_names *names = isolation_names_new(HOSTS, 2);
    uint8_t whole[512];
    uint8_t answer[512];
    size_t len = query_make("some.name.example", ns_t_a, whole);
    for (size_t cut = 1; cut < len; cut++) {
        auto_free uint8_t *query = memcpy(utr_calloc(cut, 1), whole, cut); /* no byte beyond the cut */
        assert_int_equal(isolation_names_answer(names, query, cut, answer), 0);
    }
    for (size_t i = 0; i < len * 8; i++) {
        auto_free uint8_t *query = memcpy(utr_calloc(len, 1), whole, len);
        query[i / 8] ^= (uint8_t)(1U << (i % 8));
        assert_true(isolation_names_answer(names, query, len, answer) <= sizeof answer);
    }
    static const uint8_t POINTS[] = {0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 2, 0, 1, 0, 1};
    assert_int_equal(isolation_names_answer(names, POINTS, sizeof POINTS, answer), 0);
    whole[2] |= 0x80; /* an answer is not answered */
    assert_int_equal(isolation_names_answer(names, whole, len, answer), 0);
    isolation_names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services_and_localhost_are_known),
        cmocka_unit_test(test_an_unknown_name_keeps_the_address_that_it_was_given),
        cmocka_unit_test(test_what_is_not_an_ipv4_address_is_not_answered_with_one),
        cmocka_unit_test(test_names_that_cannot_be_are_not),
        cmocka_unit_test(test_past_762_names_the_oldest_gives_its_address_away),
        cmocka_unit_test(test_only_what_leaves_is_told),
        cmocka_unit_test(test_a_broken_query_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
