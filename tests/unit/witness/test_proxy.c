#include "stage.h"

#include "witness/external.h"

#include "base/buf.h"
#include "base/memory.h"
#include "dialogue.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A stage with a proxy; the stage's target is the external, as "localhost" and as "127.0.0.1". */

typedef struct {
    stage stage;
    int port;
    utr_strs externals, elsewhere;
} set;

static void on_elsewhere(void *ctx, const char *where)
{
    utr_strs_add(&((set *)ctx)->elsewhere, where);
}

static void declare(set *s, const char *host, int port)
{
    utr_strs_give(&s->externals, utr_format("%s:%d", host, port));
}

/** Open the proxy for what was declared, and a test. */
static void set_begin(set *s)
{
    utr_error err = {0};
    witness_proxy_options options = {
        .externals = &s->externals, .listen_fd = -1, .on_elsewhere = on_elsewhere, .ctx = s};
    assert_int_equal(witness_proxy_open(s->stage.worker, &options, &s->port, &err), UTR_OK);
    witness_scope_begin(s->stage.worker, true);
}

static void set_open(set *s)
{
    *s = (set){0};
    stage_open(&s->stage, WITNESS_REDIS);
    declare(s, "localhost", s->stage.target_port);
    declare(s, "127.0.0.1", s->stage.target_port);
}

static void set_close(set *s)
{
    stage_close(&s->stage);
    utr_strs_dispose(&s->externals);
    utr_strs_dispose(&s->elsewhere);
}

/** End the test; its evidence, a line a service. */
static void set_gives(set *s, const char *expected)
{
    witness_evidence_list list = {0};
    auto_buf utr_buf told = UTR_BUF_INIT(1 << 16);
    witness_scope_end(s->stage.worker, true, &list);
    for (size_t i = 0; i < list.count; i++) {
        auto_free char *text = dialogue_text(&list.items[i]);
        const char *colon = strrchr(list.items[i].service, ':');
        utr_buf_print(&told, "%.*s %luC %s%s\n", (int)(colon - list.items[i].service), list.items[i].service,
                      (unsigned long)list.items[i].connections, text,
                      list.items[i].refused ? " refused" : "");
    }
    assert_string_equal(utr_buf_text(&told), expected);
    witness_evidence_dispose(&list);
}

static void say_bytes(int fd, const void *bytes, size_t len)
{
    assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void say_to(int fd, const char *format, int port)
{
    auto_free char *text = utr_format(format, port);
    stage_say(fd, text);
}

static void expect_bytes(set *s, int fd, const void *bytes, size_t len)
{
    char got[64];
    size_t at = 0;
    while (at < len) {
        stage_turn_until(&s->stage, fd);
        ssize_t one = recv(fd, got + at, len - at, 0);
        assert_true(one > 0);
        at += (size_t)one;
    }
    assert_memory_equal(got, bytes, len);
}

/** Everything up to the end of the connection. */
static utr_buf rest_of(set *s, int fd)
{
    utr_buf text = UTR_BUF_INIT(1 << 20);
    utr_error err = {0};
    char some[4096];
    for (;;) {
        stage_turn_until(&s->stage, fd);
        ssize_t len = read(fd, some, sizeof some);
        if (len <= 0)
            return text;
        assert_int_equal(utr_buf_add(&text, some, (size_t)len, &err), UTR_OK);
    }
}

/* A label of 70 letters: no resolver is asked for it. */
#define NO_NAME     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

static void test_connect_reaches_what_is_declared(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    set_begin(&s);
    int client = stage_dial(s.port);
    say_to(client, "CONNECT localhost:%d HTTP/1.1\r\nHost: x\r\n\r\nearly", s.stage.target_port);
    int service = stage_accept(&s.stage);
    stage_expect(&s.stage, client, ESTABLISHED);
    stage_expect(&s.stage, service, "early");
    stage_say(service, "answer");
    stage_expect(&s.stage, client, "answer");
    set_gives(&s, "localhost 1C 1E 1S 0R 0W 0X opaque [ x1]\n");
    (void)close(service);
    stage_expect_end(&s.stage, client);
    (void)close(client);
    set_close(&s);
}

static void test_bytes_for_the_proxy_are_not_evidence_of_the_external(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    set_begin(&s);
    int client = stage_dial(s.port);
    say_to(client, "CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n", s.stage.target_port);
    int service = stage_accept(&s.stage);
    stage_expect(&s.stage, client, ESTABLISHED);
    stage_say(client, "abc");
    stage_expect(&s.stage, service, "abc");
    witness_evidence_list list = {0};
    witness_scope_end(s.stage.worker, true, &list);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].bytes_sent, 3);
    assert_int_equal(list.items[0].bytes_received, 0);
    assert_int_equal(list.items[0].exchanges, 0);
    witness_evidence_dispose(&list);
    (void)close(client);
    (void)close(service);
    set_close(&s);
}

