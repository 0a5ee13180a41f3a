/**
 * One section of a configuration file, value by value: INI (libinih) and TOML (its tree-sitter grammar). Used
 * inside the scan only.
 */
#ifndef UTR_SCAN_CONFIG_CONFIG_H
#define UTR_SCAN_CONFIG_CONFIG_H

#include "scan/tree.h"

/** Who takes what is read. */
typedef struct {
    void *ctx;
    /** A value; one of several lines (INI) or of several items (TOML) comes one by one.
     * @param item  an item of a list, as it stands; else words that blanks separate */
    void (*value)(void *ctx, const char *name, const char *value, bool item);
    /** @param line  from 1 */
    void (*fault)(void *ctx, int64_t line, const char *what);
} config_taker;

/** A form of files. @param parser  any; TOML's grammar is set. @return whether the file has the section */
typedef bool config_form(const char *text, const char *section, tree_parser *parser,
                         const config_taker *taker);

/** Sections as "tool:pytest". */
bool config_read_ini(const char *text, const char *section, tree_parser *parser, const config_taker *taker);

/** Tables as "tool.pytest.ini_options", however they are written. */
bool config_read_toml(const char *text, const char *section, tree_parser *parser, const config_taker *taker);

#endif
