#include "cli/blame.h"

static void ask(const findings_report *report, const history *h, history_questions *out, utr_strs *paths)
{
    for (size_t i = 0; i < report->items.count; i++) {
        const findings_item *item = &report->items.items[i];
        utr_strs_give(paths, utr_format("%s%s", history_prefix(h), item->file));
        *utr_vec_push(out) = (history_question){.path = paths->items[i], .line = item->line};
    }
}

static findings_blame answer(const history_question *question)
{
    const history_commit *commit = question->commit;
    if (question->origin != HISTORY_COMMITTED || !commit)
        return (findings_blame){.uncommitted = question->origin == HISTORY_UNCOMMITTED};
    return (findings_blame){
        .commit = commit->id.hex, .author = commit->author, .date = commit->date, .subject = commit->summary};
}

utr_code blame_fill(findings_report *report, history **out_history, utr_error *err)
{
    if (history_open(report->root, out_history, err))
        return err->code;
    auto_strs utr_strs paths = {0};
    history_questions all = {0};
    ask(report, *out_history, &all, &paths);
    utr_code code = history_blame(*out_history, NULL, &all, NULL, err);
    for (size_t i = 0; !code && i < all.count; i++)
        report->items.items[i].blame = answer(&all.items[i]);
    utr_vec_dispose(&all);
    return code;
}