static void test_socks_reaches_names_and_addresses(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    set_begin(&s);
    uint8_t port[2] = {(uint8_t)(s.stage.target_port >> 8), (uint8_t)s.stage.target_port};
    int client = stage_dial(s.port);
    say_bytes(client, "\5\2\0\1", 4);
    expect_bytes(&s, client, "\5\0", 2);
    say_bytes(client, "\5\1\0\3\011LocalHost", 14);
    stage_turn(&s.stage);
    say_bytes(client, port, 2);
    int service = stage_accept(&s.stage);
    expect_bytes(&s, client, "\5\0\0\1\0\0\0\0\0\0", 10);
    stage_say(service, "who speaks first");
    stage_expect(&s.stage, client, "who speaks first");
    (void)close(client);
    (void)close(service);
    client = stage_dial(s.port);
    say_bytes(client, "\5\1\0\5\1\0\1\177\0\0\1", 11);
    say_bytes(client, port, 2);
    say_bytes(client, "hello", 5);
    expect_bytes(&s, client, "\5\0", 2);
    service = stage_accept(&s.stage);
    expect_bytes(&s, client, "\5\0\0\1\0\0\0\0\0\0", 10);
    stage_expect(&s.stage, service, "hello");
    stage_say(service, "there");
    stage_expect(&s.stage, client, "there");
    set_gives(&s, "localhost 1C 0E 0S 0R 0W 0X opaque\n127.0.0.1 1C 1E 1S 0R 0W 0X opaque [ x1]\n");
    (void)close(client);
    (void)close(service);
    set_close(&s);
}

static void test_what_is_not_declared_is_refused_and_told(void **state)
{
    (void)state;
    static const struct {
        const char *ask;
        size_t len;
        const char *answer; /* how it begins */
        size_t answer_len;
        const char *where;
    } CASES[] = {
        {"CONNECT Api.Example.com:443 HTTP/1.1\r\n\r\n", 40, "HTTP/1.1 403 ", 13, "api.example.com:443"},
        {"POST http://other/x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 54, "HTTP/1.1 403 ", 13, "other:80"},
        {"\5\1\0\5\1\0\3\5other\1\273", 16, "\5\0\5\2\0\1\0\0\0\0\0\0", 12, "other:443"},
        {"\5\1\0\5\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\273", 25, "\5\0\5\2\0\1\0\0\0\0\0\0", 12,
         "[::1]:443"},
    };
    set s;
    set_open(&s);
    set_begin(&s);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        int client = stage_dial(s.port);
        say_bytes(client, CASES[i].ask, CASES[i].len);
        auto_buf utr_buf answer = rest_of(&s, client);
        assert_true(answer.len >= CASES[i].answer_len);
        assert_memory_equal(answer.data, CASES[i].answer, CASES[i].answer_len);
        if (answer.data[0] == 'H') {
            auto_free char *key = utr_format("`external: [%s]`", CASES[i].where);
            assert_non_null(strstr(utr_buf_text(&answer), key));
        }
        assert_int_equal(s.elsewhere.count, i + 1);
        assert_string_equal(s.elsewhere.items[i], CASES[i].where);
        (void)close(client);
    }
    set_gives(&s, "");
    set_close(&s);
}

static void test_who_speaks_neither_is_told_what_is_spoken_here(void **state)
{
    (void)state;
    static const struct {
        const char *ask;
        size_t len;
        const char *answer;
        size_t answer_len;
    } CASES[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18, "HTTP/1.1 400 ", 13},
        {"\x16\3\1\0\n", 5, "HTTP/1.1 400 ", 13},
        {"\5\1\2", 3, "\5\xFF", 2},
        {"\5\1\0\5\3\0\1\1\2\3\4\0\1", 13, "\5\0\5\7\0\1\0\0\0\0\0\0", 12},
        {"\5\1\0\5\1\0\2\1\2\3\4\0\1", 13, "\5\0\5\10\0\1\0\0\0\0\0\0", 12},
    };
    set s;
    set_open(&s);
    set_begin(&s);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        int client = stage_dial(s.port);
        say_bytes(client, CASES[i].ask, CASES[i].len);
        auto_buf utr_buf answer = rest_of(&s, client);
        assert_true(answer.len >= CASES[i].answer_len);
        assert_memory_equal(answer.data, CASES[i].answer, CASES[i].answer_len);
        (void)close(client);
    }
    assert_int_equal(s.elsewhere.count, 0);
    set_gives(&s, "");
    set_close(&s);
}

