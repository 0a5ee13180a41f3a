/* scan_run(): files are shared out among threads, each with a desk of its own. */
#include "scan/scan_internal.h"

#include "base/files.h"
#include "scan/allow.h"
#include "scan/cache/cache.h"
#include "scan/files/walk.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_THREADS = 64, LARGE = 1 << 20 };

typedef struct {
    const walk_entry *entry;
    scan_means means;
    scan_file file;
    int64_t bytes;
    bool gone;   /* removed since it was found */
    bool cached; /* known from before */
} job;

typedef struct {
    const scan *scanner;
    scan_cache *cache; /* NULL: none */
    scan_key common;   /* of its keys */
    job *jobs;
    size_t count;
    atomic_size_t next;
    pthread_mutex_t large; /* held by who works on a large file: one at a time, for the memory's sake */
} work;

/* A text that was not parsed may be so when the machine is idle: it is not kept. */
static bool is_to_be_kept(const scan_file *file)
{
    return file->state == SCAN_READ || file->state == SCAN_BROKEN;
}

static void remember(const work *w, const job *j, const content *text, const scan_key *key)
{
    if (!scan_stamp_holds(&text->info, text->began))
        return;
    scan_stamp stamp = scan_stamp_of(&w->common, &j->means, j->file.path, &text->info);
    scan_cache_remember(w->cache, &stamp, key);
}

static void find(const work *w, job *j, scan_desk *desk)
{
    if (!w->cache) {
        scan_read(w->scanner, desk, &j->means, &j->file);
        return;
    }
    scan_key key = scan_key_of(&w->common, &j->means, j->file.path, &desk->content);
    j->cached = scan_cache_get(w->cache, &key, w->scanner->options.tests, &j->file);
    if (!j->cached)
        scan_read(w->scanner, desk, &j->means, &j->file);
    bool kept = is_to_be_kept(&j->file);
    if (!j->cached && kept)
        scan_cache_put(w->cache, &key, &j->file);
    if (kept)
        remember(w, j, &desk->content, &key);
}

/* Whether the file was not touched since its text was kept. */
static bool is_known(const work *w, job *j, const struct stat *info)
{
    scan_key key;
    if (!w->cache)
        return false;
    scan_stamp stamp = scan_stamp_of(&w->common, &j->means, j->file.path, info);
    j->cached = scan_cache_find(w->cache, &stamp, &key) &&
                scan_cache_get(w->cache, &key, w->scanner->options.tests, &j->file);
    return j->cached;
}

/* Files without tests are many, and a search of their bytes is cheaper than to ask the cache. */
static bool is_of_use(const job *j, const content *text)
{
    const tree_text whole = {text->data, text->len};
    return !j->means.other || j->means.language->matters(whole) || scan_allow_may_be_in(whole);
}

static void read_file(const work *w, job *j, scan_desk *desk, const char *path)
{
    content_state state = content_read(&desk->content, path);
    j->gone = state.gone && !j->entry->named;
    j->file.state = state.state;
    j->file.why = state.why;
    if (state.state == SCAN_READ && is_of_use(j, &desk->content))
        find(w, j, desk);
    j->bytes = (int64_t)desk->content.len;
    scan_finish(w->scanner, &j->file);
    content_reset(&desk->content);
}

static void do_job(work *w, job *j, scan_desk *desk)
{
    auto_free char *path = utr_path_join(w->scanner->root, j->entry->path);
    j->file.path = utr_strdup(j->entry->path);
    if (j->entry->why) {
        j->file.state = SCAN_UNREADABLE;
        j->file.why = utr_strdup(j->entry->why);
        return;
    }
    struct stat info = {0};
    bool there = lstat(path, &info) == 0, large = info.st_size > LARGE;
    if (there && is_known(w, j, &info)) {
        j->bytes = (int64_t)info.st_size;
        scan_finish(w->scanner, &j->file);
        return;
    }
    if (large)
        (void)pthread_mutex_lock(&w->large);
    read_file(w, j, desk, path);
    if (large)
        (void)pthread_mutex_unlock(&w->large);
}

static void work_at(work *w, scan_desk *desk)
{
    for (;;) {
        size_t i = atomic_fetch_add(&w->next, 1);
        if (i >= w->count || utr_cancel_is_tripped(w->scanner->options.cancel))
            break;
        do_job(w, &w->jobs[i], desk);
    }
    if (w->cache)
        scan_cache_rest(w->cache);
}

static void *thread_main(void *ctx)
{
    scan_desk desk;
    scan_desk_init(&desk);
    work_at(ctx, &desk);
    scan_desk_dispose(&desk);
    return NULL;
}

