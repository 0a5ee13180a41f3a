#include "recorder.h"

#include "suites/event.h"

#define HELLO   "{\"event\":\"hello\",\"adapter\":\"test\",\"worker\":\"main\"}\n"
#define GREETED "{\"env\":{},\"pattern\":\"*x*\",\"services\":[\"db\",\"cache\"]}\n"

/** Connections of one suite process. */
typedef struct {
    recorded_session session;
    utr_strs services;
    suites_event events[3];
} talk;

static void talk_init(talk *t, recorder *r)
{
    *t = (talk){0};
    utr_strs_add(&t->services, "db");
    utr_strs_add(&t->services, "cache");
    recorded_session_init(&t->session, r);
    t->session.session.services = &t->services;
    t->session.session.pattern = "*x*";
    for (size_t i = 0; i < 3; i++)
        suites_event_init(&t->events[i], &t->session.session);
}

static void talk_end(talk *t)
{
    for (size_t i = 0; i < 3; i++)
        suites_event_dispose(&t->events[i]);
    recorded_session_dispose(&t->session, "the suite ended");
    utr_strs_dispose(&t->services);
}

/* A connection says one thing and is answered. */
static void say(talk *t, size_t who, const char *said, const char *answered)
{
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    assert_true(suites_event_feed(&t->events[who], said, strlen(said), &answers));
    assert_true(suites_event_feed(&t->events[who], "\n", 1, &answers));
    auto_free char *line = utr_format("%s%s", answered, *answered ? "\n" : "");
    assert_string_equal(utr_buf_text(&answers), line);
}

static void assert_told(recorder *r, const char *told)
{
    assert_string_equal(utr_buf_text(&r->told), told);
    utr_buf_reset(&r->told);
}

/* One connection, said in two pieces. */
static void talk_cut(const char *said, size_t len, size_t cut, recorder *r, utr_buf *answers)
{
    talk t;
    talk_init(&t, r);
    bool goes_on = suites_event_feed(&t.events[0], said, cut, answers);
    if (goes_on && !suites_event_feed(&t.events[0], said + cut, len - cut, answers))
        utr_buf_puts(answers, "CLOSED");
    talk_end(&t);
}

static void check(const char *said, const char *answered, const char *told)
{
    for (size_t cut = 0; cut <= strlen(said); cut++) {
        recorder r = {0};
        auto_buf utr_buf answers = UTR_BUF_INIT(0);
        talk_cut(said, strlen(said), cut, &r, &answers);
        assert_string_equal(utr_buf_text(&answers), answered);
        assert_string_equal(utr_buf_text(&r.told), told);
        recorder_dispose(&r);
    }
}

static void test_a_session_is_told_in_order(void **state)
{
    (void)state;
    check(HELLO
          "{\"event\":\"collected\",\"tests\":2}\n"
          "{\"event\":\"start\",\"test\":\"a\",\"requires\":[\"db\",\"db\",\"cache\"]}\n"
          "{\"event\":\"fixture\",\"scope\":\"module\",\"name\":\"t\",\"id\":\"T\",\"phase\":\"start\"}\n"
          "{\"event\":\"fixture\",\"scope\":\"module\",\"name\":\"t\",\"id\":\"T\",\"phase\":\"end\"}\n"
          "{\"event\":\"finish\",\"test\":\"a\",\"status\":\"failed\",\"seconds\":1.5,\"message\":\"why\","
          "\"file\":\"a.py\",\"line\":3}\n"
          "{\"event\":\"start\",\"test\":\"b\"}\n"
          "{\"event\":\"finish\",\"test\":\"b\",\"status\":\"xpassed\"}\n",
          GREETED "{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
          "collected 2\nstart a needs db,cache\nbegin module t\nend module t\nfailed a | why | a.py:3\n"
          "start b\nxpassed b\n");
}

