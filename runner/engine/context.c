#include "engine/context.h"

#include "base/files.h"
#include "base/text.h"
#include "engine/ignore.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static const size_t IGNORE_LIMIT = (size_t)1 << 20;
static const size_t DOCKERFILE_LIMIT = (size_t)4 << 20;
static const char IGNORE_NAME[] = ".dockerignore";
static const char OUTSIDE_NAME[] = ".dockerfile.outside";

/* A folder under way. */
typedef struct {
    char *path; /* relative to the root, "" for the root */
    struct dirent **entries;
    int count, next;
} level;

/* A file whose content does not come from the folder. */
typedef struct {
    const char *name;
    utr_buf text;
} extra;

struct engine_context {
    char *root;
    char *dockerfile; /* relative to the root */
    engine_ignore ignore;
    UTR_VEC(extra) extras;
    size_t next_extra;
    UTR_VEC(level) levels;
    struct archive *tar;
    struct archive_entry *entry;
    int fd; /* of the file under way, or -1 */
    char *file;
    int64_t left; /* of the file under way, bytes */
    utr_buf out;  /* made and not read yet */
    size_t sent;  /* of out */
    bool is_done, has_no_times;
    utr_error *err; /* of the read under way */
    char chunk[64 * 1024];
};

/* ---- the tar ---- */

static la_ssize_t on_tar_bytes(struct archive *tar, void *ctx, const void *data, size_t len)
{
    (void)tar;
    engine_context *c = ctx;
    utr_error ignored = {0};
    return utr_buf_add(&c->out, data, len, c->err ? c->err : &ignored) ? -1 : (la_ssize_t)len;
}

static utr_code fail_tar(engine_context *c, const char *path, utr_error *err)
{
    if (err->code)
        return utr_wrap(err, "send %s", path);
    const char *why = archive_error_string(c->tar);
    return utr_fail(err, UTR_SYS, "send %s: %s", path, why ? why : "the tar cannot be written");
}

static utr_code put_header(engine_context *c, const char *path, const struct stat *info, utr_error *err)
{
    archive_entry_copy_pathname(c->entry, path);
    archive_entry_copy_stat(c->entry, info);
    archive_entry_set_uid(c->entry, 0);
    archive_entry_set_gid(c->entry, 0);
    if (c->has_no_times)
        archive_entry_set_mtime(c->entry, 0, 0); /* the one time that this format has */
    return archive_write_header(c->tar, c->entry) < ARCHIVE_WARN ? fail_tar(c, path, err) : UTR_OK;
}

static utr_code put_data(engine_context *c, const char *path, const char *data, size_t len, utr_error *err)
{
    return archive_write_data(c->tar, data, len) == (la_ssize_t)len ? UTR_OK : fail_tar(c, path, err);
}

/* ---- one entry ---- */

static utr_code put_link(engine_context *c, const char *path, const char *full, utr_error *err)
{
    char target[PATH_MAX];
    struct stat info;
    ssize_t len = readlink(full, target, sizeof target - 1);
    if (len < 0 || lstat(full, &info) < 0)
        return utr_fail_sys(err, errno, "read the link %s", full);
    target[len] = '\0';
    info.st_size = 0;
    archive_entry_copy_symlink(c->entry, target);
    return put_header(c, path, &info, err);
}

static void end_file(engine_context *c)
{
    utr_close_fd(&c->fd);
    c->fd = -1;
    free(c->file);
    c->file = NULL;
}

/* Sends the header; the content follows in later steps. */
static utr_code begin_file(engine_context *c, const char *path, const char *full, utr_error *err)
{
    c->fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat info;
    if (c->fd < 0 || fstat(c->fd, &info) < 0)
        return utr_fail_sys(err, errno, "open %s; exclude it in .dockerignore or make it readable", full);
    if (!S_ISREG(info.st_mode))
        return utr_fail(err, UTR_CONFIG, "%s changed while it was sent", full);
    c->left = info.st_size;
    c->file = utr_strdup(full);
    return put_header(c, path, &info, err);
}

static utr_code continue_file(engine_context *c, utr_error *err)
{
    if (!c->left) {
        end_file(c);
        return UTR_OK;
    }
    size_t most = c->left < (int64_t)sizeof c->chunk ? (size_t)c->left : sizeof c->chunk;
    ssize_t got = read(c->fd, c->chunk, most);
    if (got < 0 && errno == EINTR)
        return UTR_OK;
    if (got < 0)
        return utr_fail_sys(err, errno, "read %s", c->file);
    if (got == 0)
        return utr_fail(err, UTR_CONFIG, "%s changed while it was sent", c->file);
    c->left -= got;
    return put_data(c, c->file, c->chunk, (size_t)got, err);
}

