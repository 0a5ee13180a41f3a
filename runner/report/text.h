/**
 * Text on its way to people. Used inside the report only.
 *
 * What tests and services say is not trusted: before it reaches a terminal, escape sequences, control
 * characters and marks that turn the direction of writing are taken out, and what a CI system would read as a
 * command is broken up. Colour is put around our own words only.
 */
#ifndef UTR_REPORT_TEXT_H
#define UTR_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum { TEXT_PLAIN, TEXT_GOOD, TEXT_BAD, TEXT_WARN, TEXT_DIM, TEXT_BOLD } text_tone;

/** Whether colour may be used: out is a terminal that knows it, and NO_COLOR is not set. */
bool text_may_colour(FILE *out);

/** Print in a tone; without colour, plainly. */
void text_put(FILE *out, bool colour, text_tone tone, const char *words);

/** One line that is safe on a terminal: control characters gone, line ends and tabs as spaces. NULL is "".
 * The caller frees it. */
char *text_clean(const char *text) __attribute__((returns_nonnull));

/** The same of the first line that says something. The caller frees it. */
char *text_first_line(const char *text) __attribute__((returns_nonnull));

/** Print each line of text, cleaned, behind an indent; of more than limit lines the first and the last ones,
 * which say most, with what was left out between them. */
void text_put_lines(FILE *out, const char *indent, const char *text, size_t limit);

/** Valid UTF-8 without the characters that XML 1.0 (section 2.2) has no place for. The caller frees it. */
char *text_for_xml(const char *text) __attribute__((returns_nonnull));

/** The columns that clean text takes on a terminal; wide characters count two. */
size_t text_columns(const char *text);

/** Cut clean text to so many columns, with "..." where something was cut. */
void text_cut(char *text, size_t columns);

/** An empty text and NULL become the fallback. */
static inline const char *text_or(const char *text, const char *fallback)
{
    return text && *text ? text : fallback;
}

/** "s" where there is not exactly one. */
static inline const char *text_s(size_t count)
{
    return count == 1 ? "" : "s";
}

#endif
