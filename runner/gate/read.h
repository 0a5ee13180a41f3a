/** Reads both sides of what changed, and scans them on several threads. Used inside the gate only. */
#ifndef UTR_GATE_READ_H
#define UTR_GATE_READ_H

#include "gate/pair.h"

typedef struct {
    const gate_options *options;
    history *history;
    const char *root;      /* as it is opened */
    const utr_strs *mocks; /* modules that manifests of either side name */
} gate_reader;

/** Whether the gate has use for a file of that path below the root: a manifest, a file of CI. */
bool gate_is_manifest(const gate_reader *reader, const char *path);
bool gate_is_ci(const char *path);

/** Make a pair of each change that the gate has use for, its texts read. What cannot be read is noted.
 * @return UTR_CANCELLED, UTR_SYS */
UTR_MUST_CHECK utr_code gate_read(const gate_reader *reader, const history_changes_list *changes,
                                  gate_work *work, utr_error *err);

/** Scan those that the scan knows. @return UTR_SYS, UTR_CANCELLED */
UTR_MUST_CHECK utr_code gate_scan(const gate_reader *reader, gate_work *work, utr_error *err);

/** What follows the prefix, or NULL where path does not lie below the root. */
const char *gate_below(const gate_reader *reader, const char *path);

#endif
