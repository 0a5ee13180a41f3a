#include "report/findings/parts.h"

#include "report/text.h"

#include <assert.h>
#include <string.h>

static const struct {
    void (*print)(FILE *out, const findings_report *report);
    bool tells_all; /* of files and faults, too */
} FORMATS[] = {
    [FINDINGS_TEXT] = {parts_text, true},    [FINDINGS_TSV] = {parts_tsv, false},
    [FINDINGS_JSON] = {parts_json, true},    [FINDINGS_GITHUB] = {parts_github, false},
    [FINDINGS_SARIF] = {parts_sarif, false},
};

const char *const *findings_formats(void)
{
#define FORMAT_WORD(name, word) word,
    static const char *const WORDS[] = {FINDINGS_FORMATS(FORMAT_WORD) NULL};
    return WORDS;
}

void findings_dispose(findings_report *report)
{
    utr_vec_dispose(&report->rules);
    utr_vec_dispose(&report->items);
    utr_vec_dispose(&report->files);
    utr_strs_dispose(&report->faults);
}

bool findings_is_open(const findings_item *item)
{
    return item->excuse.kind == FINDINGS_UNEXCUSED || item->excuse.expired;
}

findings_totals findings_count(const findings_report *report)
{
    findings_totals totals = {0};
    for (size_t i = 0; i < report->items.count; i++) {
        const findings_item *item = &report->items.items[i];
        bool is_open = findings_is_open(item);
        totals.excused += !is_open;
        totals.refused += is_open && item->level >= VERDICT_REFUSE;
        totals.warned += is_open && item->level < VERDICT_REFUSE;
    }
    return totals;
}

/* Characters, not bytes: what follows the first byte of one does not count. */
static int64_t characters(const char *text, size_t len)
{
    int64_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

parts_columns parts_columns_of(const findings_item *item)
{
    size_t len = item->text ? strlen(item->text) : 0;
    size_t before = item->column > 0 ? (size_t)item->column - 1 : 0;
    if (before >= len)
        return (parts_columns){(int64_t)before + 1, (int64_t)before + 1 + item->length, false};
    size_t meant = (size_t)item->length < len - before ? (size_t)item->length : len - before;
    int64_t first = characters(item->text, before) + 1;
    return (parts_columns){first, first + characters(item->text + before, meant), true};
}

const findings_rule *parts_rule(const findings_report *report, const findings_item *item)
{
    size_t i = 0;
    while (i < report->rules.count && strcmp(report->rules.items[i].id, item->rule) != 0)
        i++;
    assert(i < report->rules.count);
    return &report->rules.items[i];
}

char *parts_kind(const findings_item *item)
{
    return utr_format("%s%s%s", item->rule, *item->subkind ? "/" : "", item->subkind);
}

const char *parts_fate(const findings_item *item)
{
    if (findings_is_open(item))
        return verdict_level_text(item->level);
    return item->excuse.kind == FINDINGS_ALLOWED ? "allowed" : "waived";
}

char *parts_excuse(const findings_item *item)
{
    const findings_excuse *excuse = &item->excuse;
    const char *word = excuse->kind == FINDINGS_ALLOWED ? "allowed" : "waived";
    auto_free char *where =
        excuse->file ? utr_format("%s:%lld, ", excuse->file, (long long)excuse->line) : utr_strdup("");
    return utr_format("%s until %s (%s%s): %s", word, excuse->until, where, excuse->owner, excuse->reason);
}

char *parts_blame(const findings_blame *blame)
{
    if (blame->uncommitted)
        return utr_strdup("not committed yet");
    if (!blame->commit)
        return utr_strdup("");
    return utr_format("since %.12s, %s, %s: %s", blame->commit, text_or(blame->author, "?"),
                      text_or(blame->date, "?"), text_or(blame->subject, ""));
}

char *parts_sentence(const findings_report *report, const findings_item *item)
{
    const findings_rule *rule = parts_rule(report, item);
    auto_free char *of = *item->subkind ? utr_format(": %s", item->subkind) : utr_strdup("");
    auto_free char *in = item->symbol ? utr_format(" (%s)", item->symbol) : utr_strdup("");
    auto_free char *more = item->message ? utr_format(": %s", item->message) : utr_strdup("");
    auto_free char *by = item->message ? parts_blame(&item->blame) : utr_strdup("");
    auto_free char *excuse = item->excuse.expired ? parts_excuse(item) : NULL;
    return utr_format("%s%s%s%s; %s%s%s%s%s", rule->says, of, in, more, rule->advice,
                      excuse ? "; its excuse has expired: " : "", excuse ? excuse : "", *by ? "; " : "", by);
}

void findings_print(FILE *out, findings_format format, const findings_report *report)
{
    FORMATS[format].print(out, report);
}

void findings_print_faults(FILE *out, findings_format format, const findings_report *report)
{
    if (FORMATS[format].tells_all)
        return;
    for (size_t i = 0; i < report->files.count; i++) {
        auto_free char *file = text_clean(report->files.items[i].file);
        auto_free char *why = text_clean(report->files.items[i].why);
        (void)fprintf(out, "%s: %s: %s\n", file, report->files.items[i].state, why);
    }
    for (size_t i = 0; i < report->faults.count; i++) {
        auto_free char *fault = text_clean(report->faults.items[i]);
        (void)fprintf(out, "%s\n", fault);
    }
}
