/**
 * The command line: arguments to requests, subcommands, help.
 *
 * Subcommands and options are tables; the help is printed from them. Only here and in report/ anything is
 * printed.
 */
#ifndef UTR_CLI_CLI_H
#define UTR_CLI_CLI_H

/** Parse, do, print. @return the process's exit code (design, section 4) */
int cli_main(int argc, char **argv);

#endif
