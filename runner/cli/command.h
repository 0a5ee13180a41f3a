/** The subcommands, one file each. Used inside the cli only. */
#ifndef UTR_CLI_COMMAND_H
#define UTR_CLI_COMMAND_H

#include "cli/options.h"

/** Exit codes that no verdict gives (design, section 4). */
enum { CLI_OK = 0, CLI_LEFT = 1, CLI_USAGE = 2, CLI_BROKEN = 4, CLI_DEFECT = 5, CLI_INTERRUPTED = 130 };

typedef struct {
    const char *name;
    const char *arguments; /* for the help, or "" */
    const char *says;
    const cli_option *options;
    int (*run)(const cli_options *options);
} cli_command;

int command_run(const cli_options *options);
int command_scan(const cli_options *options);
int command_restore(const cli_options *options);
int command_explain(const cli_options *options);
int command_gate(const cli_options *options);
int command_list(const cli_options *options);
int command_services(const cli_options *options);

/** Print an error and the faults behind it to stderr. @return the exit code that fits */
int cli_fail(const utr_error *err, const utr_faults *faults);

/** Print what was understood but is not acted on, to stderr. */
void cli_warn(const utr_faults *warnings);

#endif
