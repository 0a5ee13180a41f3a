/* Findings as rows of tab-separated values: kind, subkind, file, line, symbol. For grep, cut and awk. */
#include "report/findings/parts.h"

#include "report/text.h"

void parts_tsv(FILE *out, const findings_report *report)
{
    for (size_t i = 0; i < report->items.count; i++) {
        const findings_item *item = &report->items.items[i];
        auto_free char *subkind = text_clean(item->subkind); /* no tab and no line end is left in them */
        auto_free char *file = text_clean(item->file);
        auto_free char *symbol = text_clean(item->symbol);
        (void)fprintf(out, "%s\t%s\t%s\t%lld\t%s\n", item->rule, text_or(subkind, "-"), file,
                      (long long)item->line, text_or(symbol, "-"));
    }
}
