#include "load.h"

#include "base/files.h"

#include <ftw.h>
#include <string.h>

static char folder[64];

int folder_enter(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/utr-compose-XXXXXX");
    return !mkdtemp(folder) || chdir(folder);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

int folder_leave(void **state)
{
    (void)state;
    return chdir("/") || nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void folder_write(const char *name, const char *text)
{
    utr_error err = {0};
    assert_int_equal(utr_file_write(name, text, strlen(text), &err), UTR_OK);
}

loaded load_files(const char *const *names, size_t count, const char *profile)
{
    loaded l = {0};
    utr_error err = {0};
    auto_strs utr_strs files = {0};
    auto_strs utr_strs environment = {0};
    auto_strs utr_strs profiles = {0};
    for (size_t i = 0; i < count; i++)
        utr_strs_add(&files, names[i]);
    utr_strs_add(&environment, "SET=value");
    utr_strs_add(&environment, "EMPTY=");
    utr_strs_add(&environment, "HOME=/home/user");
    if (profile)
        utr_strs_add(&profiles, profile);
    compose_options options = {.environment = &environment, .profiles = &profiles};
    l.code = compose_load(&files, &options, &l.stack, &l.faults, &l.warnings, &err);
    assert_int_equal(l.code, err.code);
    assert_true((l.code == UTR_OK) == (l.stack != NULL));
    return l;
}

loaded load_text(const char *text)
{
    static const char *const NAMES[] = {"compose.yaml"};
    folder_write(NAMES[0], text);
    return load_files(NAMES, 1, NULL);
}

loaded load_two(const char *text, const char *over)
{
    static const char *const NAMES[] = {"compose.yaml", "over.yaml"};
    folder_write(NAMES[0], text);
    folder_write(NAMES[1], over);
    return load_files(NAMES, 2, NULL);
}

loaded load_service(const char *lines)
{
    auto_free char *text = utr_format("services:\n"
                                      "  web:\n"
                                      "%s"
                                      "  db:\n"
                                      "    image: postgres:15\n"
                                      "volumes:\n"
                                      "  data:\n",
                                      lines);
    return load_text(text);
}

void loaded_dispose(loaded *l)
{
    compose_free(l->stack);
    utr_faults_dispose(&l->faults);
    utr_faults_dispose(&l->warnings);
}

static void assert_lines(const utr_strs *lines, const char *expected)
{
    auto_free char *all = utr_strs_join(lines, "\n");
    assert_string_equal(all ? all : "", expected);
}

void assert_faults(const loaded *l, const char *expected)
{
    assert_lines(&l->faults.texts, expected);
    assert_int_equal(l->code, *expected ? UTR_CONFIG : UTR_OK);
}

void assert_warnings(const loaded *l, const char *expected)
{
    assert_lines(&l->warnings.texts, expected);
}

void assert_clean(const loaded *l)
{
    assert_faults(l, "");
    assert_warnings(l, "");
}

void assert_strs(const utr_strs *strs, const char *expected)
{
    auto_free char *all = utr_strs_join(strs, "|");
    assert_string_equal(all ? all : "", expected);
}
