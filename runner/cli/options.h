/** Options as tables: parsing, faults with the nearest names, help. Used inside the cli only. */
#ifndef UTR_CLI_OPTIONS_H
#define UTR_CLI_OPTIONS_H

#include "base/error.h"
#include "report/findings/findings.h"
#include "run/run.h"

/** What a command line says. Strings are borrowed from argv. */
typedef struct {
    run_request request;
    utr_strs arguments; /* that are no options */
    const char *run_id; /* explain; NULL: the last run */
    bool json;          /* explain, list, services status */
    bool help;
    bool list_categories;
    bool follow;            /* services logs */
    int tail;               /* services logs; -1: all */
    findings_format format; /* scan, gate */
    bool blame;             /* scan */
    bool write, force;      /* restore */
    const char *base;       /* gate; NULL: none */
} cli_options;

/** One option. parse is given the value (NULL for a switch); it fails with UTR_USAGE and what would be right.
 */
typedef struct {
    const char *name;  /* without the dashes */
    const char *value; /* what it takes, for the help; NULL: a switch */
    bool many;         /* takes several values, up to the next option */
    const char *says;
    utr_code (*parse)(cli_options *out, const char *value, utr_error *err);
} cli_option;

/** Ends with a NULL name. */
extern const cli_option CLI_RUN_OPTIONS[];
extern const cli_option CLI_SCAN_OPTIONS[];
extern const cli_option CLI_RESTORE_OPTIONS[];
extern const cli_option CLI_GATE_OPTIONS[];
extern const cli_option CLI_EXPLAIN_OPTIONS[];
extern const cli_option CLI_LIST_OPTIONS[];
extern const cli_option CLI_SERVICES_OPTIONS[];

/** Defaults filled in. */
void cli_options_init(cli_options *options);
void cli_options_dispose(cli_options *options);

/**
 * Parse all of argv by the table.
 * @param faults  everything wrong in the command line, a fault an item; empty: it was right
 */
void cli_options_parse(const cli_option *table, int argc, char **argv, cli_options *out, utr_strs *faults);

/** Print the table as help. */
void cli_options_help(FILE *out, const cli_option *table);

#define auto_cli_options __attribute__((cleanup(cli_options_dispose)))

#endif
