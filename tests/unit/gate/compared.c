#include "compared.h"

static void read_side(utr_buf *buf, const char *text)
{
    *buf = UTR_BUF_INIT(1 << 20);
    utr_buf_puts(buf, text ? text : "");
}

gate_pair *add_file(gate_work *work, const char *before, const char *was, const char *after, const char *is)
{
    gate_pair *pair = utr_vec_push(&work->pairs);
    pair->before = was ? utr_strdup(before) : NULL;
    pair->after = is ? utr_strdup(after) : NULL;
    read_side(&pair->was, was);
    read_side(&pair->is, is);
    return pair;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *told(const gate_work *work)
{
    auto_strs utr_strs lines = {0};
    for (size_t i = 0; i < work->items.count; i++) {
        const gate_weakening *one = &work->items.items[i].told;
        utr_strs_give(&lines, utr_format("%s%s %s", one->refuses ? "" : "?", gate_kind_text(one->kind),
                                         one->symbol ? one->symbol : "-"));
    }
    if (lines.count)
        qsort(lines.items, lines.count, sizeof *lines.items, by_text);
    return utr_strs_join(&lines, "; ");
}

void assert_told(const gate_work *work, const char *wanted)
{
    auto_free char *is = told(work);
    assert_string_equal(is, wanted);
}