static void test_what_runs_when_the_suite_ends_is_an_error(void **state)
{
    (void)state;
    check(HELLO
          "{\"event\":\"start\",\"test\":\"a\"}\n"
          "{\"event\":\"fixture\",\"scope\":\"class\",\"name\":\"t\",\"id\":\"T\",\"phase\":\"start\"}\n"
          "{\"event\":\"finish\",\"test\":\"a\",",
          GREETED "{}\n{}\n", "start a\nbegin class t\nend class t\nerror a | the suite ended\n");
}

/* A forged or broken message: its answer is an error, its fault is told, what runs goes on. */
static void check_refused(const char *message, const char *fault)
{
    auto_free char *said = utr_format(HELLO "{\"event\":\"start\",\"test\":\"a\"}\n"
                                            "{\"event\":\"finish\",\"test\":\"a\",\"status\":\"passed\"}\n"
                                            "{\"event\":\"start\",\"test\":\"b\"}\n"
                                            "%s\n"
                                            "{\"event\":\"finish\",\"test\":\"b\",\"status\":\"passed\"}\n",
                                      message);
    auto_free char *told = utr_format("start a\npassed a\nstart b\nFAULT %s\npassed b\n", fault);
    recorder r = {0};
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    talk_cut(said, strlen(said), 0, &r, &answers);
    assert_string_equal(utr_buf_text(&r.told), told);
    assert_true(strncmp(utr_buf_text(&answers), GREETED "{}\n{}\n{}\n{\"error\":", strlen(GREETED) + 18) ==
                0);
    recorder_dispose(&r);
}

static void test_forged_messages_are_refused(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"{\"event\":\"finish\",\"test\":\"c\",\"status\":\"passed\"}", "test 'c' ends while 'b' runs"},
        {"{\"event\":\"finish\",\"test\":\"a\",\"status\":\"passed\"}", "a second result for test 'a'"},
        {"{\"event\":\"start\",\"test\":\"c\"}", "test 'c' starts while 'b' runs"},
        {"{\"event\":\"finish\",\"test\":\"b\",\"status\":\"proven\"}",
         "event socket: a result with an unknown status"},
        {"{\"event\":\"finish\",\"status\":\"passed\"}", "event socket: a result without a test"},
        {"{\"event\":\"finish\",\"test\":7,\"status\":\"passed\"}", "event socket: a result without a test"},
        {"{\"event\":\"start\"}", "event socket: start without a test"},
        {"{\"event\":\"start\",\"test\":\"c\",\"requires\":[\"mars\"]}",
         "event socket: requires names an unknown service"},
        {"{\"event\":\"start\",\"test\":\"c\",\"requires\":\"db\"}",
         "event socket: requires is no list of texts"},
        {"{\"event\":\"hello\",\"adapter\":\"x\"}", "event socket: a second hello"},
        {"{\"event\":\"collected\",\"tests\":-1}", "event socket: collected without a number of tests"},
        {"{\"event\":\"collected\",\"tests\":\"9\"}", "event socket: collected without a number of tests"},
        {"{\"event\":\"fixture\",\"scope\":\"x\",\"name\":\"y\",\"id\":\"z\",\"phase\":\"end\"}",
         "fixture 'z' ends without having started"},
        {"{\"event\":\"fixture\",\"scope\":\"x\",\"name\":\"y\",\"id\":\"z\",\"phase\":\"middle\"}",
         "event socket: fixture with an unknown phase"},
        {"{\"event\":\"fixture\",\"scope\":\"x\",\"id\":\"z\",\"phase\":\"start\"}",
         "event socket: fixture without scope, name and id"},
        {"{\"event\":\"start\",\"test\":\"c\",\"again\":true}", "test 'c' starts again and does not run"},
        {"{\"event\":\"start\",\"test\":\"c\",\"uses\":[7]}", "event socket: uses is no list of texts"},
        {"{\"event\":\"source\",\"test\":\"a\",\"mocks\":false,\"swallows\":false,\"asserts\":true}",
         "event socket: an unknown message"},
        {"{\"event\":\"tell\",\"test\":\"c\",\"status\":\"passed\"}",
         "event socket: tell is for what did not run"},
        {"{\"event\":\"tell\",\"test\":\"c\",\"status\":\"error\"}", "test 'c' starts while 'b' runs"},
        {"{\"event\":\"done\"}", "event socket: done while a test runs"},
        {"{\"event\":\"next\"}", "event socket: next, though the suite does not run in parts"},
        {"{\"event\":\"collected\",\"tests\":2,\"names\":[\"x\",\"x\"]}", "test 'x' was collected twice"},
        {"{\"event\":\"collected\",\"tests\":1,\"names\":[\"x\",\"y\"]}",
         "event socket: collected with another number of names than tests"},
        {"{\"event\":\"collected\",\"tests\":1,\"names\":[]}",
         "event socket: collected with another number of names than tests"},
        {"{\"event\":\"collected\",\"tests\":1,\"names\":[\"x\"],\"groups\":[-1]}",
         "event socket: collected with names or groups that are no list of at most 1,000"},
        {"{\"event\":\"collected\",\"tests\":2,\"names\":[\"x\",\"y\"],\"groups\":[1]}",
         "event socket: collected without a group for each name"},
        {"{\"event\":\"evidence\"}", "event socket: an unknown message"},
        {"{}", "event socket: an unknown message"},
        {"[]", "event socket: a line that is no JSON object"},
        {"", "event socket: a line that is no JSON object"},
        {"{\"event\":\"start\",\"event\":\"finish\"}", "event socket: a line that is no JSON object"},
        {"{\"event\":\"start\",\"test\":\"a\\u0000b\"}", "event socket: a line that is no JSON object"},
        {"\xff\xfe", "event socket: a line that is no JSON object"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        check_refused(CASES[i][0], CASES[i][1]);
}

