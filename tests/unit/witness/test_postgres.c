#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Messages are built when they are used: type, length, body. */
static char arena[1 << 16];
static size_t arena_used;

static line message(char who, char type, const char *body, size_t len)
{
    char *at = arena + arena_used;
    size_t total = (type ? 5U : 4U) + len;
    assert_true(arena_used + total < sizeof arena);
    arena_used += total;
    char *out = at;
    if (type)
        *out++ = type;
    for (int shift = 24; shift >= 0; shift -= 8)
        *out++ = (char)((len + 4) >> shift & 0xFF);
    memcpy(out, body, len);
    return (line){who, at, total};
}

#define RAW(who, type, body)  message((who), (type), (body), sizeof(body) - 1)
#define TEXT(who, type, text) message((who), (type), (text), sizeof(text))

#define GIVES(expected, ...)                                                                                 \
    do {                                                                                                     \
        arena_used = 0;                                                                                      \
        const line lines[] = {__VA_ARGS__, {0}};                                                             \
        dialogue_gives(WITNESS_POSTGRES, lines, expected);                                                   \
    } while (0)

#define STARTUP     RAW('C', 0, "\0\3\0\0user\0app\0database\0app\0\0")
#define SSL_REQUEST RAW('C', 0, "\x04\xd2\x16\x2f")
#define LOGIN_OK                                                                                             \
    RAW('S', 'R', "\0\0\0\0"), RAW('S', 'S', "TimeZone\0UTC\0"), RAW('S', 'K', "\0\0\0\1\0\0\0\2"), READY
#define LOGIN      STARTUP, LOGIN_OK
#define READY      RAW('S', 'Z', "I")
#define QUERY(sql) TEXT('C', 'Q', sql)
#define DONE(tag)  TEXT('S', 'C', tag)
#define ROW                                                                                                  \
    RAW('S', 'T', "\0\1x\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0"), RAW('S', 'D',                    \
                                                                                "\0\1\0\0\0\1"               \
                                                                                "1")
#define ERROR            RAW('S', 'E', "SERROR\0C42P01\0Mrelation does not exist\0\0")
#define PARSE(name, sql) RAW('C', 'P', name "\0" sql "\0\0\0")
#define BIND(portal, name)                                                                                   \
    RAW('C', 'B',                                                                                            \
        portal "\0" name "\0\0\0\0\1\0\0\0\1"                                                                \
               "7\0\0")
#define DESCRIBE        RAW('C', 'D', "P\0")
#define EXECUTE(portal) RAW('C', 'E', portal "\0\0\0\0\0")
#define SYNC            RAW('C', 'S', "")
#define PARSED          RAW('S', '1', "")
#define BOUND           RAW('S', '2', "")
#define NO_ROWS         RAW('S', 'n', "")
#define BEGIN                                                                                                \
    {                                                                                                        \
        'B', "", 0                                                                                           \
    }
#define END                                                                                                  \
    {                                                                                                        \
        'E', "", 0                                                                                           \
    }

static void test_a_login_alone_is_trivial(void **state)
{
    (void)state;
    GIVES("1E 0S 0R 0W 0X [LOGIN x1]", LOGIN, RAW('C', 'X', ""));
}

static void test_what_is_used_by_name_is_as_trivial_as_what_the_name_stands_for(void **state)
{
    (void)state;
    GIVES("5E 0S 0R 0W 0X [DECLARE C CURSOR FOR SELECT ? x1] [EXECUTE p x1] [FETCH ALL FROM c x1] [LOGIN x1] "
          "[PREPARE p AS SELECT ? x1]",
          LOGIN, QUERY("PREPARE p AS SELECT 1"), DONE("PREPARE"), READY, QUERY("EXECUTE p"), ROW,
          DONE("SELECT 1"), READY, QUERY("DECLARE C CURSOR FOR SELECT 1"), DONE("DECLARE CURSOR"), READY,
          QUERY("FETCH ALL FROM c"), ROW, DONE("FETCH 1"), READY);
    GIVES("3E 2S 2R 0W 0X [EXECUTE p x1] [LOGIN x1] [PREPARE p AS SELECT * FROM t x1]", LOGIN,
          QUERY("PREPARE p AS SELECT * FROM t"), DONE("PREPARE"), READY, QUERY("EXECUTE p"), ROW,
          DONE("SELECT 1"), READY);
}

