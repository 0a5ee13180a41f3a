/**
 * What the sources of tests switched off: decorators that became comments, skips, mocks, swallowed failures.
 *
 * 1. scan_open() with what is to be read and how; every fault of the projects' settings comes at once.
 * 2. scan_run() walks the paths and reads what its languages know, or scan_text() reads one text, say of
 * another commit.
 * 3. Read the open structs: findings, and with options.tests every test, file by file.
 * 4. scan_result_dispose(), scan_close().
 *
 * Facts only: what a finding means for a verdict is decided elsewhere. What each kind is stands in
 * docs/scan.md. Blocks; use it off the loop. A scan may be used by one thread at a time; scan_run() uses
 * several of its own.
 */
#ifndef UTR_SCAN_SCAN_H
#define UTR_SCAN_SCAN_H

#include "base/cancel.h"
#include "base/faults.h"

#include <stdint.h>

/** Every kind: X(name, word, what to do). */
#define SCAN_KINDS(X)                                                                                        \
    X(SCAN_DISABLED_DECORATOR, "disabled-decorator",                                                         \
      "switch it back on (`restore` shows how), or delete it")                                               \
    X(SCAN_SKIP, "skip", "make what it needs available, or waive it")                                        \
    X(SCAN_XFAIL, "xfail", "mend it, or waive it")                                                           \
    X(SCAN_MOCK, "mock", "let the test use the real service")                                                \
    X(SCAN_EMPTY_TEST, "empty-test", "write the test, or delete it")                                         \
    X(SCAN_NO_ASSERT, "no-assert", "assert what the test is about")                                          \
    X(SCAN_COMMENTED_TEST, "commented-test", "switch it back on, or delete it")                              \
    X(SCAN_SWALLOWED, "swallowed", "let the failure out of the try")                                         \
    X(SCAN_UNCOLLECTED_TEST, "uncollected-test", "move it to where the runner collects it")                  \
    X(SCAN_DYNAMIC_IMPORT, "dynamic-import", "import at the top of the file, so that it fails early")

typedef enum {
#define SCAN_KIND_ENUM(name, word, advice) name,
    SCAN_KINDS(SCAN_KIND_ENUM)
#undef SCAN_KIND_ENUM
        SCAN_KIND_COUNT
} scan_kind;

/** The word for a kind, and what its reader should do. Never NULL. */
const char *scan_kind_text(scan_kind kind);
const char *scan_kind_advice(scan_kind kind);

/** How far a file could be read: X(name, word). */
#define SCAN_STATES(X)                                                                                       \
    X(SCAN_READ, "read")                                                                                     \
    X(SCAN_BROKEN, "syntax errors") /* scanned as far as the grammar recovers */                             \
    X(SCAN_TOO_LARGE, "too large")  /* only what needs no grammar was looked for */                          \
    X(SCAN_UNPARSED, "not parsed")  /* in time; likewise */                                                  \
    X(SCAN_BINARY, "binary")                                                                                 \
    X(SCAN_UNREADABLE, "unreadable")

typedef enum {
#define SCAN_STATE_ENUM(name, word) name,
    SCAN_STATES(SCAN_STATE_ENUM)
#undef SCAN_STATE_ENUM
        SCAN_STATE_COUNT
} scan_state;

const char *scan_state_text(scan_state state);

/** An excuse in the source: `utr: allow(kind) reason, owner, until 2026-12-31` in a comment on the finding's
 * line, or alone on the line above. */
typedef struct {
    char *reason, *owner;
    char *until;  /* "YYYY-MM-DD", the last day on which it holds */
    bool expired; /* before options.today */
} scan_allow;

typedef struct {
    scan_kind kind;
    char *subkind;  /* never NULL; for mocks of modules "import/MODULE", see docs/scan.md */
    char *symbol;   /* the test, function or class that it concerns: its names from the outside in, joined by
                       "." (JavaScript: " > "; Go, C: the function); NULL: none */
    int64_t line;   /* from 1 */
    int64_t column; /* from 1, in bytes, of what is meant */
    int64_t length; /* bytes of what is meant on that line, at least 1 */
    bool conditional;  /* of skip and xfail: it depends */
    char *text;        /* the line as it stands, cut to 200 bytes of valid UTF-8, without its newline */
    scan_allow *allow; /* NULL: none */
} scan_finding;