static void test_nothing_is_heard_before_hello(void **state)
{
    (void)state;
    check("{\"event\":\"start\",\"test\":\"a\"}\n{\"event\":\"hello\"}\n",
          "{\"error\":\"a message before hello\"}\n{\"error\":\"hello of another adapter than the suite's "
          "format\"}\n",
          "FAULT event socket: a message before hello\n"
          "FAULT event socket: hello of another adapter than the suite's format\n");
}

static void test_a_result_without_a_start_is_a_fault(void **state)
{
    (void)state;
    check(HELLO "{\"event\":\"finish\",\"test\":\"a\",\"status\":\"passed\"}\n",
          GREETED "{\"error\":\"impossible now\"}\n", "FAULT test 'a' ends without having started\n");
}

static void test_a_line_has_a_limit(void **state)
{
    (void)state;
    enum { LONG = (1 << 20) + 1 };
    auto_free char *line = utr_calloc(LONG + 1, 1);
    (void)memset(line, 'x', LONG);
    recorder r = {0};
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    talk_cut(line, LONG, 7, &r, &answers);
    assert_string_equal(utr_buf_text(&answers), "CLOSED");
    assert_string_equal(utr_buf_text(&r.told), "FAULT event socket: a line over 1048576 bytes\n");
    recorder_dispose(&r);
}

static void test_faults_do_not_flood_the_journal(void **state)
{
    (void)state;
    recorder r = {0};
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    char said[100];
    (void)memset(said, '\n', sizeof said);
    talk_cut(said, sizeof said, 0, &r, &answers);
    size_t faults = 0;
    for (const char *at = utr_buf_text(&r.told); (at = strstr(at, "FAULT")); at++)
        faults++;
    assert_int_equal(faults, 20);
    recorder_dispose(&r);
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    enum { LONG = 100000 };
    auto_free char *filler = utr_calloc(LONG + 1, 1);
    (void)memset(filler, 'x', LONG);
    auto_free char *said = utr_format(
        HELLO
        "{\"event\":\"start\",\"test\":\"%s\"}\n{\"event\":\"finish\",\"test\":\"%s\",\"status\":\"passed\","
        "\"message\":\"%s\"}\n",
        filler, filler, filler);
    recorder r = {0};
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    talk_cut(said, strlen(said), 0, &r, &answers);
    assert_string_equal(utr_buf_text(&answers), GREETED "{}\n{}\n");
    assert_true(r.told.len > 3 * 8192 && r.told.len < 3 * 8192 + 100);
    recorder_dispose(&r);
}

