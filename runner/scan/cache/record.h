/** What was found in a text, as bytes and back. Used by the cache only. */
#ifndef UTR_SCAN_CACHE_RECORD_H
#define UTR_SCAN_CACHE_RECORD_H

#include "base/buf.h"
#include "scan/cache/key.h"

/** State, findings and faults. @param key  goes into the record's check. @return false: it is too much to be
 * kept */
bool record_write_findings(const scan_file *file, const scan_key *key, utr_buf *out);

/** Its tests. */
bool record_write_tests(const scan_file *file, const scan_key *key, utr_buf *out);

/** @return false where the bytes are not what was written; out is then as it was */
bool record_read_findings(const void *data, size_t len, const scan_key *key, scan_file *out);
bool record_read_tests(const void *data, size_t len, const scan_key *key, scan_file *out);

#endif
