/* Output as real programs wrote it through a terminal: recorded/NAME.out, and what must be told of it,
 * NAME.told. */
#ifndef TEST_SUITES_RECORDED_H
#define TEST_SUITES_RECORDED_H

#include "recorder.h"

#include "base/files.h"

#include <string.h>

enum { CUTS = 400 };

static inline void recorded_read(const char *name, const char *ending, utr_buf *out)
{
    utr_error err = {0};
    auto_free char *path = utr_format("%s/%s.%s", RECORDED, name, ending);
    assert_int_equal(utr_file_read(path, out, &err), UTR_OK);
}

/* Wherever the output is cut in two, the same is told. */
static inline void assert_recorded(const suites_reader *reader, const char *name, const loop_exit *how)
{
    auto_buf utr_buf output = UTR_BUF_INIT(1 << 20);
    auto_buf utr_buf told = UTR_BUF_INIT(1 << 20);
    recorded_read(name, "out", &output);
    recorded_read(name, "told", &told);
    size_t step = output.len / CUTS + 1;
    for (size_t cut = 0; cut <= output.len; cut += step) {
        recorder r = {0};
        read_cut(reader, utr_buf_text(&output), cut, how, &r);
        assert_string_equal(utr_buf_text(&r.told), utr_buf_text(&told));
        recorder_dispose(&r);
    }
}

#endif
