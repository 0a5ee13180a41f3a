/* The evidence behind a verdict, test by test. */
#include "report/report.h"

#include "base/text.h"
#include "report/parts.h"
#include "report/text.h"

#include <string.h>

enum { STATEMENTS_SHOWN = 8 };

typedef struct {
    FILE *out;
    bool colour;
    const verdict *v;
    const report_question *question;
    json_t *list; /* NULL: text */
    const verdict_category *category;
    const verdict_suite *suite;
} explanation;

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static bool is_asked(const explanation *e, const verdict_test *test)
{
    if (!e->question->test)
        return true;
    auto_free char *whole = utr_format("%s::%s", e->suite->plan->suite, test->finish->test);
    return strstr(whole, e->question->test) || utr_text_glob(e->question->test, whole) ||
           utr_text_glob(e->question->test, test->finish->test);
}

static bool concerns(const explanation *e, const verdict_reason *reason, const verdict_test *test)
{
    return same(reason->category, e->category->plan->category) &&
           same(reason->suite, e->suite->plan->suite) && same(reason->test, test->finish->test);
}

static bool is_external(const explanation *e, const char *service)
{
    for (size_t i = 0; i < e->category->externals.count; i++) {
        if (same(e->category->externals.items[i]->service, service))
            return true;
    }
    return false;
}

static const journal_fact *identity_of(const explanation *e, const char *service)
{
    for (size_t i = 0; i < e->category->services.count; i++) {
        if (same(e->category->services.items[i].plan->service, service))
            return e->category->services.items[i].identity;
    }
    return NULL;
}

static void put_clean(const explanation *e, const char *before, const char *text, const char *after)
{
    auto_free char *clean = text_clean(text);
    (void)fprintf(e->out, "%s%s%s", before, clean, after);
}

static const char *without_algorithm(const char *id)
{
    return id && utr_text_starts(id, "sha256:") ? id + 7 : text_or(id, "?");
}

static void put_identity(const explanation *e, const char *service)
{
    const journal_fact *identity = identity_of(e, service);
    put_clean(e, "    ", service, "");
    if (!identity) {
        (void)fputs(is_external(e, service) ? "  (outside, declared under `external:`)\n"
                                            : "  (never ready)\n",
                    e->out);
        return;
    }
    put_clean(e, "  ", identity->image, "");
    (void)fprintf(e->out, " (image %.12s) in container %.12s", without_algorithm(identity->image_id),
                  text_or(identity->container_id, "?"));
    if (identity->address)
        put_clean(e, " at ", identity->address, "");
    if (identity->identity)
        put_clean(e, ", ", identity->identity, "");
    (void)fputc('\n', e->out);
}

static void put_flags(const explanation *e, const journal_fact *fact)
{
    if (fact->opaque)
        (void)fputs("      some of it could not be decoded (TLS, or a protocol that is not known here)\n",
                    e->out);
    if (fact->lost)
        (void)fputs("      the decoder lost the thread; from there on bytes were relayed and not counted\n",
                    e->out);
    if (fact->refused)
        (void)fputs("      a connection was refused\n", e->out);
}

static bool goes_on_by_itself(const verdict_evidence *evidence, const journal_statement *one)
{
    for (size_t i = 0; i < evidence->by_itself.count; i++) {
        if (evidence->by_itself.items[i] == one)
            return true;
    }
    return false;
}

static void put_statement(const explanation *e, const verdict_evidence *evidence,
                          const journal_statement *one)
{
    const char *text = one->connection ? "(cannot be read)" : "(others)";
    (void)fprintf(e->out, "        %lld", (long long)one->count);
    put_clean(e, " ", text_or(one->text, text), "");
    if (goes_on_by_itself(evidence, one))
        (void)fprintf(e->out, "  (goes on by itself on connection %lld: proves nothing)",
                      (long long)one->connection);
    (void)fputc('\n', e->out);
}

static void put_statements(const explanation *e, const verdict_evidence *evidence)
{
    size_t count = evidence->fact->statements.count;
    for (size_t i = 0; i < count && i < STATEMENTS_SHOWN; i++)
        put_statement(e, evidence, &evidence->fact->statements.items[i]);
    if (count > STATEMENTS_SHOWN)
        (void)fprintf(e->out, "        and %zu more\n", count - STATEMENTS_SHOWN);
}