static void test_an_external_that_refuses_is_told_and_evidence(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    (void)close(s.stage.target);
    s.stage.target = -1;
    declare(&s, NO_NAME, 443);
    set_begin(&s);
    int client = stage_dial(s.port);
    say_to(client, "CONNECT localhost:%d HTTP/1.1\r\n\r\n", s.stage.target_port);
    auto_buf utr_buf refused = rest_of(&s, client);
    assert_non_null(strstr(utr_buf_text(&refused), "HTTP/1.1 502 "));
    assert_non_null(strstr(utr_buf_text(&refused), "connection refused"));
    (void)close(client);
    client = stage_dial(s.port);
    stage_say(client, "CONNECT " NO_NAME ":443 HTTP/1.1\r\n\r\n");
    auto_buf utr_buf unknown = rest_of(&s, client);
    assert_non_null(strstr(utr_buf_text(&unknown), "HTTP/1.1 502 "));
    (void)close(client);
    set_gives(&s, "localhost 1C 0E 0S 0R 0W 0X refused\n" NO_NAME " 1C 0E 0S 0R 0W 0X refused\n");
    set_close(&s);
}

static void test_a_connection_belongs_to_the_test_that_asked_for_it(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    set_begin(&s);
    int client = stage_dial(s.port);
    say_to(client, "CONNECT localhost:%d HTTP/1.1\r\n\r\n", s.stage.target_port);
    int service = stage_accept(&s.stage);
    stage_expect(&s.stage, client, ESTABLISHED);
    set_gives(&s, "localhost 1C 0E 0S 0R 0W 0X\n");
    witness_scope_begin(s.stage.worker, true);
    set_gives(&s, "");
    witness_scope_begin(s.stage.worker, true);
    stage_say(client, "now");
    stage_expect(&s.stage, service, "now");
    stage_say(service, "yes");
    stage_expect(&s.stage, client, "yes");
    set_gives(&s, "localhost 0C 1E 1S 0R 0W 0X opaque [ x1]\n");
    (void)close(client);
    (void)close(service);
    set_close(&s);
}

static void test_one_connection_may_ask_several_hosts_in_turn(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    set_begin(&s);
    int client = stage_dial(s.port);
    static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    say_to(client, "GET http://localhost:%d/users/7 HTTP/1.1\r\nProxy-Connection: keep-alive\r\n\r\n",
           s.stage.target_port);
    int first = stage_accept(&s.stage);
    stage_expect(&s.stage, first, "GET /users/7 HTTP/1.1\r\n\r\n");
    stage_say(first, ANSWER);
    stage_expect(&s.stage, client, ANSWER);
    say_to(client, "POST http://localhost:%d/users HTTP/1.1\r\nContent-Length: 3\r\n\r\n",
           s.stage.target_port);
    stage_expect(&s.stage, first, "POST /users HTTP/1.1\r\nContent-Length: 3\r\n\r\n");
    stage_say(client, "abc");
    stage_expect(&s.stage, first, "abc");
    stage_say(first, ANSWER);
    stage_expect(&s.stage, client, ANSWER);
    say_to(client, "GET http://127.0.0.1:%d HTTP/1.1\r\n\r\n", s.stage.target_port);
    int second = stage_accept(&s.stage);
    stage_expect_end(&s.stage, first);
    stage_expect(&s.stage, second, "GET / HTTP/1.1\r\n\r\n");
    stage_say(second, ANSWER);
    stage_expect(&s.stage, client, ANSWER);
    stage_say(client, "GET http://nowhere/ HTTP/1.1\r\n\r\n");
    auto_buf utr_buf refused = rest_of(&s, client);
    assert_non_null(strstr(utr_buf_text(&refused), "HTTP/1.1 403 "));
    assert_string_equal(s.elsewhere.items[0], "nowhere:80");
    set_gives(&s, "localhost 1C 2E 2S 1R 1W 0X [GET /users/{id} x1] [POST /users x1]\n"
                  "127.0.0.1 1C 1E 1S 1R 0W 0X [GET / x1]\n");
    (void)close(client);
    (void)close(first);
    (void)close(second);
    set_close(&s);
}

