#include "gate/manifests/manifest.h"

#include "base/text.h"
#include "gate/manifests/suite.h"

#include <string.h>

static void parse_side(gate_work *work, gate_pair *pair, bool old, const manifest_options *options,
                       gate_manifests *out)
{
    auto_faults utr_faults faults = {0};
    manifest_category *category = NULL;
    const utr_code code = manifest_parse(old ? pair->before : pair->after, old ? &pair->was : &pair->is,
                                         options, &category, &faults);
    if (code == UTR_OK) {
        *utr_vec_push(old ? &out->old : &out->new) = (gate_manifest){category, pair};
    } else if (!old) {
        *utr_vec_push(&out->broken) = pair;
        utr_strs_add(&out->faults, faults.texts.items[0]);
    } else {
        gate_note(work, pair->before, faults.texts.items[0]);
    }
}

void gate_manifests_parse(gate_work *work, const gate_rule *rules,
                          bool (*is_manifest)(const void *ctx, const char *path), const void *ctx,
                          gate_manifests *out)
{
    auto_strs utr_strs names = {0};
    for (const gate_rule *rule = rules; rule->name; rule++)
        utr_strs_add(&names, rule->name);
    const manifest_options options = {.root = ".", .rules = (const char *const *)names.items};
    for (size_t i = 0; i < work->pairs.count; i++) {
        gate_pair *pair = &work->pairs.items[i];
        if (pair->before && is_manifest(ctx, pair->before))
            parse_side(work, pair, true, &options, out);
        if (pair->after && is_manifest(ctx, pair->after))
            parse_side(work, pair, false, &options, out);
    }
}

void gate_manifests_dispose(gate_manifests *manifests)
{
    for (size_t i = 0; i < manifests->old.count; i++)
        manifest_free(manifests->old.items[i].category);
    for (size_t i = 0; i < manifests->new.count; i++)
        manifest_free(manifests->new.items[i].category);
    utr_vec_dispose(&manifests->old);
    utr_vec_dispose(&manifests->new);
    utr_vec_dispose(&manifests->broken);
    utr_strs_dispose(&manifests->faults);
}

static void compare_suites(gate_work *work, const gate_manifest *was, const gate_manifest *is)
{
    for (size_t i = 0; i < was->category->suites.count; i++) {
        const manifest_suite *old = &was->category->suites.items[i], *new = NULL;
        for (size_t k = 0; k < is->category->suites.count && !new; k++)
            if (strcmp(is->category->suites.items[k].name, old->name) == 0)
                new = &is->category->suites.items[k];
        if (new) {
            gate_suite_compare(work, was, old, is, new);
            continue;
        }
        auto_free char *symbol = utr_format("%s/%s", was->category->name, old->name);
        gate_gone(gate_add(work, GATE_SUITE, symbol, "suite %s is not run any more", old->name), was->pair,
                  old->place.line);
    }
}

static void compare_services(gate_work *work, const gate_manifest *was, const gate_manifest *is)
{
    for (size_t i = 0; i < was->category->services.count; i++) {
        const manifest_service *old = &was->category->services.items[i];
        const manifest_service *new = manifest_service_find(is->category, old->name);
        auto_free char *symbol = utr_format("%s/%s", was->category->name, old->name);
        if (!new)
            gate_gone(
                gate_add(work, GATE_SERVICE, symbol, "service %s is not brought up any more", old->name),
                was->pair, old->place.line);
        else if (old->critical && !new->critical)
            gate_at_key(gate_add(work, GATE_CRITICAL, symbol, "critical is false now"), was->pair, is->pair,
                        "critical", new->place.line);
    }
}

/* A manifest's levels count from the worst; these from off. */
static int level_of(const manifest_category *category, const gate_rule *rule)
{
    for (size_t i = 0; i < category->rules.count; i++)
        if (strcmp(category->rules.items[i].rule, rule->name) == 0)
            return (int)MANIFEST_OFF - (int)category->rules.items[i].level;
    return rule->level;
}

static void compare_rules(gate_work *work, const gate_rule *rules, const gate_manifest *was,
                          const gate_manifest *is)
{
    static const char *const WORDS[] = {"off", "warn", "refuse"};
    for (const gate_rule *rule = rules; rule->name; rule++) {
        const int old = level_of(was->category, rule), new = level_of(is->category, rule);
        if (new >= old || old > 2)
            continue;
        const int64_t from = gate_key_line(&is->pair->is, "rules", 1);
        gate_at_key(gate_add(work, GATE_RULE, is->category->name, "rule %s went from %s to %s", rule->name,
                             WORDS[old], WORDS[new]),
                    was->pair, is->pair, rule->name, from);
    }
}

static bool same_or_null(const char *wide, const char *narrow)
{
    return !wide || (narrow && strcmp(wide, narrow) == 0);
}

/* Whether what the narrow one excuses is excused by the wide one, for how long aside. */
static bool covers(const manifest_waiver *wide, const manifest_waiver *narrow)
{
    return strcmp(wide->rule, narrow->rule) == 0 && same_or_null(wide->suite, narrow->suite) &&
           (strcmp(wide->test, narrow->test) == 0 || utr_text_glob(wide->test, narrow->test));
}

