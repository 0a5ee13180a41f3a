#include "scan/settings.h"

struct scan_settings_cache {
    utr_faults faults;
    scan_settings none;
};

scan_settings_cache *scan_settings_cache_new(const char *root)
{
    (void)root;
    return UTR_NEW(scan_settings_cache);
}

void scan_settings_cache_free(scan_settings_cache *cache)
{
    free(cache);
}

const scan_settings *scan_settings_for(scan_settings_cache *cache, const char *path)
{
    (void)path;
    return &cache->none;
}

const utr_faults *scan_settings_faults(const scan_settings_cache *cache)
{
    return &cache->faults;
}
