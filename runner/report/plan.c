/* The plan: what is going to run, and what it owes. */
#include "report/parts.h"

#include "report/text.h"

#include "base/memory.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* What is being printed, and how wide its columns are. */
typedef struct {
    FILE *out;
    bool colour;
    const journal *j;
    const journal_fact *category;
    int suite_width, format_width;
} plan;

/* The next fact of a kind that belongs to the category, from *at on; NULL at the end. */
static const journal_fact *next_fact(const plan *p, journal_kind kind, size_t *at)
{
    while (*at < journal_count(p->j)) {
        const journal_fact *fact = journal_get(p->j, (*at)++);
        if (fact->kind == kind && same(fact->category, p->category->category))
            return fact;
    }
    return NULL;
}

static void put_clean(FILE *out, const char *before, const char *text, const char *after)
{
    auto_free char *clean = text_clean(text);
    (void)fprintf(out, "%s%s%s", before, clean, after);
}

static void put_services(const plan *p)
{
    const char *before = "  services  ";
    size_t at = 0;
    for (const journal_fact *fact; (fact = next_fact(p, JOURNAL_SERVICE, &at)); before = ", ")
        put_clean(p->out, before, fact->service, fact->critical ? "" : " (may be absent)");
    (void)fputs(same(before, ", ") ? "\n" : "  services  none\n", p->out);
}

char *parts_debt(const journal_fact *owed)
{
    auto_free char *service = text_clean(owed->service);
    const char *measure = text_or(owed->measure, "exchanges");
    size_t len = strlen(measure);
    bool one = owed->count == 1 && len && measure[len - 1] == 's';
    return utr_format("%s %lld %.*s with %s", same(owed->state, "suite") ? "as a whole" : "each test",
                      (long long)owed->count, (int)(len - one), measure, service);
}

static void put_debts(const plan *p, const journal_fact *suite)
{
    const char *before = "";
    size_t at = 0;
    for (const journal_fact *owed; (owed = next_fact(p, JOURNAL_OWED, &at));) {
        if (!same(owed->suite, suite->suite))
            continue;
        auto_free char *words = parts_debt(owed);
        (void)fprintf(p->out, "%s%s", before, words);
        before = "; ";
    }
    if (suite->default_evidence)
        (void)fprintf(p->out, "%seach test 1 exchange with any service", before);
    else if (!*before)
        (void)fputs("owes no proof", p->out);
}

static void put_suite(const plan *p, const journal_fact *suite)
{
    auto_free char *name = text_clean(suite->suite);
    auto_free char *format = text_clean(suite->format);
    (void)fprintf(p->out, "    %-*s  %-*s  ", p->suite_width, name, p->format_width, format);
    put_debts(p, suite);
    if (suite->seconds > 0)
        (void)fprintf(p->out, "  (%.1f s last time)", suite->seconds);
    (void)fputc('\n', p->out);
}

static void put_suites(plan *p)
{
    size_t at = 0;
    p->suite_width = p->format_width = 0;
    for (const journal_fact *fact; (fact = next_fact(p, JOURNAL_SUITE, &at));) {
        int wide = (int)strlen(text_or(fact->suite, ""));
        int format = (int)strlen(text_or(fact->format, ""));
        p->suite_width = wide > p->suite_width ? wide : p->suite_width;
        p->format_width = format > p->format_width ? format : p->format_width;
    }
    (void)fputs("  suites\n", p->out);
    at = 0;
    for (const journal_fact *fact; (fact = next_fact(p, JOURNAL_SUITE, &at));)
        put_suite(p, fact);
}

static void put_category(plan *p)
{
    auto_free char *name = text_clean(p->category->category);
    (void)fputs("PLAN  ", p->out);
    text_put(p->out, p->colour, TEXT_BOLD, name);
    put_clean(p->out, "  (real services: ", p->category->state, ")\n");
    if (p->category->text && *p->category->text)
        put_clean(p->out, "  ", p->category->text, "\n");
    for (size_t i = 0; i < p->category->names.count; i++)
        put_clean(p->out, "  after     ", p->category->names.items[i], "\n");
    put_services(p);
    put_suites(p);
    (void)fprintf(p->out, "  at least  %lld test%s\n", (long long)p->category->count,
                  text_s((size_t)p->category->count));
}

static void put_total(FILE *out, const journal *j)
{
    double seconds = 0;
    size_t unknown = 0, suites = 0;
    for (size_t i = 0; i < journal_count(j); i++) {
        const journal_fact *fact = journal_get(j, i);
        if (fact->kind != JOURNAL_SUITE)
            continue;
        suites++;
        unknown += fact->seconds <= 0;
        seconds += fact->seconds;
    }
    (void)fprintf(out, "TOTAL %zu suite%s", suites, text_s(suites));
    if (suites && unknown < suites)
        (void)fprintf(out, ", about %.1f s of suites by earlier runs", seconds);
    if (unknown && unknown < suites)
        (void)fprintf(out, " and %zu suite%s not timed yet", unknown, text_s(unknown));
    (void)fputs(suites && unknown == suites ? ", not timed yet\n" : "\n", out);
}

void parts_plan(FILE *out, bool colour, const journal *j)
{
    plan p = {.out = out, .colour = colour, .j = j};
    for (size_t i = 0; i < journal_count(j); i++) {
        const journal_fact *fact = journal_get(j, i);
        if (fact->kind == JOURNAL_RUN && fact->pattern)
            put_clean(out, "SELECTION  only tests that match '", fact->pattern, "'\n");
        if (fact->kind != JOURNAL_CATEGORY)
            continue;
        p.category = fact;
        put_category(&p);
    }
    put_total(out, j);
    (void)fflush(out);
}