static void test_a_long_head_is_passed_on_whole(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    set_begin(&s);
    auto_buf utr_buf fields = {0};
    for (int i = 0; i < 7; i++)
        utr_buf_print(&fields, "X-%d: %04000d\r\n", i, 0);
    int client = stage_dial(s.port);
    auto_free char *sent =
        utr_format("GET http://localhost:%d/ HTTP/1.1\r\n%s\r\n", s.stage.target_port, utr_buf_text(&fields));
    auto_free char *passed = utr_format("GET / HTTP/1.1\r\n%s\r\n", utr_buf_text(&fields));
    stage_say(client, sent);
    int target = stage_accept(&s.stage);
    (void)shutdown(client, SHUT_WR);
    auto_buf utr_buf got = rest_of(&s, target);
    assert_string_equal(utr_buf_text(&got), passed);
    (void)close(client);
    (void)close(target);
    set_close(&s);
}

static void test_what_is_under_way_is_cut_when_the_worker_closes(void **state)
{
    (void)state;
    set s;
    set_open(&s);
    declare(&s, "192.0.2.1", 443); /* RFC 5737: leads nowhere */
    set_begin(&s);
    int clients[4];
    for (size_t i = 0; i < 4; i++)
        clients[i] = stage_dial(s.port);
    stage_say(clients[0], "CONNECT loc");
    say_to(clients[1], "CONNECT localhost:%d HTTP/1.1\r\n\r\n", s.stage.target_port); /* being resolved */
    stage_say(clients[2], "CONNECT 192.0.2.1:443 HTTP/1.1\r\n\r\n");
    stage_say(clients[3], "GET / HTTP/1.1\r\n\r\n"); /* is leaving */
    stage_turn(&s.stage);
    set_close(&s);
    for (size_t i = 0; i < 4; i++)
        (void)close(clients[i]);
}

static void test_an_external_must_be_host_and_port(void **state)
{
    (void)state;
    set s;
    utr_error err = {0};
    set_open(&s);
    utr_strs_add(&s.externals, "api.example.com");
    witness_proxy_options options = {.externals = &s.externals, .listen_fd = -1};
    assert_int_equal(witness_proxy_open(s.stage.worker, &options, &s.port, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "'api.example.com': write host:port"));
    set_close(&s);
}

/* Real clients. */

typedef struct {
    pid_t pid;
    int out; /* its output, both streams */
} child;

static child child_start(const char *const *argv)
{
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(pipes[1], 1);
        (void)dup2(pipes[1], 2);
        (void)execvp(argv[0], (char **)argv);
        _exit(127);
    }
    (void)close(pipes[1]);
    return (child){pid, pipes[0]};
}

/** Run it to its end while the loop turns. @return what it said */
static utr_buf ran(set *s, const char *const *argv)
{
    int status = 0;
    child one = child_start(argv);
    utr_buf told = rest_of(s, one.out);
    (void)close(one.out);
    assert_int_equal(waitpid(one.pid, &status, 0), one.pid);
    if (status)
        fail_msg("%s: %s", argv[0], utr_buf_text(&told));
    return told;
}

/** `openssl s_server` with a web page, on a port of its own. */
static child secure_server(int *out_port)
{
    static const char SCRIPT[] =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
        "-keyout \"$0/k\" -out \"$0/c\" 2>/dev/null && "
        "exec openssl s_server -accept 127.0.0.1:0 -key \"$0/k\" -cert \"$0/c\" -www";
    char folder[] = "/tmp/utr-proxy-XXXXXX";
    assert_non_null(mkdtemp(folder));
    child server = child_start((const char *const[]){"sh", "-c", SCRIPT, folder, NULL});
    utr_buf told = UTR_BUF_INIT(1 << 16);
    utr_error err = {0};
    const char *port = NULL;
    char some[256];
    while (!(port = strstr(utr_buf_text(&told), "ACCEPT 127.0.0.1:")) || !strchr(port, '\n')) {
        ssize_t len = read(server.out, some, sizeof some);
        assert_true(len > 0);
        assert_int_equal(utr_buf_add(&told, some, (size_t)len, &err), UTR_OK);
    }
    *out_port = (int)strtol(port + strlen("ACCEPT 127.0.0.1:"), NULL, 10);
    utr_buf_dispose(&told);
    auto_free char *key = utr_format("%s/k", folder);
    auto_free char *certificate = utr_format("%s/c", folder);
    (void)unlink(key);
    (void)unlink(certificate);
    (void)rmdir(folder);
    return server;
}