static utr_code put_extra(engine_context *c, const extra *one, utr_error *err)
{
    struct stat info = {.st_mode = S_IFREG | 0644, .st_size = (off_t)one->text.len};
    archive_entry_clear(c->entry);
    if (put_header(c, one->name, &info, err))
        return err->code;
    return put_data(c, one->name, utr_buf_text(&one->text), one->text.len, err);
}

/* ---- the walk ---- */

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_real_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static utr_code push_level(engine_context *c, const char *path, utr_error *err)
{
    auto_free char *full = *path ? utr_path_join(c->root, path) : utr_strdup(c->root);
    struct dirent **entries = NULL;
    int count = scandir(full, &entries, is_real_name, by_bytes);
    if (count < 0)
        return utr_fail_sys(err, errno, "read the folder %s; exclude it in .dockerignore or make it readable",
                            full);
    level *top = utr_vec_push(&c->levels);
    *top = (level){.path = utr_strdup(path), .entries = entries, .count = count};
    return UTR_OK;
}

static void pop_level(engine_context *c)
{
    level *top = &c->levels.items[--c->levels.count];
    for (int i = 0; i < top->count; i++)
        free(top->entries[i]);
    free(top->entries);
    free(top->path);
}

static bool is_extra(const engine_context *c, const char *path)
{
    for (size_t i = 0; i < c->extras.count; i++) {
        if (strcmp(c->extras.items[i].name, path) == 0)
            return true;
    }
    return false;
}

static bool is_sent(const engine_context *c, const char *path)
{
    if (strcmp(path, c->dockerfile) == 0 || strcmp(path, IGNORE_NAME) == 0)
        return true;
    return !engine_ignore_excludes(&c->ignore, path);
}

/* A folder that is not sent may hold what is: an exception, or the Dockerfile. */
static bool may_hold_more(const engine_context *c, const char *path)
{
    size_t len = strlen(path);
    return c->ignore.has_exceptions || (strncmp(c->dockerfile, path, len) == 0 && c->dockerfile[len] == '/');
}

static utr_code put_entry(engine_context *c, const char *path, utr_error *err)
{
    auto_free char *full = utr_path_join(c->root, path);
    bool sent = is_sent(c, path);
    struct stat info;
    if (lstat(full, &info) < 0)
        return utr_fail_sys(err, errno, "look at %s", full);
    archive_entry_clear(c->entry);
    if (S_ISDIR(info.st_mode)) {
        if (sent && put_header(c, path, &info, err))
            return err->code;
        return sent || may_hold_more(c, path) ? push_level(c, path, err) : UTR_OK;
    }
    if (!sent || S_ISSOCK(info.st_mode))
        return UTR_OK;
    if (S_ISLNK(info.st_mode))
        return put_link(c, path, full, err);
    return S_ISREG(info.st_mode) ? begin_file(c, path, full, err) : put_header(c, path, &info, err);
}

static utr_code next_entry(engine_context *c, utr_error *err)
{
    level *top = &c->levels.items[c->levels.count - 1];
    if (top->next == top->count) {
        pop_level(c);
        return UTR_OK;
    }
    const char *name = top->entries[top->next++]->d_name;
    auto_free char *path = *top->path ? utr_path_join(top->path, name) : utr_strdup(name);
    return is_extra(c, path) ? UTR_OK : put_entry(c, path, err);
}

/* Makes some more of the tar. */
static utr_code step(engine_context *c, utr_error *err)
{
    if (c->fd >= 0)
        return continue_file(c, err);
    if (c->next_extra < c->extras.count)
        return put_extra(c, &c->extras.items[c->next_extra++], err);
    if (c->levels.count)
        return next_entry(c, err);
    c->is_done = true;
    return archive_write_close(c->tar) == ARCHIVE_OK ? UTR_OK : fail_tar(c, "the context's end", err);
}

ssize_t engine_context_read(void *context, char *data, size_t len, utr_error *err)
{
    engine_context *c = context;
    c->err = err;
    if (c->sent == c->out.len) {
        utr_buf_reset(&c->out);
        c->sent = 0;
    }
    while (!c->out.len && !c->is_done) {
        if (step(c, err))
            return -1;
    }
    size_t ready = c->out.len - c->sent;
    size_t part = ready < len ? ready : len;
    if (part)
        (void)memcpy(data, c->out.data + c->sent, part);
    c->sent += part;
    return (ssize_t)part;
}

/* ---- opening ---- */

static utr_code load_ignore(engine_context *c, const char *path, utr_error *err)
{
    auto_buf utr_buf text = UTR_BUF_INIT(IGNORE_LIMIT);
    if (utr_file_read(path, &text, err))
        return err->code;
    return engine_ignore_parse(utr_buf_text(&text), &c->ignore, err) ? utr_wrap(err, "%s", path) : UTR_OK;
}

