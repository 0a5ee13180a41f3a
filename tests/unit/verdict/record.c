#include "record.h"

#include "base/files.h"

#include <stdio.h>

judged record_judge_file(const char *path)
{
    judged one = {0};
    utr_error err = {0};
    if (journal_read(path, &one.j, &err))
        fail_msg("%s", err.text);
    one.v = verdict_judge(one.j);
    return one;
}

judged record_judge_text(const char *text)
{
    char path[] = "/tmp/utr-record-XXXXXX";
    auto_free char *facts = utr_strdup(text);
    for (char *at = facts; (at = strchr(at, '\'')); at++)
        *at = '"';
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, facts, strlen(facts)), (ssize_t)strlen(facts));
    (void)close(fd);
    judged one = record_judge_file(path);
    (void)unlink(path);
    return one;
}

judged record_judge_pieces(const char *const *pieces)
{
    auto_buf utr_buf text = {0};
    for (; *pieces; pieces++)
        utr_buf_puts(&text, *pieces);
    return record_judge_text(utr_buf_text(&text));
}

void record_free(const judged *one)
{
    verdict_free(one->v);
    journal_free(one->j);
}

const verdict_reason *record_reason(const judged *one, const char *rule)
{
    for (size_t i = 0; i < one->v->reasons.count; i++) {
        if (strcmp(one->v->reasons.items[i].rule, rule) == 0)
            return &one->v->reasons.items[i];
    }
    return NULL;
}

void record_expect(const judged *one, const char *outcome, int exit_code)
{
    if (strcmp(verdict_outcome_text(one->v->outcome), outcome) != 0 && one->v->reasons.count)
        print_error("first reason: %s: %s\n", one->v->reasons.items[0].rule,
                    one->v->reasons.items[0].message);
    assert_string_equal(verdict_outcome_text(one->v->outcome), outcome);
    assert_int_equal(one->v->exit_code, exit_code);
}

void record_expect_refused(const judged *one, const char *rule)
{
    const verdict_reason *reason = record_reason(one, rule);
    assert_non_null(reason);
    assert_int_equal(reason->level, VERDICT_REFUSE);
    record_expect(one, "refused", 3);
}

const verdict_test *record_test(const judged *one, const char *name)
{
    for (size_t i = 0; i < one->v->categories.count; i++) {
        const verdict_category *category = &one->v->categories.items[i];
        for (size_t k = 0; k < category->suites.count; k++) {
            for (size_t n = 0; n < category->suites.items[k].tests.count; n++) {
                const verdict_test *test = &category->suites.items[k].tests.items[n];
                if (strcmp(test->finish->test, name) == 0)
                    return test;
            }
        }
    }
    fail_msg("no test %s", name);
    return NULL;
}