static void test_a_refused_login_is_substantive(void **state)
{
    (void)state;
    GIVES("1E 1S 0R 0W 1X [LOGIN x1]", STARTUP, RAW('S', 'R', "\0\0\0\5salt"), TEXT('C', 'p', "md5abc"),
          RAW('S', 'E', "SFATAL\0C28P01\0Mpassword authentication failed\0\0"));
}

static void test_a_simple_query_is_one_exchange(void **state)
{
    (void)state;
    GIVES("3E 2S 1R 1W 0X [INSERT INTO t VALUES (?) x1] [LOGIN x1] [SELECT name FROM t WHERE id = ? x1]",
          LOGIN, QUERY("INSERT INTO t VALUES (1, 'secret')"), DONE("INSERT 0 1"), READY,
          QUERY("SELECT name FROM t WHERE id=42"), ROW, DONE("SELECT 1"), READY);
}

static void test_what_asks_only_for_the_connection_is_trivial(void **state)
{
    (void)state;
    GIVES("5E 0S 0R 0W 0X [(empty query) x1] [BEGIN x1] [COMMIT x1] [LOGIN x1] [SELECT ? x1]", LOGIN,
          QUERY(""), RAW('S', 'I', ""), READY, QUERY("BEGIN"), DONE("BEGIN"), READY, QUERY("SELECT 1"), ROW,
          DONE("SELECT 1"), READY, QUERY("COMMIT"), DONE("COMMIT"), READY);
}

static void test_statements_of_one_query_count_each(void **state)
{
    (void)state;
    GIVES("4E 2S 1R 1W 0X [BEGIN x1] [DELETE FROM t x1] [LOGIN x1] [SELECT * FROM t x1]", LOGIN,
          QUERY("BEGIN; DELETE FROM t; SELECT * FROM t;"), DONE("BEGIN"), DONE("DELETE 1"), ROW,
          DONE("SELECT 1"), READY);
}

static void test_an_error_ends_the_query_it_answers(void **state)
{
    (void)state;
    GIVES("4E 3S 2R 1W 1X [DELETE FROM t x1] [LOGIN x1] [SELECT * FROM nope x1] [SELECT * FROM t x1]", LOGIN,
          QUERY("DELETE FROM t; SELECT * FROM nope; SELECT * FROM never"), DONE("DELETE 1"), ERROR, READY,
          QUERY("SELECT * FROM t"), ROW, DONE("SELECT 1"), READY);
}

static void test_a_prepared_statement_keeps_its_nature(void **state)
{
    (void)state;
    GIVES("4E 3S 0R 3W 0X [UPDATE t SET a = $1 WHERE b = ? x3] [LOGIN x1]", LOGIN,
          PARSE("s1", "UPDATE t SET a=$1 WHERE b='x'"), BIND("", "s1"), DESCRIBE, EXECUTE(""), SYNC, PARSED,
          BOUND, NO_ROWS, DONE("UPDATE 1"), READY, BIND("", "s1"), EXECUTE(""), BIND("p", "s1"), EXECUTE("p"),
          SYNC, BOUND, DONE("UPDATE 1"), BOUND, DONE("UPDATE 1"), READY);
}

static void test_an_error_in_a_pipeline_skips_to_its_sync(void **state)
{
    (void)state;
    GIVES("4E 3S 2R 1W 1X [DELETE FROM t x1] [LOGIN x1] [SELECT * FROM nope x1] [SELECT * FROM t x1]", LOGIN,
          PARSE("", "DELETE FROM t"), BIND("", ""), EXECUTE(""), PARSE("", "SELECT * FROM nope"),
          BIND("", ""), EXECUTE(""), PARSE("", "SELECT * FROM skipped"), BIND("", ""), EXECUTE(""), SYNC,
          PARSE("", "SELECT * FROM t"), BIND("", ""), EXECUTE(""), SYNC, PARSED, BOUND, DONE("DELETE 0"),
          ERROR, READY, PARSED, BOUND, ROW, DONE("SELECT 1"), READY);
}

