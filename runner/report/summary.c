/* The last lines of a run. */
#include "report/report.h"

#include "report/text.h"

#include <string.h>

enum { REASONS_SHOWN = 20, MESSAGE_LINES = 12, LOG_LINES = 52 };

typedef struct {
    FILE *out;
    bool colour;
    const verdict *v;
} summary;

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* "category/name" where there are several categories; the caller frees it. */
static char *label(const summary *s, const char *category, const char *name)
{
    auto_free char *whole = s->v->categories.count > 1 && category
                                ? utr_format("%s%s%s", category, name ? "/" : "", name ? name : "")
                                : utr_strdup(text_or(name, text_or(category, "the run")));
    return text_clean(whole);
}

/* Tables. */

static int suite_width(const summary *s)
{
    size_t width = strlen("suite");
    for (size_t i = 0; i < s->v->categories.count; i++) {
        const verdict_category *category = &s->v->categories.items[i];
        for (size_t k = 0; k < category->suites.count; k++) {
            auto_free char *name = label(s, category->plan->category, category->suites.items[k].plan->suite);
            width = strlen(name) > width ? strlen(name) : width;
        }
    }
    return (int)width;
}

static const verdict_test_state COLUMNS[] = {VERDICT_TEST_PROVEN, VERDICT_TEST_UNPROVEN,
                                             VERDICT_TEST_FAILED, VERDICT_TEST_SKIPPED,
                                             VERDICT_TEST_WAIVED, VERDICT_TEST_EXEMPT};
enum { COLUMN_COUNT = sizeof COLUMNS / sizeof *COLUMNS };

static size_t count_state(const verdict_suite *suite, verdict_test_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < suite->tests.count; i++)
        count += suite->tests.items[i].state == state;
    return count;
}

static void put_suite(const summary *s, const char *name, const verdict_suite *suite, int width)
{
    (void)fprintf(s->out, "%-*s  %6zu", width, name, suite->tests.count);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        (void)fprintf(s->out, "  %8zu", count_state(suite, COLUMNS[i]));
    if (suite->finish)
        (void)fprintf(s->out, "  %8.2f s\n", suite->finish->seconds);
    else
        (void)fprintf(s->out, "  %s\n", suite->start ? "not ended" : "not run");
}

static void put_suites(const summary *s)
{
    int width = suite_width(s);
    (void)fprintf(s->out, "\n%-*s  %6s", width, "suite", "tests");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        (void)fprintf(s->out, "  %8s", verdict_test_state_text(COLUMNS[i]));
    (void)fprintf(s->out, "  %10s\n", "time");
    for (size_t i = 0; i < s->v->categories.count; i++) {
        const verdict_category *category = &s->v->categories.items[i];
        for (size_t k = 0; k < category->suites.count; k++) {
            auto_free char *name = label(s, category->plan->category, category->suites.items[k].plan->suite);
            put_suite(s, name, &category->suites.items[k], width);
        }
    }
}

/* What the columns do not show. */
static void put_whole(const summary *s, const verdict_category *category, const verdict_suite *suite)
{
    if (!suite->plan->whole || suite->tests.count < 2)
        return;
    auto_free char *name = label(s, category->plan->category, suite->plan->suite);
    (void)fprintf(s->out, "%s: evidence of the suite as a whole, not of each of its %zu tests\n", name,
                  suite->tests.count);
}

static void put_wholes(const summary *s)
{
    for (size_t i = 0; i < s->v->categories.count; i++) {
        const verdict_category *category = &s->v->categories.items[i];
        for (size_t k = 0; k < category->suites.count; k++)
            put_whole(s, category, &category->suites.items[k]);
    }
}

/* "sha256:" and twelve digits are what the engine's own tools show. */
static const char *short_id(const char *id)
{
    return id && strncmp(id, "sha256:", 7) == 0 ? id + 7 : text_or(id, "");
}