#define SAYS(worker, more) "{\"event\":\"hello\",\"adapter\":\"test\",\"worker\":\"" worker "\"" more "}"
#define MAIN_GREETED       "{\"env\":{},\"pattern\":\"*x*\",\"services\":[\"db\",\"cache\"]}"
#define GUEST_GREETED                                                                                        \
    "{\"env\":{\"SUITE_ADDRESS\":\"127.0.0.1:5432\"},\"pattern\":\"*x*\",\"services\":[\"db\",\"cache\"]}"
#define START(test)          "{\"event\":\"start\",\"test\":\"" test "\"}"
#define FINISH(test, status) "{\"event\":\"finish\",\"test\":\"" test "\",\"status\":\"" status "\"}"
#define REFUSED(what)        "{\"error\":\"" what "\"}"
#define IMPOSSIBLE           REFUSED("impossible now")

static void test_announced_workers_run_tests_of_their_own(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ",\"workers\":true"), MAIN_GREETED);
    say(&t, 1, SAYS("gw0", ""), GUEST_GREETED);
    say(&t, 2, SAYS("gw1", ""), GUEST_GREETED);
    say(&t, 1, START("a"), "{}");
    say(&t, 2, START("b"), "{}");
    say(&t, 1, FINISH("a", "passed"), "{}");
    suites_session_leave(t.events[2].worker, "worker died");
    talk_end(&t);
    assert_told(&r, "worker gw0\nworker gw1\ngw0: start a\ngw1: start b\ngw0: passed a\n"
                    "gw1: error b | worker died\ngone gw1\ngone gw0\n");
    recorder_dispose(&r);
}

static void test_a_worker_that_nobody_announced_is_a_fault(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ""), MAIN_GREETED);
    say(&t, 1, SAYS("gw0", ",\"workers\":true"),
        REFUSED("a second worker, though main did not announce any"));
    say(&t, 1, START("a"), REFUSED("a message before hello"));
    t.session.session.many_workers = true; /* as for a format whose workers come by themselves */
    say(&t, 1, SAYS("gw0", ""), GUEST_GREETED);
    talk_end(&t);
    assert_told(&r, "FAULT event socket: a second worker, though main did not announce any\n"
                    "FAULT event socket: a message before hello\nworker gw0\ngone gw0\n");
    recorder_dispose(&r);
}

static void test_nobody_speaks_for_a_worker_that_is_there(void **state)
{
    (void)state;
    recorder r = {.refused = "gw1"};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ",\"workers\":true"), MAIN_GREETED);
    say(&t, 1, SAYS("main", ""), REFUSED("hello of a worker that is there already"));
    say(&t, 1, SAYS("", ""), REFUSED("hello without a worker"));
    say(&t, 1, SAYS("gw1", ""), IMPOSSIBLE);
    suites_session_leave(t.events[0].worker, "worker died");
    say(&t, 1, SAYS("main", ""), MAIN_GREETED);
    talk_end(&t);
    assert_told(&r, "FAULT event socket: hello of a worker that is there already\n"
                    "FAULT event socket: hello without a worker\nFAULT no room for worker 'gw1'\n");
    recorder_dispose(&r);
}

static void test_only_threads_share_a_process(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    t.session.session.many_workers = true;
    t.events[1].shares_process = true;
    say(&t, 1, SAYS("a", ""), REFUSED("a second connection of one process"));
    say(&t, 1, SAYS("a", ",\"thread\":true"), GUEST_GREETED);
    assert_true(t.events[1].thread);
    talk_end(&t);
    recorder_dispose(&r);
}