/** A test as its source shows it. */
typedef struct {
    char *symbol;       /* as in findings */
    int64_t line, last; /* of its definition, without decorators */
    int64_t assertions; /* what can fail it in its own body */
    bool asserts;       /* something can fail it, also in helpers and fixtures of the file that it uses */
    bool mocks;         /* it, or what of the file it uses, replaces something by a mock */
    bool swallows;      /* it has assertions and each failure of them is hidden */
} scan_test;

typedef struct {
    char *path; /* relative to the root, without "./"; absolute where it lies outside. Of a folder that cannot
                   be looked into: the folder's */
    scan_state state;
    char *why;                      /* for all states but SCAN_READ, in words; else NULL */
    UTR_VEC(scan_finding) findings; /* by line */
    UTR_VEC(scan_test) tests;       /* by line; empty without options.tests */
    utr_strs faults; /* excuses that are none, each "path:line: what is wrong; what would be right" */
} scan_file;

/** All files that were looked at, by path; those that were read and have no findings, tests and faults are
 * only counted. Sources that hold no tests are looked at for what counts in any source (dynamic-import). */
typedef struct {
    UTR_VEC(scan_file) files;
    int64_t read, cached, bytes; /* files that hold tests or were named; of these, known from before; what
                                    they hold */
    int64_t others;              /* sources that hold no tests; not among these */
    int64_t states[SCAN_STATE_COUNT]; /* all of them by scan_state */
    char *uncached; /* why the cache could not be used or kept; NULL where it could, or none was named */
} scan_result;

typedef struct {
    const char *root;         /* what files are told relative to; NULL: "." */
    const utr_strs *mocks;    /* modules that are mocks besides the built-in ones; NULL: none */
    const char *cache;        /* a file that is made where it is not there, in a folder that is; NULL: none */
    const char *today;        /* "YYYY-MM-DD"; NULL: the day in UTC */
    int threads;              /* 0: one a core */
    bool tests;               /* tell of tests, too */
    const utr_cancel *cancel; /* NULL: never */
} scan_options;

typedef struct scan scan;

/**
 * @param options  what its pointers point to is borrowed until scan_close()
 * @return UTR_SYS (no such root)
 */
UTR_MUST_CHECK utr_code scan_open(const scan_options *options, scan **out, utr_error *err);
void scan_close(scan *scanner);

/**
 * Read all that lies at or below the paths and that is in a language that is read: files that hold tests for
 * every kind, others for what counts in any source. What cannot be read is told in the
 * result, file by file. Symbolic links are not followed.
 * @param paths   files and folders, relative to the working directory or absolute; a file that is named is
 *                read whatever its name, where its extension is known; empty: the root
 * @param out     empty before; disposed of with scan_result_dispose()
 * @param faults  what is wrong with settings of the projects (pytest.ini, ...)
 * @return UTR_NOT_FOUND (a path that is not there), UTR_USAGE (a named file of no known language),
 *         UTR_CANCELLED; out is untouched then
 */
UTR_MUST_CHECK utr_code scan_run(scan *scanner, const utr_strs *paths, scan_result *out, utr_faults *faults,
                                 utr_error *err);

/** Whether the path's extension is that of a language which is read. */
bool scan_has_language(const char *path);

/** Whether a file of this path (relative to the root) holds tests by its name: scan_run() reads it for every
 * kind. */
bool scan_knows(scan *scanner, const char *path);

/** Read one text as if it were the file at path (relative to the root). @param out empty before */
void scan_text(scan *scanner, const char *path, const char *text, size_t len, scan_file *out);

void scan_file_dispose(scan_file *file);
void scan_result_dispose(scan_result *result);

static inline void scan_release(scan **scanner)
{
    scan_close(*scanner);
}

#define auto_scan        __attribute__((cleanup(scan_release)))
#define auto_scan_file   __attribute__((cleanup(scan_file_dispose)))
#define auto_scan_result __attribute__((cleanup(scan_result_dispose)))

#endif
