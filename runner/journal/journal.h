/**
 * The run's record: typed facts, in order, one JSON object a line.
 *
 * 1. journal_new() with a path to write to (or NULL: memory only); journal_watch() to be told of each fact.
 * 2. journal_add() for each fact, on the loop's thread; it is written at once, so that a killed run leaves
 * its record.
 * 3. journal_read() brings a recorded run back; verdict_judge() judges either alike.
 *
 * A fact has a kind and the fields of that kind (journal_fact); strings that do not apply are NULL and not
 * written. The journal copies what it is given. Facts only: no judgement is written here. The names of the
 * fields are the keys in the file.
 */
#ifndef UTR_JOURNAL_JOURNAL_H
#define UTR_JOURNAL_JOURNAL_H

#include "base/error.h"
#include "base/json.h"
#include "base/vec.h"

#include <stdint.h>

/** Every kind with its word: X(name, word). What each means stands beside the fields it uses. */
#define JOURNAL_KINDS(X)                                                                                     \
    X(JOURNAL_RUN, "run")                                                                                    \
    X(JOURNAL_COMMIT, "commit")                                                                              \
    X(JOURNAL_CATEGORY, "category")                                                                          \
    X(JOURNAL_RULE, "rule")                                                                                  \
    X(JOURNAL_WAIVER, "waiver")                                                                              \
    X(JOURNAL_SERVICE, "service")                                                                            \
    X(JOURNAL_EXTERNAL, "external")                                                                          \
    X(JOURNAL_SUITE, "suite")                                                                                \
    X(JOURNAL_OWED, "owed")                                                                                  \
    X(JOURNAL_ENGINE, "engine")                                                                              \
    X(JOURNAL_SERVICE_STATE, "service-state")                                                                \
    X(JOURNAL_IDENTITY, "identity")                                                                          \
    X(JOURNAL_SUITE_START, "suite-start")                                                                    \
    X(JOURNAL_COLLECTED, "collected")                                                                        \
    X(JOURNAL_TEST_START, "test-start")                                                                      \
    X(JOURNAL_TEST_FINISH, "test-finish")                                                                    \
    X(JOURNAL_SOURCE, "source")                                                                              \
    X(JOURNAL_FINDING, "finding")                                                                            \
    X(JOURNAL_EVIDENCE, "evidence")                                                                          \
    X(JOURNAL_ELSEWHERE, "elsewhere")                                                                        \
    X(JOURNAL_ADAPTER_FAULT, "adapter-fault")                                                                \
    X(JOURNAL_SUITE_FINISH, "suite-finish")                                                                  \
    X(JOURNAL_SKIPPED_CATEGORY, "category-not-run")                                                          \
    X(JOURNAL_NOTE, "note")                                                                                  \
    X(JOURNAL_BROKEN, "broken")                                                                              \
    X(JOURNAL_INTERRUPTED, "interrupted")                                                                    \
    X(JOURNAL_DEFECT, "defect")                                                                              \
    X(JOURNAL_FINISH, "finish")

typedef enum {
#define JOURNAL_KIND_ENUM(name, word) name,
    JOURNAL_KINDS(JOURNAL_KIND_ENUM)
#undef JOURNAL_KIND_ENUM
} journal_kind;

/** The word for a kind. Never NULL. */
const char *journal_kind_text(journal_kind kind);

/**
 * Whose an EVIDENCE fact is, by the word in its state: X(name, word).
 * TEST, FIXTURE: of the one that `test` names. START: before the first test, while the suite was imported and
 * collected. AMBIENT: while nothing ran and nothing was to run, in the moments in which the runner listens.
 * BETWEEN: in the gaps between two tests, where a suite may still tidy up or prepare. SUITE: of the suite as
 * a whole.
 */
#define JOURNAL_EVIDENCE_STATES(X)                                                                           \
    X(JOURNAL_OF_TEST, "test")                                                                               \
    X(JOURNAL_OF_FIXTURE, "fixture")                                                                         \
    X(JOURNAL_OF_START, "start")                                                                             \
    X(JOURNAL_OF_AMBIENT, "ambient")                                                                         \
    X(JOURNAL_OF_BETWEEN, "between")                                                                         \
    X(JOURNAL_OF_SUITE, "suite")

typedef enum {
#define JOURNAL_STATE_ENUM(name, word) name,
    JOURNAL_EVIDENCE_STATES(JOURNAL_STATE_ENUM)
#undef JOURNAL_STATE_ENUM
} journal_evidence_state;

/** The word for whose evidence it is. Never NULL. */
const char *journal_evidence_state_text(journal_evidence_state state);

/** What one connection sent again and again, in an EVIDENCE fact. */
typedef struct {
    int64_t connection; /* unique in its category; 0: what found no place of its own, summed up */
    bool opened;        /* while what the evidence is of ran */
    char *text;         /* without literals; "" where nothing can be read */
    int64_t count, substantive, reads, writes;
} journal_statement;

typedef UTR_VEC(journal_statement) journal_statements;

