#include "manifest/rule.h"

#include "base/text.h"
#include "manifest/words.h"

#include <string.h>

static bool is_rule(const manifest_reader *r, const char *name)
{
    for (size_t i = 0; r->options->rules[i]; i++) {
        if (strcmp(r->options->rules[i], name) == 0)
            return true;
    }
    return false;
}

void manifest_set_rules(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                        void *target)
{
    manifest_category *category = target;
    const utr_yaml *map = manifest_mapping(r, pair, "a mapping of rule names");
    manifest_field level = {.name = "level", .words = field->words};
    level.offset = offsetof(manifest_rule, level);
    for (size_t i = 0; map && i < map->count; i++) {
        const utr_yaml_pair *entry = &map->pairs[i];
        if (!is_rule(r, entry->key)) {
            manifest_fault_unknown(r, entry->place, "rule", entry->key, r->options->rules);
            continue;
        }
        manifest_rule *rule = utr_vec_push(&category->rules);
        rule->rule = utr_strdup(entry->key);
        rule->place = entry->place;
        manifest_set_word(r, &level, entry, rule);
    }
}

/* The number that len digits at text make; -1 where they are none. */
static int digits(const char *text, size_t len)
{
    int number = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static int days_in_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && leap);
}

static bool is_date(const char *text)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int year = digits(text, 4);
    int month = digits(text + 5, 2);
    int day = digits(text + 8, 2);
    return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

static void set_date(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair, void *target)
{
    if (pair->value->kind == UTR_YAML_SCALAR && is_date(pair->value->text))
        manifest_set_text(r, field, pair, target);
    else
        manifest_fault_wrong(r, pair, "a date that exists, YYYY-MM-DD");
}

static void set_rule(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair, void *target)
{
    manifest_set_text(r, field, pair, target);
    const char *rule = ((manifest_waiver *)target)->rule;
    if (rule && !is_rule(r, rule))
        manifest_fault_unknown(r, pair->value->place, "rule", rule, r->options->rules);
}

/* A waiver without a rule would excuse everything, which nobody means. */
static const manifest_field WAIVER_FIELDS[] = {
    {"suite", false, manifest_set_text, offsetof(manifest_waiver, suite), NULL},
    {"test", false, manifest_set_text, offsetof(manifest_waiver, test), NULL},
    {"rule", true, set_rule, offsetof(manifest_waiver, rule), NULL},
    {"reason", true, manifest_set_text, offsetof(manifest_waiver, reason), NULL},
    {"owner", true, manifest_set_text, offsetof(manifest_waiver, owner), NULL},
    {"expires", true, set_date, offsetof(manifest_waiver, expires), NULL},
};
const manifest_object manifest_waiver_object = MANIFEST_OBJECT("waiver", "key", false, WAIVER_FIELDS);

void manifest_set_waivers(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                          void *target)
{
    (void)field;
    manifest_category *category = target;
    const utr_yaml *list = manifest_list(r, pair, "a list of waivers");
    for (size_t i = 0; list && i < list->count; i++) {
        manifest_waiver *waiver = utr_vec_push(&category->waivers);
        waiver->place = list->items[i]->place;
        manifest_read_object(r, &manifest_waiver_object, list->items[i], waiver);
        if (!waiver->test)
            waiver->test = utr_strdup("*");
    }
}

void manifest_check_waivers(manifest_reader *r)
{
    const manifest_category *category = r->category;
    auto_strs utr_strs suites = {0};
    for (size_t i = 0; i < category->suites.count; i++) {
        if (category->suites.items[i].name)
            utr_strs_add(&suites, category->suites.items[i].name);
    }
    for (size_t i = 0; i < category->waivers.count; i++) {
        const manifest_waiver *waiver = &category->waivers.items[i];
        if (waiver->suite && !utr_strs_has(&suites, waiver->suite))
            utr_faults_unknown(r->faults, waiver->place, "suite", waiver->suite, &suites);
    }
}

void manifest_waiver_dispose(manifest_waiver *waiver)
{
    free(waiver->suite);
    free(waiver->test);
    free(waiver->rule);
    free(waiver->reason);
    free(waiver->owner);
    free(waiver->expires);
}
