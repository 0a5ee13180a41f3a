#include "scan/python/python.h"

#include "base/text.h"
#include "scan/grammars/grammars.h"
#include "scan/python/condense.h"
#include "scan/python/pack.h"
#include "scan/python/syntax.h"

#include <string.h>

/* A pattern with a slash is meant for the whole path, as pytest does it. */
static bool is_setting(const char *path, const char *name, const scan_settings *settings)
{
    for (size_t i = 0; i < settings->files.count; i++)
        if (utr_text_glob(settings->files.items[i], strchr(settings->files.items[i], '/') ? path : name))
            return true;
    return false;
}

static bool knows(const char *path, const scan_settings *settings)
{
    static const char *const TESTS[] = {"test", "tests", NULL};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strcmp(name, "conftest.py") == 0 || utr_text_glob("test_*.py", name) ||
           utr_text_glob("*_test.py", name) || is_setting(path, name, settings) ||
           scan_lies_below(path, TESTS);
}

static void find_in_tree(python_file *f)
{
    python_names_read(f);
    python_defs_read(f);
    python_skips(f);
    python_mocks(f);
    python_bodies(f);
    python_swallows(f);
    python_nested(f);
    python_imports(f);
    python_tests(f);
    python_names_dispose(&f->names);
    python_defs_dispose(f);
}

static void find_imports(python_file *f)
{
    python_names_read(f);
    python_defs_read(f);
    python_imports(f);
    python_names_dispose(&f->names);
    python_defs_dispose(f);
}

/* Parse what condensing leaves. @param out_text  as long as the source, what the tree stands on from then on;
 * freed behind it */
static bool parse_condensed(python_file *f, char **out_text)
{
    tree_text text = f->source->text;
    python_packed packed = {0};
    *out_text = utr_calloc(1, text.len + 1);
    python_condense(&f->lines, text, *out_text);
    if (f->source->other)
        python_imports_keep(&f->lines, text, *out_text);
    python_pack((tree_text){*out_text, text.len}, &f->lines, &packed);
    bool parsed = scan_parse(f->source, tree_sitter_python(), &packed.text, f->out);
    if (parsed)
        python_unpack(&packed, (tree_text){*out_text, text.len}, f->source->tree);
    python_packed_dispose(&packed);
    return parsed;
}

void python_read(const scan_source *source, scan_file *out, bool whole)
{
    python_file f = {.source = source, .out = out};
    auto_free char *condensed = NULL;
    python_lines_read(source->text, &f.lines);
    python_comments(&f);
    whole = whole || source->text.len > SCAN_MOST_PARSED;
    if (whole ? scan_parse(source, tree_sitter_python(), NULL, out) : parse_condensed(&f, &condensed)) {
        f.tree = source->tree;
        find_in_tree(&f);
    }
    python_lines_dispose(&f.lines);
}

/* Of a file without tests nothing counts but its imports: where no line of it can be one, it is not parsed.
 */
static void read_other(const scan_source *source, scan_file *out)
{
    python_file f = {.source = source, .out = out};
    auto_free char *condensed = NULL;
    python_lines_read(source->text, &f.lines);
    if (python_imports_on_way_out(&f.lines, source->text) && parse_condensed(&f, &condensed)) {
        f.tree = source->tree;
        find_imports(&f);
    }
    python_lines_dispose(&f.lines);
}

static void read_text(const scan_source *source, scan_file *out)
{
    if (source->other)
        read_other(source, out);
    else
        python_read(source, out, false);
}

static const TSLanguage *grammar_of(const char *path)
{
    (void)path;
    return tree_sitter_python();
}

const scan_language SCAN_PYTHON = {
    .name = "Python",
    .extensions = (const char *const[]){"py", NULL},
    .prepare = python_syntax_prepare,
    .grammar = grammar_of,
    .knows = knows,
    .matters = python_imports_may_be_late,
    .read = read_text,
};
