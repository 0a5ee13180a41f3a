/** A project's own settings for which files, classes and functions are tests. Used inside the scan only. */
#ifndef UTR_SCAN_SETTINGS_H
#define UTR_SCAN_SETTINGS_H

#include "base/faults.h"

/** What pytest.ini, pyproject.toml, tox.ini or setup.cfg says; each empty where it says nothing. */
typedef struct {
    utr_strs files;     /* python_files: globs */
    utr_strs classes;   /* python_classes: prefixes or globs */
    utr_strs functions; /* python_functions: prefixes or globs */
} scan_settings;

/** The settings of every folder below a root, read when first asked for. */
typedef struct scan_settings_cache scan_settings_cache;

scan_settings_cache *scan_settings_cache_new(const char *root);
void scan_settings_cache_free(scan_settings_cache *cache);

/** What holds for a file (relative to the root): of the nearest folder upwards, up to the root, that has
 * some. Borrowed from the cache; never NULL. Not safe from several threads at once. */
const scan_settings *scan_settings_for(scan_settings_cache *cache, const char *path);

/** What was wrong in those that were read so far. */
const utr_faults *scan_settings_faults(const scan_settings_cache *cache);

#endif
