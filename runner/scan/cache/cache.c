#include "scan/cache/cache.h"

#include "scan/cache/libsqlite.h"
#include "scan/cache/record.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The form of the database, as PRAGMA user_version has it. */
#define FORM "PRAGMA user_version = 2;"
#define SCHEMA                                                                                               \
    "CREATE TABLE text (id INTEGER PRIMARY KEY, key BLOB NOT NULL, used INTEGER NOT NULL,"                   \
    " findings BLOB NOT NULL, tests BLOB NOT NULL);"                                                         \
    "CREATE TABLE file (id INTEGER PRIMARY KEY, stamp BLOB NOT NULL, text BLOB NOT NULL, written INTEGER"    \
    " NOT NULL);"

enum {
    WAIT_MS = 100,         /* for another process that writes */
    REFRESH_DAYS = 7,      /* how exactly it is known when a text was last used */
    KEPT_DAYS = 30,        /* texts that were not used for so long go */
    MOST_TEXTS = 200000,   /* beyond, the half goes that was used last */
    MOST_RECORD = 4 << 20, /* bytes: more is found anew each time */
    MOST_WAITING = 8 << 20,
    MOST_HITS = 256, /* before others may write: some milliseconds */
};

typedef struct {
    scan_key key;
    utr_buf findings, tests;
} entry;

typedef struct {
    scan_stamp stamp;
    scan_key text;
} file_row;

struct scan_cache {
    char *path;
    sqlite3 *base;
    sqlite3_stmt *get, *find;
    pthread_mutex_t lock;
    int hits;                /* since others could write; 0: they can */
    UTR_VEC(entry) put;      /* still to be written */
    UTR_VEC(file_row) files; /* likewise */
    UTR_VEC(scan_key) touch; /* used, and marked so too long ago */
    size_t waiting;          /* bytes of put */
    int64_t today;           /* in days */
    bool corrupt;
    bool stopped; /* locked, or the disk is full: it is neither asked nor written any more */
    char *why;    /* of that */
};

/* The key's first bytes: where two texts have the same, the later takes the place. */
static int64_t id_of(const scan_key *key)
{
    int64_t id;
    (void)memcpy(&id, key->bytes, sizeof id);
    return id;
}

