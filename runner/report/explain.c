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
        (void)fputs("  (never ready)\n", e->out);
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

static void put_evidence(const explanation *e, const journal_fact *fact)
{
    put_identity(e, fact->service);
    (void)fprintf(e->out,
                  "      %lld exchanges, %lld of them substantive (%lld reads, %lld writes), %lld answered "
                  "with an error\n"
                  "      %lld connections opened, %lld inherited; %lld bytes sent, %lld received\n",
                  (long long)fact->exchanges, (long long)fact->substantive, (long long)fact->reads,
                  (long long)fact->writes, (long long)fact->errors, (long long)fact->connections,
                  (long long)fact->inherited_connections, (long long)fact->bytes_sent,
                  (long long)fact->bytes_received);
    put_flags(e, fact);
    for (size_t i = 0; i < fact->statements.count && i < STATEMENTS_SHOWN; i++) {
        const journal_statement *one = &fact->statements.items[i];
        (void)fprintf(e->out, "        %lld", (long long)one->count);
        put_clean(e, " ", text_or(one->text, "(cannot be read)"), "\n");
    }
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
    (void)fputs(test->evidence.count ? "  exchanged\n" : "  exchanged nothing\n", e->out);
    for (size_t i = 0; i < test->evidence.count; i++)
        put_evidence(e, test->evidence.items[i]);
    put_reasons(e, test);
}

/* " postgres-test 5/4": exchanges, and how many of them were substantive. */
static void put_counts(const explanation *e, const verdict_test *test)
{
    for (size_t i = 0; i < test->evidence.count; i++) {
        const journal_fact *fact = test->evidence.items[i];
        put_clean(e, "  ", fact->service, "");
        (void)fprintf(e->out, " %lld/%lld", (long long)fact->exchanges, (long long)fact->substantive);
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
