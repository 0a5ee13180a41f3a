#include "recorder.h"

#include "suites/event.h"

#define HELLO   "{\"event\":\"hello\",\"adapter\":\"pytest\",\"worker\":\"main\"}\n"
#define GREETED "{\"env\":{},\"pattern\":\"*x*\",\"services\":[\"db\",\"cache\"]}\n"

/* One connection, said in two pieces. */
static void talk(const char *said, size_t len, size_t cut, recorder *r, utr_buf *answers)
{
    auto_strs utr_strs services = {0};
    utr_strs_add(&services, "db");
    utr_strs_add(&services, "cache");
    suites_track track;
    suites_event event;
    suites_track_init(&track, "suite", &RECORDER, r);
    track.worker = r;
    suites_event_init(&event, &track, &services, "*x*");
    bool goes_on = suites_event_feed(&event, said, cut, answers);
    if (goes_on && !suites_event_feed(&event, said + cut, len - cut, answers))
        utr_buf_puts(answers, "CLOSED");
    suites_event_finish(&event);
    suites_track_dispose(&track);
}

static void check(const char *said, const char *answered, const char *told)
{
    for (size_t cut = 0; cut <= strlen(said); cut++) {
        recorder r = {0};
        auto_buf utr_buf answers = UTR_BUF_INIT(0);
        talk(said, strlen(said), cut, &r, &answers);
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
          "{\"event\":\"fixture\",\"scope\":\"module\",\"name\":\"t\",\"phase\":\"start\"}\n"
          "{\"event\":\"fixture\",\"scope\":\"module\",\"name\":\"t\",\"phase\":\"end\"}\n"
          "{\"event\":\"finish\",\"test\":\"a\",\"status\":\"failed\",\"seconds\":1.5,\"message\":\"why\","
          "\"file\":\"a.py\",\"line\":3}\n"
          "{\"event\":\"start\",\"test\":\"b\"}\n"
          "{\"event\":\"finish\",\"test\":\"b\",\"status\":\"xpassed\"}\n",
          GREETED "{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
          "collected 2\nstart a needs db,cache\nbegin module t\nend module t\nfailed a | why | a.py:3\n"
          "start b\nxpassed b\n");
}

static void test_a_lost_worker_is_told_with_its_test(void **state)
{
    (void)state;
    check(HELLO "{\"event\":\"start\",\"test\":\"a\"}\n"
                "{\"event\":\"fixture\",\"scope\":\"class\",\"name\":\"t\",\"phase\":\"start\"}\n"
                "{\"event\":\"finish\",\"test\":\"a\",",
          GREETED "{}\n{}\n", "start a\nbegin class t\nend class t\nerror a | worker died\n");
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
    talk(said, strlen(said), 0, &r, &answers);
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
         "event socket: finish with an unknown status"},
        {"{\"event\":\"finish\",\"status\":\"passed\"}", "event socket: finish without a test"},
        {"{\"event\":\"finish\",\"test\":7,\"status\":\"passed\"}", "event socket: finish without a test"},
        {"{\"event\":\"start\"}", "event socket: start without a test"},
        {"{\"event\":\"start\",\"test\":\"c\",\"requires\":[\"mars\"]}",
         "event socket: requires names an unknown service"},
        {"{\"event\":\"start\",\"test\":\"c\",\"requires\":\"db\"}", "event socket: requires is no list"},
        {"{\"event\":\"hello\",\"adapter\":\"x\"}", "event socket: a second hello"},
        {"{\"event\":\"collected\",\"tests\":-1}", "event socket: collected without a number of tests"},
        {"{\"event\":\"collected\",\"tests\":\"9\"}", "event socket: collected without a number of tests"},
        {"{\"event\":\"fixture\",\"scope\":\"x\",\"name\":\"y\",\"phase\":\"end\"}",
         "fixture 'x fixture y' ends without having started"},
        {"{\"event\":\"fixture\",\"scope\":\"x\",\"name\":\"y\",\"phase\":\"middle\"}",
         "event socket: fixture without scope, name and phase"},
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
          "{\"error\":\"a message before hello\"}\n{\"error\":\"hello without an adapter\"}\n",
          "FAULT event socket: a message before hello\nFAULT event socket: hello without an adapter\n");
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
    talk(line, LONG, 7, &r, &answers);
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
    talk(said, sizeof said, 0, &r, &answers);
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
    talk(said, strlen(said), 0, &r, &answers);
    assert_string_equal(utr_buf_text(&answers), GREETED "{}\n{}\n");
    assert_true(r.told.len > 3 * 8192 && r.told.len < 3 * 8192 + 100);
    recorder_dispose(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_told_in_order),
        cmocka_unit_test(test_a_lost_worker_is_told_with_its_test),
        cmocka_unit_test(test_forged_messages_are_refused),
        cmocka_unit_test(test_nothing_is_heard_before_hello),
        cmocka_unit_test(test_a_result_without_a_start_is_a_fault),
        cmocka_unit_test(test_a_line_has_a_limit),
        cmocka_unit_test(test_faults_do_not_flood_the_journal),
        cmocka_unit_test(test_long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