static void test_a_portal_read_in_parts_answers_each_execute(void **state)
{
    (void)state;
    GIVES("3E 2S 2R 0W 0X [SELECT * FROM t x2] [LOGIN x1]", LOGIN, PARSE("", "SELECT * FROM t"), BIND("", ""),
          EXECUTE(""), EXECUTE(""), SYNC, PARSED, BOUND, ROW, RAW('S', 's', ""), ROW, DONE("SELECT 1"),
          READY);
}

static void test_copy_goes_both_ways(void **state)
{
    (void)state;
    GIVES("3E 2S 1R 1W 0X [COPY t FROM STDIN x1] [COPY t TO STDOUT x1] [LOGIN x1]", LOGIN,
          QUERY("COPY t FROM STDIN"), RAW('S', 'G', "\0\0\1\0\0"), RAW('C', 'd', "1\n2\n"), RAW('C', 'c', ""),
          DONE("COPY 2"), READY, QUERY("COPY t TO STDOUT"), RAW('S', 'H', "\0\0\1\0\0"), RAW('S', 'd', "1\n"),
          RAW('S', 'c', ""), DONE("COPY 1"), READY);
}

static void test_a_sync_within_copy_data_is_not_answered(void **state)
{
    (void)state;
    GIVES("3E 2S 1R 1W 0X [COPY t FROM STDIN x1] [LOGIN x1] [SELECT * FROM t x1]", LOGIN,
          PARSE("", "COPY t FROM STDIN"), BIND("", ""), EXECUTE(""), SYNC, PARSED, BOUND,
          RAW('S', 'G', "\0\0\1\0\0"), RAW('C', 'd', "1\n"), RAW('C', 'c', ""), SYNC, DONE("COPY 1"), READY,
          QUERY("SELECT * FROM t"), ROW, DONE("SELECT 1"), READY);
    GIVES("2E 1S 0R 1W 1X [COPY t FROM STDIN x1] [LOGIN x1]", LOGIN, QUERY("COPY t FROM STDIN"),
          RAW('S', 'G', "\0\0\1\0\0"), TEXT('C', 'f', "no"), ERROR, READY);
}

static void test_a_notification_answers_its_listen(void **state)
{
    (void)state;
    GIVES("3E 2S 2R 0W 0X [LISTEN jobs x2] [LOGIN x1]", LOGIN, QUERY("LISTEN jobs"), DONE("LISTEN"), READY,
          RAW('S', 'A', "\0\0\0\1jobs\0payload\0"));
}

static void test_tls_after_its_request_is_opaque(void **state)
{
    (void)state;
    GIVES("1E 0S 0R 0W 0X opaque [SSLRequest x1]", SSL_REQUEST, {'S', "S", 1},
          SAYS('C', "\x16\x03\x01\x00\x02\x01\x00"));
    GIVES("2E 0S 0R 0W 0X [LOGIN x1] [SSLRequest x1]", SSL_REQUEST, {'S', "N", 1}, LOGIN);
    GIVES("1E 1S 0R 0W 1X [LOGIN x1]", SSL_REQUEST, ERROR);
}

#define FIFTY "01234567890123456789012345678901234567890123456789"
#define TLS_12                                                                                               \
    SSL_REQUEST, {'S', "S", 1}, SAYS('C', "\x16\x03\x01\x00\x02\x01\x00"),                                   \
        SAYS('S', "\x16\x03\x03\x00\x02\x02\x00"), SAYS('C', "\x16\x03\x03\x00\x03xyz"),                     \
        SAYS('S', "\x16\x03\x03\x00\x03xyz")
#define TURN SAYS('C', "\x17\x03\x03\x00\x03xyz"), SAYS('S', "\x17\x03\x03\x00\x03xyz")
#define WELCOME                                                                                              \
    SAYS('C', "\x17\x03\x03\x00\x03xyz"), SAYS('S', "\x17\x03\x03\x00\xc8" FIFTY FIFTY FIFTY FIFTY)

static void test_a_login_under_tls_is_trivial_and_what_follows_is_not(void **state)
{
    (void)state;
    GIVES("4E 0S 0R 0W 0X opaque [ x3] [SSLRequest x1]", TLS_12, TURN, TURN, WELCOME);
    GIVES("5E 1S 0R 0W 0X opaque [ x4] [SSLRequest x1]", TLS_12, TURN, TURN, WELCOME, TURN);
    GIVES("3E 1S 0R 0W 0X opaque [ x2] [SSLRequest x1]", TLS_12, WELCOME, WELCOME);
}

