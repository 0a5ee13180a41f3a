/**
 * The judgement of a run: a pure function of its journal.
 *
 * 1. verdict_judge() reads the facts, applies every rule of one table and returns what they say.
 * 2. Read the open structs; the strings and facts in them are borrowed from the journal, which must outlive
 * the verdict.
 * 3. verdict_free().
 *
 * Knows no Docker, no clock and no files: the same journal gives the same verdict on any day (a waiver
 * expires against the day on which the run began).
 */
#ifndef UTR_VERDICT_VERDICT_H
#define UTR_VERDICT_VERDICT_H

#include "journal/journal.h"

/** Outcomes, better ones first: X(name, word, exit code). The worst that applies is the run's. */
#define VERDICT_OUTCOMES(X)                                                                                  \
    X(VERDICT_PROVEN, "proven", 0)                                                                           \
    X(VERDICT_REFUSED, "refused", 3)                                                                         \
    X(VERDICT_FAILED, "failed", 1)                                                                           \
    X(VERDICT_BROKEN, "broken", 4)                                                                           \
    X(VERDICT_INTERRUPTED, "interrupted", 130)                                                               \
    X(VERDICT_DEFECT, "defect", 5)

typedef enum {
#define VERDICT_OUTCOME_ENUM(name, word, exit_code) name,
    VERDICT_OUTCOMES(VERDICT_OUTCOME_ENUM)
#undef VERDICT_OUTCOME_ENUM
} verdict_outcome;

const char *verdict_outcome_text(verdict_outcome outcome);
int verdict_outcome_exit_code(verdict_outcome outcome);

/** What a reason does to the outcome: X(name, word). */
#define VERDICT_LEVELS(X)                                                                                    \
    X(VERDICT_OFF, "off")                                                                                    \
    X(VERDICT_WARN, "warn")                                                                                  \
    X(VERDICT_REFUSE, "refuse")                                                                              \
    X(VERDICT_FAIL, "fail")                                                                                  \
    X(VERDICT_BREAK, "broken")

typedef enum {
#define VERDICT_LEVEL_ENUM(name, word) name,
    VERDICT_LEVELS(VERDICT_LEVEL_ENUM)
#undef VERDICT_LEVEL_ENUM
} verdict_level;

const char *verdict_level_text(verdict_level level);

/** Why the outcome is what it is; or a warning. */
typedef struct {
    const char *rule;
    verdict_level level;
    bool waived;                        /* a waiver of the manifest covers it: listed, without effect */
    const char *category;               /* NULL: the run as a whole */
    const char *suite, *test, *service; /* NULL where it concerns none */
    const char *file;                   /* NULL: not known */
    int64_t line;
    char *message; /* what is wrong, and what to do; owned by the verdict */
} verdict_reason;

/** What became of a test: X(name, word). */
#define VERDICT_TEST_STATES(X)                                                                               \
    X(VERDICT_TEST_PROVEN, "proven")                                                                         \
    X(VERDICT_TEST_UNPROVEN, "unproven")                                                                     \
    X(VERDICT_TEST_FAILED, "failed")                                                                         \
    X(VERDICT_TEST_SKIPPED, "skipped")                                                                       \
    X(VERDICT_TEST_WAIVED, "waived")                                                                         \
    X(VERDICT_TEST_EXEMPT, "exempt")

typedef enum {
#define VERDICT_TEST_STATE_ENUM(name, word) name,
    VERDICT_TEST_STATES(VERDICT_TEST_STATE_ENUM)
#undef VERDICT_TEST_STATE_ENUM
} verdict_test_state;

const char *verdict_test_state_text(verdict_test_state state);

typedef UTR_VEC(const journal_fact *) verdict_facts;

/** What was exchanged with one service, and what of it counts. */
typedef struct {
    const journal_fact *fact;
    int64_t exchanges, substantive, reads, writes; /* the fact's without what goes on by itself */
    UTR_VEC(const journal_statement *) by_itself;  /* also seen while nothing ran: proves nothing */
} verdict_evidence;

typedef UTR_VEC(verdict_evidence) verdict_evidences;

typedef struct {
    const journal_fact *start;  /* NULL: told only by its result */
    const journal_fact *finish; /* never NULL in a verdict */
    const journal_fact *source; /* NULL: was not read, or not found there */
    verdict_facts findings;     /* in its source that concern it */
    const utr_strs *requires;   /* services that it demands itself; may be empty, never NULL */
    verdict_evidences evidence; /* its own, one a service */
    UTR_VEC(const verdict_evidence *) inherited; /* of the wider fixtures that it uses */
    verdict_facts elsewhere;                     /* what it tried to reach */
    verdict_test_state state;
} verdict_test;

typedef struct {
    const journal_fact *plan;
    const journal_fact *start;  /* NULL: never started */
    const journal_fact *finish; /* NULL: never finished */
    verdict_facts owed;
    verdict_facts faults;             /* of its adapter */
    verdict_evidences other_evidence; /* of fixtures, of no test */
    verdict_facts elsewhere;          /* tried to be reached while no test ran */
    verdict_facts findings, sources;  /* what its sources show; sources by symbol */
    UTR_VEC(verdict_test) tests;
    verdict_facts unfinished; /* starts of tests that never told their end */
    int64_t collected;        /* 0: not told */
    int64_t owing;            /* tests that passed and that no waiver excuses from no-evidence */
} verdict_suite;

typedef struct {
    const journal_fact *plan;
    const journal_fact *state;    /* the last; NULL: nothing happened yet */
    const journal_fact *identity; /* NULL: never ready */
    int64_t restarts;
    verdict_facts bad_states; /* exited, oom-killed, unhealthy, restarted, failed */
} verdict_service;

typedef struct {
    const journal_fact *plan;
    const journal_fact *not_run; /* NULL: it ran */
    verdict_facts rules, waivers;
    verdict_facts externals; /* services outside that its manifest declares */
    UTR_VEC(verdict_service) services;
    UTR_VEC(verdict_suite) suites;
    verdict_outcome outcome;
} verdict_category;

typedef struct {
    int64_t tests, passed, failed, skipped, proven, unproven;
} verdict_totals;

typedef struct {
    const journal_fact *run;    /* NULL only in a journal that has none */
    const journal_fact *commit; /* NULL outside git */
    const journal_fact *finish; /* NULL in a journal that was cut off */
    verdict_facts strays; /* facts that lack what their kind needs, or belong to nothing that was planned */
    verdict_outcome outcome;
    int exit_code;
    double seconds;
    verdict_totals totals;
    UTR_VEC(verdict_category) categories;
    UTR_VEC(verdict_reason) reasons; /* the worst first */
} verdict;

/** Judge. Never fails: a journal that says nothing is refused. The caller frees the verdict with
 * verdict_free(). */
verdict *verdict_judge(const journal *j);
void verdict_free(verdict *v);

/** Whether a waiver's glob means what stands in a file: its symbol ("Class.test_x"), or its symbol with the
 * file, with dots or as pytest has it; the file where there is no symbol (NULL). */
bool verdict_waiver_means(const char *glob, const char *file, const char *symbol);

/** A rule, for `list`, the manifest's check and the documentation. */
typedef struct {
    const char *name;
    verdict_level level; /* its default */
    bool adjustable;     /* a manifest may set refuse, warn or off */
    const char *says;    /* one line */
} verdict_rule;

/** Every rule in the order of the table; ends with a NULL name. */
const verdict_rule *verdict_rules(void);

static inline void verdict_release(verdict **v)
{
    verdict_free(*v);
}

#define auto_verdict __attribute__((cleanup(verdict_release)))

#endif
