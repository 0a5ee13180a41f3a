/* Any bytes as a Compose file: either a stack or faults, and never anything of the machine's own files. */
#include "fuzz_target.h"

#include "base/files.h"
#include "compose/compose.h"

#include <assert.h>
#include <stdio.h>

/* One file of this process; in memory where the machine has such a folder. */
static const char *input_path(void)
{
    static char path[64];
    if (!*path)
        (void)snprintf(path, sizeof path, "%s/utr-fuzz-compose-%d.yaml",
                       utr_path_exists("/dev/shm") ? "/dev/shm" : "/tmp", (int)getpid());
    return path;
}

static bool write_input(const uint8_t *data, size_t size)
{
    FILE *file = fopen(input_path(), "we");
    if (!file)
        return false;
    bool written = fwrite(data, 1, size, file) == size;
    return fclose(file) == 0 && written;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    utr_error err = {0};
    auto_compose compose_stack *stack = NULL;
    auto_faults utr_faults faults = {0};
    auto_faults utr_faults warnings = {0};
    auto_strs utr_strs files = {0};
    auto_strs utr_strs environment = {0};
    if (!write_input(data, size))
        return 0;
    utr_strs_add(&files, input_path());
    utr_strs_add(&files, input_path()); /* merged over itself */
    utr_strs_add(&environment, "A=value");
    compose_options options = {.directory = "/nowhere", .environment = &environment};
    utr_code code = compose_load(&files, &options, &stack, &faults, &warnings, &err);
    assert((code == UTR_OK) == (stack != NULL));
    assert((code == UTR_CONFIG) == (faults.texts.count > 0));
    (void)unlink(input_path());
    return 0;
}