static void test_output_must_come_where_tests_are_read_from_it(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    t.session.session.output_reader = &suites_reader_tap;
    t.session.session.many_workers = true;
    say(&t, 0, SAYS("a", ""), REFUSED("hello without the output that its tests are read from"));
    t.events[0].brings_output = true;
    say(&t, 0, SAYS("a", ""), GUEST_GREETED);
    talk_end(&t);
    assert_told(&r, "FAULT event socket: hello without the output that its tests are read from\n"
                    "worker a\ngone a\n");
    recorder_dispose(&r);
}

static void test_no_worker_ends_or_repeats_the_test_of_another(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ",\"workers\":true"), MAIN_GREETED);
    say(&t, 1, SAYS("gw0", ""), GUEST_GREETED);
    say(&t, 0, START("a"), "{}");
    say(&t, 1, FINISH("a", "passed"), IMPOSSIBLE);
    say(&t, 1, START("a"), IMPOSSIBLE);
    say(&t, 0, FINISH("a", "passed"), "{}");
    say(&t, 1, START("a"), IMPOSSIBLE);
    say(&t, 1, FINISH("a", "passed"), IMPOSSIBLE);
    talk_end(&t);
    assert_told(&r, "worker gw0\nstart a\nFAULT test 'a' ends without having started\n"
                    "FAULT test 'a' starts while it runs in another worker\npassed a\n"
                    "FAULT test 'a' starts a second time\nFAULT a second result for test 'a'\ngone gw0\n");
    recorder_dispose(&r);
}

static void test_what_a_worker_died_of_is_left_out(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ",\"workers\":true"), MAIN_GREETED);
    say(&t, 1, SAYS("gw0", ""), GUEST_GREETED);
    say(&t, 1, START("a"), "{}");
    suites_session_leave(t.events[1].worker, "worker died");
    say(&t, 2, SAYS("gw1", ""), GUEST_GREETED);
    say(&t, 2, START("a"), "{\"told\":true}");
    say(&t, 2, FINISH("a", "passed"), IMPOSSIBLE);
    talk_end(&t);
    assert_told(&r, "worker gw0\ngw0: start a\ngw0: error a | worker died\ngone gw0\nworker gw1\n"
                    "FAULT a second result for test 'a'\ngone gw1\n");
    recorder_dispose(&r);
}

static void test_what_goes_unanswered_is_refused_in_the_next_answer(void **state)
{
    (void)state;
    recorder r = {.quiet_ms = 50};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ""), MAIN_GREETED);
    say(&t, 0, "{\"event\":\"start\",\"test\":\"a\",\"answer\":false}", "");
    say(&t, 0, "{\"event\":\"start\",\"test\":\"b\",\"answer\":false}", "");
    say(&t, 0, "{\"event\":\"bad\",\"answer\":false}", "");
    say(&t, 0, FINISH("a", "passed"), IMPOSSIBLE);
    say(&t, 0, "{\"event\":\"done\"}", "{\"quiet_ms\":50}");
    talk_end(&t);
    assert_told(&r, "start a\nFAULT test 'b' starts while 'a' runs\nFAULT event socket: an unknown message\n"
                    "passed a\nquiet when done\n");
    recorder_dispose(&r);
}

static void test_a_test_may_have_to_be_quiet_first(void **state)
{
    (void)state;
    recorder r = {.quiet_ms = 50, .attention = "/run/attention", .alone = true};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ""),
        "{\"env\":{},\"pattern\":\"*x*\",\"services\":[\"db\",\"cache\"],\"attention\":\"/run/attention\","
        "\"alone\":true}");
    say(&t, 0, START("a"), "{\"quiet_ms\":50}");
    say(&t, 0, FINISH("a", "passed"), IMPOSSIBLE);
    say(&t, 0, START("a"), "{}");
    r.quiet_ms = 50; /* an attempt that begins anew is no quiet moment */
    say(&t, 0, "{\"event\":\"start\",\"test\":\"a\",\"again\":true}", "{}");
    say(&t, 0, FINISH("a", "passed"), "{}");
    say(&t, 0, "{\"event\":\"done\"}", "{\"quiet_ms\":50}");
    say(&t, 0, "{\"event\":\"done\"}", "{}");
    talk_end(&t);
    assert_told(&r, "quiet\nFAULT test 'a' ends without having started\nstart a\nagain a\npassed a\n"
                    "quiet when done\n");
    recorder_dispose(&r);
}

