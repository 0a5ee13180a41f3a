#include "run/record.h"

#include "run/run.h"

#include "base/clock.h"
#include "base/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static char *new_id(void)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint32_t)utr_clock_us();
    time_t now = time(NULL);
    struct tm parts;
    (void)gmtime_r(&now, &parts);
    char stamp[32];
    (void)strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &parts);
    return utr_format("%s-%06x", stamp, random & 0xFFFFFFU);
}

utr_code run_folder_make(const char *root, utr_error *err)
{
    auto_free char *utr = utr_path_join(root, ".utr");
    auto_free char *ignore = utr_path_join(utr, ".gitignore");
    if (utr_dir_make(utr, err))
        return err->code;
    return utr_path_exists(ignore) ? UTR_OK : utr_file_write(ignore, "*\n", 2, err);
}

static utr_code point_last(const run_record *record, utr_error *err)
{
    auto_free char *last = utr_format("%s/.utr/last", record->root);
    auto_free char *beside = utr_format("%s.%s", last, record->id);
    if (symlink(record->dir, beside) < 0)
        return utr_fail_sys(err, errno, "link %s", last);
    if (rename(beside, last) == 0)
        return UTR_OK;
    int why = errno;
    (void)unlink(beside);
    return utr_fail_sys(err, why, "link %s", last);
}

static void read_before(run_record *record)
{
    auto_free char *path = utr_format("%s/.utr/last/journal.jsonl", record->root);
    utr_error ignored = {0};
    record->before_path = realpath(path, NULL);
    if (record->before_path &&
        journal_read_kind(record->before_path, JOURNAL_SUITE_FINISH, &record->before, &ignored))
        record->before = NULL; /* one of another version: no estimate */
}

static char *absolute_path(const char *path)
{
    if (*path == '/')
        return utr_strdup(path);
    char cwd[PATH_MAX];
    return utr_path_join(getcwd(cwd, sizeof cwd) ? cwd : ".", path);
}

static utr_code fill(run_record *record, const char *root, const char *dir, utr_error *err)
{
    record->root = realpath(root, NULL);
    if (!record->root)
        return utr_fail_sys(err, errno, "open --root %s", root);
    record->dir = dir ? absolute_path(dir) : utr_format("%s/.utr/runs/%s", record->root, record->id);
    record->log_dir = utr_path_join(record->dir, "logs");
    auto_free char *journal_path = utr_path_join(record->dir, "journal.jsonl");
    if (utr_path_exists(journal_path))
        return utr_fail(err, UTR_CONFLICT, "%s holds a run already; name another --run-dir", record->dir);
    read_before(record);
    if (run_folder_make(record->root, err) || utr_dir_make(record->log_dir, err))
        return err->code;
    return point_last(record, err);
}

utr_code run_record_open(const char *root, const char *dir, run_record *out, utr_error *err)
{
    run_record record = {.id = new_id()};
    if (fill(&record, root, dir, err)) {
        run_record_dispose(&record);
        return err->code;
    }
    *out = record;
    return UTR_OK;
}

void run_record_dispose(run_record *record)
{
    free(record->id);
    free(record->dir);
    free(record->log_dir);
    free(record->root);
    journal_free(record->before);
    free(record->before_path);
    json_decref(record->times);
    *record = (run_record){0};
}

char *run_record_path(const run_record *record, const char *name)
{
    return utr_path_join(record->dir, name);
}

char *run_record_log(const run_record *record, const char *category, const char *name)
{
    return utr_format("%s/%s.%s.log", record->log_dir, category, name);
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

double run_record_estimate(const run_record *record, const char *category, const char *suite)
{
    double seconds = 0;
    for (size_t i = 0; record->before && i < journal_count(record->before); i++) {
        const journal_fact *fact = journal_get(record->before, i);
        if (same(fact->category, category) && same(fact->suite, suite))
            seconds = fact->seconds;
    }
    return seconds;
}

static json_t *times_of(const char *path)
{
    auto_journal journal *before = NULL;
    utr_error ignored = {0};
    json_t *times = json_object();
    if (!path || journal_read_kind(path, JOURNAL_TEST_FINISH, &before, &ignored))
        return times;
    for (size_t i = 0; i < journal_count(before); i++) {
        const journal_fact *fact = journal_get(before, i);
        if (!fact->category || !fact->suite || !fact->test)
            continue;
        auto_free char *key = utr_format("%s\n%s\n%s", fact->category, fact->suite, fact->test);
        (void)json_object_set_new(times, key, json_real(fact->seconds));
    }
    return times;
}

double run_record_test_estimate(run_record *record, const char *category, const char *suite, const char *test)
{
    if (!record->times)
        record->times = times_of(record->before_path);
    auto_free char *key = utr_format("%s\n%s\n%s", category, suite, test);
    const json_t *seconds = json_object_get(record->times, key);
    return seconds ? json_real_value(seconds) : -1;
}
