#include "review/review.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"

#include <string.h>

/* The rules by kind, and what a finding of the kind is. */
static const struct {
    const char *rule;
    const char *says;
} KINDS[SCAN_KIND_COUNT] = {
    [SCAN_DISABLED_DECORATOR] = {"disabled-decorator", "a decorator that became a comment"},
    [SCAN_SKIP] = {"skipped", "a test that is skipped"},
    [SCAN_XFAIL] = {"xfailed", "a test whose failure is expected"},
    [SCAN_MOCK] = {"mock", "a mock or fake in place of the real thing"},
    [SCAN_EMPTY_TEST] = {"empty-test", "a test that does nothing"},
    [SCAN_NO_ASSERT] = {"no-assert", "a test that asserts nothing"},
    [SCAN_COMMENTED_TEST] = {"commented-test", "a test that became a comment"},
    [SCAN_SWALLOWED] = {"swallowed", "a test whose failures are hidden"},
    [SCAN_UNCOLLECTED_TEST] = {"uncollected-test", "a test that no runner collects"},
    [SCAN_DYNAMIC_IMPORT] = {"dynamic-import", "an import on the way of an error or of cleaning up"},
};

enum { EXIT_USAGE = 2, EXIT_REFUSED = 3 };

/* A file or folder that a suite names as a source. */
typedef struct {
    const manifest_category *category;
    const manifest_suite *suite;
    char *path; /* resolved */
} owner;

typedef struct {
    const review_options *options;
    char *root; /* resolved */
    char today[11];
    UTR_VEC(owner) owners;
    findings_report *out;
} reviewer;

static verdict_level level_of_kind(scan_kind kind)
{
    const verdict_rule *rule = verdict_rules();
    while (strcmp(rule->name, KINDS[kind].rule) != 0)
        rule++; /* each is in the table */
    return rule->level;
}

utr_strs review_mocks(const manifest_set *manifests)
{
    utr_strs mocks = {0};
    for (size_t i = 0; i < manifests->categories.count; i++) {
        const utr_strs *own = &manifests->categories.items[i]->mocks;
        for (size_t k = 0; k < own->count; k++) {
            if (!utr_strs_has(&mocks, own->items[k]))
                utr_strs_add(&mocks, own->items[k]);
        }
    }
    return mocks;
}

static char *resolved(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : utr_strdup(path);
}

static void add_owners(reviewer *r, const manifest_category *category, const manifest_suite *suite)
{
    for (size_t i = 0; i < suite->sources.count; i++)
        *utr_vec_push(&r->owners) = (owner){category, suite, resolved(suite->sources.items[i])};
}

static void find_owners(reviewer *r)
{
    for (size_t i = 0; i < r->options->manifests->categories.count; i++) {
        const manifest_category *category = r->options->manifests->categories.items[i];
        for (size_t k = 0; k < category->suites.count; k++)
            add_owners(r, category, &category->suites.items[k]);
    }
}

static bool owns(const owner *one, const char *path)
{
    size_t len = strlen(one->path);
    return strncmp(one->path, path, len) == 0 && (path[len] == '/' || !path[len]);
}

static verdict_level level_in(const manifest_category *category, const char *rule, verdict_level level)
{
    static const verdict_level LEVELS[] = {
        [MANIFEST_REFUSE] = VERDICT_REFUSE, [MANIFEST_WARN] = VERDICT_WARN, [MANIFEST_OFF] = VERDICT_OFF};
    for (size_t i = 0; i < category->rules.count; i++) {
        if (strcmp(category->rules.items[i].rule, rule) == 0)
            level = LEVELS[category->rules.items[i].level];
    }
    return level;
}

static bool covers(const manifest_waiver *waiver, const owner *of, const findings_item *item,
                   const char *rule)
{
    return strcmp(waiver->rule, rule) == 0 &&
           (!waiver->suite || strcmp(waiver->suite, of->suite->name) == 0) &&
           verdict_waiver_means(waiver->test, item->file, item->symbol);
}

/* The first waiver that holds, or else the one that held last. */
static void apply_waivers(const reviewer *r, const owner *of, const char *rule, findings_item *item)
{
    for (size_t i = 0; i < of->category->waivers.count; i++) {
        const manifest_waiver *waiver = &of->category->waivers.items[i];
        bool expired = strcmp(r->today, waiver->expires) > 0;
        if (!covers(waiver, of, item, rule) || (expired && item->excuse.kind != FINDINGS_UNEXCUSED))
            continue;
        item->excuse = (findings_excuse){
            .kind = FINDINGS_WAIVED,
            .reason = waiver->reason,
            .owner = waiver->owner,
            .until = waiver->expires,
            .expired = expired,
            .file = waiver->place.path,
            .line = waiver->place.line,
        };
        if (!expired)
            return;
    }
}

