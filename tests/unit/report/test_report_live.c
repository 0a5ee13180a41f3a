#include "golden.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

static int plain_environment(void **state)
{
    (void)state;
    (void)unsetenv("GITHUB_ACTIONS");
    (void)unsetenv("CI");
    (void)unsetenv("NO_COLOR");
    return setenv("TERM", "xterm", 1);
}

/* Shows a recorded journal as it would have been shown. */
static void show(FILE *out, report_mode mode, const journal *j)
{
    report_live *live = report_live_new(out, mode);
    report_live_plan(live, j);
    for (size_t i = 0; i < journal_count(j); i++) {
        report_live_fact(live, journal_get(j, i));
        report_live_tick(live);
    }
    report_live_free(live);
}

static void test_plain_lines_tell_what_happens_once(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_printed printed *p = printed_new();
    show(p->out, REPORT_SIMPLE, one.j);
    assert_golden(p, "simple.txt");
}

static void test_json_gives_every_fact_as_its_line(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("../verdict/proven.jsonl");
    auto_printed printed *p = printed_new();
    report_live *live = report_live_new(p->out, REPORT_JSON);
    for (size_t i = 0; i < journal_count(one.j); i++)
        report_live_fact(live, journal_get(one.j, i));
    report_live_output(live, journal_get(one.j, 0), "/nonexistent");
    report_live_free(live);
    auto_buf utr_buf file = {0};
    utr_error err = {0};
    assert_int_equal(utr_file_read("../verdict/proven.jsonl", &file, &err), UTR_OK);
    size_t lines = 0;
    for (const char *at = printed_text(p); (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, journal_count(one.j));
    assert_has(printed_text(p), "{\"kind\":\"finish\",");
}

static void test_the_journal_of_a_plan_is_told_before_it_goes_on(void **state)
{
    (void)state;
    auto_judged judged one = record_judge(RUN, NULL);
    auto_printed printed *p = printed_new();
    report_live *live = report_live_new(p->out, REPORT_JSON);
    report_live_plan(live, one.j);
    report_live_free(live);
    assert_has(printed_text(p), "\"kind\":\"run\"");
}

static void test_a_live_view_prints_failures_above_it(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    auto_printed printed *p = printed_new();
    show(p->out, REPORT_RICH, one.j);
    assert_has(printed_text(p), "failed  test_evil ::error::x: AssertionError: 1 != 2");
    assert_has(printed_text(p), "+ postgres-test  ready in 0.42 s");
    assert_has(printed_text(p), "1/29");
    assert_has(printed_text(p), "x mail-test      failed: no such image");
    assert_has_not(printed_text(p), "\033[2J");
    assert_has_not(printed_text(p), "\033[31m"); /* memory is no terminal: no colour */
}

static void test_a_view_without_facts_is_empty(void **state)
{
    (void)state;
    auto_printed printed *p = printed_new();
    report_live *live = report_live_new(p->out, REPORT_RICH);
    report_live_tick(live);
    report_live_free(live);
    assert_string_equal(printed_text(p), "");
}

static void test_facts_of_what_was_not_planned_do_not_crash_the_view(void **state)
{
    (void)state;
    static const report_mode MODES[] = {REPORT_SIMPLE, REPORT_RICH, REPORT_JSON};
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        auto_printed printed *p = printed_new();
        report_live *live = report_live_new(p->out, MODES[i]);
        for (journal_kind kind = JOURNAL_RUN; kind <= JOURNAL_FINISH; kind++) {
            char word[] = "x";
            report_live_fact(live, &(journal_fact){.kind = kind});
            report_live_fact(live, &(journal_fact){.kind = kind, .service = word});
            report_live_fact(live, &(journal_fact){.kind = kind, .suite = word, .state = word});
            report_live_tick(live);
        }
        report_live_free(live);
    }
}

/* A terminal of rows lines: reads frames back. */
typedef struct {
    int master;
    FILE *out;
} terminal;

