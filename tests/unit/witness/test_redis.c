#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define GIVES(expected, ...) dialogue_gives(WITNESS_REDIS, (const line[]){__VA_ARGS__, {0}}, expected)
#define C(text)              SAYS('C', text)
#define S(text)              SAYS('S', text)
#define BEGIN                                                                                                \
    {                                                                                                        \
        'B', "", 0                                                                                           \
    }
#define END                                                                                                  \
    {                                                                                                        \
        'E', "", 0                                                                                           \
    }

#define GET_A  "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
#define SET_A  "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello\r\n"
#define MULTI  "*1\r\n$5\r\nMULTI\r\n"
#define EXEC   "*1\r\n$4\r\nEXEC\r\n"
#define OK     "+OK\r\n"
#define QUEUED "+QUEUED\r\n"

static void test_a_pipeline_pairs_each_command_with_its_reply(void **state)
{
    (void)state;
    GIVES("4E 4S 2R 2W 1X [GET a x2] [HSET user:? x1] [SET a x1]",
          C(GET_A SET_A "*4\r\n$4\r\nhset\r\n$7\r\nuser:42\r\n$1\r\nf\r\n$0\r\n\r\n" GET_A),
          S("$5\r\nhello\r\n" OK ":1\r\n-WRONGTYPE Operation against a key\r\n"));
}

static void test_what_only_asks_for_the_connection_is_trivial(void **state)
{
    (void)state;
    GIVES("7E 0S 0R 0W 0X [AUTH x1] [CLIENT SETNAME x1] [CONFIG GET x1] "
          "[HELLO x1] [INFO x1] [PING x1] [SELECT x1]",
          C("*4\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n"),
          S("%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n" OK),
          C("*1\r\n$4\r\nPING\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n*1\r\n$4\r\nINFO\r\n"),
          C("*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\nx\r\n*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$"
            "4\r\nsave\r\n"),
          S("+PONG\r\n" OK "$2\r\nhi\r\n" OK "*2\r\n$4\r\nsave\r\n$0\r\n\r\n"));
}

static void test_a_refused_login_is_substantive(void **state)
{
    (void)state;
    GIVES("2E 2S 0R 0W 2X [AUTH x1] [PING x1]", C("*2\r\n$4\r\nAUTH\r\n$3\r\nbad\r\n*1\r\n$4\r\nPING\r\n"),
          S("-WRONGPASS invalid username-password pair\r\n-NOAUTH Authentication required.\r\n"));
}

static void test_what_only_tells_about_the_server_is_trivial(void **state)
{
    (void)state;
    GIVES("5E 1S 0R 1W 0X [ACL LIST x1] [ACL WHOAMI x1] [CLUSTER SLOTS x1] [OBJECT HELP x1] [ROLE x1]",
          C("acl whoami\r\nCLUSTER slots\r\nOBJECT HELP\r\nROLE\r\nACL LIST\r\n"),
          S("$1\r\nu\r\n*0\r\n*0\r\n*0\r\n*0\r\n"));
}

static void test_a_handshake_that_is_not_understood_is_trivial(void **state)
{
    (void)state;
    GIVES(
        "2E 0S 0R 0W 2X [AUTH x1] [HELLO x1]", C("HELLO 3\r\nAUTH x\r\n"),
        S("-ERR unknown command `HELLO`\r\n-ERR AUTH <password> called without any password configured\r\n"));
}

static void test_a_transaction_counts_its_commands_when_exec_ran_them(void **state)
{
    (void)state;
    GIVES("4E 2S 1R 1W 1X [EXEC x1] [GET a x1] [MULTI x1] [SET a x1]", C(MULTI SET_A GET_A EXEC),
          S(OK QUEUED QUEUED "*2\r\n+OK\r\n-ERR in it\r\n"));
}