static void apply_allow(const scan_allow *allow, findings_item *item)
{
    if (!allow)
        return;
    item->excuse = (findings_excuse){
        .kind = FINDINGS_ALLOWED,
        .reason = allow->reason,
        .owner = allow->owner,
        .until = allow->until,
        .expired = allow->expired,
    };
}

/* As one owner has it; of: NULL for a file that is no suite's. */
static findings_item judge(const reviewer *r, findings_item item, const scan_finding *finding,
                           const owner *of)
{
    const char *rule = KINDS[finding->kind].rule;
    item.level = r->out->rules.items[finding->kind].level;
    if (of) {
        item.category = of->category->name;
        item.suite = of->suite->name;
        item.level = level_in(of->category, rule, item.level);
    }
    if (finding->conditional && item.level > VERDICT_WARN)
        item.level = VERDICT_WARN;
    apply_allow(finding->allow, &item);
    if (of && findings_is_open(&item))
        apply_waivers(r, of, rule, &item);
    if (item.excuse.expired && item.level > VERDICT_OFF)
        item.level = VERDICT_REFUSE; /* the rule waiver-expired */
    return item;
}

/* Worse is more. */
static int rank(const findings_item *item)
{
    if (item->level == VERDICT_OFF)
        return 0;
    return !findings_is_open(item) ? 1 : item->level >= VERDICT_REFUSE ? 3 : 2;
}

static findings_item item_of(const char *file, const scan_finding *finding)
{
    return (findings_item){
        .file = file,
        .line = finding->line,
        .column = finding->column,
        .length = finding->length,
        .text = finding->text,
        .rule = scan_kind_text(finding->kind),
        .subkind = strcmp(finding->subkind, "-") != 0 ? finding->subkind : "",
        .symbol = finding->symbol,
    };
}

static void add_finding(reviewer *r, const scan_finding *finding, const char *file, const char *path)
{
    findings_item fresh = item_of(file, finding);
    findings_item worst = {.level = VERDICT_OFF};
    bool owned = false;
    for (size_t i = 0; i < r->owners.count; i++) {
        if (!owns(&r->owners.items[i], path))
            continue;
        findings_item one = judge(r, fresh, finding, &r->owners.items[i]);
        worst = !owned || rank(&one) > rank(&worst) ? one : worst;
        owned = true;
    }
    if (!owned)
        worst = judge(r, fresh, finding, NULL);
    if (worst.level != VERDICT_OFF)
        *utr_vec_push(&r->out->items) = worst;
}

static void add_file(reviewer *r, const scan_file *file)
{
    auto_free char *path = utr_path_join(r->root, file->path);
    for (size_t i = 0; i < file->findings.count; i++)
        add_finding(r, &file->findings.items[i], file->path, path);
    if (file->state != SCAN_READ)
        *utr_vec_push(&r->out->files) =
            (findings_file){file->path, scan_state_text(file->state), file->why ? file->why : ""};
    utr_strs_add_all(&r->out->faults, &file->faults);
}

static void add_rules(reviewer *r)
{
    for (scan_kind kind = 0; kind < SCAN_KIND_COUNT; kind++)
        *utr_vec_push(&r->out->rules) = (findings_rule){
            .id = scan_kind_text(kind),
            .says = KINDS[kind].says,
            .advice = scan_kind_advice(kind),
            .level = level_of_kind(kind),
        };
}

static void set_today(reviewer *r)
{
    char now[32];
    utr_clock_rfc3339(now);
    (void)snprintf(r->today, sizeof r->today, "%.10s", r->options->today ? r->options->today : now);
}

void review_findings(const review_options *options, findings_report *out)
{
    const scan_result *result = options->result;
    reviewer r = {.options = options, .root = resolved(options->root), .out = out};
    set_today(&r);
    find_owners(&r);
    add_rules(&r);
    for (size_t i = 0; i < result->files.count; i++)
        add_file(&r, &result->files.items[i]);
    out->root = options->root;
    out->read = result->read;
    out->cached = result->cached;
    out->bytes = result->bytes;
    out->others = result->others;
    out->exit_code = findings_count(out).refused ? EXIT_REFUSED : out->faults.count ? EXIT_USAGE : 0;
    for (size_t i = 0; i < r.owners.count; i++)
        free(r.owners.items[i].path);
    utr_vec_dispose(&r.owners);
    free(r.root);
}
