/* Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for code scanning and editors. */
#include "report/findings/parts.h"

#include "base/buf.h"

#include <limits.h>
#include <string.h>

static void put(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static json_t *message_json(const char *text)
{
    json_t *object = json_object();
    put(object, "text", utr_json_text(text));
    return object;
}

/* Section 3.58.6: the levels' words. */
static const char *level_word(verdict_level level)
{
    return level >= VERDICT_REFUSE ? "error" : level == VERDICT_WARN ? "warning" : "none";
}

/* A path as a URI reference (RFC 3986, section 3.3): what is not unreserved is written as %XX. */
static char *uri_of(const char *path)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    utr_buf uri = UTR_BUF_INIT(PATH_MAX * 4);
    for (const char *at = path; *at && uri.len < (size_t)PATH_MAX * 3; at++) {
        if (strchr(PLAIN, *at))
            utr_buf_print(&uri, "%c", *at);
        else
            utr_buf_print(&uri, "%%%02X", (unsigned)(unsigned char)*at);
    }
    return utr_buf_take(&uri);
}

static json_t *place_of_file(const char *file)
{
    auto_free char *relative = uri_of(file);
    json_t *object = json_object();
    if (*file == '/') {
        auto_free char *absolute = utr_format("file://%s", relative);
        put(object, "uri", json_string(absolute));
        return object;
    }
    put(object, "uri", json_string(relative));
    put(object, "uriBaseId", json_string("%SRCROOT%"));
    return object;
}

static json_t *rule_json(const findings_rule *rule)
{
    json_t *object = json_object();
    json_t *configuration = json_object();
    put(configuration, "level", json_string(level_word(rule->level)));
    put(object, "id", json_string(rule->id));
    put(object, "shortDescription", message_json(rule->says));
    put(object, "help", message_json(rule->advice));
    put(object, "defaultConfiguration", configuration);
    return object;
}

static json_t *driver_json(const findings_report *report)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < report->rules.count; i++)
        (void)json_array_append_new(rules, rule_json(&report->rules.items[i]));
    json_t *driver = json_object();
    put(driver, "name", json_string("unified_test_runner"));
    put(driver, "semanticVersion", json_string(UTR_VERSION));
    put(driver, "rules", rules);
    return driver;
}

static json_t *region_json(const findings_item *item)
{
    parts_columns columns = parts_columns_of(item);
    json_t *region = json_object();
    put(region, "startLine", json_integer(item->line));
    if (!columns.is_shown)
        return region; /* bytes are no characters: rather no column than a wrong one */
    put(region, "startColumn", json_integer(columns.first));
    put(region, "endColumn", json_integer(columns.end));
    put(region, "snippet", message_json(item->text));
    return region;
}

static json_t *location_json(const findings_item *item)
{
    json_t *physical = json_object();
    put(physical, "artifactLocation", place_of_file(item->file));
    put(physical, "region", region_json(item));
    json_t *location = json_object();
    put(location, "physicalLocation", physical);
    if (item->symbol) {
        json_t *logical = json_object();
        put(logical, "fullyQualifiedName", utr_json_text(item->symbol));
        json_t *list = json_array();
        (void)json_array_append_new(list, logical);
        put(location, "logicalLocations", list);
    }
    return location;
}

static json_t *suppression_json(const findings_item *item)
{
    auto_free char *words = parts_excuse(item);
    json_t *object = json_object();
    put(object, "kind", json_string(item->excuse.kind == FINDINGS_ALLOWED ? "inSource" : "external"));
    put(object, "status", json_string("accepted"));
    put(object, "justification", utr_json_text(words));
    return object;
}

static uint64_t mix(uint64_t hash, const char *text)
{
    for (const char *at = text ? text : ""; *at; at++) /* FNV-1a, 64 bits */
        hash = (hash ^ (unsigned char)*at) * 0x100000001B3ULL;
    return (hash ^ 0xFF) * 0x100000001B3ULL; /* between two parts */
}

/* The same in the next scan, also where lines above it came or went: what it is, not where it stands.
 * @param seen  how many were alike so far */
