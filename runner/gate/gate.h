/**
 * What a branch weakened: tests, manifests and CI of its merge base beside those of the work tree.
 *
 * 1. gate_compare() finds the merge base, reads both sides of every file that changed, and compares.
 * 2. Read the open structs: what was compared, and each weakening with who did it.
 * 3. gate_result_dispose().
 *
 * What was strengthened is not told. Nothing is run and nothing is written. The reference is docs/gate.md.
 */
#ifndef UTR_GATE_GATE_H
#define UTR_GATE_GATE_H

#include "base/cancel.h"
#include "base/vec.h"
#include "history/history.h"

/** Every kind: X(name, word, what it is, what to do). */
#define GATE_KINDS(X)                                                                                        \
    X(GATE_TEST_REMOVED, "test-removed", "a test is gone", "bring it back")                                  \
    X(GATE_TEST_COMMENTED, "test-commented-out", "a test became a comment", "switch it back on")             \
    X(GATE_TEST_UNCOLLECTED, "test-uncollected", "a test stands where no runner collects it",                \
      "move it to where the runner collects it")                                                             \
    X(GATE_TEST_EMPTIED, "test-emptied", "a test lost all that it did", "bring its body back")               \
    X(GATE_SKIPPED, "newly-skipped", "a test is skipped that was not",                                       \
      "make what it needs available, and let it run")                                                        \
    X(GATE_XFAILED, "newly-xfailed", "a test may fail that might not", "mend it")                            \
    X(GATE_DECORATOR, "decorator-disabled", "a decorator became a comment",                                  \
      "switch it back on (`restore` shows how)")                                                             \
    X(GATE_ASSERTIONS, "assertions-removed", "a test asserts less than it did", "bring the assertions back") \
    X(GATE_SWALLOWED, "newly-swallowed", "failures of a test are hidden that were not",                      \
      "let the failure out of the try")                                                                      \
    X(GATE_MOCK, "mock-added", "a mock stands where there was none", "let the test use the real service")    \
    X(GATE_ALLOW, "allow-added", "a finding is excused that was not", "mend what it excuses")                \
    X(GATE_CATEGORY, "category-removed", "a category is gone", "bring it back")                              \
    X(GATE_BROKEN, "manifest-broken", "a manifest cannot be read any more", "mend it")                       \
    X(GATE_SUITE, "suite-removed", "a category lost a suite", "bring it back")                               \
    X(GATE_SERVICE, "service-removed", "a category needs a service no more", "bring it back")                \
    X(GATE_CRITICAL, "service-not-critical", "a service may be absent that might not", "let it be critical") \
    X(GATE_EVIDENCE, "evidence-lowered", "a suite owes less proof than it did", "bring the proof back")      \
    X(GATE_RULE, "rule-lowered", "a rule was turned down", "bring its level back")                           \
    X(GATE_WAIVER, "waiver-added", "something is waived that was not, or for longer",                        \
      "mend what it excuses")                                                                                \
    X(GATE_MINIMUM, "minimum-tests-lowered", "fewer tests suffice", "bring the number back")                 \
    X(GATE_REAL_SERVICES, "real-services-lowered", "real services are needed less", "require them")          \
    X(GATE_ISOLATION, "isolation-opened", "suites are sealed no more", "seal them")                          \
    X(GATE_INHERIT, "inherit-added", "what fixtures exchange counts for tests now",                          \
      "let each test deliver its own proof")                                                                 \
    X(GATE_SOURCES, "sources-removed", "sources are scanned no more", "bring them back")                     \
    X(GATE_MOCK_MODULE, "mock-module-removed", "a module counts as a mock no more", "bring it back")         \
    X(GATE_DEPENDS_ON, "dependency-removed", "a category waits for another no more", "bring it back")        \
    X(GATE_CI, "ci-removed", "CI runs less than it did", "let CI run it")                                    \
    X(GATE_CI_REAL, "ci-without-real-services", "CI asks for no real services any more",                     \
      "give --real-services")                                                                                \
    X(GATE_CI_IGNORED, "ci-result-ignored", "CI goes on whatever the runner says", "let its exit code decide")

typedef enum {
#define GATE_KIND_ENUM(name, word, says, advice) name,
    GATE_KINDS(GATE_KIND_ENUM)
#undef GATE_KIND_ENUM
        GATE_KIND_COUNT
} gate_kind;

/** The word for a kind, what it is, and what its reader should do. Never NULL. */
const char *gate_kind_text(gate_kind kind);
const char *gate_kind_says(gate_kind kind);
const char *gate_kind_advice(gate_kind kind);

typedef struct {
    gate_kind kind;
    bool refuses;  /* false: a warning; in what is new as a whole nothing was weakened */
    char *file;    /* relative to the root ("../x" above it); where it is now, or was */
    int64_t line;  /* in the work tree, or where it was: at least 1 */
    char *symbol;  /* test, class, suite, service ...; NULL: none */
    char *message; /* what is different, one sentence without its end */
    char *text;    /* the line meant, as it is or was; NULL: none */
    history_origin origin;
    const history_commit *commit; /* of HISTORY_COMMITTED: who did it; borrowed from the result */
} gate_weakening;

/** A file that could not be compared to the end. */
typedef struct {
    char *file;
    char *why;
} gate_unread;

typedef struct {
    char *base_name;          /* as it was found: "main" or "origin/main" */
    history_id base;          /* the merge base */
    int64_t files;            /* that differ, in all */
    int64_t tests;            /* that those of them held at the merge base */
    int64_t manifests, calls; /* of changed manifests, and the runner's calls in changed files of CI, there */
    UTR_VEC(gate_weakening) items; /* by file and line */
    UTR_VEC(gate_unread) unread;
    history *history; /* what commits are borrowed from */
} gate_result;

/** A rule that manifests may turn up and down. */
typedef struct {
    const char *name; /* NULL ends the table */
    int level;        /* where a manifest says nothing: 0 off, 1 warn, 2 refuse */
} gate_rule;

typedef struct {
    const char *root;         /* folder that categories/ lies in; in a work tree, or a bare repository */
    const char *base;         /* a branch, tag or commit */
    const gate_rule *rules;   /* every rule that manifests may use */
    int threads;              /* 0: one a core */
    const utr_cancel *cancel; /* NULL: never */
} gate_options;

/**
 * @param out  zeroed; disposed of with gate_result_dispose(), also after a failure
 * @return as history_open(), history_resolve(), history_merge_base(), history_changes(), history_blame()
 */
UTR_MUST_CHECK utr_code gate_compare(const gate_options *options, gate_result *out, utr_error *err);
void gate_result_dispose(gate_result *result);

#define auto_gate_result __attribute__((cleanup(gate_result_dispose)))

#endif
