/** What got weaker in one suite of a manifest. Used inside the gate only. */
#ifndef UTR_GATE_SUITE_H
#define UTR_GATE_SUITE_H

#include "gate/manifests/manifest.h"

/** Compare a suite with what it is now; what got weaker is added. */
void gate_suite_compare(gate_work *work, const gate_manifest *was, const manifest_suite *old,
                        const gate_manifest *is, const manifest_suite *new);

/** The line at or after `from` on which a key stands, or 0. */
int64_t gate_key_line(const utr_buf *text, const char *key, int64_t from);

/** It is the value of a key, now at or below a line of the newer text; where it stands no more, it is gone
 * from the older one. */
void gate_at_key(gate_item *item, const gate_pair *was, const gate_pair *is, const char *key, int64_t from);

#endif
