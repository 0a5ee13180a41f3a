/* Runs each file of a corpus folder through a fuzz target: replay FOLDER. Fails where there is none. */
#include "fuzz_target.h"

#include "base/files.h"
#include "base/memory.h"

#include <dirent.h>
#include <stdio.h>

static bool replay(const char *path)
{
    utr_error err = {0};
    auto_buf utr_buf bytes = UTR_BUF_INIT(1 << 20);
    if (utr_file_read(path, &bytes, &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return false;
    }
    (void)LLVMFuzzerTestOneInput((const uint8_t *)utr_buf_text(&bytes), bytes.len);
    return true;
}

int main(int argc, char **argv)
{
    struct dirent **files = NULL;
    int count = argc == 2 ? scandir(argv[1], &files, NULL, alphasort) : -1;
    int ran = 0;
    bool fine = count > 0;
    for (int i = 0; i < count; i++) {
        auto_free char *path = utr_path_join(argv[1], files[i]->d_name);
        if (*files[i]->d_name != '.') {
            fine = replay(path) && fine;
            ran++;
        }
        free(files[i]);
    }
    free(files);
    (void)printf("%d inputs\n", ran);
    return fine && ran ? 0 : 1;
}
