#include "manifest/words.h"

#include "manifest/manifest.h"

const char *const manifest_priority_words[] = {"critical", "high", "medium", "low", NULL};
const char *const manifest_real_services_words[] = {"required", "preferred", "none", NULL};
const char *const manifest_level_words[] = {"refuse", "warn", "off", NULL};
const char *const manifest_scope_words[] = {"test", "suite", NULL};
const char *const manifest_isolation_words[] = {"open", "sealed", NULL};
const char *const manifest_format_words[] = {"pytest", "node", "cmocka", "gtest", "catch2",
                                             "go",     "tap",  "junit",  "exit",  NULL};
const char *const manifest_profile_words[MANIFEST_PROFILE_COUNT + 1] = {
    "default", "test", "development", "staging", "production", NULL};

const char *manifest_priority_text(manifest_priority priority)
{
    return manifest_priority_words[priority];
}

const char *manifest_real_services_text(manifest_real_services real)
{
    return manifest_real_services_words[real];
}

const char *manifest_level_text(manifest_level level)
{
    return manifest_level_words[level];
}

const char *const *manifest_formats(void)
{
    return manifest_format_words;
}

const char *const *manifest_profiles(void)
{
    return manifest_profile_words;
}
