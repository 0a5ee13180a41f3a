/* Findings for people: where, what, the line with a mark under what is meant, and what to do. */
#include "report/findings/parts.h"

#include "report/text.h"

#include <string.h>

/* Files that could not be read are listed up to here; --format json lists them all. */
enum { MOST_FILES = 20 };

static text_tone tone_of(const findings_item *item)
{
    if (!findings_is_open(item))
        return TEXT_DIM;
    return item->level >= VERDICT_REFUSE ? TEXT_BAD : TEXT_WARN;
}

static void put_head(FILE *out, bool colour, const findings_item *item)
{
    auto_free char *file = text_clean(item->file);
    auto_free char *raw_kind = parts_kind(item);
    auto_free char *kind = text_clean(raw_kind);
    auto_free char *symbol = text_clean(item->symbol);
    auto_free char *place =
        utr_format("%s:%lld:%lld", file, (long long)item->line, (long long)parts_columns_of(item).first);
    text_put(out, colour, TEXT_BOLD, place);
    (void)fprintf(out, ": ");
    text_put(out, colour, tone_of(item), parts_fate(item));
    (void)fprintf(out, ": %s%s%s%s\n", kind, *symbol ? " (" : "", symbol, *symbol ? ")" : "");
}

/* The columns that the first len bytes of the item's line take once they are cleaned. */
static size_t width(const char *text, size_t len)
{
    auto_free char *part = utr_strndup(text, len);
    auto_free char *clean = text_clean(part);
    return text_columns(clean);
}

static void put_carets(FILE *out, bool colour, const findings_item *item, int gutter)
{
    size_t before = (size_t)item->column - 1;
    size_t left = strlen(item->text) - before;
    size_t meant = (size_t)item->length < left ? (size_t)item->length : left;
    size_t indent = width(item->text, before);
    size_t wide = width(item->text, before + meant) - indent;
    char *carets = utr_calloc(wide + 2, 1);
    (void)memset(carets, '^', wide ? wide : 1);
    (void)fprintf(out, "%*s | %*s", gutter, "", (int)indent, "");
    text_put(out, colour, tone_of(item), carets);
    (void)fprintf(out, "\n");
    free(carets);
}

static void put_line(FILE *out, bool colour, const findings_item *item, int gutter)
{
    auto_free char *text = text_clean(item->text);
    if (!*text)
        return;
    (void)fprintf(out, "%*lld | %s\n", gutter, (long long)item->line, text);
    if (parts_columns_of(item).is_shown)
        put_carets(out, colour, item, gutter);
}

static void put_note(FILE *out, bool colour, int gutter, const char *note)
{
    auto_free char *clean = text_clean(note);
    (void)fprintf(out, "%*s = ", gutter, "");
    text_put(out, colour, TEXT_DIM, clean);
    (void)fprintf(out, "\n");
}

static void put_blame(FILE *out, bool colour, int gutter, const findings_blame *blame)
{
    auto_free char *note = parts_blame(blame);
    if (*note)
        put_note(out, colour, gutter, note);
}

/* What to do is said once for each rule in a file: below it nobody needs it again. told has a place a rule.
 */
static bool tell_once(const findings_report *report, const findings_rule *rule, bool *told)
{
    bool *place = &told[rule - report->rules.items];
    bool is_first = !*place;
    *place = true;
    return is_first;
}

static void put_item(FILE *out, bool colour, const findings_report *report, const findings_item *item,
                     bool *told)
{
    const findings_rule *rule = parts_rule(report, item);
    int gutter = snprintf(NULL, 0, "%lld", (long long)item->line) + 4;
    put_head(out, colour, item);
    if (findings_is_open(item))
        put_line(out, colour, item, gutter);
    if (item->message)
        put_note(out, colour, gutter, item->message);
    if (findings_is_open(item) && tell_once(report, rule, told))
        put_note(out, colour, gutter, rule->advice);
    if (item->excuse.kind != FINDINGS_UNEXCUSED) {
        auto_free char *excuse = parts_excuse(item);
        auto_free char *note = item->excuse.expired
                                   ? utr_format("its excuse has expired, remove or renew it: %s", excuse)
                                   : utr_strdup(excuse);
        put_note(out, colour, gutter, note);
    }
    put_blame(out, colour, gutter, &item->blame);
}