static void put_evidence(const explanation *e, const verdict_evidence *evidence)
{
    const journal_fact *fact = evidence->fact;
    put_identity(e, fact->service);
    (void)fprintf(e->out,
                  "      %lld exchanges, %lld of them substantive (%lld reads, %lld writes), %lld answered "
                  "with an error\n"
                  "      %lld connections opened, %lld inherited; %lld bytes sent, %lld received\n",
                  (long long)fact->exchanges, (long long)fact->substantive, (long long)fact->reads,
                  (long long)fact->writes, (long long)fact->errors, (long long)fact->connections,
                  (long long)fact->inherited_connections, (long long)fact->bytes_sent,
                  (long long)fact->bytes_received);
    if (evidence->by_itself.count)
        (void)fprintf(e->out, "      %lld substantive are left without what goes on by itself\n",
                      (long long)evidence->substantive);
    put_flags(e, fact);
    put_statements(e, evidence);
}

/* What fixtures, or the suite while no test ran, exchanged: a line and its statements. */
static void put_other(const explanation *e, const char *head, const verdict_evidence *evidence)
{
    const journal_fact *fact = evidence->fact;
    put_clean(e, "    ", head, "");
    put_clean(e, *head ? ", " : "", fact->service, "");
    (void)fprintf(e->out, ": %lld exchanges, %lld of them substantive\n", (long long)fact->exchanges,
                  (long long)fact->substantive);
    put_statements(e, evidence);
}

static void put_inherited(const explanation *e, const verdict_test *test)
{
    if (!test->inherited.count)
        return;
    (void)fprintf(e->out, "  inherits from fixtures, which %s\n",
                  e->suite->plan->inherit ? "counts for it (inherit: true)"
                                          : "counts only where its suite says `inherit: true`");
    for (size_t i = 0; i < test->inherited.count; i++)
        put_other(e, text_or(test->inherited.items[i]->fact->test, ""), test->inherited.items[i]);
}

static void put_source(const explanation *e, const journal_fact *source)
{
    if (source)
        (void)fprintf(e->out, "  its source %s, %s, %s\n", source->asserts ? "asserts" : "asserts nothing",
                      source->mocks ? "uses a mock" : "uses no mock",
                      source->swallows ? "swallows its failures" : "swallows no failure");
}

static void put_elsewhere(const explanation *e, const verdict_facts *all)
{
    for (size_t i = 0; i < all->count; i++)
        put_clean(e, "  tried to reach ", all->items[i]->address,
                  ", which does not exist in a sealed worker\n");
}

/* What a suite did while no test ran, each kind apart. */
static void put_outside(const explanation *e)
{
    static const struct {
        journal_evidence_state state;
        const char *words;
    } KINDS[] = {
        {JOURNAL_OF_SUITE, "as a whole"},
        {JOURNAL_OF_START, "before its first test"},
        {JOURNAL_OF_BETWEEN, "between tests"},
        {JOURNAL_OF_AMBIENT, "by itself, while nothing was to run"},
    };
    put_clean(e, "suite     ", e->suite->plan->suite, " outside its tests\n");
    put_elsewhere(e, &e->suite->elsewhere);
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        for (size_t k = 0; k < e->suite->other_evidence.count; k++) {
            const verdict_evidence *one = &e->suite->other_evidence.items[k];
            if (same(one->fact->state, journal_evidence_state_text(KINDS[i].state)))
                put_other(e, KINDS[i].words, one);
        }
    }
}

static bool did_anything_outside(const verdict_suite *suite)
{
    for (size_t i = 0; i < suite->other_evidence.count; i++) {
        if (!same(suite->other_evidence.items[i].fact->state, "fixture"))
            return true;
    }
    return suite->elsewhere.count > 0;
}

static void put_debts(const explanation *e, const verdict_test *test)
{
    (void)fputs("  owes\n", e->out);
    for (size_t i = 0; i < test->requires->count; i++)
        put_clean(e, "    1 exchange with ", test->requires->items[i], " (it requires the service itself)\n");
    for (size_t i = 0; i < e->suite->owed.count; i++) {
        auto_free char *words = parts_debt(e->suite->owed.items[i]);
        (void)fprintf(e->out, "    %s\n", words);
    }
    if (e->suite->plan->default_evidence)
        (void)fputs("    1 exchange with any service of the category\n", e->out);
    else if (!test->requires->count && !e->suite->owed.count)
        (void)fputs("    nothing\n", e->out);
}