static void compare_waiver(gate_work *work, const gate_manifest *was, const gate_manifest *is,
                           const manifest_waiver *new)
{
    const manifest_waiver *shorter = NULL, *narrower = NULL;
    for (size_t i = 0; i < was->category->waivers.count; i++) {
        const manifest_waiver *old = &was->category->waivers.items[i];
        if (covers(old, new) && strcmp(old->expires, new->expires) >= 0)
            return;
        if (covers(old, new))
            shorter = old;
        else if (covers(new, old))
            narrower = old;
    }
    auto_free char *symbol = utr_format("%s/%s", is->category->name, new->suite ? new->suite : "*");
    gate_item *item =
        shorter    ? gate_add(work, GATE_WAIVER, symbol, "the waiver of %s for '%s' ends %s in place of %s",
                              new->rule, new->test, new->expires, shorter->expires)
        : narrower ? gate_add(work, GATE_WAIVER, symbol, "the waiver of %s for '%s' covers '%s' now",
                              new->rule, narrower->test, new->test)
                   : gate_add(work, GATE_WAIVER, symbol, "%s is waived for '%s' until %s, by %s: %s",
                              new->rule, new->test, new->expires, new->owner, new->reason);
    gate_here(item, is->pair, new->place.line);
}

static bool depends_on(const manifest_category *category, const char *name)
{
    for (size_t i = 0; i < category->depends_on.count; i++)
        if (strcmp(category->depends_on.items[i].category, name) == 0)
            return true;
    return false;
}

static void compare_lists(gate_work *work, const gate_manifest *was, const gate_manifest *is)
{
    const manifest_category *old = was->category, *new = is->category;
    for (size_t i = 0; i < old->depends_on.count; i++)
        if (!depends_on(new, old->depends_on.items[i].category))
            gate_gone(gate_add(work, GATE_DEPENDS_ON, old->name, "%s need not be proven first any more",
                               old->depends_on.items[i].category),
                      was->pair, old->depends_on.items[i].place.line);
    for (size_t i = 0; i < old->mocks.count; i++)
        if (!utr_strs_has(&new->mocks, old->mocks.items[i]))
            gate_at_key(gate_add(work, GATE_MOCK_MODULE, old->name, "%s is not among its mocks any more",
                                 old->mocks.items[i]),
                        was->pair, is->pair, "mocks", 1);
}

static void compare_category(gate_work *work, const gate_rule *rules, const gate_manifest *was,
                             const gate_manifest *is)
{
    const manifest_category *old = was->category, *new = is->category;
    if (new->real_services > old->real_services)
        gate_at_key(gate_add(work, GATE_REAL_SERVICES, new->name, "real services were %s, now they are %s",
                             manifest_real_services_text(old->real_services),
                             manifest_real_services_text(new->real_services)),
                    was->pair, is->pair, "real_services", 1);
    if (old->isolation == MANIFEST_SEALED && new->isolation == MANIFEST_OPEN)
        gate_at_key(gate_add(work, GATE_ISOLATION, new->name, "isolation was sealed, now it is open"),
                    was->pair, is->pair, "isolation", 1);
    if (new->minimum_tests < old->minimum_tests)
        gate_at_key(gate_add(work, GATE_MINIMUM, new->name, "minimum_tests fell from %lld to %lld",
                             (long long)old->minimum_tests, (long long)new->minimum_tests),
                    was->pair, is->pair, "minimum_tests", 1);
    compare_suites(work, was, is);
    compare_services(work, was, is);
    compare_rules(work, rules, was, is);
    for (size_t i = 0; i < new->waivers.count; i++)
        compare_waiver(work, was, is, &new->waivers.items[i]);
    compare_lists(work, was, is);
}

static const gate_manifest *find(const gate_manifest_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].category->name, name) == 0)
            return &list->items[i];
    return NULL;
}

static bool is_broken(const gate_manifests *manifests, const gate_pair *pair)
{
    for (size_t i = 0; i < manifests->broken.count; i++)
        if (manifests->broken.items[i] == pair)
            return true;
    return false;
}

/* The number behind the path of a fault, "path:line:...". */
static int64_t line_of_fault(const char *fault, const char *path)
{
    const size_t len = strlen(path);
    return strncmp(fault, path, len) == 0 && fault[len] == ':' ? strtoll(fault + len + 1, NULL, 10) : 1;
}

void gate_manifests_compare(gate_work *work, const gate_rule *rules, const gate_manifests *manifests)
{
    work->manifests = (int64_t)manifests->old.count;
    for (size_t i = 0; i < manifests->broken.count; i++)
        gate_here(gate_add(work, GATE_BROKEN, NULL, "%s", manifests->faults.items[i]),
                  manifests->broken.items[i],
                  line_of_fault(manifests->faults.items[i], manifests->broken.items[i]->after));
    for (size_t i = 0; i < manifests->old.count; i++) {
        const gate_manifest *was = &manifests->old.items[i];
        const gate_manifest *is = find(&manifests->new, was->category->name);
        if (is)
            compare_category(work, rules, was, is);
        else if (!is_broken(manifests, was->pair))
            gate_gone(gate_add(work, GATE_CATEGORY, was->category->name,
                               "no manifest defines category %s any more", was->category->name),
                      was->pair, was->category->place.line);
    }
}
