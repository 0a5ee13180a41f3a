/**
 * A YAML file as a tree of nodes that know where they stand.
 *
 *     utr_yaml_doc *doc = NULL;
 *     if (utr_yaml_load(path, &doc, &faults, &err)) ...     the faults say file:line:column
 *     const utr_yaml *root = utr_yaml_root(doc);
 *     utr_yaml_free(doc);
 *
 * Anchors are resolved: an alias is the same node in a second place. Merge keys (`<<`) are applied: a
 * mapping's own keys win over merged ones, an earlier merged mapping over a later. Files over 1 MiB, nesting
 * over 64 levels, cycles, over 1,000 anchors, expansion over 100,000 nodes (a text counts as one more for
 * each 64 bytes), duplicate keys, keys that are no scalars and second documents are faults. Everything
 * belongs to the doc.
 */
#ifndef UTR_BASE_YAML_H
#define UTR_BASE_YAML_H

#include "base/faults.h"

typedef enum { UTR_YAML_NULL, UTR_YAML_SCALAR, UTR_YAML_SEQUENCE, UTR_YAML_MAPPING } utr_yaml_kind;

typedef struct utr_yaml utr_yaml;

/** One `key: value` of a mapping. */
typedef struct {
    const char *key;
    utr_place place; /* of the key */
    const utr_yaml *value;
} utr_yaml_pair;

struct utr_yaml {
    utr_yaml_kind kind;
    utr_place place;
    const char *tag;  /* an explicit tag such as "!reset", else NULL */
    const char *text; /* scalar: its text; else NULL */
    bool plain;       /* scalar: written without quotes */
    size_t count;     /* items of a sequence, pairs of a mapping */
    const utr_yaml **items;
    utr_yaml_pair *pairs; /* in file order */
};

typedef struct utr_yaml_doc utr_yaml_doc;

/**
 * Read and check a file.
 * @param path  every place points to it: it must outlive the document and the places taken from it
 * @param out   the document, freed with utr_yaml_free(); an empty file has a UTR_YAML_NULL root
 * @return UTR_SYS or UTR_TOO_LARGE (could not read), UTR_CONFIG (see faults); err is filled in for each
 */
UTR_MUST_CHECK utr_code utr_yaml_load(const char *path, utr_yaml_doc **out, utr_faults *faults,
                                      utr_error *err);

/** As utr_yaml_load, from memory. path only names the places. @return UTR_CONFIG (see faults) */
UTR_MUST_CHECK utr_code utr_yaml_parse(const char *path, const char *text, size_t len, utr_yaml_doc **out,
                                       utr_faults *faults);

const utr_yaml *utr_yaml_root(const utr_yaml_doc *doc);

void utr_yaml_free(utr_yaml_doc *doc);

/** The value of a key, or NULL; node may be of any kind or NULL. */
const utr_yaml *utr_yaml_get(const utr_yaml *node, const char *key);

/** A plain scalar that YAML 1.2's core schema reads as a boolean (also yes/no/on/off are refused: false). */
bool utr_yaml_bool(const utr_yaml *node, bool *out);

/** "a mapping", "a list", "a scalar", "nothing": for faults. */
const char *utr_yaml_kind_text(utr_yaml_kind kind);

static inline void utr_yaml_release(utr_yaml_doc **doc)
{
    utr_yaml_free(*doc);
}

#define auto_yaml __attribute__((cleanup(utr_yaml_release)))

#endif