static utr_code find_ignore(engine_context *c, const char *dockerfile, utr_error *err)
{
    auto_free char *special = utr_format("%s.dockerignore", dockerfile);
    auto_free char *usual = utr_path_join(c->root, IGNORE_NAME);
    const char *found = utr_path_exists(special) ? special : utr_path_exists(usual) ? usual : NULL;
    return found ? load_ignore(c, found, err) : UTR_OK;
}

/* A Dockerfile from outside travels under another name; the .dockerignore that is sent keeps it, and itself
 * where there was none, out of what COPY sees. */
static utr_code add_outside(engine_context *c, const char *dockerfile, utr_error *err)
{
    extra *content = utr_vec_push(&c->extras);
    *content = (extra){.name = OUTSIDE_NAME, .text = UTR_BUF_INIT(DOCKERFILE_LIMIT)};
    if (utr_file_read(dockerfile, &content->text, err))
        return err->code;
    extra *ignore = utr_vec_push(&c->extras);
    *ignore = (extra){.name = IGNORE_NAME, .text = UTR_BUF_INIT(2 * IGNORE_LIMIT)};
    auto_free char *usual = utr_path_join(c->root, IGNORE_NAME);
    bool had_one = utr_path_exists(usual);
    if (had_one && utr_file_read(usual, &ignore->text, err))
        return err->code;
    utr_buf_print(&ignore->text, "\n%s\n%s", OUTSIDE_NAME, had_one ? "" : IGNORE_NAME);
    c->dockerfile = utr_strdup(OUTSIDE_NAME);
    return UTR_OK;
}

static utr_code find_dockerfile(engine_context *c, const char *name, utr_error *err)
{
    auto_free char *path = utr_path_join(c->root, name);
    auto_free char *dir = utr_path_dir(path);
    auto_free char *real_dir = realpath(dir, NULL);
    const char *base = strrchr(path, '/') + 1;
    auto_free char *full = real_dir ? utr_path_join(real_dir, base) : NULL;
    struct stat info;
    if (!full || stat(full, &info) < 0 || !S_ISREG(info.st_mode))
        return utr_fail(err, UTR_CONFIG, "there is no Dockerfile at %s", path);
    if (find_ignore(c, full, err))
        return err->code;
    size_t len = strlen(c->root);
    if (strncmp(full, c->root, len) != 0 || full[len] != '/')
        return add_outside(c, full, err);
    c->dockerfile = utr_strdup(full + len + 1);
    return UTR_OK;
}

static utr_code open_tar(engine_context *c, utr_error *err)
{
    c->tar = archive_write_new();
    c->entry = archive_entry_new();
    /* GNU's format: names are bytes, whatever the locale; any length, any size. */
    if (!c->tar || !c->entry || archive_write_set_format_gnutar(c->tar) != ARCHIVE_OK ||
        archive_write_open2(c->tar, c, NULL, on_tar_bytes, NULL, NULL) != ARCHIVE_OK)
        return utr_fail(err, UTR_SYS, "the tar cannot be begun");
    return UTR_OK;
}

utr_code engine_context_open(const char *folder, const char *dockerfile, engine_context **out, utr_error *err)
{
    engine_context *c = UTR_NEW(engine_context);
    c->fd = -1;
    c->root = realpath(folder, NULL);
    struct stat info;
    if (!c->root || stat(c->root, &info) < 0 || !S_ISDIR(info.st_mode))
        (void)utr_fail(err, UTR_CONFIG, "the build context %s is not a folder", folder);
    else if (!find_dockerfile(c, dockerfile ? dockerfile : "Dockerfile", err) && !open_tar(c, err))
        (void)push_level(c, "", err);
    if (err->code) {
        engine_context_close(c);
        return err->code;
    }
    *out = c;
    return UTR_OK;
}

const char *engine_context_dockerfile(const engine_context *context)
{
    return context->dockerfile;
}

void engine_context_drop_times(engine_context *c)
{
    c->has_no_times = true;
}

void engine_context_close(engine_context *c)
{
    if (!c)
        return;
    c->err = NULL; /* closing may flush; nobody asks any more */
    (void)archive_write_free(c->tar);
    archive_entry_free(c->entry);
    end_file(c);
    while (c->levels.count)
        pop_level(c);
    for (size_t i = 0; i < c->extras.count; i++)
        utr_buf_dispose(&c->extras.items[i].text);
    utr_vec_dispose(&c->levels);
    utr_vec_dispose(&c->extras);
    engine_ignore_dispose(&c->ignore);
    utr_buf_dispose(&c->out);
    free(c->root);
    free(c->dockerfile);
    free(c);
}
