/* Any bytes as a manifest: either faults or a category that is whole. */
#include "fuzz_target.h"

#include "base/files.h"
#include "manifest/manifest.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>

static const char *lookup(void *ctx, const char *service, int port)
{
    assert(manifest_service_find(ctx, service));
    assert(port > 0 && port < 65536);
    return "127.0.0.1:1";
}

static void check_variables(manifest_category *category, const manifest_variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        auto_free char *value = NULL;
        utr_error err = {0};
        assert(!manifest_expand(variables->items[i].value, lookup, category, &value, &err));
    }
}

static void check_suite(manifest_category *category, const manifest_suite *suite)
{
    assert(suite->name && suite->format && suite->directory && suite->timeout_ms > 0);
    assert(suite->run.count ? !suite->select.count : suite->list.count && suite->select.count);
    assert(suite->workers > 0 && suite->workers <= MANIFEST_MOST_WORKERS);
    check_variables(category, &suite->environment);
    for (size_t i = 0; i < suite->evidence.count; i++)
        assert(manifest_service_find(category, suite->evidence.items[i].service) || category->external.count);
}

static void check(manifest_category *category)
{
    assert(category->name && category->description && category->suites.count);
    check_variables(category, &category->environment);
    for (size_t i = 0; i < category->suites.count; i++)
        check_suite(category, &category->suites.items[i]);
    for (size_t i = 0; i < category->services.count; i++)
        assert(manifest_readiness(&category->services.items[i], "staging")->timeout_ms > 0);
    for (size_t i = 0; i < category->external.count; i++)
        assert(category->external.items[i].port > 0 && category->external.items[i].port < 65536);
    for (size_t i = 0; i < category->waivers.count; i++)
        assert(category->waivers.items[i].rule && category->waivers.items[i].expires);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const RULES[] = {"no-evidence", "skipped", NULL};
    manifest_options options = {.root = "/", .rules = RULES};
    auto_faults utr_faults faults = {0};
    auto_manifest manifest_category *category = NULL;
    utr_error err = {0};
    auto_close int fd = memfd_create("manifest", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    auto_free char *path = utr_format("/proc/self/fd/%d", fd);
    utr_code code = manifest_load(path, &options, &category, &faults, &err);
    assert((code == UTR_OK) == (category != NULL));
    assert((code == UTR_CONFIG) == (faults.texts.count > 0));
    if (category)
        check(category);
    return 0;
}
