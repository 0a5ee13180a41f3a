/**
 * What was found in texts, kept in a SQLite database for the next scan. Used inside the scan only.
 *
 * It can only make a scan faster: what it does not have is scanned, what it has is checked, a database that
 * is corrupt or of another form is replaced, and where it is locked or cannot be written the scan goes on
 * without. Any thread may ask. What was not used for 30 days goes.
 */
#ifndef UTR_SCAN_CACHE_CACHE_H
#define UTR_SCAN_CACHE_CACHE_H

#include "scan/cache/key.h"

typedef struct scan_cache scan_cache;

/** @return NULL where it cannot be opened; `why` is then a string that the caller frees */
scan_cache *scan_cache_open(const char *path, char **why);

/**
 * Whether the text of this key was scanned before; out is filled in then.
 * @param tests  its tests, too
 * @param out    only its path is set
 */
bool scan_cache_get(scan_cache *cache, const scan_key *key, bool tests, scan_file *out);

/** Keep what was found, with its tests. It is written by scan_cache_close(). */
void scan_cache_put(scan_cache *cache, const scan_key *key, const scan_file *file);

/** Write what was put. @return NULL, or why that could not be; the caller frees it */
char *scan_cache_close(scan_cache *cache);

#endif
