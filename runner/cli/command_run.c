/* run: the default command. */
#include "cli/command.h"

int command_run(const cli_options *options)
{
    if (options->list_categories)
        return command_list(options);
    utr_error err = {0};
    auto_faults utr_faults faults = {0};
    auto_faults utr_faults warnings = {0};
    auto_plan run_plan *plan = NULL;
    if (options->arguments.count) {
        (void)utr_fail(&err, UTR_USAGE, "unexpected '%s'; to run a category, give --category %s",
                       options->arguments.items[0], options->arguments.items[0]);
        return cli_fail(&err, NULL);
    }
    if (run_plan_new(&options->request, &plan, &faults, &warnings, &err))
        return cli_fail(&err, &faults);
    cli_warn(&warnings);
    int exit_code = CLI_DEFECT;
    if (run_execute(&options->request, plan, stdout, &exit_code, &err))
        return cli_fail(&err, NULL);
    return exit_code;
}
