/* Findings as workflow commands of GitHub Actions, which shows them at their lines:
 * ::error file=F,line=L,col=C,endColumn=C,title=T::message. In a message "%", CR and LF are written as %25,
 * %0D and %0A, in a property also ":" and "," as %3A and %2C. */
#include "report/findings/parts.h"

#include "base/files.h"
#include "base/text.h"
#include "report/text.h"

#include <string.h>

static void put_escaped(FILE *out, const char *text, const char *special)
{
    auto_free char *clean = text_clean(text); /* no CR or LF is left */
    for (const char *at = clean; *at; at++) {
        if (strchr(special, *at))
            (void)fprintf(out, "%%%02X", (unsigned)*at);
        else
            (void)fputc(*at, out);
    }
}

/* GitHub wants paths from the workspace on, which is where its steps are started. */
static void put_path(FILE *out, const findings_report *report, const findings_item *item)
{
    auto_free char *path = utr_path_join(report->root, item->file);
    put_escaped(out, utr_text_starts(path, "./") ? path + 2 : path, "%:,");
}

static void put_item(FILE *out, const findings_report *report, const findings_item *item)
{
    parts_columns columns = parts_columns_of(item);
    auto_free char *kind = parts_kind(item);
    auto_free char *sentence = parts_sentence(report, item);
    (void)fprintf(out, "::%s file=", item->level >= VERDICT_REFUSE ? "error" : "warning");
    put_path(out, report, item);
    (void)fprintf(out, ",line=%lld,col=%lld,endColumn=%lld,title=", (long long)item->line,
                  (long long)columns.first, (long long)columns.end);
    put_escaped(out, kind, "%:,");
    (void)fprintf(out, "::");
    put_escaped(out, sentence, "%");
    (void)fprintf(out, "\n");
}

void parts_github(FILE *out, const findings_report *report)
{
    for (size_t i = 0; i < report->items.count; i++) {
        if (findings_is_open(&report->items.items[i]))
            put_item(out, report, &report->items.items[i]);
    }
}