static void put_reasons(const explanation *e, const verdict_test *test)
{
    for (size_t i = 0; i < e->v->reasons.count; i++) {
        const verdict_reason *reason = &e->v->reasons.items[i];
        if (!concerns(e, reason, test))
            continue;
        (void)fprintf(e->out, "  %s  %s%s\n", verdict_level_text(reason->level), reason->rule,
                      reason->waived ? " (waived)" : "");
        text_put_lines(e->out, "    ", reason->message, 12);
    }
}

static void put_whole(const explanation *e, const verdict_test *test)
{
    put_debts(e, test);
    if (e->suite->plan->whole)
        (void)fputs("  evidence is of its suite as a whole\n", e->out);
    else
        (void)fputs(test->evidence.count ? "  exchanged\n" : "  exchanged nothing\n", e->out);
    for (size_t i = 0; i < test->evidence.count; i++)
        put_evidence(e, &test->evidence.items[i]);
    put_inherited(e, test);
    put_source(e, test->source);
    put_elsewhere(e, &test->elsewhere);
    put_reasons(e, test);
}

/* " postgres-test 5/4": exchanges, and how many of them prove something. */
static void put_counts(const explanation *e, const verdict_test *test)
{
    for (size_t i = 0; i < test->evidence.count; i++) {
        const verdict_evidence *one = &test->evidence.items[i];
        put_clean(e, "  ", one->fact->service, "");
        (void)fprintf(e->out, " %lld/%lld", (long long)one->fact->exchanges, (long long)one->substantive);
    }
    (void)fputc('\n', e->out);
}

static void put_test(const explanation *e, const verdict_test *test)
{
    bool proven = test->state == VERDICT_TEST_PROVEN;
    auto_free char *word = utr_format("%-9s", verdict_test_state_text(test->state));
    text_put(e->out, e->colour, proven ? TEXT_GOOD : TEXT_BAD, word);
    put_clean(e, " ", e->suite->plan->suite, "");
    put_clean(e, "::", test->finish->test, "");
    if (proven && !e->question->test) {
        put_counts(e, test);
        return;
    }
    (void)fprintf(e->out, "  %s in %.3f s\n", text_or(test->finish->state, "?"), test->finish->seconds);
    put_whole(e, test);
}

static json_t *test_json(const explanation *e, const verdict_test *test)
{
    json_t *object = parts_test_json(test);
    json_t *reasons = json_array();
    for (size_t i = 0; i < e->v->reasons.count; i++) {
        if (concerns(e, &e->v->reasons.items[i], test))
            (void)json_array_append_new(reasons, parts_reason_json(&e->v->reasons.items[i]));
    }
    (void)json_object_set_new(object, "category", utr_json_text(e->category->plan->category));
    (void)json_object_set_new(object, "suite", utr_json_text(e->suite->plan->suite));
    (void)json_object_set_new(object, "reasons", reasons);
    return object;
}

static size_t explain_suite(const explanation *e)
{
    size_t told = 0;
    for (size_t i = 0; i < e->suite->tests.count; i++) {
        const verdict_test *test = &e->suite->tests.items[i];
        if (!is_asked(e, test))
            continue;
        told++;
        if (e->list)
            (void)json_array_append_new(e->list, test_json(e, test));
        else
            put_test(e, test);
    }
    if (told && !e->list && !e->question->test && did_anything_outside(e->suite))
        put_outside(e);
    return told;
}

size_t report_explain(FILE *out, const verdict *v, const report_question *question)
{
    auto_json json_t *list = question->json ? json_array() : NULL;
    explanation e = {.out = out, .colour = text_may_colour(out), .v = v, .question = question, .list = list};
    size_t told = 0;
    for (size_t i = 0; i < v->categories.count; i++) {
        e.category = &v->categories.items[i];
        for (size_t k = 0; k < e.category->suites.count; k++) {
            e.suite = &e.category->suites.items[k];
            told += explain_suite(&e);
        }
    }
    if (list && told) {
        (void)json_dumpf(list, out, JSON_INDENT(2));
        (void)fputc('\n', out);
    }
    return told;
}