static void put_service(const summary *s, const verdict_category *category, const verdict_service *service)
{
    auto_free char *name = label(s, category->plan->category, service->plan->service);
    const journal_fact *identity = service->identity;
    auto_free char *image = text_clean(text_or(service->plan->image, identity ? identity->image : NULL));
    (void)fprintf(s->out, "%-20s  %s", name, image);
    if (identity) {
        auto_free char *id = text_clean(short_id(identity->image_id));
        (void)fprintf(s->out, "  image %.12s  ready in %.2f s", id, identity->seconds);
    } else {
        auto_free char *state = text_clean(service->state ? text_or(service->state->state, "") : "");
        (void)fprintf(s->out, "  not ready%s%s", *state ? ", " : "", state);
    }
    if (service->restarts)
        (void)fprintf(s->out, "  restarted %lld time%s", (long long)service->restarts,
                      text_s((size_t)service->restarts));
    (void)fputc('\n', s->out);
}

static void put_services(const summary *s)
{
    bool first = true;
    for (size_t i = 0; i < s->v->categories.count; i++) {
        const verdict_category *category = &s->v->categories.items[i];
        for (size_t k = 0; k < category->services.count; k++) {
            if (first)
                (void)fputs("\nservice\n", s->out);
            first = false;
            put_service(s, category, &category->services.items[k]);
        }
    }
}

/* Reasons. */

/* How a group of reasons about tests, or about suites, is headed. */
static const struct {
    const char *rule;
    bool tests;
    const char *words; /* %s: the service */
} HEADINGS[] = {
    {"test-failed", true, "failed"},
    {"skipped", true, "did not run"},
    {"xfailed", true, "failed as expected, which hides the failure"},
    {"no-evidence", true, "passed without touching %s"},
    {"weak-evidence", true, "sent %s trivial or too few requests"},
    {"elsewhere", true, "tried to reach what is not there"},
    {"elsewhere", false, "tried to reach what is not there"},
    {"no-evidence", false, "fell short of the proof owed to %s"},
};

static const char *heading_for(const verdict_reason *reason)
{
    for (size_t i = 0; i < sizeof HEADINGS / sizeof *HEADINGS; i++) {
        if (same(HEADINGS[i].rule, reason->rule) && HEADINGS[i].tests == (reason->test != NULL))
            return HEADINGS[i].words;
    }
    return NULL;
}

static const char *rule_says(const char *name)
{
    for (const verdict_rule *rule = verdict_rules(); rule->name; rule++) {
        if (same(rule->name, name))
            return rule->says;
    }
    return name;
}

/* "3 tests passed without touching postgres-test"; the caller frees it. */
static char *heading(const verdict_reason *reason, size_t count)
{
    const char *words = heading_for(reason);
    if (!words)
        return utr_strdup(rule_says(reason->rule));
    auto_free char *service = text_clean(text_or(reason->service, "any service"));
    const char *slot = strstr(words, "%s");
    size_t before = slot ? (size_t)(slot - words) : strlen(words);
    return utr_format("%zu %s%s %.*s%s%s", count, reason->test ? "test" : "suite", text_s(count), (int)before,
                      words, slot ? service : "", slot ? slot + 2 : "");
}

static bool same_group(const verdict_reason *a, const verdict_reason *b)
{
    return same(a->rule, b->rule) && a->level == b->level && a->waived == b->waived &&
           same(a->category, b->category) && same(a->service, b->service) && !a->test == !b->test;
}

static const struct {
    const char *word;
    text_tone tone;
} LEVELS[] = {
    [VERDICT_OFF] = {"", TEXT_PLAIN},         [VERDICT_WARN] = {"WARNING", TEXT_WARN},
    [VERDICT_REFUSE] = {"REFUSED", TEXT_BAD}, [VERDICT_FAIL] = {"FAILED", TEXT_BAD},
    [VERDICT_BREAK] = {"BROKEN", TEXT_BAD},
};

