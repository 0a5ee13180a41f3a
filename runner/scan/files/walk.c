#include "scan/files/walk.h"

#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    const walk_options *options;
    walk_list *out;
    utr_strs folders; /* still to be looked into */
} walker;

static void add(walk_list *list, char *path, char *why, bool named)
{
    *utr_vec_push(&list->items) = (walk_entry){path, why, named};
}

/* As the result tells it: what lies below the root, relative to it. */
static char *told(const char *root, const char *path)
{
    size_t len = strlen(root);
    if (strcmp(root, path) == 0)
        return utr_strdup(".");
    len -= root[len - 1] == '/';
    return utr_strdup(strncmp(root, path, len) == 0 && path[len] == '/' ? path + len + 1 : path);
}

static bool is_left_out(const char *folder)
{
    return strcmp(folder, ".git") == 0 || strcmp(folder, "__pycache__") == 0;
}

/* Of file systems that do not say it with the name. */
static unsigned char kind_of(int folder, const char *name)
{
    struct stat info;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW))
        return DT_UNKNOWN;
    return S_ISREG(info.st_mode) ? DT_REG : S_ISDIR(info.st_mode) ? DT_DIR : DT_UNKNOWN;
}

static void take(walker *w, const char *folder, int fd, const struct dirent *entry)
{
    const char *name = entry->d_name;
    unsigned char kind = entry->d_type == DT_UNKNOWN ? kind_of(fd, name) : entry->d_type;
    bool is_dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    if (is_dots || (kind != DT_REG && kind != DT_DIR) || (kind == DT_DIR && is_left_out(name)))
        return;
    char *path = utr_path_join(folder, name);
    if (kind == DT_DIR)
        utr_strs_give(&w->folders, path);
    else if (w->options->wants(w->options->ctx, path))
        add(w->out, path, NULL, false);
    else
        free(path);
}

static void close_folder(DIR **folder)
{
    if (*folder)
        (void)closedir(*folder);
}

static DIR *open_folder(const walker *w, const char *path)
{
    auto_free char *whole = utr_path_join(w->options->root, path);
    int fd = open(strcmp(path, ".") == 0 ? w->options->root : whole,
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder && fd >= 0)
        (void)close(fd);
    return folder;
}

static void look_into(walker *w, const char *path)
{
    __attribute__((cleanup(close_folder))) DIR *folder = open_folder(w, path);
    const struct dirent *entry;
    errno = folder ? 0 : errno;
    while (folder && (entry = readdir(folder))) {
        take(w, path, dirfd(folder), entry);
        errno = 0;
    }
    if (errno && errno != ENOENT) /* removed since its parent was read: it is not there */
        add(w->out, utr_strdup(path), utr_strdup(strerror(errno)), false);
}

static utr_code look_into_all(walker *w, utr_error *err)
{
    while (w->folders.count) {
        if (utr_cancel_is_tripped(w->options->cancel))
            return utr_fail(err, UTR_CANCELLED, "the scan was cancelled");
        auto_free char *path = w->folders.items[--w->folders.count];
        look_into(w, path);
    }
    return UTR_OK;
}

static utr_code begin_at(walker *w, const char *path, utr_error *err)
{
    auto_free char *real = realpath(path, NULL);
    struct stat info;
    if (!real || stat(real, &info))
        return utr_fail(err, UTR_NOT_FOUND, "%s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        utr_strs_give(&w->folders, told(w->options->root, real));
    else if (S_ISREG(info.st_mode))
        add(w->out, told(w->options->root, real), NULL, true);
    else
        return utr_fail(err, UTR_USAGE, "%s is neither a file nor a folder", path);
    return UTR_OK;
}

/* By path; of two that are the same, the one that was named comes first. */
static int by_path(const void *a, const void *b)
{
    const walk_entry *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order ? order : (int)y->named - (int)x->named;
}

static void entry_dispose(walk_entry *entry)
{
    free(entry->path);
    free(entry->why);
}

static void sort(walk_list *list)
{
    size_t kept = 0;
    if (list->items.count)
        qsort(list->items.items, list->items.count, sizeof *list->items.items, by_path);
    for (size_t i = 0; i < list->items.count; i++) {
        walk_entry *entry = &list->items.items[i];
        if (kept && strcmp(list->items.items[kept - 1].path, entry->path) == 0)
            entry_dispose(entry);
        else
            list->items.items[kept++] = *entry;
    }
    list->items.count = kept;
}

utr_code walk_paths(const walk_options *options, const utr_strs *paths, walk_list *out, utr_error *err)
{
    walker w = {.options = options, .out = out};
    utr_code code = UTR_OK;
    if (!paths || !paths->count)
        utr_strs_add(&w.folders, ".");
    for (size_t i = 0; paths && i < paths->count && !code; i++)
        code = begin_at(&w, paths->items[i], err);
    if (!code)
        code = look_into_all(&w, err);
    utr_strs_dispose(&w.folders);
    if (code)
        walk_list_dispose(out);
    else
        sort(out);
    return code;
}

void walk_list_dispose(walk_list *list)
{
    for (size_t i = 0; i < list->items.count; i++)
        entry_dispose(&list->items.items[i]);
    utr_vec_dispose(&list->items);
}
