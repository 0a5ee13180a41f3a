#include "folder.h"

#include "base/files.h"

#include <ftw.h>
#include <string.h>

int folder_setup(void **state)
{
    char path[] = "/tmp/utr-test-scan-XXXXXX";
    if (!mkdtemp(path))
        return -1;
    *state = utr_strdup(path);
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

int folder_teardown(void **state)
{
    int removed = nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return removed;
}

void folder_write(const char *folder, const char *name, const char *text)
{
    utr_error err = {0};
    auto_free char *path = utr_path_join(folder, name);
    auto_free char *inside = utr_path_dir(path);
    assert_int_equal(utr_dir_make(inside, &err), UTR_OK);
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
}

char *folder_rows(const scan_result *result)
{
    utr_buf rows = {0};
    utr_buf_puts(&rows, "");
    for (size_t i = 0; i < result->files.count; i++) {
        const scan_file *file = &result->files.items[i];
        utr_buf_print(&rows, "%s %s", file->path, scan_state_text(file->state));
        for (size_t k = 0; k < file->findings.count; k++)
            utr_buf_print(&rows, " %s %lld", scan_kind_text(file->findings.items[k].kind),
                          (long long)file->findings.items[k].line);
        for (size_t k = 0; k < file->faults.count; k++)
            utr_buf_print(&rows, " ! %s", file->faults.items[k]);
        utr_buf_puts(&rows, "\n");
    }
    return utr_buf_take(&rows);
}

void assert_scanned(const char *folder, scan_options options, const char *rows)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    auto_scan_result scan_result result = {0};
    auto_faults utr_faults faults = {0};
    options.root = folder;
    assert_int_equal(scan_open(&options, &scanner, &err), UTR_OK);
    assert_int_equal(scan_run(scanner, &(utr_strs){0}, &result, &faults, &err), UTR_OK);
    auto_free char *found = folder_rows(&result);
    assert_string_equal(found, rows);
}
