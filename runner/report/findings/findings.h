/**
 * Findings in sources, for people and for programs: text, TSV, JSON, GitHub annotations, SARIF.
 *
 * 1. Fill in a findings_report: the rules, the items in the order in which they are to be told, the files
 * that could not be read to the end.
 * 2. findings_print().
 *
 * Judges nothing and knows nothing of where findings come from: each item carries its level and its excuse.
 * All strings are borrowed. What comes from sources is not trusted: it is cleaned or escaped for each format.
 */
#ifndef UTR_REPORT_FINDINGS_FINDINGS_H
#define UTR_REPORT_FINDINGS_FINDINGS_H

#include "base/vec.h"
#include "verdict/verdict.h"

#include <stdio.h>

/** X(name, word). */
#define FINDINGS_FORMATS(X)                                                                                  \
    X(FINDINGS_TEXT, "text")                                                                                 \
    X(FINDINGS_TSV, "tsv")                                                                                   \
    X(FINDINGS_JSON, "json")                                                                                 \
    X(FINDINGS_GITHUB, "github")                                                                             \
    X(FINDINGS_SARIF, "sarif")

typedef enum {
#define FINDINGS_FORMAT_ENUM(name, word) name,
    FINDINGS_FORMATS(FINDINGS_FORMAT_ENUM)
#undef FINDINGS_FORMAT_ENUM
} findings_format;

/** The words of the formats in the enum's order, ended by a NULL. */
const char *const *findings_formats(void);

typedef struct {
    const char *id;   /* as items name it */
    const char *says; /* what it is, in a few words: "a decorator that became a comment" */
    const char *advice;
    verdict_level level; /* where no manifest says otherwise */
} findings_rule;

typedef enum { FINDINGS_UNEXCUSED, FINDINGS_ALLOWED, FINDINGS_WAIVED } findings_excuse_kind;

/** Who took the blame for a finding, and until when. */
typedef struct {
    findings_excuse_kind kind; /* allowed at the line, waived in a manifest */
    const char *reason, *owner;
    const char *until; /* "YYYY-MM-DD" */
    bool expired;
    const char *file; /* of the waiver; NULL: the item's */
    int64_t line;
} findings_excuse;

/** The commit that a line comes from; commit is NULL where it was not looked for, or not found. */
typedef struct {
    const char *commit, *author, *date, *subject;
    bool uncommitted; /* it stands in the work tree alone */
} findings_blame;

typedef struct {
    const char *file;             /* relative to the report's root, or absolute */
    int64_t line, column, length; /* column from 1, both in bytes */
    const char *text;             /* the line, perhaps cut; valid UTF-8 */
    const char *rule;             /* the id of one of the report's */
    const char *subkind;          /* may be "" */
    const char *symbol;           /* NULL: none */
    const char *category, *suite; /* whose sources the file is of; NULL: of none */
    verdict_level level;          /* VERDICT_WARN or VERDICT_REFUSE, whatever excuses it */
    const char *message;          /* what is so of this one, a sentence without its end; NULL: nothing more */
    findings_excuse excuse;
    findings_blame blame;
} findings_item;

/** A file that could not be read to the end. */
typedef struct {
    const char *file, *state, *why;
} findings_file;

typedef struct {
    const char *root; /* that files are relative to */
    UTR_VEC(findings_rule) rules;
    UTR_VEC(findings_item) items;
    UTR_VEC(findings_file) files;
    utr_strs faults; /* excuses and settings that are none, each "path:line: what; what instead" */
    int64_t read, cached, bytes; /* files of tests, of these known from before, what they hold */
    int64_t others;              /* other sources, looked at for what counts in any */
    const char *summary;         /* the last line of text; NULL: what was read and found */
    int exit_code;
} findings_report;

void findings_dispose(findings_report *report);

/** What becomes of an item. */
typedef struct {
    int64_t refused, warned, excused;
} findings_totals;

findings_totals findings_count(const findings_report *report);

/** Whether nothing valid excuses the item. */
bool findings_is_open(const findings_item *item);

/** Print all of it. Text is coloured where out is a terminal that may be. */
void findings_print(FILE *out, findings_format format, const findings_report *report);

/** Print what a format of programs has no place for: files that could not be read, faults. */
void findings_print_faults(FILE *out, findings_format format, const findings_report *report);

/** Print a unified diff: as it is, or, on a terminal, cleaned and coloured. */
void findings_print_diff(FILE *out, const char *diff, size_t len);

#define auto_findings __attribute__((cleanup(findings_dispose)))

#endif
