/**
 * What was found in texts, kept in a SQLite database for the next scan. Used inside the scan only.
 *
 * It can only make a scan faster: what it does not have is scanned, what it has is checked, a database that
 * is corrupt or of another form is replaced, and where it is locked or cannot be written the scan goes on
 * without. Any thread may ask. What was not used for 30 days goes.
 *
 * 1. scan_cache_open().
 * 2. Of each file: scan_cache_find() the key by the file's stamp, or else make it of the text; then
 * scan_cache_get(). What it has not: scan_cache_put(); of what was read: scan_cache_remember().
 * 3. A thread that has nothing more to ask: scan_cache_rest(). Others cannot write between hits and misses.
 * 4. scan_cache_close().
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

/** The key that a file of this stamp had when it was read. */
bool scan_cache_find(scan_cache *cache, const scan_stamp *stamp, scan_key *out);

/** Keep that. It is written by scan_cache_close(). */
void scan_cache_remember(scan_cache *cache, const scan_stamp *stamp, const scan_key *key);

/** Let others write, until the next question. A miss does it, too. */
void scan_cache_rest(scan_cache *cache);

/** Keep what was found, with its tests. It is written by scan_cache_close(). */
void scan_cache_put(scan_cache *cache, const scan_key *key, const scan_file *file);

/** Write what was put. @return NULL, or why that could not be; the caller frees it */
char *scan_cache_close(scan_cache *cache);

#endif