static void test_a_test_names_the_wider_fixtures_that_it_uses(void **state)
{
    (void)state;
    recorder r = {.tells_uses = true};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ""), MAIN_GREETED);
    say(&t, 0, "{\"event\":\"start\",\"test\":\"a\",\"uses\":[\"f\",\"g\"]}", "{}");
    say(&t, 0, FINISH("a", "passed"), "{}");
    talk_end(&t);
    assert_told(&r, "start a uses f,g\npassed a\n");
    recorder_dispose(&r);
}

static void test_what_did_not_run_is_told_once(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ",\"workers\":true"), MAIN_GREETED);
    say(&t, 1, SAYS("gw0", ""), GUEST_GREETED);
    say(&t, 0, "{\"event\":\"collected\",\"tests\":1,\"names\":[\"a\"]}", "{}");
    say(&t, 0, "{\"event\":\"tell\",\"test\":\"bad.py\",\"status\":\"error\",\"message\":\"m\"}", "{}");
    say(&t, 1, "{\"event\":\"tell\",\"test\":\"bad.py\",\"status\":\"error\",\"message\":\"m\"}", "{}");
    say(&t, 1, START("a"), "{}");
    say(&t, 0, "{\"event\":\"tell\",\"test\":\"a\",\"status\":\"skipped\"}", "{}");
    say(&t, 1, FINISH("a", "passed"), "{}");
    talk_end(&t);
    assert_told(&r, "worker gw0\ncollected 1\nstart bad.py\nerror bad.py | m\ngw0: start a\ngw0: passed a\n"
                    "gone gw0\n");
    recorder_dispose(&r);
}

static void test_a_test_may_turn_out_to_be_a_fixture(void **state)
{
    (void)state;
    static const char WAS[] = "{\"event\":\"fixture\",\"scope\":\"test\",\"name\":\"p\",\"id\":\"p (its own "
                              "work)\",\"phase\":\"was\"}";
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ""), MAIN_GREETED);
    say(&t, 0, WAS, IMPOSSIBLE);
    say(&t, 0, START("p"), "{}");
    say(&t, 0, WAS, "{}");
    say(&t, 0, START("p sub"), "{}");
    say(&t, 0, FINISH("p sub", "passed"), "{}");
    say(&t, 0, START("p"), "{}");
    say(&t, 0, FINISH("p", "passed"), "{}");
    talk_end(&t);
    assert_told(&r, "FAULT 'p (its own work)' was a fixture, though no test ran\nstart p\nwas test p\n"
                    "start p sub\npassed p sub\nstart p\npassed p\n");
    recorder_dispose(&r);
}

static void test_names_come_in_pieces_and_bind(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ""), MAIN_GREETED);
    say(&t, 0, "{\"event\":\"collected\",\"tests\":3,\"names\":[\"a\",\"b\"]}", "{}");
    say(&t, 0, "{\"event\":\"collected\",\"tests\":4,\"names\":[\"c\"]}",
        REFUSED("collected with another number of tests than before"));
    say(&t, 0, "{\"event\":\"collected\",\"tests\":3,\"names\":[\"a\",\"b\"]}", "{}");
    say(&t, 0, "{\"event\":\"collected\",\"tests\":3,\"names\":[\"c\"]}", "{}");
    say(&t, 0, START("renamed"), "{}");
    say(&t, 0, FINISH("renamed", "passed"), IMPOSSIBLE);
    say(&t, 0, FINISH("renamed", "error"), "{}");
    talk_end(&t);
    assert_told(&r, "FAULT event socket: collected with another number of tests than before\ncollected 3\n"
                    "start renamed\nFAULT a result for 'renamed', which was not collected\nerror renamed\n");
    recorder_dispose(&r);
}