static bool is_corrupt(int code)
{
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* --- opening --- */

static int form_of(sqlite3 *base, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    int code = libsqlite.prepare_v2(base, "PRAGMA user_version", -1, &statement, NULL);
    if (!code && (code = libsqlite.step(statement)) == SQLITE_ROW) {
        *out = libsqlite.column_int64(statement, 0);
        code = SQLITE_OK;
    }
    (void)libsqlite.finalize(statement);
    return code;
}

/* Make the table in a database that is empty. */
static int make(sqlite3 *base)
{
    int code = libsqlite.exec(base, "BEGIN IMMEDIATE;" SCHEMA FORM "COMMIT;", NULL, NULL, NULL);
    if (code)
        (void)libsqlite.exec(base, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

/* A cache that our own death leaves whole needs no flush: the machine's death leaves one that is found
 * corrupt. */
static int connect(scan_cache *cache)
{
    static const char GET[] = "SELECT used, findings, tests FROM text WHERE id = ? AND key = ?";
    static const char FIND[] = "SELECT text FROM file WHERE id = ? AND stamp = ?";
    int64_t form = 0;
    int code = libsqlite.open_v2(cache->path, &cache->base,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (!code)
        code = libsqlite.busy_timeout(cache->base, WAIT_MS);
    if (!code)
        code = libsqlite.exec(cache->base, "PRAGMA synchronous = OFF; PRAGMA mmap_size = 268435456", NULL,
                              NULL, NULL);
    if (!code)
        code = form_of(cache->base, &form);
    if (!code && form == 0)
        code = make(cache->base);
    if (!code)
        code = form && form != 2 ? SQLITE_NOTADB
                                 : libsqlite.prepare_v2(cache->base, GET, sizeof GET, &cache->get, NULL);
    if (!code)
        code = libsqlite.prepare_v2(cache->base, FIND, sizeof FIND, &cache->find, NULL);
    return code;
}

static void disconnect(scan_cache *cache)
{
    (void)libsqlite.finalize(cache->get);
    (void)libsqlite.finalize(cache->find);
    (void)libsqlite.close(cache->base);
    cache->get = cache->find = NULL;
    cache->base = NULL;
}

static void remove_files(const scan_cache *cache)
{
    auto_free char *journal = utr_format("%s-journal", cache->path);
    (void)unlink(cache->path);
    (void)unlink(journal);
}

/* SQLITE_ERROR: a table of another form stands there already. */
static bool is_to_be_replaced(int code)
{
    return is_corrupt(code) || code == SQLITE_ERROR;
}

static void forget_put(scan_cache *cache)
{
    for (size_t i = 0; i < cache->put.count; i++) {
        utr_buf_dispose(&cache->put.items[i].findings);
        utr_buf_dispose(&cache->put.items[i].tests);
    }
    utr_vec_dispose(&cache->put);
    utr_vec_dispose(&cache->files);
    utr_vec_dispose(&cache->touch);
    cache->waiting = 0;
}

static void cache_free(scan_cache *cache)
{
    forget_put(cache);
    disconnect(cache);
    free(cache->why);
    free(cache->path);
    free(cache);
}

static char *reason(const scan_cache *cache)
{
    return utr_format("%s: %s", cache->path, libsqlite.errmsg(cache->base));
}

/* Go on without, but for what was done. */
static void stop(scan_cache *cache, int code)
{
    cache->corrupt = cache->corrupt || is_corrupt(code);
    cache->stopped = true;
    if (!cache->why)
        cache->why = reason(cache);
}

scan_cache *scan_cache_open(const char *path, char **why)
{
    utr_error err = {0};
    if (libsqlite_load(&err)) {
        *why = utr_strdup(err.text);
        return NULL;
    }
    scan_cache *cache = UTR_NEW(scan_cache);
    cache->path = utr_strdup(path);
    cache->today = time(NULL) / 86400;
    (void)pthread_mutex_init(&cache->lock, NULL);
    int code = connect(cache);
    if (is_to_be_replaced(code)) {
        disconnect(cache);
        remove_files(cache);
        code = connect(cache);
    }
    if (!code)
        return cache;
    *why = reason(cache);
    cache_free(cache);
    return NULL;
}

/* --- asking --- */

/* A row, copied so that it is read while others ask. */
typedef struct {
    char *findings, *tests;
    size_t findings_len, tests_len;
} row_copy;

static char *copy_column(sqlite3_stmt *row, int column, size_t *out_len)
{
    const void *data = libsqlite.column_blob(row, column);
    *out_len = (size_t)libsqlite.column_bytes(row, column);
    return data ? memcpy(utr_calloc(*out_len + 1, 1), data, *out_len) : NULL;
}

static void copy_row(scan_cache *cache, const scan_key *key, bool tests, row_copy *out)
{
    out->findings = copy_column(cache->get, 1, &out->findings_len);
    if (tests)
        out->tests = copy_column(cache->get, 2, &out->tests_len);
    if (libsqlite.column_int64(cache->get, 0) + REFRESH_DAYS < cache->today)
        *utr_vec_push(&cache->touch) = *key;
}

static bool read_row(const row_copy *row, const scan_key *key, bool tests, scan_file *out)
{
    scan_file found = {0};
    bool whole = row->findings && record_read_findings(row->findings, row->findings_len, key, &found) &&
                 (!tests || (row->tests && record_read_tests(row->tests, row->tests_len, key, &found)));
    if (!whole) {
        scan_file_dispose(&found);
        return false;
    }
    found.path = out->path;
    *out = found;
    return true;
}

/* A transaction over several questions: each alone would take and give back the lock of the file. */
static void begin_reading(scan_cache *cache)
{
    if (!cache->hits)
        (void)libsqlite.exec(cache->base, "BEGIN", NULL, NULL, NULL);
    cache->hits++;
}

static void end_reading(scan_cache *cache)
{
    if (cache->hits)
        (void)libsqlite.exec(cache->base, "COMMIT", NULL, NULL, NULL);
    cache->hits = 0;
}

/* Whether there is a row; the caller resets the statement and then says so with asked(). */
static bool ask(scan_cache *cache, sqlite3_stmt *question, int64_t id, const scan_key *key)
{
    begin_reading(cache);
    (void)libsqlite.bind_int64(question, 1, id);
    (void)libsqlite.bind_blob(question, 2, key->bytes, sizeof key->bytes, SQLITE_STATIC);
    int code = libsqlite.step(question);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        stop(cache, code);
    return code == SQLITE_ROW;
}

static void asked(scan_cache *cache, sqlite3_stmt *question, bool found)
{
    (void)libsqlite.reset(question);
    if (!found || cache->hits >= MOST_HITS)
        end_reading(cache);
}

static bool get(scan_cache *cache, const scan_key *key, bool tests, row_copy *out)
{
    bool found = ask(cache, cache->get, id_of(key), key);
    if (found)
        copy_row(cache, key, tests, out);
    asked(cache, cache->get, found);
    return found;
}

static bool find(scan_cache *cache, const scan_stamp *stamp, scan_key *out)
{
    bool found = ask(cache, cache->find, stamp->place, &stamp->key) &&
                 libsqlite.column_bytes(cache->find, 0) == sizeof *out;
    if (found)
        (void)memcpy(out, libsqlite.column_blob(cache->find, 0), sizeof *out);
    asked(cache, cache->find, found);
    return found;
}

bool scan_cache_find(scan_cache *cache, const scan_stamp *stamp, scan_key *out)
{
    (void)pthread_mutex_lock(&cache->lock);
    bool found = !cache->stopped && find(cache, stamp, out);
    (void)pthread_mutex_unlock(&cache->lock);
    return found;
}

void scan_cache_rest(scan_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    end_reading(cache);
    (void)pthread_mutex_unlock(&cache->lock);
}

bool scan_cache_get(scan_cache *cache, const scan_key *key, bool tests, scan_file *out)
{
    row_copy row = {0};
    (void)pthread_mutex_lock(&cache->lock);
    bool found = !cache->stopped && get(cache, key, tests, &row);
    (void)pthread_mutex_unlock(&cache->lock);
    bool whole = found && read_row(&row, key, tests, out);
    if (found && !whole) {
        (void)pthread_mutex_lock(&cache->lock);
        stop(cache, SQLITE_CORRUPT);
        (void)pthread_mutex_unlock(&cache->lock);
    }
    free(row.findings);
    free(row.tests);
    return whole;
}

/* --- keeping --- */

/* Run a statement once. @return SQLITE_OK when it is done */
static int run_once(sqlite3_stmt *statement)
{
    int code = libsqlite.step(statement);
    (void)libsqlite.reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int write_put(scan_cache *cache)
{
    sqlite3_stmt *put = NULL;
    int code = libsqlite.prepare_v2(cache->base, "INSERT OR REPLACE INTO text VALUES (?, ?, ?, ?, ?)", -1,
                                    &put, NULL);
    for (size_t i = 0; i < cache->put.count && !code; i++) {
        const entry *one = &cache->put.items[i];
        (void)libsqlite.bind_int64(put, 1, id_of(&one->key));
        (void)libsqlite.bind_blob(put, 2, one->key.bytes, sizeof one->key.bytes, SQLITE_STATIC);
        (void)libsqlite.bind_int64(put, 3, cache->today);
        (void)libsqlite.bind_blob(put, 4, one->findings.data, (int)one->findings.len, SQLITE_STATIC);
        (void)libsqlite.bind_blob(put, 5, one->tests.data, (int)one->tests.len, SQLITE_STATIC);
        code = run_once(put);
    }
    (void)libsqlite.finalize(put);
    return code;
}

static int write_files(scan_cache *cache)
{
    sqlite3_stmt *put = NULL;
    int code =
        libsqlite.prepare_v2(cache->base, "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", -1, &put, NULL);
    for (size_t i = 0; i < cache->files.count && !code; i++) {
        const file_row *one = &cache->files.items[i];
        (void)libsqlite.bind_int64(put, 1, one->stamp.place);
        (void)libsqlite.bind_blob(put, 2, one->stamp.key.bytes, sizeof one->stamp.key.bytes, SQLITE_STATIC);
        (void)libsqlite.bind_blob(put, 3, one->text.bytes, sizeof one->text.bytes, SQLITE_STATIC);
        (void)libsqlite.bind_int64(put, 4, cache->today);
        code = run_once(put);
    }
    (void)libsqlite.finalize(put);
    return code;
}

static int write_touch(scan_cache *cache)
{
    sqlite3_stmt *touch = NULL;
    int code = libsqlite.prepare_v2(cache->base, "UPDATE text SET used = ? WHERE id = ?", -1, &touch, NULL);
    for (size_t i = 0; i < cache->touch.count && !code; i++) {
        (void)libsqlite.bind_int64(touch, 1, cache->today);
        (void)libsqlite.bind_int64(touch, 2, id_of(&cache->touch.items[i]));
        code = run_once(touch);
    }
    (void)libsqlite.finalize(touch);
    return code;
}

static int drop_old(const scan_cache *cache)
{
    auto_free char *text = utr_format(
        "DELETE FROM file WHERE written < %lld;"
        "DELETE FROM text WHERE used < %lld;"
        "DELETE FROM text WHERE (SELECT count(*) FROM text) > %d"
        " AND id IN (SELECT id FROM text ORDER BY used DESC LIMIT -1 OFFSET %d)",
        (long long)cache->today - KEPT_DAYS, (long long)cache->today - KEPT_DAYS, MOST_TEXTS, MOST_TEXTS / 2);
    return libsqlite.exec(cache->base, text, NULL, NULL, NULL);
}

static int write_waiting(scan_cache *cache)
{
    int code = libsqlite.exec(cache->base, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (!code)
        code = write_put(cache);
    if (!code)
        code = write_files(cache);
    if (!code)
        code = write_touch(cache);
    if (!code)
        code = drop_old(cache);
    return code ? code : libsqlite.exec(cache->base, "COMMIT", NULL, NULL, NULL);
}

/* In one transaction, so that others wait for no longer than that takes. Where nothing found would be lost,
 * only what is corrupt is told of. */
static void write_all(scan_cache *cache)
{
    end_reading(cache);
    int code = write_waiting(cache);
    if (code) {
        if (cache->put.count || is_corrupt(code))
            stop(cache, code);
        (void)libsqlite.exec(cache->base, "ROLLBACK", NULL, NULL, NULL);
    }
    forget_put(cache);
}

static bool is_kept(scan_cache *cache, const entry *one)
{
    if (cache->stopped)
        return false;
    *utr_vec_push(&cache->put) = *one;
    cache->waiting += one->findings.len + one->tests.len;
    if (cache->waiting > MOST_WAITING)
        write_all(cache);
    return true;
}

void scan_cache_put(scan_cache *cache, const scan_key *key, const scan_file *file)
{
    entry one = {*key, UTR_BUF_INIT(MOST_RECORD), UTR_BUF_INIT(MOST_RECORD)};
    bool fits = record_write_findings(file, key, &one.findings) && record_write_tests(file, key, &one.tests);
    (void)pthread_mutex_lock(&cache->lock);
    bool kept = fits && is_kept(cache, &one);
    (void)pthread_mutex_unlock(&cache->lock);
    if (!kept) {
        utr_buf_dispose(&one.findings);
        utr_buf_dispose(&one.tests);
    }
}

void scan_cache_remember(scan_cache *cache, const scan_stamp *stamp, const scan_key *key)
{
    (void)pthread_mutex_lock(&cache->lock);
    if (!cache->stopped)
        *utr_vec_push(&cache->files) = (file_row){*stamp, *key};
    (void)pthread_mutex_unlock(&cache->lock);
}

char *scan_cache_close(scan_cache *cache)
{
    if (!cache->stopped && (cache->put.count || cache->files.count || cache->touch.count))
        write_all(cache);
    char *why = cache->why;
    cache->why = NULL;
    if (cache->corrupt) { /* the next scan begins anew */
        remove_files(cache);
        free(why);
        why = utr_format("%s was corrupt; it was removed", cache->path);
    }
    (void)pthread_mutex_destroy(&cache->lock);
    cache_free(cache);
    return why;
}
