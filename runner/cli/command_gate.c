/* gate: what a branch weakened since it left another. */
#include "cli/command.h"

#include "gate/gate.h"
#include "report/findings/findings.h"

#include <errno.h>
#include <string.h>

static const int REFUSED = 3;

typedef UTR_VEC(gate_rule) gate_rules;

static void read_rules(gate_rules *out)
{
    for (const verdict_rule *rule = verdict_rules(); rule->name; rule++)
        if (rule->adjustable)
            *utr_vec_push(out) = (gate_rule){rule->name, (int)rule->level};
    *utr_vec_push(out) = (gate_rule){0};
}

static findings_blame blame_of(const gate_weakening *weakening)
{
    const history_commit *commit = weakening->commit;
    if (!commit)
        return (findings_blame){.uncommitted = weakening->origin == HISTORY_UNCOMMITTED};
    return (findings_blame){
        .commit = commit->id.hex, .author = commit->author, .date = commit->date, .subject = commit->summary};
}

/* The whole line is what is meant, without the blanks before it. */
static findings_item item_of(const gate_weakening *weakening)
{
    const char *text = weakening->text ? weakening->text : "";
    const size_t indent = strspn(text, " \t"), len = strlen(text);
    return (findings_item){
        .file = weakening->file,
        .line = weakening->line,
        .column = (int64_t)indent + 1,
        .length = len > indent ? (int64_t)(len - indent) : 1,
        .text = text,
        .rule = gate_kind_text(weakening->kind),
        .subkind = "",
        .symbol = weakening->symbol,
        .level = weakening->refuses ? VERDICT_REFUSE : VERDICT_WARN,
        .message = weakening->message,
        .blame = blame_of(weakening),
    };
}

static void fill(const gate_result *result, findings_report *report)
{
    for (int kind = 0; kind < GATE_KIND_COUNT; kind++)
        *utr_vec_push(&report->rules) =
            (findings_rule){gate_kind_text((gate_kind)kind), gate_kind_says((gate_kind)kind),
                            gate_kind_advice((gate_kind)kind), VERDICT_REFUSE};
    for (size_t i = 0; i < result->items.count; i++) {
        *utr_vec_push(&report->items) = item_of(&result->items.items[i]);
        if (result->items.items[i].refuses)
            report->exit_code = REFUSED;
    }
    for (size_t i = 0; i < result->unread.count; i++)
        *utr_vec_push(&report->files) = (findings_file){
            result->unread.items[i].file, "not compared to the end", result->unread.items[i].why};
    report->read = result->files;
}

static const char *s(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* What was compared, and what came of it. The caller frees it. */
static char *summary_of(const gate_result *result, const findings_report *report)
{
    const findings_totals totals = findings_count(report);
    auto_free char *came =
        totals.refused ? utr_format("REFUSED: %lld weakening%s", (long long)totals.refused, s(totals.refused))
                       : utr_strdup("nothing was weakened");
    auto_free char *warned = totals.warned
                                 ? utr_format(", %lld warning%s", (long long)totals.warned, s(totals.warned))
                                 : utr_strdup("");
    return utr_format(
        "%s%s since %s (%.12s): %lld file%s changed, with %lld test%s, %lld manifest%s and %lld call%s "
        "of the runner in CI before",
        came, warned, result->base_name, result->base.hex, (long long)result->files, s(result->files),
        (long long)result->tests, s(result->tests), (long long)result->manifests, s(result->manifests),
        (long long)result->calls, s(result->calls));
}

static void print(const cli_options *options, const gate_result *result, int *out_exit_code, utr_error *err)
{
    auto_findings findings_report report = {.root = options->request.root};
    fill(result, &report);
    auto_free char *summary = summary_of(result, &report);
    report.summary = summary;
    findings_print(stdout, options->format, &report);
    findings_print_faults(stderr, options->format, &report);
    if (options->format != FINDINGS_TEXT)
        (void)fprintf(stderr, "%s\n", summary);
    if (fflush(stdout) || ferror(stdout))
        (void)utr_fail_sys(err, errno, "print what was weakened");
    *out_exit_code = report.exit_code;
}

static utr_code run(const cli_options *options, int *out_exit_code, utr_error *err)
{
    if (options->arguments.count)
        return utr_fail(err, UTR_USAGE, "gate takes no '%s'; name the branch with --base",
                        options->arguments.items[0]);
    if (!options->base)
        return utr_fail(err, UTR_USAGE,
                        "gate wants to know what to compare with; give --base REF, such as --base main");
    gate_rules rules = {0};
    read_rules(&rules);
    auto_gate_result gate_result result = {0};
    const gate_options compare = {.root = options->request.root, .base = options->base, .rules = rules.items};
    if (gate_compare(&compare, &result, err) == UTR_OK)
        print(options, &result, out_exit_code, err);
    utr_vec_dispose(&rules);
    return err->code;
}

int command_gate(const cli_options *options)
{
    utr_error err = {0};
    int exit_code = CLI_DEFECT;
    return run(options, &exit_code, &err) ? cli_fail(&err, NULL) : exit_code;
}
