/**
 * The manifests of a root, categories/NAME.yaml, as checked structs with every default filled in.
 *
 * 1. manifest_load_dir() reads all of a root (manifest_load() one file). Every fault of every file comes at
 * once, each with path:line:column and what would be right.
 * 2. manifest_closure() gives the chosen categories with what they depend on.
 * 3. Read the open structs. manifest_readiness() picks a service's profile, manifest_expand() fills in
 * addresses once the services' are known.
 * 4. manifest_set_dispose().
 *
 * The reference is docs/manifest.md; docs/manifest.schema.json is checked against manifest_key_get(). Whether
 * a service exists in the compose file is checked by the run, which is why a service keeps its place. Paths
 * of files (compose, sources, directory) are relative to the working directory, or absolute.
 */
#ifndef UTR_MANIFEST_MANIFEST_H
#define UTR_MANIFEST_MANIFEST_H

#include "base/buf.h"
#include "base/faults.h"

#include <stdint.h>

typedef enum { MANIFEST_CRITICAL, MANIFEST_HIGH, MANIFEST_MEDIUM, MANIFEST_LOW } manifest_priority;
typedef enum { MANIFEST_REQUIRED, MANIFEST_PREFERRED, MANIFEST_NONE } manifest_real_services;
typedef enum { MANIFEST_REFUSE, MANIFEST_WARN, MANIFEST_OFF } manifest_level;
typedef enum { MANIFEST_EACH_TEST, MANIFEST_WHOLE_SUITE } manifest_scope;
typedef enum { MANIFEST_OPEN, MANIFEST_SEALED } manifest_isolation;

/** How readiness is waited for. */
typedef struct {
    int64_t timeout_ms; /* one check */
    int64_t retries;    /* failures in a row once the port accepts */
    int64_t delay_ms;   /* longest pause between two checks */
    int64_t start_ms;   /* from container start to ready */
} manifest_profile;

/** The most processes that a suite may have at once. */
enum { MANIFEST_MOST_WORKERS = 64 };

/** What stands in `select`, and may in `report`, for the name of a test. */
#define MANIFEST_TEST "{test}"

/** The profiles of --env, and `default` first. */
enum { MANIFEST_PROFILE_COUNT = 5 };

typedef struct {
    char *name;
    utr_place place; /* of its key */
    bool critical;   /* false: may be absent for suites that owe it no proof */
    manifest_profile profiles[MANIFEST_PROFILE_COUNT]; /* read through manifest_readiness() */
} manifest_service;

/** Something outside that suites may reach: neither a service of the Compose file nor local. */
typedef struct {
    char *name; /* "api.example.com:443"; evidence names it so */
    char *host;
    int port;
    utr_place place;
} manifest_external;

typedef struct {
    char *name;
    char *value; /* as written, with its references; see manifest_expand() */
    utr_place place;
} manifest_variable;

typedef UTR_VEC(manifest_variable) manifest_variables;

/** A port of a service that some ${service:port} names. */
typedef struct {
    char *service;
    int port;
} manifest_reference;

/** What is owed to one service. At least one of the numbers is over 0. */
typedef struct {
    char *service;
    utr_place place;
    manifest_scope scope;
    int64_t exchanges, reads, writes, requests; /* 0: not asked for */
} manifest_evidence;

typedef struct {
    char *name;
    utr_place place; /* of its item in the list */
    utr_strs run;    /* argv; empty where the suite has list and select */
    utr_strs list;   /* argv that prints its tests' names; empty where it has run */
    utr_strs select; /* argv that runs one test; MANIFEST_TEST stands for its name */
    char *report;    /* format junit: glob of the files that it writes, from `directory`; else NULL */
    char *format;    /* one of manifest_formats() */
    int64_t timeout_ms;
    int64_t workers; /* processes at once, at least 1 */
    bool inherit;    /* what its fixtures exchanged counts for the tests that use them */
    utr_strs sources;
    char *directory;                     /* where it is started */
    manifest_variables environment;      /* its own, over the category's */
    bool evidence_default;               /* none given: the default of the design, section 5, applies */
    UTR_VEC(manifest_evidence) evidence; /* empty where evidence_default */
} manifest_suite;

typedef struct {
    char *rule;
    utr_place place;
    manifest_level level;
} manifest_rule;

/** What is excused, and until when. */
typedef struct {
    char *suite; /* a suite of the category; NULL: every one */
    char *test;  /* glob; "*" where not given */
    char *rule;
    char *reason, *owner;
    char *expires; /* "YYYY-MM-DD", a date that exists; the last day on which it holds */
    utr_place place;
} manifest_waiver;

typedef struct {
    char *category;
    utr_place place;
} manifest_dependency;

typedef struct {
    utr_strs argv; /* never empty */
    utr_place place;
} manifest_command;

typedef struct {
    char *path; /* of the manifest; every place points to it */
    char *name;
    utr_place place;   /* of `category` */
    char *description; /* "" where not given */
    manifest_priority priority;
    UTR_VEC(manifest_dependency) depends_on;
    utr_strs tags;
    int64_t timeout_ms;
    manifest_real_services real_services;
    manifest_isolation isolation;
    utr_strs compose;                  /* files, in the order in which they are merged */
    UTR_VEC(manifest_command) prepare; /* started in the root */
    UTR_VEC(manifest_service) services;
    UTR_VEC(manifest_external) external;
    manifest_variables environment;
    utr_strs mocks;                 /* modules that the scan takes for mocks, besides those it knows */
    UTR_VEC(manifest_suite) suites; /* never empty */
    UTR_VEC(manifest_reference) references; /* of all variables, each once: the ports to be dialled */
    int64_t minimum_tests;                  /* at least 1 */
    UTR_VEC(manifest_rule) rules;
    UTR_VEC(manifest_waiver) waivers;
} manifest_category;

