/* restore: disabled decorators switched back on. */
#include "cli/sources.h"

#include "base/files.h"
#include "base/text.h"
#include "history/history.h"
#include "report/findings/findings.h"
#include "restore/restore.h"
#include "review/review.h"

#include <errno.h>
#include <string.h>

/* A file that is larger is not one that a person wrote. */
enum { LARGEST = 64 << 20 };

typedef struct {
    const cli_options *options;
    size_t files, switched;
    size_t left; /* decorators that somebody has to see to */
} restoring;

/* The open findings of one file. */
typedef struct {
    const char *file;
    restore_lines lines;
} wish;

static void leave(restoring *r, const wish *w, const char *why)
{
    for (size_t i = 0; i < w->lines.count; i++)
        (void)fprintf(stderr, "%s:%lld: left as it is: %s\n", w->file, (long long)w->lines.items[i], why);
    r->left += w->lines.count;
}

static bool is_kind(const findings_item *item)
{
    return strcmp(item->rule, scan_kind_text(SCAN_DISABLED_DECORATOR)) == 0 && findings_is_open(item);
}

/* Each file's wishes, in the order of the report; what is no Python is said and left. */
static size_t next_wish(restoring *r, const findings_report *report, size_t from, wish *out)
{
    const findings_item *items = report->items.items;
    *out = (wish){.file = items[from].file};
    size_t i = from;
    for (; i < report->items.count && strcmp(items[i].file, out->file) == 0; i++) {
        if (is_kind(&items[i]))
            *utr_vec_push(&out->lines) = items[i].line;
    }
    if (out->lines.count && !utr_text_ends(out->file, ".py")) {
        leave(r, out, "only Python's decorators are switched on; do it by hand");
        utr_vec_dispose(&out->lines);
    }
    return i;
}

static void say_notes(const wish *w, const restore_change *change)
{
    for (size_t i = 0; i < change->notes.count; i++)
        (void)fprintf(stderr, "%s:%s\n", w->file, change->notes.items[i]);
}

static utr_code check_clean(const restoring *r, const char *path, utr_error *err)
{
    if (r->options->force)
        return UTR_OK;
    auto_history history *h = NULL;
    auto_free char *folder = utr_path_dir(path);
    bool is_clean = false;
    if (history_open(folder, &h, err) || history_is_clean(h, path, &is_clean, err))
        return utr_wrap(err, "git does not know it, so that nothing could bring it back; give --force");
    return is_clean
               ? UTR_OK
               : utr_fail(err, UTR_CONFLICT, "it is not as it was committed; commit it, or give --force");
}

/* What a link points to is written, not the link. */
static utr_code write_file(restoring *r, const wish *w, const char *path, const restore_change *change,
                           utr_error *err)
{
    auto_free char *real = realpath(path, NULL);
    if (!real)
        return utr_fail_sys(err, errno, "%s", path);
    if (check_clean(r, real, err) || utr_file_write(real, change->text, change->len, err))
        return err->code;
    (void)printf("%s: %zu decorator%s switched on\n", w->file, change->switched,
                 change->switched == 1 ? "" : "s");
    return UTR_OK;
}

static utr_code show(const wish *w, const restore_change *change, tree_text text, utr_error *err)
{
    auto_buf utr_buf diff = UTR_BUF_INIT((size_t)LARGEST * 3);
    if (restore_diff(change, w->file, text, &diff, err))
        return err->code;
    findings_print_diff(stdout, utr_buf_text(&diff), diff.len);
    return UTR_OK;
}

static utr_code do_file(restoring *r, const wish *w, utr_error *err)
{
    auto_free char *path = utr_path_join(r->options->request.root, w->file);
    auto_buf utr_buf buf = UTR_BUF_INIT(LARGEST);
    auto_restore_change restore_change change = {0};
    if (utr_file_read(path, &buf, err))
        return err->code;
    const tree_text text = {utr_buf_text(&buf), buf.len};
    if (restore_make(text, &w->lines, &change, err))
        return err->code;
    if (change.switched < w->lines.count)
        return utr_fail(err, UTR_CONFLICT, "it changed while it was read; try again");
    if (r->options->write ? write_file(r, w, path, &change, err) : show(w, &change, text, err))
        return err->code;
    say_notes(w, &change);
    r->files++;
    r->switched += change.switched;
    return UTR_OK;
}

static void do_wish(restoring *r, const wish *w)
{
    utr_error err = {0};
    if (w->lines.count && do_file(r, w, &err))
        leave(r, w, err.text);
}

static void say_totals(const restoring *r, int64_t read)
{
    const char *verb = r->options->write ? "switched on" : "could be switched on; --write does it";
    if (!r->switched && !r->left)
        (void)fprintf(stderr, "nothing to restore: no disabled decorator in %lld file%s\n", (long long)read,
                      read == 1 ? "" : "s");
    else
        (void)fprintf(stderr, "%zu decorator%s in %zu file%s %s%s\n", r->switched,
                      r->switched == 1 ? "" : "s", r->files, r->files == 1 ? "" : "s", verb,
                      r->left ? "; others are left, see above" : "");
}

static utr_code run(const cli_options *options, int *out_exit_code, utr_faults *faults, utr_error *err)
{
    auto_sources sources s = {0};
    if (sources_read(options, &s, faults, err))
        return err->code;
    auto_findings findings_report report = {0};
    review_options review = {.root = options->request.root, .result = &s.result, .manifests = &s.manifests};
    review_findings(&review, &report);
    findings_print_faults(stderr, FINDINGS_TSV, &report);
    restoring r = {.options = options};
    for (size_t i = 0; i < report.items.count;) {
        wish w;
        i = next_wish(&r, &report, i, &w);
        do_wish(&r, &w);
        utr_vec_dispose(&w.lines);
    }
    if (fflush(stdout) || ferror(stdout))
        return utr_fail_sys(err, errno, "print the difference");
    say_totals(&r, report.read);
    *out_exit_code = r.left || (r.switched && !options->write) ? CLI_LEFT : CLI_OK;
    return UTR_OK;
}

int command_restore(const cli_options *options)
{
    utr_error err = {0};
    auto_faults utr_faults faults = {0};
    int exit_code = CLI_DEFECT;
    cli_options rooted = *options;
    rooted.request.root = sources_root(options);
    return run(&rooted, &exit_code, &faults, &err) ? cli_fail(&err, &faults) : exit_code;
}