static void put_where(const summary *s, const verdict_reason *reason)
{
    auto_free char *suite = label(s, reason->category, reason->suite);
    auto_free char *test = text_clean(reason->test);
    (void)fprintf(s->out, "  %s%s%s", suite, *test ? "  " : "", test);
    if (reason->file && *reason->file) {
        auto_free char *file = text_clean(reason->file);
        (void)fprintf(s->out, "  (%s:%lld)", file, (long long)reason->line);
    }
    (void)fputc('\n', s->out);
}

typedef UTR_VEC(const verdict_reason *) reason_group;

static bool all_say_the_same(const reason_group *group)
{
    for (size_t i = 1; i < group->count; i++) {
        if (!same(group->items[0]->message, group->items[i]->message))
            return false;
    }
    return true;
}

static void put_group(const summary *s, const reason_group *group)
{
    const verdict_reason *head = group->items[0];
    auto_free char *words = heading(head, group->count);
    bool once = group->count > 1 && all_say_the_same(group);
    (void)fputc('\n', s->out);
    text_put(s->out, s->colour, head->waived ? TEXT_WARN : LEVELS[head->level].tone,
             head->waived ? "WAIVED" : LEVELS[head->level].word);
    (void)fprintf(s->out, "  %s  [%s]\n", words, head->rule);
    /* What broke brings the last lines of its log. */
    size_t lines = head->level == VERDICT_BREAK ? LOG_LINES : MESSAGE_LINES;
    size_t shown = group->count < REASONS_SHOWN ? group->count : REASONS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        put_where(s, group->items[i]);
        if (!once)
            text_put_lines(s->out, "      ", group->items[i]->message, lines);
    }
    if (group->count > shown)
        (void)fprintf(s->out, "  and %zu more; see report.json\n", group->count - shown);
    if (once)
        text_put_lines(s->out, "    each: ", head->message, lines);
}

typedef enum { CLASS_WARNING, CLASS_WAIVED, CLASS_DECISIVE } reason_class;

static reason_class class_of(const verdict_reason *reason)
{
    if (reason->waived)
        return CLASS_WAIVED;
    return reason->level <= VERDICT_WARN ? CLASS_WARNING : CLASS_DECISIVE;
}

static void put_reasons(const summary *s, reason_class which)
{
    size_t count = s->v->reasons.count;
    auto_free bool *told = utr_calloc(count + 1, sizeof *told);
    for (size_t i = 0; i < count; i++) {
        const verdict_reason *head = &s->v->reasons.items[i];
        if (told[i] || class_of(head) != which)
            continue;
        reason_group group = {0};
        for (size_t k = i; k < count; k++) {
            if (told[k] || !same_group(head, &s->v->reasons.items[k]))
                continue;
            told[k] = true;
            *utr_vec_push(&group) = &s->v->reasons.items[k];
        }
        put_group(s, &group);
        utr_vec_dispose(&group);
    }
}

/* The end. */

static bool list_has(const utr_strs *list, const char *name)
{
    return utr_strs_has(list, name) != 0;
}

static void add_service(const verdict_evidence *one, utr_strs *out)
{
    if (one->substantive > 0 && !list_has(out, one->fact->service))
        utr_strs_add(out, one->fact->service);
}

static void add_exercised(const verdict_suite *suite, utr_strs *out)
{
    for (size_t i = 0; i < suite->tests.count; i++) {
        const verdict_test *test = &suite->tests.items[i];
        for (size_t k = 0; k < test->evidence.count; k++)
            add_service(&test->evidence.items[k], out);
        for (size_t k = 0; k < test->inherited.count && suite->plan->inherit; k++)
            add_service(test->inherited.items[k], out);
    }
    for (size_t i = 0; i < suite->other_evidence.count && suite->plan->whole; i++)
        add_service(&suite->other_evidence.items[i], out);
}

