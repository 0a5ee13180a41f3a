/* scan: what the sources switched off. */
#include "cli/blame.h"
#include "cli/sources.h"

#include "report/findings/findings.h"
#include "review/review.h"

#include <errno.h>

/* A folder without tests is no fault, and no proof of anything either: that is said. */
static void say_if_nothing(const findings_report *report)
{
    if (!report->read)
        (void)fprintf(stderr,
                      "%s: there is no file of tests here in a language that is read (Python, JavaScript, "
                      "TypeScript, Go, C)\n",
                      report->others ? "other sources were only searched for imports" : "nothing to scan");
}

static utr_code print(const cli_options *options, const findings_report *report, utr_error *err)
{
    findings_print(stdout, options->format, report);
    findings_print_faults(stderr, options->format, report);
    say_if_nothing(report);
    if (fflush(stdout) || ferror(stdout))
        return utr_fail_sys(err, errno, "print the findings");
    return UTR_OK;
}

static utr_code run(const cli_options *options, int *out_exit_code, utr_faults *faults, utr_error *err)
{
    auto_sources sources s = {0};
    if (sources_read(options, &s, faults, err))
        return err->code;
    auto_findings findings_report report = {0};
    review_options review = {.root = options->request.root, .result = &s.result, .manifests = &s.manifests};
    utr_strs_add_all(&report.faults, &s.faults.texts);
    review_findings(&review, &report);
    *out_exit_code = report.exit_code;
    auto_history history *h = NULL;
    if (options->blame && blame_fill(&report, &h, err))
        return utr_wrap(err, "--blame");
    return print(options, &report, err);
}

int command_scan(const cli_options *options)
{
    utr_error err = {0};
    auto_faults utr_faults faults = {0};
    int exit_code = CLI_DEFECT;
    cli_options rooted = *options;
    rooted.request.root = sources_root(options);
    return run(&rooted, &exit_code, &faults, &err) ? cli_fail(&err, &faults) : exit_code;
}
