#include "recorder.h"

#include "suites/spool.h"

#include <fcntl.h>

#define HELLO     "{\"event\":\"hello\",\"adapter\":\"test\",\"worker\":\"main\"}\n"
#define BEGINS(t) "{\"event\":\"start\",\"answer\":false,\"test\":\"" t "\"}\n"
#define ENDS(t)   "{\"event\":\"finish\",\"answer\":false,\"test\":\"" t "\",\"status\":\"passed\"}\n"

typedef struct {
    char path[32];
    int fd; /* the worker's */
    recorded_session session;
    suites_event event;
    suites_spool spool;
} spooled;

static void spooled_init(spooled *s, const char *before, recorder *r)
{
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    *s = (spooled){.path = "/tmp/utr-spool-XXXXXX"};
    s->fd = mkstemp(s->path);
    assert_true(s->fd >= 0);
    assert_int_equal(write(s->fd, before, strlen(before)), strlen(before));
    recorded_session_init(&s->session, r);
    suites_event_init(&s->event, &s->session.session);
    assert_true(suites_event_feed(&s->event, HELLO, strlen(HELLO), &answers));
    suites_spool_open(&s->spool, s->path);
}

static void spooled_end(spooled *s, recorder *r)
{
    suites_spool_close(&s->spool);
    suites_event_dispose(&s->event);
    recorded_session_dispose(&s->session, "the suite ended");
    (void)close(s->fd);
    (void)unlink(s->path);
    recorder_dispose(r);
}

/* Appends, has it taken in, and tells what came of it. */
static void spool_says(spooled *s, const char *data, size_t len, recorder *r, const char *told)
{
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    assert_int_equal(write(s->fd, data, len), len);
    assert_true(suites_spool_take(&s->spool, &s->event, &answers));
    assert_int_equal(answers.len, 0);
    assert_string_equal(utr_buf_text(&r->told), told);
    utr_buf_reset(&r->told);
}

static void test_a_spool_is_told_line_by_line(void **state)
{
    (void)state;
    static const char SAID[] = BEGINS("a") ENDS("a") BEGINS("b");
    for (size_t cut = 0; cut <= strlen(SAID); cut++) {
        recorder r = {0};
        spooled s;
        spooled_init(&s, "\1", &r);
        assert_int_equal(write(s.fd, SAID, cut), cut);
        auto_buf utr_buf answers = UTR_BUF_INIT(0);
        assert_true(suites_spool_take(&s.spool, &s.event, &answers));
        utr_buf_reset(&r.told);
        spool_says(&s, SAID + cut, strlen(SAID) - cut, &r,
                   cut < strlen(BEGINS("a"))             ? "start a\npassed a\nstart b\n"
                   : cut < strlen(BEGINS("a") ENDS("a")) ? "passed a\nstart b\n"
                   : cut < strlen(SAID)                  ? "start b\n"
                                                         : "");
        spooled_end(&s, &r);
    }
}

static void test_what_another_left_there_is_not_told(void **state)
{
    (void)state;
    recorder r = {0};
    spooled s;
    spooled_init(&s, "\1" BEGINS("before"), &r);
    spool_says(&s, BEGINS("a"), strlen(BEGINS("a")), &r, "start a\n");
    spooled_end(&s, &r);
}

static void test_a_long_spool_is_told_whole(void **state)
{
    (void)state;
    recorder r = {0};
    spooled s;
    spooled_init(&s, "\1", &r);
    auto_buf utr_buf said = UTR_BUF_INIT(0);
    auto_buf utr_buf told = UTR_BUF_INIT(0);
    for (int i = 0; i < 5000; i++) {
        utr_buf_print(&said,
                      "{\"event\":\"start\",\"answer\":false,\"test\":\"t%d\"}\n"
                      "{\"event\":\"finish\",\"answer\":false,\"test\":\"t%d\",\"status\":\"passed\"}\n",
                      i, i);
        utr_buf_print(&told, "start t%d\npassed t%d\n", i, i);
    }
    spool_says(&s, utr_buf_text(&said), said.len, &r, utr_buf_text(&told));
    spooled_end(&s, &r);
}

static void test_a_line_without_an_end_is_bounded(void **state)
{
    (void)state;
    recorder r = {0};
    spooled s;
    spooled_init(&s, "\1", &r);
    assert_int_equal(ftruncate(s.fd, 2 << 20), 0);
    auto_buf utr_buf answers = UTR_BUF_INIT(0);
    assert_false(suites_spool_take(&s.spool, &s.event, &answers));
    assert_string_equal(utr_buf_text(&r.told), "FAULT event socket: a line over 1048576 bytes\n");
    spooled_end(&s, &r);
}

static void test_where_no_spool_can_be_read_nothing_is_said(void **state)
{
    (void)state;
    recorder r = {0};
    spooled s;
    spooled_init(&s, "\1", &r);
    suites_spool_close(&s.spool);
    suites_spool_open(&s.spool, "/nowhere/at/all");
    spool_says(&s, BEGINS("a"), strlen(BEGINS("a")), &r, "");
    spooled_end(&s, &r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_spool_is_told_line_by_line),
        cmocka_unit_test(test_what_another_left_there_is_not_told),
        cmocka_unit_test(test_a_long_spool_is_told_whole),
        cmocka_unit_test(test_a_line_without_an_end_is_bounded),
        cmocka_unit_test(test_where_no_spool_can_be_read_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
