/** What got weaker in manifests. Used inside the gate only. */
#ifndef UTR_GATE_MANIFEST_H
#define UTR_GATE_MANIFEST_H

#include "gate/pair.h"
#include "manifest/manifest.h"

/** A side's manifests of what changed, with the pairs that they stand in. */
typedef struct {
    manifest_category *category;
    gate_pair *pair;
} gate_manifest;

typedef UTR_VEC(gate_manifest) gate_manifest_list;

typedef struct {
    gate_manifest_list old, new;
    UTR_VEC(gate_pair *) broken; /* whose newer side cannot be read */
    utr_strs faults;             /* of these, the first one of each */
} gate_manifests;

/** Parse what `is_manifest` says of the pairs. The older side's faults are nobody's any more. */
void gate_manifests_parse(gate_work *work, const gate_rule *rules,
                          bool (*is_manifest)(const void *ctx, const char *path), const void *ctx,
                          gate_manifests *out);
void gate_manifests_dispose(gate_manifests *manifests);

/** Compare categories of one name; what got weaker is added. Pure. */
void gate_manifests_compare(gate_work *work, const gate_rule *rules, const gate_manifests *manifests);

#endif