static void test_a_message_names_at_most_1000_tests(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    say(&t, 0, SAYS("main", ""), MAIN_GREETED);
    for (int most = 1000; most <= 1001; most++) {
        auto_buf utr_buf said = UTR_BUF_INIT(0);
        utr_buf_print(&said, "{\"event\":\"collected\",\"tests\":%d,\"names\":[\"t0\"", most);
        for (int i = 1; i < most; i++)
            utr_buf_print(&said, ",\"t%d\"", i);
        utr_buf_puts(&said, "]}");
        say(&t, 0, utr_buf_text(&said),
            most == 1000 ? "{}"
                         : REFUSED("collected with names or groups that are no list of at most 1,000"));
    }
    talk_end(&t);
    recorder_dispose(&r);
}

static void test_parts_are_handed_out(void **state)
{
    (void)state;
    recorder r = {0};
    talk t;
    talk_init(&t, &r);
    t.session.session.parts = true;
    say(&t, 0, SAYS("main", ""),
        "{\"env\":{},\"pattern\":\"*x*\",\"services\":[\"db\",\"cache\"],\"parts\":true}");
    say(&t, 0, "{\"event\":\"next\"}", IMPOSSIBLE);
    say(&t, 0, "{\"event\":\"collected\",\"tests\":3}",
        REFUSED("collected without names, though the suite runs in parts"));
    say(&t, 0, "{\"event\":\"collected\",\"tests\":3,\"names\":[\"a\",\"b\",\"c\"],\"groups\":[0,1,0]}",
        "{}");
    say(&t, 0, START("a"), IMPOSSIBLE);
    say(&t, 0, "{\"event\":\"next\"}", "{\"tests\":[0,2]}");
    say(&t, 0, START("a"), "{}");
    say(&t, 0, FINISH("a", "passed"), "{}");
    say(&t, 0, "{\"event\":\"next\"}", "{\"tests\":[1]}");
    say(&t, 0, "{\"event\":\"next\"}", "{\"tests\":[]}");
    talk_end(&t);
    assert_told(&r, "FAULT tests are asked for before any were collected by name\n"
                    "FAULT event socket: collected without names, though the suite runs in parts\n"
                    "collected 3\nFAULT test 'a' starts in a process that was not given it\n"
                    "start a\npassed a\n");
    recorder_dispose(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_told_in_order),
        cmocka_unit_test(test_what_runs_when_the_suite_ends_is_an_error),
        cmocka_unit_test(test_forged_messages_are_refused),
        cmocka_unit_test(test_nothing_is_heard_before_hello),
        cmocka_unit_test(test_a_result_without_a_start_is_a_fault),
        cmocka_unit_test(test_a_line_has_a_limit),
        cmocka_unit_test(test_faults_do_not_flood_the_journal),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_announced_workers_run_tests_of_their_own),
        cmocka_unit_test(test_a_worker_that_nobody_announced_is_a_fault),
        cmocka_unit_test(test_nobody_speaks_for_a_worker_that_is_there),
        cmocka_unit_test(test_only_threads_share_a_process),
        cmocka_unit_test(test_output_must_come_where_tests_are_read_from_it),
        cmocka_unit_test(test_no_worker_ends_or_repeats_the_test_of_another),
        cmocka_unit_test(test_what_a_worker_died_of_is_left_out),
        cmocka_unit_test(test_what_goes_unanswered_is_refused_in_the_next_answer),
        cmocka_unit_test(test_a_test_may_have_to_be_quiet_first),
        cmocka_unit_test(test_a_test_names_the_wider_fixtures_that_it_uses),
        cmocka_unit_test(test_what_did_not_run_is_told_once),
        cmocka_unit_test(test_a_test_may_turn_out_to_be_a_fixture),
        cmocka_unit_test(test_names_come_in_pieces_and_bind),
        cmocka_unit_test(test_a_message_names_at_most_1000_tests),
        cmocka_unit_test(test_parts_are_handed_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