static json_t *fingerprint_json(const findings_item *item, json_t *seen)
{
    uint64_t hash = mix(0xCBF29CE484222325ULL, item->rule);
    hash = mix(hash, item->subkind);
    hash = mix(hash, item->file);
    hash = mix(hash, item->symbol);
    hash = mix(hash, item->text);
    auto_free char *digits = utr_format("%016llx", (unsigned long long)hash);
    int64_t nth = utr_json_int(seen, digits, 0) + 1;
    put(seen, digits, json_integer(nth));
    auto_free char *value = utr_format("%s:%lld", digits, (long long)nth);
    json_t *object = json_object();
    put(object, "finding/v1", json_string(value));
    return object;
}

static json_t *result_json(const findings_report *report, const findings_item *item, json_t *seen)
{
    auto_free char *sentence = parts_sentence(report, item);
    const findings_rule *rule = parts_rule(report, item);
    json_t *locations = json_array();
    (void)json_array_append_new(locations, location_json(item));
    json_t *suppressions = json_array();
    if (!findings_is_open(item))
        (void)json_array_append_new(suppressions, suppression_json(item));
    json_t *object = json_object();
    put(object, "ruleId", json_string(rule->id));
    put(object, "ruleIndex", json_integer((json_int_t)(rule - report->rules.items)));
    put(object, "level", json_string(level_word(item->level)));
    put(object, "message", message_json(sentence));
    put(object, "locations", locations);
    put(object, "partialFingerprints", fingerprint_json(item, seen));
    put(object, "suppressions", suppressions);
    return object;
}

static void add_notice(json_t *list, const char *level, const char *text, const char *file)
{
    json_t *object = json_object();
    put(object, "level", json_string(level));
    put(object, "message", message_json(text));
    if (file) {
        json_t *physical = json_object();
        json_t *location = json_object();
        json_t *locations = json_array();
        put(physical, "artifactLocation", place_of_file(file));
        put(location, "physicalLocation", physical);
        (void)json_array_append_new(locations, location);
        put(object, "locations", locations);
    }
    (void)json_array_append_new(list, object);
}

static json_t *invocation_json(const findings_report *report)
{
    json_t *notices = json_array();
    for (size_t i = 0; i < report->files.count; i++) {
        const findings_file *file = &report->files.items[i];
        auto_free char *text = utr_format("%s: %s", file->state, file->why ? file->why : "");
        add_notice(notices, "warning", text, file->file);
    }
    for (size_t i = 0; i < report->faults.count; i++)
        add_notice(notices, "error", report->faults.items[i], NULL);
    json_t *object = json_object();
    put(object, "executionSuccessful", json_true());
    put(object, "exitCode", json_integer(report->exit_code));
    put(object, "toolExecutionNotifications", notices);
    return object;
}

static json_t *run_json(const findings_report *report)
{
    json_t *results = json_array();
    auto_json json_t *seen = json_object();
    for (size_t i = 0; i < report->items.count; i++)
        (void)json_array_append_new(results, result_json(report, &report->items.items[i], seen));
    json_t *tool = json_object();
    put(tool, "driver", driver_json(report));
    json_t *invocations = json_array();
    (void)json_array_append_new(invocations, invocation_json(report));
    json_t *root = json_object();
    put(root, "description", message_json("the --root that was scanned"));
    json_t *bases = json_object();
    put(bases, "%SRCROOT%", root);
    json_t *run = json_object();
    put(run, "tool", tool);
    put(run, "invocations", invocations);
    put(run, "originalUriBaseIds", bases);
    put(run, "columnKind", json_string("unicodeCodePoints"));
    put(run, "results", results);
    return run;
}

void parts_sarif(FILE *out, const findings_report *report)
{
    auto_json json_t *log = json_object();
    json_t *runs = json_array();
    (void)json_array_append_new(runs, run_json(report));
    put(log, "$schema", json_string("https://json.schemastore.org/sarif-2.1.0.json"));
    put(log, "version", json_string("2.1.0"));
    put(log, "runs", runs);
    (void)json_dumpf(log, out, JSON_INDENT(2));
    (void)fprintf(out, "\n");
}
