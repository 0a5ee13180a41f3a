/* explain: the evidence behind the last verdict, test by test. */
#include "cli/command.h"

#include <string.h>

/* The journal of the run asked for: by its id, or the last. The caller frees it. */
static char *journal_path(const cli_options *options)
{
    if (options->run_id)
        return utr_format("%s/.utr/runs/%s/journal.jsonl", options->request.root, options->run_id);
    return utr_format("%s/.utr/last/journal.jsonl", options->request.root);
}

static utr_code read_run(const cli_options *options, journal **out, utr_error *err)
{
    auto_free char *path = journal_path(options);
    if (journal_read(path, out, err))
        return utr_wrap(err,
                        options->run_id ? "no such run; `ls %s/.utr/runs` shows them"
                                        : "no run to explain in %s; run something first, or name --root",
                        options->request.root);
    return UTR_OK;
}

static utr_code explain(const cli_options *options, utr_error *err)
{
    report_question question = {.json = options->json};
    if (options->arguments.count > 1)
        return utr_fail(err, UTR_USAGE, "explain takes one test, not '%s' too", options->arguments.items[1]);
    if (options->arguments.count)
        question.test = options->arguments.items[0];
    auto_journal journal *j = NULL;
    if (read_run(options, &j, err))
        return err->code;
    auto_verdict verdict *v = verdict_judge(j);
    if (!report_explain(stdout, v, &question) && question.test)
        return utr_fail(err, UTR_NOT_FOUND, "no test of that run fits '%s'; `explain` alone lists them",
                        question.test);
    if (!question.json && !question.test)
        report_summary(stdout, v, NULL);
    return UTR_OK;
}

int command_explain(const cli_options *options)
{
    utr_error err = {0};
    return explain(options, &err) ? cli_fail(&err, NULL) : CLI_OK;
}
