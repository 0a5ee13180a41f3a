#include "gate/manifests/suite.h"

#include "base/text.h"

#include <string.h>

int64_t gate_key_line(const utr_buf *text, const char *key, int64_t from)
{
    auto_free char *wanted = utr_format("%s:", key);
    size_t len = 0;
    for (int64_t line = from > 0 ? from : 1;; line++) {
        const char *at = gate_line_at(text, line, &len);
        if (!at)
            return 0;
        const char *found = memmem(at, len, wanted, strlen(wanted));
        if (found && (found == at || strchr(" \t{,\"'", found[-1])))
            return line;
    }
}

void gate_at_key(gate_item *item, const gate_pair *was, const gate_pair *is, const char *key, int64_t from)
{
    const int64_t line = gate_key_line(&is->is, key, from);
    const int64_t old_line = line ? 0 : gate_key_line(&was->was, key, 1);
    if (line)
        gate_here(item, is, line);
    else if (old_line)
        gate_gone(item, was, old_line);
    else
        gate_here(item, is, from > 0 ? from : 1);
}

static char *symbol_of(const gate_manifest *manifest, const char *suite)
{
    return utr_format("%s/%s", manifest->category->name, suite);
}

static const manifest_evidence *evidence_for(const manifest_suite *suite, const char *service)
{
    for (size_t i = 0; i < suite->evidence.count; i++)
        if (strcmp(suite->evidence.items[i].service, service) == 0)
            return &suite->evidence.items[i];
    return NULL;
}

/* What an older entry asked for and the newer one does not, in words; NULL: it asks for no less. */
static char *lowered(const manifest_evidence *old, const manifest_evidence *new)
{
    const struct {
        const char *word;
        int64_t old, new;
    } NUMBERS[] = {
        {"exchanges", old->exchanges, new->exchanges},
        {"reads", old->reads, new->reads},
        {"writes", old->writes, new->writes},
        {"requests", old->requests, new->requests},
    };
    if (old->scope == MANIFEST_EACH_TEST && new->scope == MANIFEST_WHOLE_SUITE)
        return utr_strdup("each test owed it, now only the suite does");
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        if (NUMBERS[i].new < NUMBERS[i].old)
            return utr_format("%s fell from %lld to %lld", NUMBERS[i].word, (long long)NUMBERS[i].old,
                              (long long)NUMBERS[i].new);
    return NULL;
}

static void compare_entry(gate_work *work, const gate_manifest *was, const manifest_evidence *old,
                          const gate_manifest *is, const manifest_suite *suite)
{
    auto_free char *symbol = symbol_of(is, suite->name);
    const manifest_evidence *new = evidence_for(suite, old->service);
    if (!new) {
        gate_gone(
            gate_add(work, GATE_EVIDENCE, symbol, "it owes %s no proof of its own any more", old->service),
            was->pair, old->place.line);
        return;
    }
    auto_free char *what = lowered(old, new);
    if (what)
        gate_here(gate_add(work, GATE_EVIDENCE, symbol, "of %s: %s", old->service, what), is->pair,
                  new->place.line);
}

/* The default asks each test for one exchange with any service. */
static bool is_more_than_default(const manifest_category *category, const manifest_suite *suite)
{
    const manifest_evidence *only = suite->evidence.items;
    return suite->evidence.count != 1 || category->services.count + category->external.count != 1 ||
           only->exchanges > 1 || only->reads || only->writes || only->requests;
}

static bool asks_each_test(const manifest_suite *suite)
{
    for (size_t i = 0; i < suite->evidence.count; i++)
        if (suite->evidence.items[i].scope == MANIFEST_EACH_TEST)
            return true;
    return false;
}

/* A critical service that the default held some suite to, and that no suite is held to now. */
static const char *forgotten_service(const manifest_category *old, const manifest_category *new)
{
    for (size_t i = 0; i < old->services.count; i++) {
        const manifest_service *service = &old->services.items[i];
        bool held = !service->critical || !manifest_service_find(new, service->name);
        for (size_t k = 0; k < new->suites.count && !held; k++)
            held =
                new->suites.items[k].evidence_default || evidence_for(&new->suites.items[k], service->name);
        if (!held)
            return service->name;
    }
    return NULL;
}

static void compare_with_default(gate_work *work, const gate_manifest *was, const gate_manifest *is,
                                 const manifest_suite *new)
{
    const char *why = NULL;
    const char *service = forgotten_service(was->category, is->category);
    if (!asks_each_test(new))
        why = "each test owed an exchange, now only the suite owes some";
    auto_free char *symbol = symbol_of(is, new->name);
    if (why)
        gate_at_key(gate_add(work, GATE_EVIDENCE, symbol, "%s", why), was->pair, is->pair, "evidence",
                    new->place.line);
    else if (service)
        gate_at_key(gate_add(work, GATE_EVIDENCE, symbol, "no suite owes %s any proof now", service),
                    was->pair, is->pair, "evidence", new->place.line);
}

static void compare_evidence(gate_work *work, const gate_manifest *was, const manifest_suite *old,
                             const gate_manifest *is, const manifest_suite *new)
{
    auto_free char *symbol = symbol_of(is, new->name);
    if (old->evidence_default && !new->evidence_default) {
        compare_with_default(work, was, is, new);
    } else if (!old->evidence_default && new->evidence_default) {
        if (is_more_than_default(was->category, old))
            gate_gone(gate_add(work, GATE_EVIDENCE, symbol, "what it owed by name is left to the default"),
                      was->pair, old->evidence.items[0].place.line);
    } else {
        for (size_t i = 0; i < old->evidence.count; i++)
            compare_entry(work, was, &old->evidence.items[i], is, new);
    }
}

/* Whether one of the paths is it, or a folder around it. */
static bool is_covered(const utr_strs *paths, const char *path)
{
    for (size_t i = 0; i < paths->count; i++) {
        const char *other = paths->items[i];
        const size_t len = strlen(other);
        if (strcmp(other, ".") == 0 || (strncmp(other, path, len) == 0 && (!path[len] || path[len] == '/')) ||
            (len && other[len - 1] == '/' && strncmp(other, path, len - 1) == 0 && !path[len - 1]))
            return true;
    }
    return false;
}

static bool is_one_test(const manifest_suite *suite)
{
    return manifest_suite_is_whole(suite) || (strcmp(suite->format, "exit") == 0 && !suite->select.count);
}

void gate_suite_compare(gate_work *work, const gate_manifest *was, const manifest_suite *old,
                        const gate_manifest *is, const manifest_suite *new)
{
    auto_free char *symbol = symbol_of(is, new->name);
    const int64_t from = new->place.line;
    compare_evidence(work, was, old, is, new);
    if (!old->inherit && new->inherit)
        gate_at_key(gate_add(work, GATE_INHERIT, symbol, "inherit is true now"), was->pair, is->pair,
                    "inherit", from);
    if (!is_one_test(old) && is_one_test(new))
        gate_at_key(gate_add(work, GATE_EVIDENCE, symbol,
                             "format %s became %s, which tells its tests not apart", old->format,
                             new->format),
                    was->pair, is->pair, "format", from);
    for (size_t i = 0; i < old->sources.count; i++)
        if (!is_covered(&new->sources, old->sources.items[i]))
            gate_at_key(gate_add(work, GATE_SOURCES, symbol, "%s is not among its sources any more",
                                 old->sources.items[i]),
                        was->pair, is->pair, "sources", from);
}
