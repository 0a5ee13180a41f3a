/**
 * Mappings of a manifest read by tables of their keys.
 *
 * A table row says how a key is named, whether it must be given, which setter reads its value, and where in
 * the target struct the value goes. Setters record faults and go on.
 */
#ifndef UTR_MANIFEST_READ_H
#define UTR_MANIFEST_READ_H

#include "base/yaml.h"
#include "manifest/manifest.h"

typedef struct {
    manifest_category *category;
    const manifest_options *options;
    utr_faults *faults;
    bool elsewhere; /* of another commit: what it names need not be here */
} manifest_reader;

typedef struct manifest_field manifest_field;

/** Read pair's value into the member of target that the field names. */
typedef void manifest_setter(manifest_reader *r, const manifest_field *field, const utr_yaml_pair *pair,
                             void *target);

struct manifest_field {
    const char *name;
    bool required;
    manifest_setter *set;
    size_t offset;
    const char *const *words; /* what manifest_set_word takes */
};

typedef struct {
    const char *name;
    const char *what;  /* one of its keys is called: "key", "profile" */
    bool may_be_empty; /* nothing reads as a mapping without keys */
    const manifest_field *fields;
    size_t count;
} manifest_object;

#define MANIFEST_OBJECT(object_name, key_word, empty, table)                                                 \
    {                                                                                                        \
        .name = (object_name), .what = (key_word), .may_be_empty = (empty), .fields = (table),               \
        .count = sizeof(table) / sizeof *(table)                                                             \
    }

/** Read a mapping into target, all its faults recorded. */
void manifest_read_object(manifest_reader *r, const manifest_object *object, const utr_yaml *node,
                          void *target);

/** Record "'key' is ...; it takes WANTED" about a pair's value. */
void manifest_fault_wrong(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted);

/** As utr_faults_unknown, with the known names as a list ended by a NULL. */
void manifest_fault_unknown(manifest_reader *r, utr_place place, const char *what, const char *word,
                            const char *const *known);

/** The pair's value where it is a list (a mapping) of at most 1,000 entries; else NULL, the fault recorded.
 */
const utr_yaml *manifest_list(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted);
const utr_yaml *manifest_mapping(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted);

/** A list of scalars appended to out; anything else is a fault. */
void manifest_read_strs(manifest_reader *r, const utr_yaml_pair *pair, const char *wanted, utr_strs *out);

/** Whether text may name a category, suite or service: letters, digits, "_", "-", ".", no dash or dot first.
 */
bool manifest_is_name(const char *text);

manifest_setter manifest_set_text;     /* char *: not empty */
manifest_setter manifest_set_name;     /* char *: see manifest_is_name() */
manifest_setter manifest_set_word;     /* an enum in the order of field->words */
manifest_setter manifest_set_duration; /* int64_t of milliseconds, over 0 */
manifest_setter manifest_set_count;    /* int64_t, 1 to 1,000,000 */
manifest_setter manifest_set_bool;     /* bool */
manifest_setter manifest_set_strs;     /* utr_strs */

#endif
