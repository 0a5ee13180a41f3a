/**
 * From a merged tree to structs: what every part of the Compose reader shares.
 *
 * A mapping is read by a table of {key, setter, offset}. A setter is given the pair and the field to fill in;
 * it records a fault and leaves the field alone where the value is wrong. Keys that are known but not acted
 * on carry why: `refuse` where ignoring them would change what runs, else `warn`.
 */
#ifndef UTR_COMPOSE_READER_H
#define UTR_COMPOSE_READER_H

#include "base/yaml.h"
#include "compose/compose.h"
#include "compose/interpolate.h"

#include <stddef.h>

typedef enum { COMPOSE_TO_SERVICE, COMPOSE_TO_NETWORK, COMPOSE_TO_VOLUME } compose_target;

/** A name that must exist once everything is read. Names are borrowed from the tree. */
typedef struct {
    compose_target target;
    const char *from; /* the service that names it */
    const char *name;
    utr_place place;
    bool optional; /* a dependency with `required: false` */
} compose_reference;

typedef struct {
    const char *directory; /* project directory, absolute */
    const compose_vars *vars;
    const utr_strs *profiles; /* switched on; or NULL */
    utr_faults *faults;
    utr_faults *warnings;
    const char *service; /* being read, or NULL */
    UTR_VEC(compose_reference) references;
} compose_reader;

typedef void compose_setter(compose_reader *r, const utr_yaml_pair *pair, void *field);

typedef struct {
    const char *key;
    compose_setter *set; /* NULL: refuse or warn says why; neither: fine, but nothing to do */
    size_t offset;
    const char *refuse;
    const char *warn;
    bool nullable; /* set is called for `key:` without a value too */
} compose_key;

/** Table rows of keys that are known and not acted on: with what to do instead, and without harm. */
#define COMPOSE_REFUSED(key, why)                                                                            \
    {                                                                                                        \
        key, NULL, 0, why, NULL, false                                                                       \
    }
#define COMPOSE_WARNED(key, why)                                                                             \
    {                                                                                                        \
        key, NULL, 0, NULL, why, false                                                                       \
    }

#define COMPOSE_COUNT(table) (sizeof(table) / sizeof *(table))

/** Read a mapping into object by its table. A null node reads as an empty mapping. @return false: not a
 * mapping */
bool compose_read_map(compose_reader *r, const utr_yaml_pair *pair, const compose_key *keys, size_t count,
                      void *object);

/** "'key' wants WANTED, not a list". */
void compose_fail_kind(compose_reader *r, const utr_yaml_pair *pair, const utr_yaml *node,
                       const char *wanted);

/** The text of a scalar that must be a string: a bare number or boolean is none. NULL after a fault. */
const char *compose_string(compose_reader *r, const utr_yaml_pair *pair, const utr_yaml *node);

/** The text of any scalar; NULL after a fault, which says what is wanted. */
const char *compose_scalar(compose_reader *r, const utr_yaml_pair *pair, const utr_yaml *node,
                           const char *wanted);

/** dir/text without "." and ".." steps; the caller frees it. "~/" is the vars' HOME. */
char *compose_path(const compose_reader *r, const char *text);

/** Bytes as Compose writes them: 1024, "64m", "1.5gb". @return false: none, or over 2^62 */
bool compose_size(const char *text, int64_t *out);

/** Setters for fields of the type that is said. */
void compose_set_string(compose_reader *r, const utr_yaml_pair *pair, void *field);   /* char * */
void compose_set_bool(compose_reader *r, const utr_yaml_pair *pair, void *field);     /* bool */
void compose_set_size(compose_reader *r, const utr_yaml_pair *pair, void *field);     /* int64_t */
void compose_set_duration(compose_reader *r, const utr_yaml_pair *pair, void *field); /* int64_t, ms */
void compose_set_cpus(compose_reader *r, const utr_yaml_pair *pair, void *field);     /* double */
void compose_set_pids(compose_reader *r, const utr_yaml_pair *pair, void *field);     /* int64_t */
void compose_set_strings(compose_reader *r, const utr_yaml_pair *pair,
                         void *field); /* utr_strs; no doubles */
void compose_set_scalars(compose_reader *r, const utr_yaml_pair *pair, void *field); /* ..., numbers too */
void compose_set_named(compose_reader *r, const utr_yaml_pair *pair,
                       void *field); /* utr_strs; "NAME=value" */
void compose_set_words(compose_reader *r, const utr_yaml_pair *pair, void *field); /* utr_strs; a command */
/** As compose_set_named, but a name without a value takes the variable's, or is left out. */
void compose_set_variables(compose_reader *r, const utr_yaml_pair *pair, void *field);

#endif
