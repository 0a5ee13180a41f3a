#include "cli/sources.h"

#include "base/files.h"
#include "review/review.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static utr_code read_manifests(const char *root, manifest_set *out, utr_faults *faults, utr_error *err)
{
    auto_strs utr_strs rules = run_rule_names();
    manifest_options options = {.root = root, .rules = (const char *const *)rules.items};
    if (manifest_load_dir(&options, out, faults, err) != UTR_NOT_FOUND)
        return err->code;
    utr_error_reset(err); /* sources without a manifest are scanned by the rules' own levels */
    return UTR_OK;
}

static void say_uncached(const char *why)
{
    if (why)
        (void)fprintf(stderr, "no cache, each scan reads everything: %s\n", why);
}

/* Where the cache is; NULL where none can be. */
static char *cache_path(const char *root)
{
    utr_error err = {0};
    if (run_folder_make(root, &err)) {
        say_uncached(err.text);
        return NULL;
    }
    return utr_format("%s/.utr/scan.db", root);
}

/* Whether path is a folder that does not lie in the current one. */
static bool is_elsewhere(const char *path)
{
    struct stat status;
    auto_free char *here = realpath(".", NULL);
    auto_free char *there = realpath(path, NULL);
    if (!here || !there || stat(there, &status) || !S_ISDIR(status.st_mode))
        return false;
    size_t len = strlen(here);
    return strncmp(there, here, len) != 0 || (there[len] && there[len] != '/' && len > 1);
}

const char *sources_root(const cli_options *options)
{
    const char *root = options->request.root;
    bool alone = options->arguments.count == 1 && strcmp(root, ".") == 0;
    return alone && is_elsewhere(options->arguments.items[0]) ? options->arguments.items[0] : root;
}

utr_code sources_read(const cli_options *options, sources *out, utr_faults *faults, utr_error *err)
{
    const char *root = options->request.root;
    if (access(root, R_OK | X_OK))
        return utr_fail(err, UTR_USAGE, "--root %s: %s", root, strerror(errno));
    if (read_manifests(root, &out->manifests, faults, err))
        return err->code;
    out->mocks = review_mocks(&out->manifests);
    out->cache = cache_path(root);
    out->options = (scan_options){.root = root, .mocks = &out->mocks, .cache = out->cache};
    if (scan_open(&out->options, &out->scanner, err))
        return err->code;
    if (scan_run(out->scanner, &options->arguments, &out->result, &out->faults, err))
        return err->code;
    say_uncached(out->result.uncached);
    return UTR_OK;
}

void sources_dispose(sources *s)
{
    scan_result_dispose(&s->result);
    scan_close(s->scanner);
    utr_faults_dispose(&s->faults);
    utr_strs_dispose(&s->mocks);
    manifest_set_dispose(&s->manifests);
    free(s->cache);
}