static terminal open_terminal(unsigned short rows, unsigned short columns)
{
    terminal t = {0};
    int slave = -1;
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    assert_int_equal(openpty(&t.master, &slave, NULL, NULL, &size), 0);
    struct termios raw;
    assert_int_equal(tcgetattr(slave, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    assert_int_equal(fcntl(t.master, F_SETFL, O_NONBLOCK), 0);
    t.out = fdopen(slave, "w");
    assert_non_null(t.out);
    return t;
}

/* All that comes within a moment: the kernel hands it over in pieces. */
static void read_frame(const terminal *t, char *frame, size_t size)
{
    size_t len = 0;
    struct pollfd wait = {.fd = t->master, .events = POLLIN};
    while (len < size - 1 && poll(&wait, 1, 100) > 0) {
        ssize_t got = read(t->master, frame + len, size - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    frame[len] = '\0';
}

static void expect_fitting(const char *frame, size_t rows, size_t columns)
{
    size_t lines = 0;
    while (*frame) {
        size_t wide = 0;
        for (; *frame && *frame != '\n'; frame++) {
            if (*frame == '\033') {
                frame += strcspn(frame, "AJm");
                continue;
            }
            wide += *frame != '\r';
        }
        lines += *frame == '\n';
        frame += *frame == '\n';
        if (wide >= columns)
            fail_msg("%zu columns in a window of %zu", wide, columns);
    }
    assert_true(lines < rows);
}

static void test_a_frame_fits_its_window_whatever_its_size(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("refused.jsonl");
    terminal t = open_terminal(24, 80);
    char frame[65536];
    report_live *live = report_live_new(t.out, REPORT_RICH);
    report_live_plan(live, one.j);
    read_frame(&t, frame, sizeof frame);
    static const unsigned short SIZES[][2] = {{24, 80}, {5, 30}, {3, 12}, {2, 7}, {40, 200}, {4, 4}};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        struct winsize size = {.ws_row = SIZES[i][0], .ws_col = SIZES[i][1]};
        assert_int_equal(ioctl(t.master, TIOCSWINSZ, &size), 0);
        report_live_tick(live);
        read_frame(&t, frame, sizeof frame);
        assert_true(*frame != '\0');
        expect_fitting(frame, size.ws_row, size.ws_col);
    }
    report_live_free(live);
    (void)fclose(t.out);
    (void)close(t.master);
}

static void test_colour_is_for_terminals_without_no_color(void **state)
{
    (void)state;
    auto_judged judged one = record_judge_file("../verdict/proven.jsonl");
    for (int no_color = 0; no_color < 2; no_color++) {
        if (no_color)
            assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
        terminal t = open_terminal(24, 80);
        char text[65536];
        report_summary(t.out, one.v, NULL);
        read_frame(&t, text, sizeof text);
        assert_has(text, "PROVEN");
        assert_int_equal(strchr(text, '\033') == NULL, no_color);
        (void)fclose(t.out);
        (void)close(t.master);
    }
    (void)unsetenv("NO_COLOR");
}

static void test_the_mode_follows_the_stream(void **state)
{
    (void)state;
    auto_printed printed *p = printed_new();
    assert_int_equal(report_mode_for(p->out), REPORT_SIMPLE);
    terminal t = open_terminal(24, 80);
    assert_int_equal(report_mode_for(t.out), REPORT_RICH);
    assert_int_equal(setenv("CI", "true", 1), 0);
    assert_int_equal(report_mode_for(t.out), REPORT_SIMPLE);
    (void)unsetenv("CI");
    assert_int_equal(setenv("TERM", "dumb", 1), 0);
    assert_int_equal(report_mode_for(t.out), REPORT_SIMPLE);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    (void)fclose(t.out);
    (void)close(t.master);
}

/* A log of so many numbered lines. */
static char *make_log(int lines)
{
    auto_buf utr_buf text = UTR_BUF_INIT((size_t)64 << 20);
    for (int i = 1; i <= lines; i++)
        utr_buf_print(&text, "line %d of the log\n", i);
    utr_buf_puts(&text, "::error::\033[31mlast");
    char *path = utr_strdup("/tmp/utr-log-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.data, text.len), (ssize_t)text.len);
    (void)close(fd);
    return path;
}

static void show_output(printed *p, const char *path)
{
    char suite[] = "persistence";
    report_live *live = report_live_new(p->out, REPORT_SIMPLE);
    report_live_output(live, &(journal_fact){.kind = JOURNAL_SUITE_FINISH, .suite = suite}, path);
    report_live_free(live);
}

static void test_a_failed_suites_output_is_shown_by_its_end(void **state)
{
    (void)state;
    static const int LENGTHS[] = {0, 10, 59, 60, 100000};
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
        auto_free char *path = make_log(LENGTHS[i]);
        auto_printed printed *p = printed_new();
        show_output(p, path);
        int first = LENGTHS[i] < 60 ? 1 : LENGTHS[i] - 58;
        auto_free char *before = utr_format("    line %d of the log\n", first - 1);
        auto_free char *from = utr_format("    line %d of the log\n", first);
        assert_has(printed_text(p), path);
        assert_has(printed_text(p), "    : :error::last\n");
        assert_has_not(printed_text(p), before);
        if (LENGTHS[i])
            assert_has(printed_text(p), from);
        (void)unlink(path);
    }
}

static void test_output_is_fenced_where_github_would_take_commands(void **state)
{
    (void)state;
    assert_int_equal(setenv("GITHUB_ACTIONS", "true", 1), 0);
    auto_free char *path = make_log(3);
    auto_printed printed *p = printed_new(), *again = printed_new();
    show_output(p, path);
    show_output(again, path);
    (void)unlink(path);
    (void)unsetenv("GITHUB_ACTIONS");
    const char *open = strstr(printed_text(p), "::stop-commands::");
    assert_non_null(open);
    auto_free char *token = utr_strndup(open + strlen("::stop-commands::"), 32);
    assert_int_equal(strspn(token, "0123456789abcdef"), 32);
    auto_free char *close_line = utr_format("\n::%s::\n", token);
    assert_has(open, close_line);
    assert_has_not(printed_text(again), token);
}

static void test_a_log_that_is_gone_or_empty_is_said(void **state)
{
    (void)state;
    auto_printed printed *p = printed_new();
    show_output(p, "/nonexistent/log");
    assert_has(printed_text(p), "cannot be read: /nonexistent/log: No such file");
    show_output(p, "/dev/null");
    assert_has(printed_text(p), "it printed nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_lines_tell_what_happens_once),
        cmocka_unit_test(test_json_gives_every_fact_as_its_line),
        cmocka_unit_test(test_the_journal_of_a_plan_is_told_before_it_goes_on),
        cmocka_unit_test(test_a_live_view_prints_failures_above_it),
        cmocka_unit_test(test_a_view_without_facts_is_empty),
        cmocka_unit_test(test_facts_of_what_was_not_planned_do_not_crash_the_view),
        cmocka_unit_test(test_a_frame_fits_its_window_whatever_its_size),
        cmocka_unit_test(test_colour_is_for_terminals_without_no_color),
        cmocka_unit_test(test_the_mode_follows_the_stream),
        cmocka_unit_test(test_a_failed_suites_output_is_shown_by_its_end),
        cmocka_unit_test(test_output_is_fenced_where_github_would_take_commands),
        cmocka_unit_test(test_a_log_that_is_gone_or_empty_is_said),
    };
    return cmocka_run_group_tests(tests, plain_environment, NULL);
}
