/* Findings as rows of tab-separated values: kind, subkind, file, line, symbol; and where they have a message
 * of their own, level, commit, author, date and message. For grep, cut and awk. */
#include "report/findings/parts.h"

#include "report/text.h"

static void put_rest(FILE *out, const findings_item *item)
{
    auto_free char *author = text_clean(item->blame.author);
    auto_free char *message = text_clean(item->message);
    (void)fprintf(out, "\t%s\t%s\t%s\t%s\t%s", verdict_level_text(item->level),
                  text_or(item->blame.commit, "-"), text_or(author, "-"), text_or(item->blame.date, "-"),
                  message);
}

void parts_tsv(FILE *out, const findings_report *report)
{
    for (size_t i = 0; i < report->items.count; i++) {
        const findings_item *item = &report->items.items[i];
        auto_free char *subkind = text_clean(item->subkind); /* no tab and no line end is left in them */
        auto_free char *file = text_clean(item->file);
        auto_free char *symbol = text_clean(item->symbol);
        (void)fprintf(out, "%s\t%s\t%s\t%lld\t%s", item->rule, text_or(subkind, "-"), file,
                      (long long)item->line, text_or(symbol, "-"));
        if (item->message)
            put_rest(out, item);
        (void)fprintf(out, "\n");
    }
}
