/* Findings as one JSON object; docs/scan.schema.json describes it. */
#include "report/findings/parts.h"

#include <string.h>

enum { SCHEMA_VERSION = 1 };

static void put(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

/* The text, or null where there is none: a reader finds every key. */
static void put_text(json_t *object, const char *key, const char *text)
{
    put(object, key, text ? utr_json_text(text) : json_null());
}

static json_t *excuse_json(const findings_excuse *excuse)
{
    if (excuse->kind == FINDINGS_UNEXCUSED)
        return json_null();
    json_t *object = json_object();
    put_text(object, "by", excuse->kind == FINDINGS_ALLOWED ? "allow" : "waiver");
    put_text(object, "reason", excuse->reason);
    put_text(object, "owner", excuse->owner);
    put_text(object, "until", excuse->until);
    put(object, "expired", json_boolean(excuse->expired));
    put_text(object, "file", excuse->file);
    put(object, "line", excuse->file ? json_integer(excuse->line) : json_null());
    return object;
}

static json_t *blame_json(const findings_blame *blame)
{
    if (!blame->commit && !blame->uncommitted)
        return json_null();
    json_t *object = json_object();
    put_text(object, "commit", blame->commit);
    put_text(object, "author", blame->author);
    put_text(object, "date", blame->date);
    put_text(object, "subject", blame->subject);
    return object;
}

static json_t *item_json(const findings_report *report, const findings_item *item)
{
    json_t *object = json_object();
    parts_columns columns = parts_columns_of(item);
    put_text(object, "kind", item->rule);
    put_text(object, "subkind", item->subkind);
    put_text(object, "file", item->file);
    put(object, "line", json_integer(item->line));
    put(object, "column", json_integer(columns.first));
    put(object, "end_column", json_integer(columns.end));
    put_text(object, "symbol", item->symbol);
    put_text(object, "text", item->text);
    if (item->message)
        put_text(object, "message", item->message);
    put_text(object, "level", verdict_level_text(item->level));
    put(object, "refused", json_boolean(item->level >= VERDICT_REFUSE && findings_is_open(item)));
    put_text(object, "advice", parts_rule(report, item)->advice);
    put_text(object, "category", item->category);
    put_text(object, "suite", item->suite);
    put(object, "excuse", excuse_json(&item->excuse));
    put(object, "blame", blame_json(&item->blame));
    return object;
}

static json_t *totals_json(const findings_report *report)
{
    findings_totals totals = findings_count(report);
    json_t *object = json_object();
    put(object, "files", json_integer(report->read));
    put(object, "cached", json_integer(report->cached));
    put(object, "bytes", json_integer(report->bytes));
    put(object, "others", json_integer(report->others));
    put(object, "findings", json_integer((json_int_t)report->items.count));
    put(object, "refused", json_integer(totals.refused));
    put(object, "warned", json_integer(totals.warned));
    put(object, "excused", json_integer(totals.excused));
    return object;
}

static json_t *files_json(const findings_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->files.count; i++) {
        json_t *object = json_object();
        put_text(object, "file", report->files.items[i].file);
        put_text(object, "state", report->files.items[i].state);
        put_text(object, "why", report->files.items[i].why);
        (void)json_array_append_new(list, object);
    }
    return list;
}

void parts_json(FILE *out, const findings_report *report)
{
    auto_json json_t *object = json_object();
    put(object, "schema", json_integer(SCHEMA_VERSION));
    put_text(object, "root", report->root);
    put(object, "exit_code", json_integer(report->exit_code));
    put(object, "totals", totals_json(report));
    if (report->summary)
        put_text(object, "summary", report->summary);
    json_t *items = json_array();
    for (size_t i = 0; i < report->items.count; i++)
        (void)json_array_append_new(items, item_json(report, &report->items.items[i]));
    put(object, "findings", items);
    put(object, "files", files_json(report));
    json_t *faults = json_array();
    for (size_t i = 0; i < report->faults.count; i++)
        (void)json_array_append_new(faults, utr_json_text(report->faults.items[i]));
    put(object, "faults", faults);
    (void)json_dumpf(object, out, JSON_INDENT(2));
    (void)fprintf(out, "\n");
}
