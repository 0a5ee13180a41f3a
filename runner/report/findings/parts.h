/** What the formats share. Used inside findings/ only. */
#ifndef UTR_REPORT_FINDINGS_PARTS_H
#define UTR_REPORT_FINDINGS_PARTS_H

#include "report/findings/findings.h"

#include "base/json.h"

/** Where an item stands, counted as people and editors count: columns in characters, from 1. */
typedef struct {
    int64_t first, end; /* end: the column behind it */
    bool is_shown;      /* the item's text reaches that far */
} parts_columns;

parts_columns parts_columns_of(const findings_item *item);

/** The rule that the item names. Never NULL: a report whose item names none is a defect. */
const findings_rule *parts_rule(const findings_report *report, const findings_item *item);

/** "skip/decorator/pytest.mark.skip/uncond", or the rule alone. The caller frees it. */
char *parts_kind(const findings_item *item);

/** "refuse", "warn", "allowed" or "waived": what became of it. */
const char *parts_fate(const findings_item *item);

/** What the item says in one sentence, its subkind, symbol and expired excuse included. The caller frees it.
 */
char *parts_sentence(const findings_report *report, const findings_item *item);

/** Who did it, "since COMMIT, AUTHOR, DATE: SUBJECT", or "". The caller frees it. */
char *parts_blame(const findings_blame *blame);

/** The end of an excuse in words, "waived until 2026-01-31 (categories/a.yaml:12, maria): reason". The caller
 * frees it. */
char *parts_excuse(const findings_item *item);

void parts_text(FILE *out, const findings_report *report);
void parts_tsv(FILE *out, const findings_report *report);
void parts_json(FILE *out, const findings_report *report);
void parts_github(FILE *out, const findings_report *report);
void parts_sarif(FILE *out, const findings_report *report);

#endif