static int thread_count(const scan *scanner, size_t jobs)
{
    cpu_set_t cores;
    int count = scanner->options.threads;
    if (count <= 0)
        count = sched_getaffinity(0, sizeof cores, &cores) ? 1 : CPU_COUNT(&cores);
    count = count < MOST_THREADS ? count : MOST_THREADS;
    return jobs < (size_t)count ? (int)jobs : count;
}

/* The calling thread is one of them; where no other can be had, it does all. */
static void do_all(work *w, scan *scanner)
{
    pthread_t threads[MOST_THREADS];
    int wanted = thread_count(scanner, w->count) - 1, started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, thread_main, w) == 0)
        started++;
    work_at(w, &scanner->desk);
    for (int i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
}

static bool is_wanted(void *ctx, const char *path)
{
    const scan_language *language = scan_language_of(path);
    return language && (language->matters || scan_knows(ctx, path));
}

/* @return false: in no language that is read */
static bool find_means(scan *scanner, const walk_entry *entry, scan_means *out)
{
    const scan_language *language = scan_language_of(entry->path);
    if (!language)
        return false;
    const scan_settings *settings = scan_settings_for(scanner->settings, entry->path);
    *out = (scan_means){language, settings, !entry->named && !language->knows(entry->path, settings)};
    return true;
}

static utr_code make_jobs(scan *scanner, const walk_list *list, work *w, utr_error *err)
{
    w->jobs = utr_calloc(list->items.count + 1, sizeof *w->jobs);
    w->count = list->items.count;
    for (size_t i = 0; i < w->count; i++) {
        const walk_entry *entry = &list->items.items[i];
        w->jobs[i].entry = entry;
        if (!entry->why && !find_means(scanner, entry, &w->jobs[i].means))
            return utr_fail(err, UTR_USAGE, "%s is in no language that is known here", entry->path);
    }
    return UTR_OK;
}

static bool is_worth_telling(const scan_file *file)
{
    return file->state != SCAN_READ || file->findings.count || file->tests.count || file->faults.count;
}

static void count(const job *j, scan_result *out)
{
    out->states[j->file.state]++;
    out->others += j->means.other;
    if (j->means.other)
        return;
    out->read++;
    out->cached += j->cached;
    out->bytes += j->bytes;
}

static void tell(work *w, scan_result *out)
{
    for (size_t i = 0; i < w->count; i++) {
        job *j = &w->jobs[i];
        if (j->gone)
            continue;
        count(j, out);
        if (!is_worth_telling(&j->file))
            continue;
        *utr_vec_push(&out->files) = j->file;
        j->file = (scan_file){0};
    }
}

static void open_cache(work *w, scan_result *out)
{
    const scan_options *options = &w->scanner->options;
    const utr_strs *mocks = options->mocks ? options->mocks : &w->scanner->no_mocks;
    if (!options->cache)
        return;
    if (scan_key_begin(mocks, &w->common))
        w->cache = scan_cache_open(options->cache, &out->uncached);
    else
        out->uncached = utr_strdup("this program was linked without a build id");
}

static void close_cache(const work *w, scan_result *out)
{
    if (w->cache)
        out->uncached = scan_cache_close(w->cache);
}

static void work_dispose(work *w)
{
    for (size_t i = 0; i < w->count; i++)
        scan_file_dispose(&w->jobs[i].file);
    free(w->jobs);
}

/* Each once, however often a scan is run. */
static void tell_faults(scan *scanner, utr_faults *faults)
{
    const utr_faults *found = scan_settings_faults(scanner->settings);
    for (; scanner->told < found->texts.count; scanner->told++)
        utr_strs_add(&faults->texts, found->texts.items[scanner->told]);
    faults->dropped = found->dropped;
}

static utr_code do_work(scan *scanner, const walk_list *list, scan_result *out, utr_error *err)
{
    work w = {.scanner = scanner, .large = PTHREAD_MUTEX_INITIALIZER};
    scan_result result = {0};
    if (!make_jobs(scanner, list, &w, err)) {
        open_cache(&w, &result);
        do_all(&w, scanner);
        close_cache(&w, &result);
        tell(&w, &result);
        if (utr_cancel_is_tripped(scanner->options.cancel))
            (void)utr_fail(err, UTR_CANCELLED, "the scan was cancelled");
    }
    work_dispose(&w);
    if (err->code)
        scan_result_dispose(&result);
    else
        *out = result;
    return err->code;
}

utr_code scan_run(scan *scanner, const utr_strs *paths, scan_result *out, utr_faults *faults, utr_error *err)
{
    auto_walk_list walk_list list = {0};
    const walk_options options = {scanner->root, is_wanted, scanner, scanner->options.cancel};
    if (walk_paths(&options, paths, &list, err) || do_work(scanner, &list, out, err))
        return err->code;
    tell_faults(scanner, faults);
    return UTR_OK;
}
