#include "gate/read.h"

#include "base/files.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Longer files are not compared; that is told. */
static const size_t MOST_BYTES = (size_t)16 << 20;
enum { MOST_THREADS = 16 };

const char *gate_below(const gate_reader *reader, const char *path)
{
    const char *prefix = history_prefix(reader->history);
    return utr_text_starts(path, prefix) ? path + strlen(prefix) : NULL;
}

bool gate_is_manifest(const gate_reader *reader, const char *path)
{
    static const char FOLDER[] = "categories/";
    const char *below = gate_below(reader, path);
    if (!below || !utr_text_starts(below, FOLDER) || below[sizeof FOLDER - 1] == '.')
        return false;
    return !strchr(below + sizeof FOLDER - 1, '/') &&
           (utr_text_ends(below, ".yaml") || utr_text_ends(below, ".yml"));
}

bool gate_is_ci(const char *path)
{
    static const char *const GLOBS[] = {".github/workflows/*.y*ml",
                                        ".github/actions/*.y*ml",
                                        ".gitlab-ci.yml",
                                        "*/.gitlab-ci.yml",
                                        "*.gitlab-ci.yml",
                                        ".gitlab/*.yml",
                                        ".circleci/*.y*ml",
                                        "azure-pipelines*.y*ml",
                                        ".azure-pipelines/*.y*ml",
                                        ".travis.yml",
                                        "bitbucket-pipelines.yml",
                                        ".buildkite/*",
                                        ".drone.yml",
                                        ".woodpecker*.y*ml",
                                        "Jenkinsfile*",
                                        "*/Jenkinsfile*",
                                        "Makefile",
                                        "*/Makefile",
                                        "makefile",
                                        "GNUmakefile",
                                        "*.mk",
                                        "justfile",
                                        "Justfile",
                                        "Taskfile.y*ml",
                                        "tox.ini",
                                        "noxfile.py",
                                        "package.json",
                                        "*/package.json",
                                        ".ci/*",
                                        "ci/*",
                                        "*/.ci/*",
                                        "scripts/*",
                                        "*/scripts/*",
                                        "*.sh",
                                        ".husky/*",
                                        ".githooks/*",
                                        "*pre-push*",
                                        ".pre-commit-config.yaml",
                                        "lefthook.yml"};
    for (size_t i = 0; i < sizeof GLOBS / sizeof *GLOBS; i++)
        if (utr_text_glob(GLOBS[i], path))
            return true;
    return false;
}

/* The newer side: a file of the work tree, or in a bare repository a blob. */
static utr_code read_new(const gate_reader *reader, const history_change *change, utr_buf *out,
                         utr_error *err)
{
    if (*change->is.hex)
        return history_blob(reader->history, &change->is, out, err);
    auto_free char *path = utr_path_join(history_top(reader->history), change->after);
    return utr_file_read(path, out, err);
}

static gate_pair *add_pair(gate_work *work, const history_change *change)
{
    gate_pair *pair = utr_vec_push(&work->pairs);
    pair->before = utr_strdup(change->before);
    pair->after = utr_strdup(change->after);
    pair->was = pair->is = UTR_BUF_INIT(MOST_BYTES);
    return pair;
}

/* Which sides a scan reads. */
typedef struct {
    bool was, is;
} sides;

static sides scanned(const gate_reader *reader, scan *scanner, const history_change *change)
{
    const char *before = change->before ? gate_below(reader, change->before) : NULL;
    const char *after = change->after ? gate_below(reader, change->after) : NULL;
    return (sides){before && scan_knows(scanner, before), after && scan_knows(scanner, after)};
}

static bool is_of_use(const gate_reader *reader, const char *path)
{
    return path && (gate_is_manifest(reader, path) || gate_is_ci(path));
}

static void read_change(const gate_reader *reader, const history_change *change, sides which, gate_work *work)
{
    gate_pair *pair = add_pair(work, change);
    utr_error err = {0};
    pair->scanned_was = which.was;
    pair->scanned_is = which.is;
    if (change->before && history_blob(reader->history, &change->was, &pair->was, &err)) {
        gate_note(work, change->before, err.text);
        utr_error_reset(&err);
    }
    if (change->after && read_new(reader, change, &pair->is, &err))
        gate_note(work, change->after, err.text);
}