static void test_a_transaction_that_did_not_run_proves_nothing(void **state)
{
    (void)state;
    GIVES("3E 0S 0R 0W 0X [EXEC x1] [MULTI x1] [SET a x1]", C(MULTI SET_A EXEC), S(OK QUEUED "*-1\r\n"));
    GIVES("3E 0S 0R 0W 0X [DISCARD x1] [MULTI x1] [SET a x1]", C(MULTI SET_A "*1\r\n$7\r\nDISCARD\r\n"),
          S(OK QUEUED OK));
    GIVES("1E 0S 0R 0W 0X [MULTI x1]", C(MULTI SET_A), S(OK QUEUED));
}

static void test_nested_replies_of_resp3_are_one_answer_each(void **state)
{
    (void)state;
    GIVES("3E 3S 3R 0W 0X [GET a x3]", C(GET_A GET_A GET_A),
          S("%2\r\n+a\r\n*2\r\n:1\r\n~1\r\n#t\r\n+b\r\n,1.5\r\n"
            "|1\r\n+ttl\r\n:3600\r\n*2\r\n_\r\n(12345678901234567890\r\n"
            "=9\r\ntxt:hello\r\n"));
}

static void test_pushes_answer_nothing_that_was_asked_since(void **state)
{
    (void)state;
    GIVES("1E 1S 1R 0W 0X [GET a x1]", C(GET_A),
          S(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n$1\r\nv\r\n>2\r\n$10\r\ninvalidate\r\n*0\r\n"));
}

static void test_a_message_answers_its_subscription(void **state)
{
    (void)state;
    GIVES("3E 3S 3R 0W 0X [SUBSCRIBE news x3]", C("*3\r\n$9\r\nSUBSCRIBE\r\n$4\r\nnews\r\n$4\r\nmore\r\n"),
          S("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$4\r\nmore\r\n:2\r\n"
            "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n*3\r\n$7\r\nmessage\r\n$4\r\nmore\r\n$"
            "2\r\nho\r\n"));
}

static void test_a_reply_that_looks_like_a_message_is_a_reply(void **state)
{
    (void)state;
    GIVES("1E 1S 1R 0W 0X [LRANGE l x1]", C("*4\r\n$6\r\nLRANGE\r\n$1\r\nl\r\n$1\r\n0\r\n$2\r\n-1\r\n"),
          S("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n"));
}

static void test_after_the_last_unsubscription_replies_are_replies_again(void **state)
{
    (void)state;
    GIVES("3E 2S 2R 0W 0X [GET a x1] [SUBSCRIBE c x1] [UNSUBSCRIBE x1]",
          C("*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n"), S("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"),
          C("*1\r\n$11\r\nUNSUBSCRIBE\r\n" GET_A),
          S("*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n*1\r\n$7\r\nmessage\r\n"));
}

static void test_commands_without_replies_are_not_waited_for(void **state)
{
    (void)state;
#define REPLY(mode, len) "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$" len "\r\n" mode "\r\n"
    GIVES("2E 1S 1R 0W 0X [CLIENT REPLY x1] [GET a x1]",
          C(REPLY("OFF", "3") SET_A SET_A REPLY("ON", "2") REPLY("SKIP", "4") SET_A GET_A),
          S(OK "$1\r\nv\r\n"));
}

static void test_inline_commands_are_commands(void **state)
{
    (void)state;
    GIVES("2E 1S 0R 1W 0X [PING x1] [SET a x1]", C("PING\r\n\r\nset a  5\n"), S("+PONG\r\n" OK));
}

/** Write a text without its end. */
static void put(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
}

static void test_large_values_are_skipped_not_kept(void **state)
{
    (void)state;
    static char big[3000];
    memset(big, 'x', sizeof big);
    put(big, "$2990\r\n");
    put(big + 2997, "\r\n");
    const line lines[] = {C(GET_A GET_A), {'S', big, 2999}, S("$-1\r\n"), {0}};
    dialogue_gives(WITNESS_REDIS, lines, "2E 2S 2R 0W 0X [GET a x2]");
}

static void test_keys_lose_what_identifies_and_values_never_show(void **state)
{
    (void)state;
    GIVES("1E 1S 1R 0W 0X [GET auth:session:? x1]",
          C("*2\r\n$3\r\nGET\r\n$49\r\nauth:session:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\r\n"), S("$-1\r\n"));
    GIVES("1E 1S 0R 1W 0X [INCR auth:failed:? x1]", C("*2\r\n$4\r\nINCR\r\n$19\r\nauth:failed:a@b.com\r\n"),
          S(":1\r\n"));
    GIVES("1E 1S 0R 1W 0X [EVAL x1]", C("*3\r\n$4\r\nEVAL\r\n$10\r\nreturn 'x'\r\n$1\r\n0\r\n"),
          S("$1\r\nx\r\n"));
    GIVES("1E 1S 1R 0W 1X [FOO x1]", C("*2\r\n$3\r\nfoo\r\n$6\r\nsecret\r\n"), S("-ERR unknown command\r\n"));
}

static void test_like_keys_in_a_row_share_a_name_and_others_do_not(void **state)
{
    (void)state;
    GIVES("6E 6S 4R 2W 0X [GET user:? x2] [DEL user:? x1] [GET b? x1] [GET user:ab x1] [SET user:? x1]",
          C("*2\r\n$3\r\nGET\r\n$7\r\nuser:42\r\n"), C("*2\r\n$3\r\nGET\r\n$7\r\nuser:77\r\n"),
          C("*2\r\n$3\r\nGET\r\n$7\r\nuser:ab\r\n"), C("*2\r\n$3\r\nGET\r\n$2\r\nb7\r\n"),
          C("*3\r\n$3\r\nSET\r\n$7\r\nuser:42\r\n$1\r\nx\r\n"), C("*2\r\n$3\r\nDEL\r\n$7\r\nuser:42\r\n"),
          S("$-1\r\n$-1\r\n$-1\r\n$-1\r\n+OK\r\n:1\r\n"));
}

static void test_an_exchange_belongs_to_the_scope_that_asked(void **state)
{
    (void)state;
    GIVES("1E 1S 1R 0W 0X [GET a x1] | 1E 1S 0R 1W 0X [SET a x1]", BEGIN, C(GET_A), S("$-1\r\n"), END,
          C(SET_A), S(OK));
    GIVES("0E 0S 0R 0W 0X | 1E 1S 1R 0W 0X", BEGIN, C(GET_A), END, S("$-1\r\n"));
}

static void test_what_redis_never_says_is_lost_and_stays_lost(void **state)
{
    (void)state;
    GIVES("0E 0S 0R 0W 0X lost", C(GET_A), S("HTTP/1.1 200 OK\r\n"), C(GET_A), S("$-1\r\n"));
    GIVES("0E 0S 0R 0W 0X lost", C("*2\r\n:3\r\n"), S("-ERR Protocol error\r\n"));
    GIVES("0E 0S 0R 0W 0X lost", C(GET_A), S("*99999999999999999999\r\n"));
    GIVES("1E 1S 1R 0W 0X lost [GET a x1]", C(GET_A), S(":1\r\n:2\r\n"), C(GET_A));
}

static void test_tls_on_the_port_is_opaque(void **state)
{
    (void)state;
    GIVES("0E 0S 0R 0W 0X opaque", C("\x16\x03\x01\x00\x02\x01\x00"), S("\x16\x03\x03\x00\x02\x02\x00"));
}

#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define TLS_13                                                                                               \
    C("\x16\x03\x01\x00\x02\x01\x00"),                                                                       \
        S("\x16\x03\x03\x00\x32\x02\x00\x00\x2e\x03\x03" TEN TEN TEN "ab\x00\x13\x02\x00\x00\x06\x00\x2b"    \
          "\x00\x02\x03\x04"),                                                                               \
        C("\x17\x03\x03\x00\x03"                                                                             \
          "fin")
#define ASK                                                                                                  \
    C("\x17\x03\x03\x00\x03"                                                                                 \
      "abc")
#define TICKET   S("\x17\x03\x03\x00\xfa" FIFTY FIFTY FIFTY FIFTY FIFTY)
#define CONSENT  S("\x17\x03\x03\x00\x16" TEN TEN "+-")
#define GREETING S("\x17\x03\x03\x00\xa2" FIFTY FIFTY FIFTY TEN "ab")
#define NUMBER   S("\x17\x03\x03\x00\x15" TEN TEN "+")
#define REFUSAL  S("\x17\x03\x03\x00\x54" FIFTY TEN TEN TEN "abcd")

#define GOODBYE S("\x17\x03\x03\x00\x13" TEN "012345678")

static void test_a_login_under_tls_is_trivial_and_what_follows_is_not(void **state)
{
    (void)state;
    GIVES("1E 0S 0R 0W 0X opaque [ x1]", TLS_13, ASK, TICKET, TICKET, CONSENT);
    GIVES("2E 0S 0R 0W 0X opaque [ x2]", TLS_13, ASK, TICKET, TICKET, GREETING, ASK, CONSENT);
    GIVES("3E 1S 0R 0W 0X opaque [ x3]", TLS_13, ASK, TICKET, GREETING, ASK, CONSENT, ASK, NUMBER);
    GIVES("4E 1S 0R 0W 0X opaque [ x4]", TLS_13, ASK, CONSENT, ASK, CONSENT, ASK, CONSENT, ASK, CONSENT);
}

static void test_a_goodbye_under_tls_answers_nothing(void **state)
{
    (void)state;
    GIVES("1E 1S 0R 0W 0X opaque [ x1]", TLS_13, ASK, NUMBER, ASK, GOODBYE);
}

static void test_one_command_or_a_refused_login_under_tls_is_substantive(void **state)
{
    (void)state;
    GIVES("1E 1S 0R 0W 0X opaque [ x1]", TLS_13, ASK, TICKET, TICKET, NUMBER);
    GIVES("1E 1S 0R 0W 0X opaque [ x1]", TLS_13, ASK, TICKET, TICKET, REFUSAL);
    GIVES("3E 3S 0R 0W 0X opaque [ x3]", TLS_13, ASK, NUMBER, ASK, CONSENT, ASK, GREETING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pipeline_pairs_each_command_with_its_reply),
        cmocka_unit_test(test_what_only_asks_for_the_connection_is_trivial),
        cmocka_unit_test(test_a_refused_login_is_substantive),
        cmocka_unit_test(test_what_only_tells_about_the_server_is_trivial),
        cmocka_unit_test(test_a_handshake_that_is_not_understood_is_trivial),
        cmocka_unit_test(test_a_transaction_counts_its_commands_when_exec_ran_them),
        cmocka_unit_test(test_a_transaction_that_did_not_run_proves_nothing),
        cmocka_unit_test(test_nested_replies_of_resp3_are_one_answer_each),
        cmocka_unit_test(test_pushes_answer_nothing_that_was_asked_since),
        cmocka_unit_test(test_a_message_answers_its_subscription),
        cmocka_unit_test(test_a_reply_that_looks_like_a_message_is_a_reply),
        cmocka_unit_test(test_after_the_last_unsubscription_replies_are_replies_again),
        cmocka_unit_test(test_commands_without_replies_are_not_waited_for),
        cmocka_unit_test(test_inline_commands_are_commands),
        cmocka_unit_test(test_large_values_are_skipped_not_kept),
        cmocka_unit_test(test_keys_lose_what_identifies_and_values_never_show),
        cmocka_unit_test(test_like_keys_in_a_row_share_a_name_and_others_do_not),
        cmocka_unit_test(test_an_exchange_belongs_to_the_scope_that_asked),
        cmocka_unit_test(test_what_redis_never_says_is_lost_and_stays_lost),
        cmocka_unit_test(test_tls_on_the_port_is_opaque),
        cmocka_unit_test(test_a_login_under_tls_is_trivial_and_what_follows_is_not),
        cmocka_unit_test(test_a_goodbye_under_tls_answers_nothing),
        cmocka_unit_test(test_one_command_or_a_refused_login_under_tls_is_substantive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
