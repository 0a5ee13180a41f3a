#include "scan/scan_internal.h"

#include "base/text.h"
#include "scan/allow.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_NODES_KEPT = 1 << 18 };

/* By extension; the first that fits. */
static const scan_language *const LANGUAGES[] = {&SCAN_C, &SCAN_GO, &SCAN_JAVASCRIPT, &SCAN_PYTHON, NULL};

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
    free(result->uncached);
    *result = (scan_result){0};
}

void scan_desk_init(scan_desk *desk)
{
    *desk = (scan_desk){.parser = tree_parser_new()};
}

void scan_desk_dispose(scan_desk *desk)
{
    tree_parser_free(desk->parser);
    tree_dispose(&desk->tree);
    content_dispose(&desk->content);
}

static void prepare_languages(void)
{
    for (size_t i = 0; LANGUAGES[i]; i++)
        LANGUAGES[i]->prepare();
}

static void set_today(scan *scanner)
{
    time_t now = time(NULL);
    struct tm parts;
    (void)gmtime_r(&now, &parts);
    if (scanner->options.today)
        (void)snprintf(scanner->today, sizeof scanner->today, "%s", scanner->options.today);
    else
        (void)strftime(scanner->today, sizeof scanner->today, "%Y-%m-%d", &parts);
}

utr_code scan_open(const scan_options *options, scan **out, utr_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *root = options->root ? options->root : ".";
    auto_free char *real = realpath(root, NULL);
    if (!real || access(real, R_OK | X_OK))
        return utr_fail_sys(err, errno, "%s", root);
    (void)pthread_once(&once, prepare_languages);
    scan *scanner = UTR_NEW(scan);
    scanner->options = *options;
    scanner->root = utr_strdup(real);
    scanner->settings = scan_settings_cache_new(real);
    scan_desk_init(&scanner->desk);
    set_today(scanner);
    *out = scanner;
    return UTR_OK;
}

void scan_close(scan *scanner)
{
    if (!scanner)
        return;
    scan_settings_cache_free(scanner->settings);
    scan_desk_dispose(&scanner->desk);
    free(scanner->root);
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

const scan_language *scan_language_of(const char *path)
{
    size_t i = 0;
    while (LANGUAGES[i] && !has_extension(LANGUAGES[i], path))
        i++;
    return LANGUAGES[i];
}

bool scan_has_language(const char *path)
{
    return scan_language_of(path) != NULL;
}

bool scan_knows(scan *scanner, const char *path)
{
    const scan_language *language = scan_language_of(path);
    return language && language->knows(path, scan_settings_for(scanner->settings, path));
}

/* While their columns count from the text's begin. */
static int finding_by_place(const void *a, const void *b)
{
    const scan_finding *x = a, *y = b;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->subkind, y->subkind);
}

static int test_by_line(const void *a, const void *b)
{
    const scan_test *x = a, *y = b;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : strcmp(x->symbol, y->symbol);
}

static void make_utf8(char **text)
{
    if (!*text)
        return;
    char *fine = utr_text_utf8(*text);
    free(*text);
    *text = fine;
}

/* A line as it is shown: cut where a character ends. */
static char *shown(tree_text line)
{
    enum { MOST_TEXT = 200 };
    line.len -= line.len && line.data[line.len - 1] == '\r';
    size_t cut = line.len < MOST_TEXT ? line.len : MOST_TEXT;
    while (cut < line.len && cut && ((unsigned char)line.data[cut] & 0xC0) == 0x80)
        cut--;
    return utr_strndup(line.data, cut);
}

/* Where each finding stands: its line, told by the text itself, and its place there; in one walk, as they are
 * sorted. */
static void locate(tree_text text, scan_file *file)
{
    size_t begin = 0, end = 0; /* of the line of the finding before */
    int64_t line = 0;
    for (size_t i = 0; i < file->findings.count; i++) {
        scan_finding *finding = &file->findings.items[i];
        size_t at = (size_t)finding->column, len = (size_t)finding->length;
        while (!line || (at > end && end < text.len)) {
            begin = line ? end + 1 : 0;
            const char *newline = memchr(text.data + begin, '\n', text.len - begin);
            end = newline ? (size_t)(newline - text.data) : text.len;
            line++;
        }
        finding->line = line;
        finding->column = (int64_t)(at - begin) + 1;
        finding->length = (int64_t)(at + len <= end ? len : end > at ? end - at : 1);
        finding->text = shown((tree_text){text.data + begin, end - begin});
    }
}

static void tidy(tree_text text, scan_file *file)
{
    if (file->findings.count)
        qsort(file->findings.items, file->findings.count, sizeof *file->findings.items, finding_by_place);
    locate(text, file);
    if (file->tests.count)
        qsort(file->tests.items, file->tests.count, sizeof *file->tests.items, test_by_line);
    for (size_t i = 0; i < file->findings.count; i++) {
        make_utf8(&file->findings.items[i].subkind);
        make_utf8(&file->findings.items[i].symbol);
        make_utf8(&file->findings.items[i].text);
    }
    for (size_t i = 0; i < file->tests.count; i++)
        make_utf8(&file->tests.items[i].symbol);
}

void scan_read(const scan *scanner, scan_desk *desk, const scan_means *means, scan_file *out)
{
    const scan_source source = {
        .path = out->path,
        .text = {desk->content.data, desk->content.len},
        .settings = means->settings,
        .mocks = scanner->options.mocks ? scanner->options.mocks : &scanner->no_mocks,
        .parser = desk->parser,
        .tree = &desk->tree,
        .other = means->other,
    };
    means->language->read(&source, out);
    tidy(source.text, out);
    scan_allow_read(&source, means->language->grammar(out->path), out);
    if (desk->tree.capacity > MOST_NODES_KEPT)
        tree_dispose(&desk->tree);
}

void scan_finish(const scan *scanner, scan_file *out)
{
    for (size_t i = 0; i < out->findings.count; i++) {
        scan_allow *allow = out->findings.items[i].allow;
        if (allow)
            allow->expired = strcmp(allow->until, scanner->today) < 0;
    }
    for (size_t i = 0; i < out->tests.count && !scanner->options.tests; i++)
        free(out->tests.items[i].symbol);
    if (!scanner->options.tests)
        utr_vec_dispose(&out->tests);
}

void scan_text(scan *scanner, const char *path, const char *text, size_t len, scan_file *out)
{
    const scan_language *language = scan_language_of(path);
    scan_desk *desk = &scanner->desk;
    out->path = utr_strdup(path);
    if (!language)
        return;
    const scan_means means = {language, scan_settings_for(scanner->settings, path), false};
    content_state state = content_copy(&desk->content, text, len);
    out->state = state.state;
    out->why = state.why;
    if (state.state == SCAN_READ)
        scan_read(scanner, desk, &means, out);
    scan_finish(scanner, out);
    content_reset(&desk->content);
}
