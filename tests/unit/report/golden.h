/* Printed text against a file that holds what it is to be. */
#ifndef UTR_TESTS_GOLDEN_H
#define UTR_TESTS_GOLDEN_H

#include "../verdict/record.h"
#include "report/report.h"

#include "base/files.h"

/* A stream into memory. */
typedef struct {
    FILE *out;
    char *text;
    size_t len;
} printed;

static inline printed *printed_new(void)
{
    printed *p = UTR_NEW(printed);
    p->out = open_memstream(&p->text, &p->len);
    assert_non_null(p->out);
    return p;
}

/* What was printed so far. */
static inline const char *printed_text(printed *p)
{
    (void)fflush(p->out);
    return p->text;
}

static inline void printed_free(printed **p)
{
    (void)fclose((*p)->out);
    free((*p)->text);
    free(*p);
}

#define auto_printed __attribute__((cleanup(printed_free)))

/* Where it differs, what was printed is kept for a look at the difference. */
static inline void assert_golden(printed *p, const char *path)
{
    auto_buf utr_buf want = {0};
    utr_error err = {0};
    bool there = utr_file_read(path, &want, &err) == UTR_OK;
    if (there && strcmp(utr_buf_text(&want), printed_text(p)) == 0)
        return;
    auto_free char *kept = utr_format("/tmp/utr-printed-%s", path);
    utr_error_reset(&err);
    assert_int_equal(utr_file_write(kept, printed_text(p), p->len, &err), UTR_OK);
    fail_msg("%s is not what was printed: diff %s %s", path, path, kept);
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static inline void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

#endif
