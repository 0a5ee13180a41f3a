/* Rules about what the sources show: what was switched off there, and what casts doubt on a test. */
#include "verdict/rules.h"

#include <string.h>

/* What each kind of finding is, and what to do. */
static const struct {
    const char *rule, *what, *advice;
} WORDS[] = {
    {"disabled-decorator", "a decorator became a comment",
     "switch it back on (`restore` shows how), or delete it"},
    {"commented-test", "a test became a comment", "switch it back on, or delete it"},
    {"uncollected-test", "no runner collects this test", "move it to where it is collected"},
    {"swallowed", "its failures are hidden", "let them out of the try"},
    {"mock", "something is replaced by a mock", "let the tests use the real service"},
    {"empty-test", "the test does nothing", "write it, or delete it"},
    {"no-assert", "the test asserts nothing", "assert what it is about"},
    {"dynamic-import", "something is imported where an error is handled or cleaned up",
     "import it at the top of the file"},
};

/* A test that the finding concerns, the first that passed and stayed unproven if there is one; NULL: none
 * ran. */
static verdict_test *test_of(const rules_scope *scope, const journal_fact *finding)
{
    verdict_test *found = NULL;
    for (size_t i = 0; i < scope->suite->tests.count; i++) {
        verdict_test *test = &scope->suite->tests.items[i];
        bool meant = false;
        for (size_t k = 0; k < test->findings.count && !meant; k++)
            meant = test->findings.items[k] == finding;
        if (meant && test->state == VERDICT_TEST_UNPROVEN)
            return test;
        if (meant && !found)
            found = test;
    }
    return found;
}

static void report_finding(const rules_scope *scope, const verdict_rule *rule, const journal_fact *finding,
                           const char *then)
{
    size_t i = 0;
    while (strcmp(WORDS[i].rule, rule->name) != 0)
        i++;
    const char *text = finding->text ? finding->text + strspn(finding->text, " \t") : "";
    rules_report(scope, rule, NULL, "%s: `%s`%s; %s", WORDS[i].what, text, then, WORDS[i].advice);
}

/* Each finding of the rule's kind in the scope's suite, with the test that it concerns. */
static const journal_fact *next_finding(rules_scope *scope, const verdict_rule *rule, size_t *io_index)
{
    while (*io_index < scope->suite->findings.count) {
        const journal_fact *finding = scope->suite->findings.items[(*io_index)++];
        if (strcmp(finding->rule, rule->name) != 0)
            continue;
        scope->finding = finding;
        scope->test = test_of(scope, finding);
        return finding;
    }
    return NULL;
}

void rules_switched_off(const rules_scope *scope, const verdict_rule *rule)
{
    rules_scope each = *scope;
    const journal_fact *finding;
    for (size_t i = 0; (finding = next_finding(&each, rule, &i));)
        report_finding(&each, rule, finding, "");
}

void rules_doubtful(const rules_scope *scope, const verdict_rule *rule)
{
    rules_scope each = *scope;
    const journal_fact *finding;
    for (size_t i = 0; (finding = next_finding(&each, rule, &i));) {
        verdict_rule stern = *rule;
        stern.level = VERDICT_REFUSE;
        bool unproven = each.test && each.test->state == VERDICT_TEST_UNPROVEN;
        report_finding(&each, unproven ? &stern : rule, finding,
                       unproven ? "; and its test did not prove itself" : "");
    }
}

void rules_allow_expired(const rules_scope *scope, const verdict_rule *rule)
{
    for (size_t i = 0; i < scope->suite->findings.count; i++) {
        const journal_fact *finding = scope->suite->findings.items[i];
        if (finding->expires && rules_waiver_is_over(scope, finding))
            rules_report(scope, rule, NULL,
                         "%s:%lld: `utr: allow(%s)` of %s expired on %s; mend what it excuses, or renew it",
                         finding->file, (long long)finding->line, finding->rule,
                         finding->owner ? finding->owner : "nobody", finding->expires);
    }
}