static scan_options options_of(const gate_reader *reader)
{
    return (scan_options){.root = reader->root, .mocks = reader->mocks, .tests = true, .threads = 1};
}

utr_code gate_read(const gate_reader *reader, const history_changes_list *changes, gate_work *work,
                   utr_error *err)
{
    auto_scan scan *scanner = NULL;
    const scan_options options = options_of(reader);
    if (scan_open(&options, &scanner, err))
        return err->code;
    for (size_t i = 0; i < changes->count; i++) {
        const history_change *change = &changes->items[i];
        const sides which = scanned(reader, scanner, change);
        if (utr_cancel_is_tripped(reader->options->cancel))
            return utr_fail(err, UTR_CANCELLED, "interrupted while reading what changed");
        if (which.was || which.is || is_of_use(reader, change->before) || is_of_use(reader, change->after))
            read_change(reader, change, which, work);
    }
    return UTR_OK;
}

/* What the threads share: each takes the next pair. */
typedef struct {
    const gate_reader *reader;
    gate_work *work;
    atomic_size_t next;
    pthread_mutex_t lock; /* of failed */
    utr_error failed;
} pool;

static void scan_pair(const gate_reader *reader, scan *scanner, gate_pair *pair)
{
    if (pair->scanned_was)
        scan_text(scanner, gate_below(reader, pair->before), utr_buf_text(&pair->was), pair->was.len,
                  &pair->old);
    if (pair->scanned_is)
        scan_text(scanner, gate_below(reader, pair->after), utr_buf_text(&pair->is), pair->is.len,
                  &pair->new);
}

static void *scan_some(void *of_pool)
{
    pool *p = of_pool;
    auto_scan scan *scanner = NULL;
    const scan_options options = options_of(p->reader);
    utr_error err = {0};
    if (scan_open(&options, &scanner, &err)) {
        (void)pthread_mutex_lock(&p->lock);
        p->failed = err;
        (void)pthread_mutex_unlock(&p->lock);
        return NULL;
    }
    for (size_t i = atomic_fetch_add(&p->next, 1); i < p->work->pairs.count;
         i = atomic_fetch_add(&p->next, 1)) {
        if (utr_cancel_is_tripped(p->reader->options->cancel))
            break;
        scan_pair(p->reader, scanner, &p->work->pairs.items[i]);
    }
    return NULL;
}

static int thread_count(const gate_reader *reader, size_t pairs)
{
    long count = reader->options->threads ? reader->options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    if (count > MOST_THREADS)
        count = MOST_THREADS;
    if ((size_t)count > pairs / 8 + 1)
        count = (long)(pairs / 8 + 1);
    return count < 1 ? 1 : (int)count;
}

/* What was not read to the end is told, the newer side's first: the older is past mending. */
static void note_states(gate_work *work)
{
    for (size_t i = 0; i < work->pairs.count; i++) {
        const gate_pair *pair = &work->pairs.items[i];
        if (pair->scanned_is && pair->new.state != SCAN_READ)
            gate_note(work, pair->after, pair->new.why ? pair->new.why : scan_state_text(pair->new.state));
        else if (pair->scanned_was && pair->old.state != SCAN_READ)
            gate_note(work, pair->before, pair->old.why ? pair->old.why : scan_state_text(pair->old.state));
    }
}

utr_code gate_scan(const gate_reader *reader, gate_work *work, utr_error *err)
{
    pool p = {.reader = reader, .work = work, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[MOST_THREADS];
    const int count = thread_count(reader, work->pairs.count);
    int started = 0;
    while (started < count - 1 && pthread_create(&threads[started], NULL, scan_some, &p) == 0)
        started++; /* where the system gives no more threads, fewer do */
    (void)scan_some(&p);
    for (int i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    if (utr_cancel_is_tripped(reader->options->cancel))
        return utr_fail(err, UTR_CANCELLED, "interrupted while comparing");
    if (p.failed.code) {
        *err = p.failed;
        return err->code;
    }
    note_states(work);
    return UTR_OK;
}
