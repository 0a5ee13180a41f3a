#include "scan/settings.h"

#include "base/files.h"
#include "scan/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <string.h>

enum { MOST_TEXT = 1 << 20 };

typedef struct {
    char *path;
    scan_settings *settings; /* NULL: none here and none above */
    bool own;                /* read here, not taken from above */
} folder;

struct scan_settings_cache {
    char *root;
    void *folders; /* tsearch()'s tree of folder, by path */
    tree_parser *parser;
    utr_faults faults;
    scan_settings none;
};

/* In pytest's order; the first that counts holds alone. */
static const struct {
    const char *name, *section;
    config_form *read;
    bool always; /* counts without its section, too */
} FILES[] = {
    {"pytest.ini", "pytest", config_read_ini, true},
    {".pytest.ini", "pytest", config_read_ini, true},
    {"pyproject.toml", "tool.pytest.ini_options", config_read_toml, false},
    {"tox.ini", "pytest", config_read_ini, false},
    {"setup.cfg", "tool:pytest", config_read_ini, false},
};

static const struct {
    const char *name;
    size_t offset;
} KEYS[] = {
    {"python_files", offsetof(scan_settings, files)},
    {"python_classes", offsetof(scan_settings, classes)},
    {"python_functions", offsetof(scan_settings, functions)},
};

/* One file in work. */
typedef struct {
    scan_settings_cache *cache;
    const char *path;
    scan_settings *out;
} reading;

static void add_fault(void *ctx, int64_t line, const char *what)
{
    reading *r = ctx;
    auto_free char *path = line ? utr_format("%s:%lld", r->path, (long long)line) : utr_strdup(r->path);
    utr_faults_add(&r->cache->faults, (utr_place){.path = path}, "%s", what);
}

/* Words that blanks separate, quotes around those that hold some. */
static void add_words(utr_strs *out, const char *text)
{
    while (*(text += strspn(text, " \t\r\n"))) {
        bool quoted = *text == '"' || *text == '\'';
        const char *ends = !quoted ? " \t\r\n" : *text == '"' ? "\"" : "'";
        text += quoted;
        size_t len = strcspn(text, ends);
        utr_strs_give(out, utr_strndup(text, len));
        text += len + (quoted && text[len]);
    }
}

static void take(void *ctx, const char *name, const char *value, bool item)
{
    const reading *r = ctx;
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        utr_strs *list = (utr_strs *)(void *)((char *)r->out + KEYS[i].offset);
        if (strcmp(name, KEYS[i].name) != 0)
            continue;
        if (item)
            utr_strs_add(list, value);
        else
            add_words(list, value);
    }
}

static void settings_free(scan_settings *settings)
{
    if (!settings)
        return;
    utr_strs_dispose(&settings->files);
    utr_strs_dispose(&settings->classes);
    utr_strs_dispose(&settings->functions);
    free(settings);
}

/* @return whether there is a file to be read */
static bool read_text(reading *r, const char *path, utr_buf *text)
{
    utr_error err = {0};
    if (!utr_path_exists(path))
        return false;
    if (!utr_file_read(path, text, &err))
        return true;
    add_fault(r, 0, err.text);
    return false;
}

/* What the file says; NULL where it does not count. */
static scan_settings *read_file(scan_settings_cache *cache, const char *path, size_t i)
{
    auto_buf utr_buf text = UTR_BUF_INIT(MOST_TEXT);
    reading r = {cache, path, UTR_NEW(scan_settings)};
    const config_taker taker = {&r, take, add_fault};
    auto_free char *whole = utr_path_join(cache->root, path);
    if (read_text(&r, whole, &text) &&
        (FILES[i].read(utr_buf_text(&text), FILES[i].section, cache->parser, &taker) || FILES[i].always))
        return r.out;
    settings_free(r.out);
    return NULL;
}

static scan_settings *read_folder(scan_settings_cache *cache, const char *path)
{
    scan_settings *settings = NULL;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES && !settings; i++) {
        auto_free char *file = utr_path_join(path, FILES[i].name);
        settings = read_file(cache, file, i);
    }
    return settings;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const folder *)a)->path, ((const folder *)b)->path);
}

static void folder_free(void *node)
{
    folder *f = node;
    if (f->own)
        settings_free(f->settings);
    free(f->path);
    free(f);
}

/* @return the folder, and whether it is new in `made`. */
static folder *folder_at(scan_settings_cache *cache, const char *path, bool *made)
{
    folder *f = UTR_NEW(folder);
    f->path = utr_strdup(path);
    folder *known = *(folder **)tsearch(f, &cache->folders, by_path);
    *made = known == f;
    if (!*made)
        folder_free(f);
    return known;
}

static const scan_settings *settings_of(scan_settings_cache *cache, const char *path)
{
    /* From the folder upwards to one that is known or has its own; then all on the way know, too. */
    UTR_VEC(folder *) way = {0};
    auto_free char *at = utr_strdup(path);
    scan_settings *found = NULL;
    for (bool more = true; more;) {
        bool made;
        folder *f = folder_at(cache, at, &made);
        if (made) {
            f->settings = read_folder(cache, at);
            f->own = f->settings != NULL;
            *utr_vec_push(&way) = f;
        }
        found = f->settings;
        more = made && !found && strcmp(at, ".") != 0 && strcmp(at, "/") != 0;
        char *above = more ? utr_path_dir(at) : utr_strdup(at);
        free(at);
        at = above;
    }
    for (size_t i = 0; i < way.count; i++)
        way.items[i]->settings = found;
    utr_vec_dispose(&way);
    return found ? found : &cache->none;
}

scan_settings_cache *scan_settings_cache_new(const char *root)
{
    scan_settings_cache *cache = UTR_NEW(scan_settings_cache);
    cache->root = utr_strdup(root);
    cache->parser = tree_parser_new();
    return cache;
}

void scan_settings_cache_free(scan_settings_cache *cache)
{
    if (!cache)
        return;
    tdestroy(cache->folders, folder_free);
    tree_parser_free(cache->parser);
    utr_faults_dispose(&cache->faults);
    free(cache->root);
    free(cache);
}

const scan_settings *scan_settings_for(scan_settings_cache *cache, const char *path)
{
    auto_free char *inside = utr_path_dir(path);
    return settings_of(cache, inside);
}

const utr_faults *scan_settings_faults(const scan_settings_cache *cache)
{
    return &cache->faults;
}