static void test_a_login_that_is_refused_under_tls_is_substantive(void **state)
{
    (void)state;
    GIVES("4E 1S 0R 0W 0X opaque [ x3] [SSLRequest x1]", TLS_12, TURN, TURN, TURN);
}

static void test_a_cancel_request_is_answered_by_nobody(void **state)
{
    (void)state;
    GIVES("0E 0S 0R 0W 0X", RAW('C', 0, "\x04\xd2\x16\x2e\0\0\0\1\0\0\0\2"));
}

static void test_an_exchange_belongs_to_the_scope_that_asked(void **state)
{
    (void)state;
    GIVES("1E 1S 1R 0W 0X [SELECT * FROM t x1] | 1E 0S 0R 0W 0X [LOGIN x1]", LOGIN, BEGIN,
          QUERY("SELECT * FROM t"), ROW, DONE("SELECT 1"), READY, END);
}

static void test_a_service_that_ends_by_itself_answers_nothing(void **state)
{
    (void)state;
    GIVES("1E 0S 0R 0W 0X [LOGIN x1]", LOGIN, RAW('S', 'E', "SFATAL\0C57P01\0Mterminating connection\0\0"));
}

/** Write a text without its end. */
static void put(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
}

static void test_a_statement_longer_than_is_read_is_not_trivial(void **state)
{
    (void)state;
    static char sql[20000];
    memset(sql, ' ', sizeof sql - 1);
    put(sql, "SELECT 1;");
    put(sql + sizeof sql - 20, "DELETE FROM t");
    arena_used = 0;
    const line lines[] = {
        LOGIN, message('C', 'Q', sql, sizeof sql), ROW, DONE("SELECT 1"), DONE("DELETE 1"), READY, {0}};
    dialogue_whole(WITNESS_POSTGRES, lines, "2E 1S 1R 0W 0X [LOGIN x1] [SELECT ? x1]");
}

static void test_what_postgres_never_says_is_lost_and_stays_lost(void **state)
{
    (void)state;
    GIVES("1E 0S 0R 0W 0X lost [LOGIN x1]", LOGIN, SAYS('C', "GET / HTTP/1.1\r\n"), QUERY("SELECT * FROM t"),
          ROW, DONE("SELECT 1"), READY);
    GIVES("0E 0S 0R 0W 0X lost", RAW('C', 0, "\0\2\0\0user\0"), SAYS('S', "?"));
    GIVES("0E 0S 0R 0W 0X lost", STARTUP, SAYS('S', "R\x7f\xff\xff\xff"), SAYS('C', "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_login_alone_is_trivial),
        cmocka_unit_test(test_a_refused_login_is_substantive),
        cmocka_unit_test(test_a_simple_query_is_one_exchange),
        cmocka_unit_test(test_what_asks_only_for_the_connection_is_trivial),
        cmocka_unit_test(test_what_is_used_by_name_is_as_trivial_as_what_the_name_stands_for),
        cmocka_unit_test(test_statements_of_one_query_count_each),
        cmocka_unit_test(test_an_error_ends_the_query_it_answers),
        cmocka_unit_test(test_a_prepared_statement_keeps_its_nature),
        cmocka_unit_test(test_an_error_in_a_pipeline_skips_to_its_sync),
        cmocka_unit_test(test_a_portal_read_in_parts_answers_each_execute),
        cmocka_unit_test(test_copy_goes_both_ways),
        cmocka_unit_test(test_a_sync_within_copy_data_is_not_answered),
        cmocka_unit_test(test_a_notification_answers_its_listen),
        cmocka_unit_test(test_tls_after_its_request_is_opaque),
        cmocka_unit_test(test_a_login_under_tls_is_trivial_and_what_follows_is_not),
        cmocka_unit_test(test_a_login_that_is_refused_under_tls_is_substantive),
        cmocka_unit_test(test_a_cancel_request_is_answered_by_nobody),
        cmocka_unit_test(test_an_exchange_belongs_to_the_scope_that_asked),
        cmocka_unit_test(test_a_service_that_ends_by_itself_answers_nothing),
        cmocka_unit_test(test_a_statement_longer_than_is_read_is_not_trivial),
        cmocka_unit_test(test_what_postgres_never_says_is_lost_and_stays_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