static void put_items(FILE *out, bool colour, const findings_report *report)
{
    auto_free bool *told = utr_calloc(report->rules.count + 1, sizeof *told);
    for (size_t i = 0; i < report->items.count; i++) {
        const findings_item *item = &report->items.items[i];
        put_item(out, colour, report, item, told);
        if (i + 1 < report->items.count && strcmp(item[1].file, item->file) == 0)
            continue;
        (void)memset(told, 0, report->rules.count * sizeof *told);
        (void)fprintf(out, "\n");
    }
}

static void put_files(FILE *out, const findings_report *report)
{
    size_t shown = report->files.count > MOST_FILES ? MOST_FILES : report->files.count;
    for (size_t i = 0; i < shown; i++) {
        auto_free char *file = text_clean(report->files.items[i].file);
        auto_free char *why = text_clean(report->files.items[i].why);
        (void)fprintf(out, "%s: %s%s%s\n", file, report->files.items[i].state, *why ? ": " : "", why);
    }
    if (report->files.count > shown)
        (void)fprintf(out, "and %zu more files were not read to the end; --format json lists them all\n",
                      report->files.count - shown);
}

static void put_faults(FILE *out, bool colour, const findings_report *report)
{
    for (size_t i = 0; i < report->faults.count; i++) {
        auto_free char *fault = text_clean(report->faults.items[i]);
        text_put(out, colour, TEXT_BAD, fault);
        (void)fprintf(out, "\n");
    }
}

/* ": 2 disabled-decorator, 3 skip". */
static void put_rules(FILE *out, const findings_report *report)
{
    const char *before = ": ";
    for (size_t r = 0; r < report->rules.count; r++) {
        size_t count = 0;
        for (size_t i = 0; i < report->items.count; i++)
            count += strcmp(report->items.items[i].rule, report->rules.items[r].id) == 0;
        if (count)
            (void)fprintf(out, "%s%zu %s", before, count, report->rules.items[r].id);
        before = count ? ", " : before;
    }
}

/* "; not read to the end: 2 syntax errors, 1 unreadable", in the order in which they were met. */
static void put_states(FILE *out, const findings_report *report)
{
    for (size_t i = 0; i < report->files.count; i++) {
        const char *state = report->files.items[i].state;
        size_t count = 0;
        bool is_first = true;
        for (size_t k = 0; k < report->files.count; k++) {
            bool same = strcmp(report->files.items[k].state, state) == 0;
            is_first = is_first && !(same && k < i);
            count += same;
        }
        if (is_first)
            (void)fprintf(out, "%s%zu %s", i ? ", " : "; not read to the end: ", count, state);
    }
}

static void put_totals(FILE *out, bool colour, const findings_report *report)
{
    findings_totals totals = findings_count(report);
    if (totals.refused) {
        auto_free char *refused = utr_format("%lld refused", (long long)totals.refused);
        text_put(out, colour, TEXT_BAD, refused);
    } else {
        text_put(out, colour, TEXT_GOOD, "none refused");
    }
    (void)fprintf(out, ", %lld warning%s, %lld excused", (long long)totals.warned,
                  text_s((size_t)totals.warned), (long long)totals.excused);
    put_rules(out, report);
    (void)fprintf(out, "; %lld file%s read, %lld of them from the cache", (long long)report->read,
                  text_s((size_t)report->read), (long long)report->cached);
    if (report->others)
        (void)fprintf(out, ", %lld other source%s searched for imports", (long long)report->others,
                      text_s((size_t)report->others));
    put_states(out, report);
    (void)fprintf(out, "\n");
}

void parts_text(FILE *out, const findings_report *report)
{
    bool colour = text_may_colour(out);
    put_items(out, colour, report);
    put_files(out, report);
    put_faults(out, colour, report);
    if (report->summary)
        (void)fprintf(out, "%s\n", report->summary);
    else
        put_totals(out, colour, report);
}