/** One fact. Which fields a kind uses is said behind each. */
typedef struct {
    journal_kind kind;
    double at;      /* seconds since the run began; filled in by journal_add where 0 */
    char *category; /* all that concern one */
    char *suite;    /* SUITE*, OWED, COLLECTED, TEST_*, SOURCE, FINDING, EVIDENCE, ELSEWHERE, ADAPTER_FAULT,
                       WAIVER */
    char *test;     /* TEST_*, SOURCE and FINDING (the symbol in its file: "Class.test_x"), EVIDENCE (of a
                       fixture: its id; NULL: of neither), ELSEWHERE (NULL:     nothing ran), WAIVER (a glob) */
    char *service;  /* SERVICE*, EXTERNAL ("api.example.com:443"), OWED, IDENTITY, EVIDENCE, BROKEN */
    char *text;  /* NOTE, BROKEN, DEFECT, ADAPTER_FAULT, SERVICE_STATE (detail), TEST_FINISH (message), WAIVER
                    (reason),  SKIPPED_CATEGORY (why), FINDING (the line), ENGINE (version and platform),
                    CATEGORY (description) */
    char *state; /* SERVICE_STATE (services_state_text), TEST_FINISH (suites_status_text), CATEGORY
                    (required|preferred|none), EVIDENCE (journal_evidence_state_text), OWED (scope:
                    test|suite), SUITE_START (isolation: sealed|open), FINDING (subkind) */
    char *rule;  /* RULE, WAIVER, FINDING (its kind) */
    char *level; /* RULE: refuse|warn|off */
    char *measure;             /* OWED: exchanges|reads|writes|requests */
    char *format;              /* SUITE */
    char *owner, *expires;     /* WAIVER, FINDING that is allowed where it stands (expires: YYYY-MM-DD) */
    char *id;                  /* RUN */
    char *started;             /* RUN: RFC 3339 */
    char *command;             /* RUN, SUITE: as typed */
    char *root;                /* RUN: absolute */
    char *commit;              /* COMMIT */
    char *environment;         /* RUN: --env */
    char *pattern;             /* RUN: --pattern */
    char *image, *image_id;    /* SERVICE (image), IDENTITY */
    char *container_id;        /* IDENTITY */
    char *address;             /* IDENTITY: "172.18.0.2:5432", where the witness dials; ELSEWHERE: what a
                                  test tried to reach, "10.1.2.3:6379" */
    char *identity;            /* IDENTITY: what the service says of itself (run_id, system_identifier) */
    char *file;                /* TEST_FINISH, SOURCE, FINDING */
    int64_t line;              /* likewise */
    int64_t count;             /* CATEGORY (minimum_tests), OWED (how many), COLLECTED, ELSEWHERE (how often),
                                  SUITE_FINISH (processes that outlived it) */
    int64_t exit_code, signal; /* SUITE_FINISH, INTERRUPTED (signal) */
    double seconds; /* SERVICE_STATE and IDENTITY (from start to ready), TEST_FINISH, SUITE_FINISH, FINISH */
    bool critical;  /* SERVICE */
    bool dirty;     /* COMMIT */
    bool real_services;    /* RUN */
    bool tells_tests;      /* SUITE: the format tells each test */
    bool default_evidence; /* SUITE: owes the default (design, section 5) */
    bool inherit;          /* SUITE: what the fixtures that a test uses exchanged counts for it, too */
    bool whole;            /* SUITE: its evidence is of the suite as a whole, not of each test */
    bool mocks, swallows, asserts; /* SOURCE: what the test's source shows */
    bool timed_out;                /* SUITE_FINISH */
    bool opaque, lost, refused;    /* EVIDENCE */
    int64_t connections, inherited_connections, exchanges, substantive, reads, writes, errors; /* EVIDENCE */
    int64_t bytes_sent, bytes_received;                                                        /* EVIDENCE */
    journal_statements statements; /* EVIDENCE, most frequent first */
    utr_strs names;                /* CATEGORY (depends_on), TEST_START (services it requires) */
    utr_strs uses;                 /* TEST_START: ids of the wider fixtures that it uses */
} journal_fact;

typedef struct journal journal;

/**
 * @param path  a new file, or NULL for memory only
 * @return UTR_SYS
 */
UTR_MUST_CHECK utr_code journal_new(const char *path, journal **out, utr_error *err);

/**
 * Read a recorded journal. A last line that is cut off is left out; anything else that is no fact is an error
 * with its line.
 * @return UTR_SYS, UTR_CONFIG, UTR_TOO_LARGE (a line over 1 MiB)
 */
UTR_MUST_CHECK utr_code journal_read(const char *path, journal **out, utr_error *err);

/** The same, of the facts of one kind alone: lines of others are not looked into. */
UTR_MUST_CHECK utr_code journal_read_kind(const char *path, journal_kind kind, journal **out, utr_error *err);
void journal_free(journal *j);

/** Be told of every fact from now on, after it was kept. */
void journal_watch(journal *j, void (*on_fact)(void *ctx, const journal_fact *fact), void *ctx);

/** Copy, keep, write and tell. @return the kept fact, borrowed; never NULL */
const journal_fact *journal_add(journal *j, const journal_fact *fact);

/** The fact as its line of JSON, without a newline; the caller frees it. */
char *journal_fact_format(const journal_fact *fact);

/** A statement as it stands in that line; a new reference. */
json_t *journal_statement_json(const journal_statement *one);

/** The first error in writing the file, or UTR_OK: looked at once, at the end. */
UTR_MUST_CHECK utr_code journal_write_status(const journal *j, utr_error *err);

size_t journal_count(const journal *j);
const journal_fact *journal_get(const journal *j, size_t index);

static inline void journal_release(journal **j)
{
    journal_free(*j);
}

#define auto_journal __attribute__((cleanup(journal_release)))

#endif