typedef struct {
    const char *root; /* folder that categories/, sources and directories are relative to; NULL: "." */
    const char *const *rules; /* every rule name that `rules` and waivers may use, ended by a NULL */
} manifest_options;

/** Categories. Owned by a manifest_set; borrowed in a closure. */
typedef UTR_VEC(manifest_category *) manifest_categories;

/** All categories of a root, by priority and then by name. */
typedef struct {
    manifest_categories categories;
} manifest_set;

/**
 * Read one manifest, check it whole, and fill in every default. What it depends on is not looked for.
 * @param path     borrowed for the call
 * @param options  borrowed for the call
 * @param out      on success a new category, freed with manifest_free(); untouched on failure
 * @param faults   every fault found, each "path:line:column: what; what would be right"
 * @return UTR_SYS (sys = errno), UTR_TOO_LARGE (over 1 MiB), UTR_CONFIG (see faults)
 */
UTR_MUST_CHECK utr_code manifest_load(const char *path, const manifest_options *options,
                                      manifest_category **out, utr_faults *faults, utr_error *err);
void manifest_free(manifest_category *category);

/**
 * As manifest_load(), of a text, say of another commit: whether the files that it names exist is not looked
 * at.
 * @param path  where it stands, or stood: places name it
 * @return UTR_CONFIG (see faults)
 */
UTR_MUST_CHECK utr_code manifest_parse(const char *path, const utr_buf *text, const manifest_options *options,
                                       manifest_category **out, utr_faults *faults);

/**
 * Read all of ROOT/categories (.yaml and .yml), and check that names are unique and dependencies exist and do
 * not go in a circle.
 * @param out  on success filled in, disposed of with manifest_set_dispose(); untouched on failure
 * @return UTR_NOT_FOUND (no manifest there), UTR_SYS, UTR_CONFIG (see faults; a file that cannot be read is
 * one)
 */
UTR_MUST_CHECK utr_code manifest_load_dir(const manifest_options *options, manifest_set *out,
                                          utr_faults *faults, utr_error *err);
void manifest_set_dispose(manifest_set *set);

/**
 * The named categories with all that they depend on, in the order in which they run: what is depended on
 * first, then by priority and name; each once.
 * @param out  empty before; on success its items are borrowed from the set, freed with utr_vec_dispose()
 * @return UTR_NOT_FOUND with the nearest name and the list
 */
UTR_MUST_CHECK utr_code manifest_closure(const manifest_set *set, const utr_strs *names,
                                         manifest_categories *out, utr_error *err);

/** A service of the category by name, or NULL. */
const manifest_service *manifest_service_find(const manifest_category *category, const char *name);

/** How many processes of the suite may run at once. */
int64_t manifest_suite_processes(const manifest_suite *suite);

/** Whether it has several tests and nobody can say which of them runs: what it exchanges is the suite's as a
 * whole. (Of format exit, the suite is one test.) */
bool manifest_suite_is_whole(const manifest_suite *suite);

/** How readiness of a service is waited for under --env; `default` where env is NULL or names no profile.
 * What the profile leaves out comes from the service's `default`, then from the built-in profile of that
 * name. */
const manifest_profile *manifest_readiness(const manifest_service *service, const char *env);

/** Where a service's port is dialled, "127.0.0.1:5432"; borrowed until the next call. NULL: not there. */
typedef const char *manifest_lookup(void *ctx, const char *service, int port);

/**
 * Replace each ${service:port} by what lookup says, and $$ by $.
 * @param out  a new string that the caller frees
 * @return UTR_NOT_FOUND where lookup has none, UTR_CONFIG where text is not well-formed (a loaded manifest's
 * is)
 */
UTR_MUST_CHECK utr_code manifest_expand(const char *text, manifest_lookup *lookup, void *ctx, char **out,
                                        utr_error *err);

/** The words for enums, as manifests write them. Never NULL. */
const char *manifest_priority_text(manifest_priority priority);
const char *manifest_real_services_text(manifest_real_services real);
const char *manifest_level_text(manifest_level level);

/** The formats, and the profiles that --env may name (and `default`); each ends with a NULL. */
const char *const *manifest_formats(void);
const char *const *manifest_profiles(void);

/** One key that manifests may use. */
typedef struct {
    const char *object; /* category, service, readiness, profile, suite, evidence, waiver */
    const char *key;
    bool required;
    const char *const *words; /* the words that its value may be, ended by a NULL; NULL: any */
} manifest_key;

/** All keys of all objects, for schemas and their tests. */
size_t manifest_key_count(void);
manifest_key manifest_key_get(size_t index);

static inline void manifest_release(manifest_category **category)
{
    manifest_free(*category);
}

/** `auto_manifest manifest_category *x = NULL;` frees x at the end of the block. */
#define auto_manifest     __attribute__((cleanup(manifest_release)))
#define auto_manifest_set __attribute__((cleanup(manifest_set_dispose)))

#endif
