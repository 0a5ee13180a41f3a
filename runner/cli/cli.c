#include "cli/cli.h"

#include "base/text.h"
#include "cli/command.h"

#include <string.h>

static const cli_command COMMANDS[] = {
    {"run", "[options]", "run the suites of the categories (the default command)", CLI_RUN_OPTIONS,
     command_run},
    {"list", "[options]", "categories, suites and services", CLI_LIST_OPTIONS, command_list},
    {"scan", "[options] [PATH...]", "what the sources switched off: decorators, skips, mocks, assertions",
     CLI_SCAN_OPTIONS, command_scan},
    {"restore", "[options] [PATH...]",
     "what switching disabled decorators back on would change; --write does it", CLI_RESTORE_OPTIONS,
     command_restore},
    {"gate", "--base REF [options]", "what this branch weakened since it left REF; refuses (3) on it",
     CLI_GATE_OPTIONS, command_gate},
    {"explain", "[options] [TEST]", "the evidence behind the last verdict, test by test", CLI_EXPLAIN_OPTIONS,
     command_explain},
    {"services", "up|down|status|logs [options] [SERVICE...]", "the services alone, for development",
     CLI_SERVICES_OPTIONS, command_services},
};
static const size_t COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS;

static const char *const EXIT_CODES =
    "Exit codes: 0 proven, 1 tests failed, 2 usage or manifest error, 3 refused (success without proof),\n"
    "            4 services or engine broken, 5 defect in the runner, 130 interrupted\n";

static int help_all(void)
{
    (void)printf("unified_test_runner " UTR_VERSION
                 ": runs tests against real services, and says SUCCESS only with proof\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        (void)printf("  unified_test_runner %s %s\n      %s\n", i ? COMMANDS[i].name : "[run]",
                     COMMANDS[i].arguments, COMMANDS[i].says);
    (void)printf("\nOptions of run:\n");
    cli_options_help(stdout, CLI_RUN_OPTIONS);
    (void)printf("\n%s", EXIT_CODES);
    return CLI_OK;
}

static int help_command(const cli_command *command)
{
    (void)printf("unified_test_runner %s %s\n    %s\n\n", command->name, command->arguments, command->says);
    cli_options_help(stdout, command->options);
    return CLI_OK;
}

/* Options that stand first belong to the default command. */
static const cli_command *pick(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-')
        return &COMMANDS[0];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(COMMANDS[i].name, argv[1]) == 0)
            return &COMMANDS[i];
    }
    return NULL;
}

static int unknown_command(const char *word)
{
    const char *names[sizeof COMMANDS / sizeof *COMMANDS];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = COMMANDS[i].name;
    const char *nearest = utr_text_nearest(word, names, COMMAND_COUNT);
    (void)fprintf(stderr, "unified_test_runner: unknown command '%s'; ", word);
    if (nearest)
        (void)fprintf(stderr, "did you mean '%s'?\n", nearest);
    else
        (void)fprintf(
            stderr,
            "there are run, list, scan, restore, gate, explain and services; to run a category, give "
            "--category %s\n",
            word);
    return CLI_USAGE;
}

int cli_fail(const utr_error *err, const utr_faults *faults)
{
    for (size_t i = 0; faults && i < faults->texts.count; i++)
        (void)fprintf(stderr, "%s\n", faults->texts.items[i]);
    if (faults && faults->dropped)
        (void)fprintf(stderr, "and %zu more\n", faults->dropped);
    (void)fprintf(stderr, "unified_test_runner: %s\n", err->text);
    switch (err->code) {
    case UTR_CONFIG:
    case UTR_USAGE:
    case UTR_NOT_FOUND:
    case UTR_CONFLICT:
    case UTR_TOO_LARGE:
        return CLI_USAGE;
    case UTR_DEFECT:
        return CLI_DEFECT;
    case UTR_CANCELLED:
        return CLI_INTERRUPTED;
    case UTR_OK:
    case UTR_SYS:
    case UTR_TIMEOUT:
    case UTR_UNREACHABLE:
    case UTR_PROTOCOL:
    case UTR_ENGINE:
    case UTR_SERVICE:
        return CLI_BROKEN;
    }
    return CLI_DEFECT;
}

void cli_warn(const utr_faults *warnings)
{
    for (size_t i = 0; i < warnings->texts.count; i++)
        (void)fprintf(stderr, "%s\n", warnings->texts.items[i]);
}

/* The command line as typed, for the record. */
static char *as_typed(int argc, char **argv)
{
    utr_strs words = {0};
    for (int i = 0; i < argc; i++)
        utr_strs_add(&words, i ? argv[i] : "unified_test_runner");
    char *line = utr_strs_join(&words, " ");
    utr_strs_dispose(&words);
    return line;
}

static int run_command(const cli_command *command, int skip, int argc, char **argv)
{
    auto_cli_options cli_options options;
    cli_options_init(&options);
    auto_strs utr_strs faults = {0};
    auto_free char *line = as_typed(argc, argv);
    options.request.command = line;
    cli_options_parse(command->options, argc - skip, argv + skip, &options, &faults);
    if (options.help)
        return skip > 1 ? help_command(command) : help_all();
    for (size_t i = 0; i < faults.count; i++)
        (void)fprintf(stderr, "unified_test_runner: %s\n", faults.items[i]);
    return faults.count ? CLI_USAGE : command->run(&options);
}

int cli_main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reaper") == 0)
        return services_reaper_main(argc, argv);
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        (void)printf("unified_test_runner " UTR_VERSION "\n");
        return CLI_OK;
    }
    if (argc > 1 && strcmp(argv[1], "help") == 0)
        return help_all();
    const cli_command *command = pick(argc, argv);
    if (!command)
        return unknown_command(argv[1]);
    return run_command(command, argc > 1 && argv[1][0] != '-' ? 2 : 1, argc, argv);
}
