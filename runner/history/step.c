#include "history/step.h"

#include "base/files.h"

#include <ctype.h>
#include <string.h>

/* Larger texts have no blame. */
static const size_t MOST_BYTES = (size_t)16 << 20;

static int by_new_path(const void *a, const void *b)
{
    const git_diff_delta *const *x = a, *const *y = b;
    return strcmp((*x)->new_file.path, (*y)->new_file.path);
}

static int by_old_path(const void *a, const void *b)
{
    const git_diff_delta *const *x = a, *const *y = b;
    return strcmp((*x)->old_file.path, (*y)->old_file.path);
}

static void index_deltas(history_step *step)
{
    step->loaded = NULL;
    step->is.count = step->gone.count = 0;
    for (size_t i = 0; i < step->h->git.diff_num_deltas(step->diff); i++) {
        const git_diff_delta *delta = step->h->git.diff_get_delta(step->diff, i);
        if (delta->status != GIT_DELTA_DELETED)
            *utr_vec_push(&step->is) = delta;
        if (delta->status == GIT_DELTA_DELETED || delta->status == GIT_DELTA_RENAMED)
            *utr_vec_push(&step->gone) = delta;
    }
    if (step->is.count)
        qsort(step->is.items, step->is.count, sizeof(void *), by_new_path);
    if (step->gone.count)
        qsort(step->gone.items, step->gone.count, sizeof(void *), by_old_path);
}

bool history_step_open(history_step *step, const history *h, git_tree *older, git_tree *newer)
{
    *step = (history_step){.h = h, .work_tree = !newer};
    step->before = step->after = UTR_BUF_INIT(MOST_BYTES);
    git_diff_options options;
    (void)h->git.diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK;
    if (newer && h->git.diff_tree_to_tree(&step->diff, h->repository, older, newer, &options))
        return false;
    options.flags |= GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS;
    if (!newer && h->git.diff_tree_to_workdir_with_index(&step->diff, h->repository, older, &options))
        return false;
    index_deltas(step);
    return true;
}

void history_step_close(history_step *step)
{
    if (step->diff)
        step->h->git.diff_free(step->diff);
    utr_vec_dispose(&step->is);
    utr_vec_dispose(&step->gone);
    utr_vec_dispose(&step->hunks);
    utr_buf_dispose(&step->before);
    utr_buf_dispose(&step->after);
}

static const git_diff_delta *find_new(const history_step *step, const char *path)
{
    const git_diff_delta wanted = {.new_file.path = path}, *key = &wanted;
    const git_diff_delta **found = NULL;
    if (step->is.count)
        found = bsearch(&key, step->is.items, step->is.count, sizeof(void *), by_new_path);
    return found ? *found : NULL;
}

static bool is_gone(const history_step *step, const char *path)
{
    const git_diff_delta wanted = {.old_file.path = path}, *key = &wanted;
    return step->gone.count && bsearch(&key, step->gone.items, step->gone.count, sizeof(void *), by_old_path);
}

static bool is_added(const git_diff_delta *delta)
{
    return delta->status == GIT_DELTA_ADDED || delta->status == GIT_DELTA_UNTRACKED;
}

/* What became of the path; where it seems new, after renames are followed. */
static const git_diff_delta *find(history_step *step, const char *path)
{
    const git_diff_delta *delta = find_new(step, path);
    if (!delta || !is_added(delta) || step->followed || !step->gone.count)
        return delta;
    step->followed = true;
    history_follow_renames(step->h, step->diff, step->work_tree);
    index_deltas(step);
    return find_new(step, path);
}

static int note_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *where)
{
    (void)delta;
    history_step *step = where;
    *utr_vec_push(&step->hunks) =
        (history_hunk){hunk->old_start, hunk->old_lines, hunk->new_start, hunk->new_lines};
    return 0;
}

static bool read_side(const history_step *step, const git_diff_file *side, bool file, utr_buf *out)
{
    utr_error ignored = {0}; /* what cannot be read has no blame */
    utr_buf_reset(out);
    if (file) {
        auto_free char *path = utr_path_join(step->h->top, side->path);
        return utr_file_read(path, out, &ignored) == UTR_OK;
    }
    const history_id id = history_id_of(step->h, &side->id);
    return history_blob((history *)step->h, &id, out, &ignored) == UTR_OK;
}

static bool load(history_step *step, const git_diff_delta *delta)
{
    if (step->loaded == delta)
        return true;
    git_diff_options options;
    step->hunks.count = 0;
    if (!read_side(step, &delta->old_file, false, &step->before) ||
        !read_side(step, &delta->new_file, step->work_tree, &step->after))
        return false;
    (void)step->h->git.diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.context_lines = 0;
    options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_IGNORE_WHITESPACE_EOL;
    if (step->h->git.diff_buffers(utr_buf_text(&step->before), step->before.len, NULL,
                                  utr_buf_text(&step->after), step->after.len, NULL, &options, NULL, NULL,
                                  note_hunk, NULL, step))
        return false;
    step->loaded = delta;
    return true;
}

/* Which line of the older text a line is. @return 0: none, it is new */
static int64_t older_line(const history_step *step, int64_t line)
{
    int64_t moved = 0;
    for (size_t i = 0; i < step->hunks.count; i++) {
        const history_hunk *hunk = &step->hunks.items[i];
        /* A hunk of no new lines stands behind the line that it names. */
        const int64_t first = hunk->new_count ? hunk->new_line : hunk->new_line + 1;
        if (line < first)
            break;
        if (line < first + hunk->new_count)
            return 0;
        moved += hunk->old_count - hunk->new_count;
    }
    return line + moved;
}

typedef struct {
    const char *data;
    size_t len;
} piece;

static piece trimmed(const char *data, size_t len)
{
    while (len && isspace((unsigned char)*data))
        data++, len--;
    while (len && isspace((unsigned char)data[len - 1]))
        len--;
    return (piece){data, len};
}

/* How often the line stands in a text, whatever its indentation. */
static size_t count_line(const utr_buf *text, const char *line)
{
    const piece wanted = trimmed(line, strlen(line));
    const char *at = utr_buf_text(text), *end = at + text->len;
    size_t count = 0;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const piece one = trimmed(at, (size_t)((stop ? stop : end) - at));
        count += one.len == wanted.len && memcmp(one.data, wanted.data, one.len) == 0;
        at = stop ? stop + 1 : end;
    }
    return count;
}

bool history_step_follow(history_step *step, const history_question *question, history_trace *trace)
{
    const git_diff_delta *delta = find(step, trace->path);
    if (!delta)
        return trace->line || !is_gone(step, trace->path);
    if (is_added(delta) || !load(step, delta))
        return false;
    const int64_t line = trace->line ? older_line(step, trace->line) : 0;
    const bool kept = trace->line      ? line != 0
                      : question->text ? count_line(&step->before, question->text) <=
                                             count_line(&step->after, question->text)
                                       : false;
    if (!kept)
        return false;
    free(trace->path);
    trace->path = utr_strdup(delta->old_file.path);
    trace->line = line;
    return true;
}
