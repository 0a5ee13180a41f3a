#include "engine/frames.h"

#include "engine/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

typedef struct {
    utr_buf out, err;
} heard;

static void hear(void *ctx, bool is_stderr, const char *data, size_t len)
{
    heard *h = ctx;
    utr_error err = {0};
    assert_int_equal(utr_buf_add(is_stderr ? &h->err : &h->out, data, len, &err), UTR_OK);
}

static void heard_dispose(heard *h)
{
    utr_buf_dispose(&h->out);
    utr_buf_dispose(&h->err);
}

/* stdout "hello", stderr "oh", an empty frame, stdout "\n" */
static const char STREAM[] = "\1\0\0\0\0\0\0\5hello\2\0\0\0\0\0\0\2oh\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\1\n";
enum { STREAM_LEN = sizeof STREAM - 1 };

static void test_frames_cut_anywhere_read_the_same(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= STREAM_LEN; cut++) {
        heard h = {0};
        engine_frames frames = {.output = hear, .ctx = &h};
        utr_error err = {0};
        assert_int_equal(engine_frames_feed(&frames, STREAM, cut, &err), UTR_OK);
        assert_int_equal(engine_frames_feed(&frames, STREAM + cut, STREAM_LEN - cut, &err), UTR_OK);
        assert_true(engine_frames_are_whole(&frames));
        assert_string_equal(utr_buf_text(&h.out), "hello\n");
        assert_string_equal(utr_buf_text(&h.err), "oh");
        heard_dispose(&h);
    }
}

static void test_frames_that_end_early_are_not_whole(void **state)
{
    (void)state;
    size_t whole = 0;
    for (size_t end = 0; end <= STREAM_LEN; end++) {
        heard h = {0};
        engine_frames frames = {.output = hear, .ctx = &h};
        utr_error err = {0};
        assert_int_equal(engine_frames_feed(&frames, STREAM, end, &err), UTR_OK);
        whole += engine_frames_are_whole(&frames);
        heard_dispose(&h);
    }
    assert_int_equal(whole, 5); /* before, and behind each frame */
}

static void test_what_is_no_frame_is_a_protocol_error(void **state)
{
    (void)state;
    heard h = {0};
    engine_frames frames = {.output = hear, .ctx = &h};
    utr_error err = {0};
    assert_int_equal(engine_frames_feed(&frames, "plain text", 10, &err), UTR_PROTOCOL);
    assert_int_equal(h.out.len, 0);
}

static void test_a_failure_in_the_stream_is_the_engines(void **state)
{
    (void)state;
    heard h = {0};
    engine_frames frames = {.output = hear, .ctx = &h};
    utr_error err = {0};
    assert_int_equal(engine_frames_feed(&frames, "\3\0\0\0\0\0\0\4disk", 12, &err), UTR_ENGINE);
    assert_non_null(strstr(err.text, "disk"));
}

static void test_a_tty_has_no_frames(void **state)
{
    (void)state;
    heard h = {0};
    engine_frames frames = {.is_raw = true, .output = hear, .ctx = &h};
    utr_error err = {0};
    assert_int_equal(engine_frames_feed(&frames, STREAM, STREAM_LEN, &err), UTR_OK);
    assert_int_equal(h.out.len, STREAM_LEN);
    heard_dispose(&h);
}

/* ---- lines ---- */

static bool add_number(void *ctx, const json_t *line, utr_error *err)
{
    (void)err;
    int64_t *sum = ctx;
    *sum = *sum * 10 + utr_json_int(line, "n", 0);
    return true;
}

static void test_lines_cut_anywhere_read_the_same(void **state)
{
    (void)state;
    static const char TEXT[] = "{\"n\":1}\r\n\n{\"n\":2}\n{\"n\":3}";
    for (size_t cut = 0; cut < sizeof TEXT; cut++) {
        int64_t sum = 0;
        engine_lines lines = {.on_line = add_number, .ctx = &sum};
        utr_error err = {0};
        assert_true(engine_lines_sink(&lines, TEXT, cut, &err));
        assert_true(engine_lines_sink(&lines, TEXT + cut, sizeof TEXT - 1 - cut, &err));
        assert_int_equal(engine_lines_end(&lines, &err), UTR_OK);
        assert_int_equal(sum, 123);
        engine_lines_dispose(&lines);
    }
}

static void test_a_line_that_is_cut_or_endless_fails(void **state)
{
    (void)state;
    int64_t sum = 0;
    engine_lines lines = {.on_line = add_number, .ctx = &sum};
    utr_error err = {0};
    assert_true(engine_lines_sink(&lines, "{\"n\":", 5, &err));
    assert_int_equal(engine_lines_end(&lines, &err), UTR_PROTOCOL);
    utr_error_reset(&err);
    char block[4096];
    (void)memset(block, 'x', sizeof block);
    size_t blocks = 0;
    while (engine_lines_sink(&lines, block, sizeof block, &err))
        assert_true(++blocks <= 256);
    assert_int_equal(err.code, UTR_TOO_LARGE);
    engine_lines_dispose(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_cut_anywhere_read_the_same),
        cmocka_unit_test(test_frames_that_end_early_are_not_whole),
        cmocka_unit_test(test_what_is_no_frame_is_a_protocol_error),
        cmocka_unit_test(test_a_failure_in_the_stream_is_the_engines),
        cmocka_unit_test(test_a_tty_has_no_frames),
        cmocka_unit_test(test_lines_cut_anywhere_read_the_same),
        cmocka_unit_test(test_a_line_that_is_cut_or_endless_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