/* The services that tests exchanged something substantive with. */
static void exercised(const verdict *v, utr_strs *out)
{
    for (size_t i = 0; i < v->categories.count; i++) {
        for (size_t k = 0; k < v->categories.items[i].suites.count; k++)
            add_exercised(&v->categories.items[i].suites.items[k], out);
    }
}

static const char *selection(const verdict *v)
{
    return v->run && v->run->pattern ? v->run->pattern : NULL;
}

static void put_proven(const summary *s)
{
    const verdict_totals *totals = &s->v->totals;
    auto_strs utr_strs names = {0};
    exercised(s->v, &names);
    auto_free char *joined = utr_strs_join(&names, ", ");
    auto_free char *services = text_clean(joined);
    const char *selected = selection(s->v) ? "selected " : "";
    if (totals->proven)
        (void)fprintf(s->out, "  %lld of %lld %stests proved themselves against %s in %.1f s",
                      (long long)totals->proven, (long long)totals->tests, selected, services, s->v->seconds);
    else
        (void)fprintf(s->out, "  %lld %stest%s passed in %.1f s; none owed a service proof",
                      (long long)totals->passed, selected, text_s((size_t)totals->passed), s->v->seconds);
    if (selection(s->v)) {
        auto_free char *pattern = text_clean(selection(s->v));
        (void)fprintf(s->out, "; a selection ('%s'), not a proof of the category", pattern);
    }
    (void)fputc('\n', s->out);
}

static size_t count_class(const verdict *v, reason_class which)
{
    size_t count = 0;
    for (size_t i = 0; i < v->reasons.count; i++)
        count += class_of(&v->reasons.items[i]) == which;
    return count;
}

static void put_unproven(const summary *s)
{
    const verdict *v = s->v;
    size_t reasons = count_class(v, CLASS_DECISIVE);
    (void)fprintf(s->out, "  %zu reason%s; %lld of %lld tests proved themselves; %.1f s, exit code %d\n",
                  reasons, text_s(reasons), (long long)v->totals.proven, (long long)v->totals.tests,
                  v->seconds, v->exit_code);
}

static void put_totals(const summary *s)
{
    const verdict_totals *t = &s->v->totals;
    (void)fprintf(s->out,
                  "\ntotal  %lld tests: %lld passed, %lld failed, %lld skipped; %lld proven, %lld unproven\n",
                  (long long)t->tests, (long long)t->passed, (long long)t->failed, (long long)t->skipped,
                  (long long)t->proven, (long long)t->unproven);
}

static void put_verdict(const summary *s)
{
    static const struct {
        const char *word;
        text_tone tone;
    } WORDS[] = {
        [VERDICT_PROVEN] = {"PROVEN", TEXT_GOOD},
        [VERDICT_REFUSED] = {"REFUSED", TEXT_BAD},
        [VERDICT_FAILED] = {"FAILED", TEXT_BAD},
        [VERDICT_BROKEN] = {"BROKEN", TEXT_BAD},
        [VERDICT_INTERRUPTED] = {"INTERRUPTED", TEXT_WARN},
        [VERDICT_DEFECT] = {"DEFECT", TEXT_BAD},
    };
    text_put(s->out, s->colour, WORDS[s->v->outcome].tone, WORDS[s->v->outcome].word);
    if (s->v->outcome == VERDICT_PROVEN)
        put_proven(s);
    else
        put_unproven(s);
}

void report_summary(FILE *out, const verdict *v, const char *run_dir)
{
    summary s = {.out = out, .colour = text_may_colour(out), .v = v};
    put_suites(&s);
    put_wholes(&s);
    put_services(&s);
    put_reasons(&s, CLASS_WARNING);
    put_reasons(&s, CLASS_WAIVED);
    put_reasons(&s, CLASS_DECISIVE);
    put_totals(&s);
    put_verdict(&s);
    if (run_dir)
        (void)fprintf(out, "record %s\n", run_dir);
    (void)fflush(out);
}
