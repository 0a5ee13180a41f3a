#include "scan/language.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* By extension; the first that fits. */
static const scan_language *const LANGUAGES[] = {&SCAN_GO, &SCAN_PYTHON, NULL};

struct scan {
    scan_options options;
    scan_settings_cache *settings;
    utr_strs no_mocks;
    tree_parser *parser; /* scan_text()'s */
    tree tree;
};

static const struct {
    const char *word, *advice;
} KINDS[] = {
#define SCAN_KIND_ROW(name, word, advice) {word, advice},
    SCAN_KINDS(SCAN_KIND_ROW)
#undef SCAN_KIND_ROW
};

static const char *const STATES[] = {
#define SCAN_STATE_WORD(name, word) word,
    SCAN_STATES(SCAN_STATE_WORD)
#undef SCAN_STATE_WORD
};

const char *scan_kind_text(scan_kind kind)
{
    return KINDS[kind].word;
}

const char *scan_kind_advice(scan_kind kind)
{
    return KINDS[kind].advice;
}

const char *scan_state_text(scan_state state)
{
    return STATES[state];
}

static void finding_dispose(scan_finding *finding)
{
    if (finding->allow) {
        free(finding->allow->reason);
        free(finding->allow->owner);
        free(finding->allow->until);
    }
    free(finding->allow);
    free(finding->subkind);
    free(finding->symbol);
    free(finding->text);
}

void scan_file_dispose(scan_file *file)
{
    for (size_t i = 0; i < file->findings.count; i++)
        finding_dispose(&file->findings.items[i]);
    for (size_t i = 0; i < file->tests.count; i++)
        free(file->tests.items[i].symbol);
    utr_vec_dispose(&file->findings);
    utr_vec_dispose(&file->tests);
    utr_strs_dispose(&file->faults);
    free(file->path);
    free(file->why);
    *file = (scan_file){0};
}

void scan_result_dispose(scan_result *result)
{
    for (size_t i = 0; i < result->files.count; i++)
        scan_file_dispose(&result->files.items[i]);
    utr_vec_dispose(&result->files);
    *result = (scan_result){0};
}

utr_code scan_open(const scan_options *options, scan **out, utr_error *err)
{
    const char *root = options->root ? options->root : ".";
    if (access(root, R_OK | X_OK))
        return utr_fail_sys(err, errno, "%s", root);
    for (size_t i = 0; LANGUAGES[i]; i++)
        LANGUAGES[i]->prepare();
    scan *scanner = UTR_NEW(scan);
    scanner->options = *options;
    scanner->settings = scan_settings_cache_new(root);
    scanner->parser = tree_parser_new();
    *out = scanner;
    return UTR_OK;
}

void scan_close(scan *scanner)
{
    if (!scanner)
        return;
    scan_settings_cache_free(scanner->settings);
    tree_parser_free(scanner->parser);
    tree_dispose(&scanner->tree);
    free(scanner);
}

static bool has_extension(const scan_language *language, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (size_t i = 0; dot && language->extensions[i]; i++)
        if (strcmp(dot + 1, language->extensions[i]) == 0)
            return true;
    return false;
}

static const scan_language *language_of(const char *path)
{
    size_t i = 0;
    while (LANGUAGES[i] && !has_extension(LANGUAGES[i], path))
        i++;
    return LANGUAGES[i];
}

bool scan_knows(scan *scanner, const char *path)
{
    const scan_language *language = language_of(path);
    return language && language->knows(path, scan_settings_for(scanner->settings, path));
}

static int by_place(const void *a, const void *b)
{
    const scan_finding *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

void scan_text(scan *scanner, const char *path, const char *text, size_t len, scan_file *out)
{
    const scan_language *language = language_of(path);
    out->path = utr_strdup(path);
    if (!language)
        return;
    const scan_source source = {
        .path = path,
        .text = {text, len},
        .settings = scan_settings_for(scanner->settings, path),
        .mocks = scanner->options.mocks ? scanner->options.mocks : &scanner->no_mocks,
        .parser = scanner->parser,
        .tree = &scanner->tree,
    };
    language->read(&source, out);
    if (out->findings.count)
        qsort(out->findings.items, out->findings.count, sizeof *out->findings.items, by_place);
}