static void test_curl_reaches_a_server_behind_tls_and_its_name_is_told(void **state)
{
    (void)state;
    set s;
    int port = 0;
    child server = secure_server(&port);
    set_open(&s);
    declare(&s, "localhost", port);
    set_begin(&s);
    auto_free char *url = utr_format("https://localhost:%d/", port);
    auto_free char *http = utr_format("http://127.0.0.1:%d", s.port);
    auto_free char *socks = utr_format("127.0.0.1:%d", s.port);
    auto_buf utr_buf by_http = ran(&s, (const char *const[]){"curl", "-sSkm", "10", "-x", http, url, NULL});
    assert_non_null(strstr(utr_buf_text(&by_http), "s_server"));
    auto_buf utr_buf by_socks =
        ran(&s, (const char *const[]){"curl", "-sSkm", "10", "--socks5-hostname", socks, url, NULL});
    assert_non_null(strstr(utr_buf_text(&by_socks), "s_server"));
    set_gives(&s, "localhost 2C 2E 2S 0R 0W 0X opaque [localhost x1] [localhost x1]\n");
    (void)kill(server.pid, SIGKILL);
    (void)close(server.out);
    (void)waitpid(server.pid, NULL, 0);
    set_close(&s);
}

static void test_curl_and_python_reach_http_and_are_refused(void **state)
{
    (void)state;
    static const char SERVE[] = "import http.server as h, sys\n"
                                "s = h.ThreadingHTTPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler)\n"
                                "h.SimpleHTTPRequestHandler.protocol_version = 'HTTP/1.1'\n"
                                "print(s.server_port, flush=True); s.serve_forever()\n";
    static const char ASK[] =
        "import http.client as h, sys\n"
        "proxy, port = sys.argv[1:]\n"
        "c = h.HTTPConnection('127.0.0.1', int(proxy))\n"
        "for path in ('/', '/?b'):\n"
        "    c.request('GET', f'http://localhost:{port}{path}'); r = c.getresponse(); r.read()\n"
        "    print(r.status, c.sock is not None)\n"
        "t = h.HTTPConnection('127.0.0.1', int(proxy)); t.set_tunnel('localhost', int(port))\n"
        "t.request('GET', '/c'); print(t.getresponse().status)\n"
        "x = h.HTTPConnection('127.0.0.1', int(proxy)); x.set_tunnel('elsewhere.example', 443)\n"
        "try: x.request('GET', '/')\n"
        "except OSError as e: print(e)\n";
    set s;
    char number[16] = "";
    child server = child_start((const char *const[]){"python3", "-c", SERVE, NULL});
    assert_true(read(server.out, number, sizeof number - 1) > 0);
    int port = (int)strtol(number, NULL, 10);
    set_open(&s);
    declare(&s, "localhost", port);
    set_begin(&s);
    auto_free char *proxy_port = utr_format("%d", s.port);
    auto_free char *server_port = utr_format("%d", port);
    auto_buf utr_buf python =
        ran(&s, (const char *const[]){"python3", "-c", ASK, proxy_port, server_port, NULL});
    assert_string_equal(utr_buf_text(&python),
                        "200 True\n200 True\n404\nTunnel connection failed: 403 Forbidden\n");
    auto_free char *proxy = utr_format("http://127.0.0.1:%d", s.port);
    auto_free char *url = utr_format("http://localhost:%d/", port);
    auto_buf utr_buf curl =
        ran(&s, (const char *const[]){"curl", "-sSm", "10", "-o", "/dev/null", "-o", "/dev/null", "-w",
                                      "%{http_code} %{num_connects};", "-x", proxy, url,
                                      "http://elsewhere.example/", NULL});
    assert_string_equal(utr_buf_text(&curl), "200 1;403 0;");
    set_gives(&s, "localhost 3C 4E 4S 3R 0W 0X opaque [GET / x2] [ x1] [GET / x1]\n");
    (void)kill(server.pid, SIGKILL);
    (void)close(server.out);
    (void)waitpid(server.pid, NULL, 0);
    set_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect_reaches_what_is_declared),
        cmocka_unit_test(test_bytes_for_the_proxy_are_not_evidence_of_the_external),
        cmocka_unit_test(test_socks_reaches_names_and_addresses),
        cmocka_unit_test(test_what_is_not_declared_is_refused_and_told),
        cmocka_unit_test(test_who_speaks_neither_is_told_what_is_spoken_here),
        cmocka_unit_test(test_an_external_that_refuses_is_told_and_evidence),
        cmocka_unit_test(test_a_connection_belongs_to_the_test_that_asked_for_it),
        cmocka_unit_test(test_one_connection_may_ask_several_hosts_in_turn),
        cmocka_unit_test(test_a_long_head_is_passed_on_whole),
        cmocka_unit_test(test_what_is_under_way_is_cut_when_the_worker_closes),
        cmocka_unit_test(test_an_external_must_be_host_and_port),
        cmocka_unit_test(test_curl_reaches_a_server_behind_tls_and_its_name_is_told),
        cmocka_unit_test(test_curl_and_python_reach_http_and_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
